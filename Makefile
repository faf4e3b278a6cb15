# Every command of this repository. `make` alone explains them.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
DATA ?= data
PORT ?= 8080
SECRETS ?= deploy/secrets
# Whichever runs: the system in the data folder, else that in containers.
RUNNING = $(if $(wildcard $(DATA)/run.json),$(DATA),$(if $(wildcard $(SECRETS)/run.json),$(SECRETS),$(DATA)))
COMPOSE = BACKMICE_SECRETS="$(SECRETS)" BACKMICE_PORT=$(PORT) docker compose

# Files of tests share the cores, the long ones first; each of these processes has servers of its own.
JOBS ?= 2
PYTEST = $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

# The first Python that is new enough; the check in $(BIN)/python speaks up if there is none.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --prefer-binary

.DEFAULT_GOAL := help
.PHONY: help run demo secrets up down status reconcile doctor token test test-quick test-properties test-real test-clients test-compose mutate servers lint format rules-lint rules-mutate vocabulary migrations bench chaos setup clean

help: ## Explain the commands
	@echo "Backmice: decision support for low back pain whose cause is often missed."
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  PORT=8080 and DATA=data can be set for run, demo, status and token; ARGS= and JOBS=2 for tests."

run: $(STAMPS)/runtime ## Start everything; Ctrl-C stops it, the data stay (PROFILE=servers: on Kafka and Postgres)
	@exec $(BIN)/python -m backmice up --end-with-parent --data "$(DATA)" --port "$(PORT)" \
		$(if $(PROFILE),--profile $(PROFILE)) $(ARGS)

demo: ## Submit the README's case to the running system and print the answers (JSON=1 for JSON)
	@test -x $(BIN)/python || { echo "backmice: nothing is running here; start it with: make run" >&2; exit 1; }
	@exec $(BIN)/python -m backmice demo --data "$(RUNNING)" $(if $(JSON),--json) $(ARGS)

secrets: $(STAMPS)/runtime ## Make the passwords and keys of the containers, where they are missing
	@$(BIN)/python -m backmice secrets --data "$(SECRETS)"

up: secrets engine ## Start everything in containers, on a Kafka and a Postgres of their own
	@$(COMPOSE) up --build --wait
	@$(BIN)/python -m backmice announce --data "$(SECRETS)" --address http://127.0.0.1:$(PORT)

down: engine ## Stop the containers; the data stay
	@$(COMPOSE) down
	@rm -f "$(SECRETS)/run.json"

.PHONY: engine
engine:
	@docker compose version >/dev/null 2>&1 && docker info >/dev/null 2>&1 || { echo "backmice: a running Docker engine with Compose 2 is needed; without one: make run" >&2; exit 1; }

status: $(STAMPS)/runtime ## Say what runs, whether it is ready, and what needs somebody
	@exec $(BIN)/python -m backmice status --data "$(RUNNING)" $(ARGS)

reconcile: $(STAMPS)/runtime ## Compare what was given out with what was applied (ARGS="--every 30")
	@exec $(BIN)/python -m backmice reconcile --data "$(RUNNING)" $(ARGS)

doctor: $(STAMPS)/runtime ## Check what a run needs
	@exec $(BIN)/python -m backmice doctor --data "$(DATA)"

token: $(STAMPS)/runtime ## Print a token for the running system
	@exec $(BIN)/python -m backmice token --data "$(RUNNING)" $(ARGS)

test: $(STAMPS)/dev ## Run all tests that need no server
	@$(PYTEST) -m "not servers and not compose and not clients" $(ARGS)

test-quick: $(STAMPS)/dev ## Run the unit tests that take no time, and the cases of the rules
	@$(BIN)/python -m pytest -n $(JOBS) -m "not slow and not servers" tests/unit tests/knowledge/test_rule_cases.py $(ARGS)

