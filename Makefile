# The two commands of the README, and the parts they are made of.

.PHONY: help test

help: ## Says what there is
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' Makefile

test: ## Runs every suite; ends in one line: N passed, N failed
	@scripts/test
