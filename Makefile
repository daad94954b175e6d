# The two commands of the README, `make run` and `make test`, and the parts they are made of.

.DEFAULT_GOAL := help
.PHONY: help setup frontend run test defences fuzz bench audit screens

# Settings and arguments of `halligan demo`, such as: make run ARGS='--window 60'
ARGS ?=
# How long `make fuzz` runs each target, which ones (all, if none is named), and how many side by side, such as:
# make fuzz MINUTES=5 TARGETS='frame ids' JOBS=2
MINUTES ?= 60
TARGETS ?=
JOBS ?= 1

# What the pages are made from. `make run` builds them anew when one of these is newer than the page.
page := frontend/dist/index.html
sources := $(shell find frontend paper scanner shared style scripts/assets scripts/pages \
	-name node_modules -prune -o -name dist -prune -o -name tests -prune -o -type f -print) \
	Cargo.toml Cargo.lock Trunk.toml scripts/versions.env scripts/wasm

help: ## Says what there is
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 18

run: ## Installs what is missing, builds everything, and starts a demonstration on http://localhost:8080
	@scripts/setup build
	@$(MAKE) --no-print-directory $(page)
	cargo build --release --locked -p halligan-backend
	@exec target/release/halligan demo $(ARGS)

test: ## Runs every suite; ends in one line: N passed, N failed
	@scripts/test

# Which rows of docs/THREATS.md, by words of theirs or of their tests' files (all, if there are none), such as: make defences ROWS="tablet 'replay a'"
ROWS ?=

defences: ## Takes each defence of docs/THREATS.md away in turn, in a copy, and sees that its test fails
	@scripts/defences $(ROWS)

fuzz: ## Feeds every parser for an hour each, guided by coverage
	@JOBS=$(JOBS) scripts/fuzz $(MINUTES) $(TARGETS)

bench: ## Prints tables of figures
	@scripts/bench

# How many calls of the API at random, such as: make audit CALLS=2000
CALLS ?= 20000

audit: ## Looks at the portal from outside: headers, calls of the whole API by every role, where its parts come from
	@scripts/audit/run $(CALLS)

screens: ## Takes pictures of every page and state, into docs/screens
	@scripts/screens

frontend: ## Builds the pages into frontend/dist
	@scripts/setup build
	@$(MAKE) --no-print-directory $(page)

setup: ## Installs everything that building and testing need
	@scripts/setup test

$(page): $(sources)
	@scripts/pages
