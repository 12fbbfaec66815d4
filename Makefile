# Everything a newcomer needs: `make help`.
SHELL    := /bin/bash
.DEFAULT_GOAL := help
VENV     := .venv
PY       := $(VENV)/bin/python
PORT     ?= 8000
AVOW_HOME ?= $(CURDIR)/var
export AVOW_HOME PORT

# Locked with uv, installed with pip: the lock then holds hashes and no host (docs/decisions/0003).
UV       := $(VENV)/bin/uv
COMPILE   = $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate
INSTALL   = $(PY) -m pip install -q --disable-pip-version-check --require-hashes --no-deps --only-binary :all:

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.run: requirements.lock build.lock pyproject.toml
	@echo "Setting up $(VENV): a virtual environment with locked, hashed packages (about half a minute)."
	@python3 -m venv --clear $(VENV)
	@$(INSTALL) -r requirements.lock
	@$(INSTALL) -r build.lock
	@$(PY) -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(PY) -m pip check
	@touch $@

$(VENV)/.dev: $(VENV)/.run dev.lock
	@echo "Adding what tests and checks need."
	@$(INSTALL) -r dev.lock
	@touch $@

.PHONY: setup
setup: $(VENV)/.run ## what `make run` and `make test` do first

.PHONY: parts
parts: $(VENV)/.dev
	@scripts/parts
	@scripts/side-venv taxonomy
	@scripts/side-venv judges
	@scripts/side-venv schemas
	@scripts/side-npm

.PHONY: run
run: $(VENV)/.run ## set up, then serve on http://127.0.0.1:8000 (PORT=, AVOW_HOME=, DEMO=0)
	@exec $(VENV)/bin/avow up

.PHONY: test
test: $(VENV)/.dev parts ## set up, then every test in two processes, each with a table of what could not run
	@scripts/tests

.PHONY: qa
qa: $(VENV)/.dev ## lint, types, layers, one-door rules, locks, trace
	@scripts/qa

.PHONY: bench
bench: $(VENV)/.dev ## benchmarks, one JSON file each in bench/results/
	@$(PY) -m bench

.PHONY: soak
soak: $(VENV)/.dev ## the long runs; the dated result is committed under bench/results/
	@$(PY) -m bench --soak

.PHONY: docs
docs: $(VENV)/.dev ## write the generated pages of docs/
	@$(VENV)/bin/avow policy trace
	@$(PY) scripts/write_reference.py
	@$(PY) scripts/write_costs.py

.PHONY: trace
trace: $(VENV)/.run ## clause, mechanism, proofs: docs/policy-trace.md
	@$(VENV)/bin/avow policy trace

.PHONY: lock
lock: ## recompute the locks
	@test -x $(PY) || python3 -m venv $(VENV)
	@$(PY) -m pip install -q --disable-pip-version-check uv
	@$(COMPILE) --extra embedded --extra example pyproject.toml -o requirements.lock
	@$(COMPILE) --extra embedded --extra example --extra providers --extra dev -c requirements.lock pyproject.toml -o dev.lock
	@printf 'hatchling\neditables\n' | $(COMPILE) - -o build.lock
	@printf 'fideslang\n' | $(COMPILE) - -o taxonomy.lock
	@printf 'pymerkle\nsigstore\npycanon\ndp-accounting\n' | $(COMPILE) - -o judges.lock
	@printf 'schemathesis\n' | $(COMPILE) - -o schemas.lock
	@! grep -nE 'https?://|file:' *.lock
