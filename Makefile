# `make` lists what there is. Everything is set up inside this folder; only Python 3.11+, make and git are needed.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
PORT ?= 8000
ONLY ?=
VENV := .venv
BIN := $(VENV)/bin
CATALOGUES := $(wildcard src/ronghe/web/locale/*/LC_MESSAGES/*.po src/ronghe/apps/*/locale/*/LC_MESSAGES/*.po)

.PHONY: help demo test lint format bench lock clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "  make %-8s %s\n", $$1, $$2}'

demo: $(VENV)/.runtime $(VENV)/.catalogues ## serve the demonstration community on PORT (8000)
	@exec $(BIN)/ronghe demo --port $(PORT)

test: $(VENV)/.development $(VENV)/.catalogues ## run every check this machine can run; says what it skips and why
	@# Dozens of processes of one run load the same modules; compiled they are kept, whatever the shell says.
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(VENV)/.development ## style, types and floors
	$(BIN)/ruff check src tests benchmarks examples
	$(BIN)/ruff format --check src tests benchmarks examples
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.development ## put the code into its canonical form
	$(BIN)/ruff check --fix src tests benchmarks examples
	$(BIN)/ruff format src tests benchmarks examples

bench: $(VENV)/.benchmarks $(VENV)/.catalogues ## measure, beside the named peers; ONLY=demand for one part
	$(BIN)/python -m benchmarks $(ONLY)

lock: ## write constraints.txt anew from the newest releases that fit
	rm -rf var/lock && $(PYTHON) -m venv var/lock
	var/lock/bin/python -m pip install --quiet --upgrade pip
	var/lock/bin/python -m pip install --quiet --editable '.[postgres,spark]' --group dev --group bench
	var/lock/bin/python -m pip freeze --exclude-editable | grep -viE '^(pip|setuptools)==' > constraints.txt
	rm -rf var/lock

clean: ## remove the environment and everything a running site wrote, the demonstration's database included
	rm -rf $(VENV) var build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/.pip:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.runtime: $(VENV)/.pip pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.development: $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[postgres]' --group dev
	@touch $@

$(VENV)/.benchmarks: $(VENV)/.development
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group bench
	@touch $@

$(VENV)/.catalogues: $(VENV)/.runtime $(CATALOGUES)
	$(BIN)/python -m ronghe.web.catalogues
	@touch $@