test-properties: $(STAMPS)/dev ## Hold every property against 100,000 new generated cases (CASES= SEED=)
	@PROPERTY_CASES=$(or $(CASES),100000) PROPERTY_SEED=$(or $(SEED),0) MISSING_CASES=2000 \
		$(BIN)/python -m pytest -s tests/knowledge/properties/test_properties.py \
		tests/knowledge/properties/test_missing_findings.py $(ARGS)

mutate: $(STAMPS)/dev ## Change the modules that carry the promises in small ways; each change must break a test
	@$(BIN)/python -m tools.mutation.__main__ $(ARGS)

test-real: $(STAMPS)/dev ## Run the tests that need a real Kafka and Postgres, which they start (Java 17, mvn, postgresql)
	@$(PYTEST) -m servers $(ARGS)

test-clients: $(STAMPS)/dev ## Generate foreign clients from the API description and use them (Java 17, mvn, npm)
	@$(BIN)/python -m pytest -n 0 -m clients tests/contracts/http $(ARGS)

servers: $(STAMPS)/dev ## Start a real Kafka and a real Postgres to work with, until Ctrl-C (ARGS="--brokers 3")
	@exec $(BIN)/python -m tests.support.servers $(ARGS)

test-compose: $(STAMPS)/dev ## Run the containers for real, kill each of them, and count
	@$(BIN)/python -m pytest -m compose tests/compose $(ARGS)

lint: $(STAMPS)/dev rules-lint ## Check style, types, import contracts and rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMPS)/dev ## Bring the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

rules-lint: $(STAMPS)/dev ## Check every rule: facts, values, sources, dates, cycles, cases
	$(BIN)/python -m tools.rules.__main__ lint

vocabulary: $(STAMPS)/dev ## Write the parts of intake's vocabulary that diagnosis and treatment read
	$(BIN)/python -m tools.rules.__main__ vocabulary

rules-mutate: $(STAMPS)/dev ## Change every rule in every small way; each change must break one of its cases
	$(BIN)/python -m tools.rules.__main__ mutate $(ARGS)

migrations: $(STAMPS)/dev ## Write the next migration of each service whose models changed (ARGS="--message TEXT", or --first)
	@$(BIN)/python -m tools.migrations $(ARGS)

bench: $(STAMPS)/dev ## Measure it, beside the floor of this machine
	$(BIN)/python -m bench $(ARGS)

chaos: $(STAMPS)/dev ## Kill anything at random under load, count what is lost (MINUTES=10 SEED= PROFILE=servers)
	@$(BIN)/python -m tests.faults.chaos --minutes $(or $(MINUTES),10) \
		$(if $(SEED),--seed $(SEED)) $(if $(PROFILE),--profile $(PROFILE)) $(ARGS)

setup: $(STAMPS)/dev ## Make the environment, with the tools for development

clean: ## Remove the environment and all caches; the data stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage htmlcov
	find services tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment comes from the hashed lock and from nothing else; our own code is put on its path.

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "backmice: Python 3.11 or newer is needed; install it, or set PYTHON=" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit("backmice: Python 3.11 or newer is needed; PYTHON= chooses another" if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv $(VENV) || { echo "backmice: this Python cannot make environments; install its venv package" >&2; exit 1; }

$(STAMPS)/path: | $(BIN)/python
	@mkdir -p $(STAMPS)
	@$(BIN)/python -c 'import pathlib, site; pathlib.Path(site.getsitepackages()[0], "backmice.pth").write_text("$(CURDIR)/services\n")'
	@touch $@

$(STAMPS)/runtime: requirements.lock $(STAMPS)/path
	@echo "backmice: installing what it needs (once)" >&2
	@$(INSTALL) -r requirements.lock
	@touch $@

$(STAMPS)/dev: requirements-dev.lock $(STAMPS)/path
	@echo "backmice: installing what development needs (once)" >&2
	@$(INSTALL) -r requirements-dev.lock
	@touch $(STAMPS)/runtime $@
