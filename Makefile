# Two commands do everything: `make run` and `make test`. The rest is for whoever works on the program.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
# Each test goes to whichever process is free.
TESTS := $(BIN)/python -m pytest --numprocesses=logical --maxprocesses=4 --dist=loadgroup

.PHONY: help run test sure test-long bench fmt

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: export SHIRUBE_DEMO := true
run: ## Shirube with its demo hub on this machine; Ctrl-C stops it
	@.ci/install run
	@exec $(BIN)/python -m app.core.supervisor

test: sure ## everything CI runs; says at the end what was skipped and why
	@$(TESTS)

sure: ## formatting, lint, types, contracts of imports
	@.ci/install test
	@$(BIN)/ruff format --check --quiet || { $(BIN)/ruff format --check; exit 1; }
	@$(BIN)/ruff check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

test-long: ## the drills: slower, larger, meaner
	@.ci/install test
	@$(TESTS) -m long

bench: ## measures this machine against named baselines; TABLE=docs/figures.md keeps the table, JSON=file the figures
	@.ci/install test
	@$(BIN)/python -m benchmarks.run $(if $(TABLE),--table $(TABLE)) $(if $(JSON),--json $(JSON)) $(ONLY)

fmt: ## formats the code and mends what ruff can mend
	@.ci/install test
	@$(BIN)/ruff check --fix --quiet; $(BIN)/ruff format
