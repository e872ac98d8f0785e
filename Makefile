# Two commands do everything: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000

.PHONY: run test setup lock bench reference clean

run: setup
	$(BIN)/openline serve --demo --port $(PORT) --data var --plan examples/harbor --plan examples/one-seat --plan examples/anonymous-bank

setup: $(VENV)/.run-ready

test: $(VENV)/.test-ready
	./.ci/browser
	./.ci/postgres
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest

bench: $(VENV)/.test-ready
	$(BIN)/openline bench sim
	$(BIN)/openline bench audit
	$(BIN)/openline bench faults
	$(BIN)/openline bench now
	$(BIN)/openline bench reach

# Writes the generated pages under docs/ again, after a change of the models or the rules.
reference: $(VENV)/.test-ready
	$(BIN)/python -m openline.reference docs
	$(BIN)/python -m openline.server.reference docs

# Written again only by hand: `make lock` after a change of pyproject.toml. Works for every platform and Python >= 3.11.
lock: $(VENV)/.run-ready
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --extra build -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml --extra build --extra dev -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf $(VENV) var build

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Openline needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run-ready: requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.test-ready: requirements-dev.txt $(VENV)/.run-ready
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@
