# The two commands of the README, and the parts they are made of.

.PHONY: help run test

help: ## Says what there is
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' Makefile

run: ## A portal with a drill agency on http://localhost:8080 (more options: ARGS=…)
	@cargo build --release --locked -p halligan-backend
	@exec target/release/halligan demo $(ARGS)

test: ## Runs every suite; ends in one line: N passed, N failed
	@scripts/test
