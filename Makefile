# Everything here sets up what it needs itself: a virtual environment in .venv.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
DATA   ?= data

.PHONY: demo install dev test lint format man fonts benchmark clean

## read a sample page with a base install (no torch)
demo: $(VENV)/.base
	$(BIN)/ocr predict data/samples/page.png

install: $(VENV)/.base

$(VENV)/.base: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

## everything for training, tests and benchmarks
dev: $(VENV)/.dev

$(VENV)/.dev: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[train,dev]'
	touch $@ $(VENV)/.base

## lint and all tests
test: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest

lint: dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

format: dev
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

## the manual page that the wheel installs, made of the help
man: dev
	$(BIN)/ocr man > ocrcli/cli/ocr.1

## Debian's font packages that the renderer draws with (run as root)
fonts:
	grep -v '^#' ocrcli/synth/debian-fonts.txt | xargs apt-get install -y --no-install-recommends

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .mypy_cache
