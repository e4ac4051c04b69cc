# Needs Python 3.11 or newer with venv, and make. Everything else is set up on first use, and again only when what it is made from changes.

PYTHON ?= python3
UPGRADE ?=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test screenshots bench crash lint format check css lock clean

BIN := .venv/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" $(UPGRADE)
SASS := $(shell find static/sass -name '*.scss')
STATIC := $(shell find static -type f ! -path 'static/sass/*' ! -path 'static/css/*')
TEMPLATES = $(shell find templates -name '*.html')

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

run: var/static/staticfiles.json ## Set up what is missing, then serve on 127.0.0.1, port PORT (8000)
	@bin/local $(BIN)/python manage.py set_up_demo
	@exec bin/local $(BIN)/gunicorn --config config/gunicorn.py

test: .venv/.dev static/css/site.css ## Set up what is missing, then run every test
	@bin/test-tools
	@$(BIN)/pytest -n auto

bench: .venv/.dev static/css/site.css ## Measure speed, memory and size as ratios, each with a bound (docs/performance.md)
	@$(BIN)/python -m tests.bench

crash: .venv/.dev ## Kill publishing 200 times, and race for it, on SQLite and PostgreSQL
	@bin/test-tools
	@$(BIN)/python -m tests.crash

screenshots: .venv/.dev static/css/site.css ## Take every public page, on screens and on paper, to look at
	@bin/test-tools
	@$(BIN)/pytest tests/browser/screenshots.py --output var/screenshots
	@echo "Look at var/screenshots/index.html"

lint: .venv/.dev ## Check style, formatting, templates, types and who imports whom
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/djade --check --target-version 5.2 $(TEMPLATES)
	@DEBUG=1 $(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --no-cache

format: .venv/.dev ## Format Python and templates
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/djade --target-version 5.2 $(TEMPLATES)

# As a site on the internet would be set up, with an empty database
check: export ALLOWED_HOSTS = example.org
check: export DATABASE_URL = sqlite://:memory:
check: export DEBUG = 0
check: export PLAIN_HTTP = 0
check: .venv/.dev var/static/staticfiles.json ## Check the settings for deployment and that no migration is missing
	@SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))')"; export SECRET_KEY; \
	$(BIN)/python manage.py check --deploy --fail-level WARNING && \
	$(BIN)/python manage.py makemigrations --check --dry-run

css: static/css/site.css ## Build the stylesheet

lock: .venv/.dev ## Lock every dependency with hashes (UPGRADE=--upgrade: at the newest versions allowed)
	@$(COMPILE) requirements.in --output-file requirements.txt
	@$(COMPILE) requirements-dev.in --constraints requirements.txt --output-file requirements-dev.txt
	@$(COMPILE) requirements-node.in --output-file requirements-node.txt
	@bin/npm install --package-lock-only --ignore-scripts

clean: ## Remove everything that can be made again; the data in var/ stays
	rm -rf .venv node_modules static/css var/static .hypothesis .mypy_cache .pytest_cache .ruff_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Without pip the environment is unfinished, so it is made afresh
.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "This needs Python 3.11 or newer, and $(PYTHON) is not. Name another: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Making .venv" >&2
	@$(PYTHON) -m venv --clear .venv

.venv/.runtime: requirements.txt | .venv/bin/pip
	@echo "Installing what the site needs to run" >&2
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

.venv/.dev: requirements.txt requirements-dev.txt | .venv/bin/pip
	@echo "Installing what tests and checks need" >&2
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch .venv/.runtime $@

node_modules/.package-lock.json: package.json package-lock.json | .venv/bin/pip
	@bin/npm ci --silent --ignore-scripts --omit=optional
	@touch $@

static/css/site.css: $(SASS) node_modules/.package-lock.json
	@bin/npm run --silent build

var/static/staticfiles.json: .venv/.runtime static/css/site.css $(STATIC)
	@bin/local $(BIN)/python manage.py collectstatic --noinput --clear --ignore sass --verbosity 0
