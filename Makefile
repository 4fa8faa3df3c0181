# Everything a newcomer and CI need. Each target works on a fresh machine with python3 (3.11+), pip and make.
.PHONY: help run test check bench docs clean lock

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

help:
	@echo "make run     start the chat server, and say how to try it"
	@echo "make test    run every test"
	@echo "make check   format, lint, types, import contract"
	@echo "make bench   measure ourselves beside Twisted, asyncio, uvloop and C"
	@echo "make docs    check what is written, and run the examples of docs/"
	@echo "make clean   remove what these targets made"

$(READY): pyproject.toml requirements/dev.txt tools/prepare
	@PYTHON=$(PYTHON) tools/prepare
	@touch $(READY)

run: $(READY)
	@$(BIN)/ropewalk demo $(ARGS)

test: $(READY)
	$(BIN)/python -m pytest -n auto $(ARGS)

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy benchmarks
	$(BIN)/lint-imports
	$(BIN)/python tools/check_docs.py

bench: $(READY)
	$(BIN)/python benchmarks/run.py $(ARGS)

docs: $(READY)
	$(BIN)/python tools/check_docs.py --run

lock: $(READY)
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --no-annotate --no-header -q -o requirements/dev.txt

clean:
	rm -rf .venv .peers build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis benchmarks/_build src/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
