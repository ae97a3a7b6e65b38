# `make demo` and `make test` need a machine with python3.11 (and its venv) and nothing else installed.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# One thing after another, so that what is read from top to bottom happened in that order.
.NOTPARALLEL:

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
WORKERS ?= 2
PYTEST := $(BIN)/pytest -q
say = @printf '\n== %s\n' '$(1)'

.PHONY: help setup demo test unit integration check static bench lock clean

help:
	@sed -n 's/^## //p' Makefile

## make setup    the virtual environment, from requirements/dev.lock
setup: $(INSTALLED)

$(INSTALLED): requirements/dev.lock pyproject.toml
	@python=; for each in "$${PYTHON:-python3.11}" python3 python; do \
	  if "$$each" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; \
	  then python=$$each; break; fi; done; \
	if [ -z "$$python" ]; then \
	  echo 'Python 3.11 dengan venv tidak ditemukan; pasang lebih dulu (Debian 12: apt-get install python3.11-venv).' >&2; \
	  exit 1; fi; \
	echo 'Memasang pustaka ke $(VENV) (sekali saja, beberapa menit) …'; \
	$(BIN)/python -m pip --version >/dev/null 2>&1 || "$$python" -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(INSTALLED)

## make demo     everything on this machine, five complaints from filing to the recap (ONCE=1: ends by itself)
demo: setup
	@$(BIN)/aduan demo $(if $(ONCE),--once)

## make test     the whole suite, the quick part first
test: unit integration

## make unit     the part that needs no Kafka and no MongoDB
unit: setup
	$(call say,Uji tanpa Kafka dan MongoDB)
	@$(PYTEST) -m 'not integration'

integration: setup
	$(call say,Uji dengan Kafka dan MongoDB)
	@$(PYTEST) -m integration -n $(WORKERS) --dist loadfile

## make check    what CI runs: style, types, architecture, dependencies, spelling, then the whole suite
check: static test

static: setup
	$(call say,ruff)
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format -q --check .
	$(call say,mypy)
	@$(BIN)/mypy --no-error-summary
	$(call say,import-linter)
	@$(BIN)/lint-imports --no-logo > $(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log; exit 1; }
	$(call say,deptry)
	@$(BIN)/deptry . > $(VENV)/deptry.log 2>&1 || { cat $(VENV)/deptry.log; exit 1; }
	$(call say,codespell)
	@$(BIN)/codespell *.md docs schemas

## make bench    the numbers
bench: setup
	@$(BIN)/python -m tests.benchmarks

# What is in dev.lock constrains the other two, so that the image runs the very versions the tests ran with.
COMPILE = $(VENV)/lock/bin/uv pip compile -q --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-annotate --no-header

## make lock     the lock files, anew from pyproject.toml (UPGRADE=1: with the newest versions)
lock:
	@[ -x $(VENV)/lock/bin/uv ] || { "$${PYTHON:-python3.11}" -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install -q uv; }
	@$(COMPILE) pyproject.toml --extra local --extra dev $(if $(UPGRADE),--upgrade) -o requirements/dev.lock
	@sed -n 's/^\([a-z].*==[^ ;]*\).*/\1/p' requirements/dev.lock > $(VENV)/lock/constraints
	@$(COMPILE) pyproject.toml -c $(VENV)/lock/constraints -o requirements/run.lock
	@sed -n 's/^requires = \["\(.*\)"\]/\1/p' pyproject.toml | $(COMPILE) - -c $(VENV)/lock/constraints \
	  -o requirements/build.lock

## make clean    what can be made again; data in .data stays
clean:
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
