# Everything starts here: `make demo` and `make test` install what is missing first.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
export PYTHONPATH := src

.PHONY: setup setup-dev demo test check soak bench docs fmt lock messages clean

setup: $(STAMP)-base
setup-dev: $(STAMP)-dev

$(STAMP)-base: requirements/base.txt pyproject.toml
	tools/setup.sh $(PYTHON) $(VENV) base

$(STAMP)-dev: requirements/dev.txt pyproject.toml
	tools/setup.sh $(PYTHON) $(VENV) dev

demo: setup
	$(BIN)/jinbang demo $(DEMO)

test: setup-dev
	tools/test.sh

check: setup-dev
	tools/check.sh

soak: setup-dev
	$(BIN)/python -m pytest -m soak -p no:cacheprovider

bench: setup-dev
	for part in delivery judge documents imports seating assembly results; do $(BIN)/jinbang bench $$part || exit 1; done

docs: setup
	$(BIN)/pip install -q --require-hashes -r requirements/docs.txt && $(BIN)/mkdocs build --strict

fmt: setup-dev
	$(BIN)/ruff check --fix -q src tests tools; $(BIN)/ruff format -q src tests tools

messages: setup-dev
	$(BIN)/python tools/messages.py

# Locks carry hashes and no index address; run on a machine with uv.
lock:
	for part in base dev docs; do uv pip compile -q --universal --generate-hashes --python-version 3.11 \
	  --no-emit-index-url --no-header requirements/$$part.in -o requirements/$$part.txt; done

clean:
	rm -rf $(VENV) var build artefacts .mypy_cache .ruff_cache .pytest_cache
