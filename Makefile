# Needs Python 3.11 or newer with venv, and make. Everything else is set up on first use, and again only when what it is made from changes.

PYTHON ?= $(shell .venv/bin/python -c '' 2>/dev/null && echo .venv/bin/python || echo python3)
UPGRADE ?=

unexport STATIC_ROOT  # what is made here serves from var/static

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help run test screenshots lighthouse bench crash stack lint format check css lock clean local-site test-tools always

BIN := .venv/bin/python -m
# Two that set up at once would tread on each other: the second waits, then finds what the first made
SET_UP = $(PYTHON) bin/one-at-a-time $(MAKE) --no-print-directory
LOCAL := env DEBUG=0 LOCAL=1 MALLOC_ARENA_MAX=1 .venv/bin/python
PIP_INSTALL := $(BIN) pip install --quiet --disable-pip-version-check --require-hashes
COMPILE := $(BIN) uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" $(UPGRADE)
SASS := $(shell find static/sass -name '*.scss')
STATIC := $(shell find static -type f ! -path 'static/sass/*' ! -path 'static/css/*' ! -path 'static/js/*')
WITH_CLASSES = $(shell find categories -name '*.py')
TEMPLATES = $(shell find templates -name '*.html')

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

run: ## Set up what is missing, then serve on 127.0.0.1, port PORT (8000)
	@$(PYTHON) config/gunicorn.py
	@$(SET_UP) local-site
	@exec $(LOCAL) -m gunicorn --config config/gunicorn.py --graceful-timeout 1

test: ## Set up what is missing, then run every test
	@$(SET_UP) test-tools
	@$(BIN) pytest -n auto

bench: ## Measure speed, memory and size as ratios, each with a bound (docs/performance.md)
	@$(SET_UP) .venv/.dev static/css/site.css var/peer/.made
	@$(BIN) tests.bench

crash: ## Kill publishing 200 times, race for it, and kill the mail queue and the tellers of alerts 100 times each, on SQLite and PostgreSQL
	@$(SET_UP) test-tools
	@$(BIN) tests.crash
	@$(BIN) tests.mail_kills
	@$(BIN) tests.alert_kills

stack: ## Set up PostgreSQL, two instances, nginx and Varnish from docs/operating, and make them fail (QUICK=1: a tenth as long)
	@$(SET_UP) test-tools
	@$(BIN) tests.stack $(if $(QUICK),quick)

screenshots: ## Take every public page, on screens and on paper, to look at
	@$(SET_UP) test-tools
	@$(BIN) pytest tests/browser/screenshots.py --output var/screenshots
	@echo "Look at var/screenshots/index.html"

lighthouse: ## Score public pages by Lighthouse: below four times 100 it fails
	@$(SET_UP) test-tools tests/lighthouse/node_modules/.package-lock.json
	@$(BIN) tests.lighthouse

lint: ## Check style, formatting, templates, types and who imports whom
	@$(SET_UP) .venv/.dev
	@$(BIN) ruff check .
	@$(BIN) ruff format --check .
	@.venv/bin/djade --check --target-version 5.2 $(TEMPLATES)
	@DEBUG=1 $(BIN) mypy
	@.venv/bin/lint-imports --no-logo --no-cache

format: ## Format Python and templates
	@$(SET_UP) .venv/.dev
	@$(BIN) ruff check --fix .
	@$(BIN) ruff format .
	@.venv/bin/djade --target-version 5.2 $(TEMPLATES)

# As a site on the internet would be set up, with an empty database
check: export ALLOWED_HOSTS = example.org
check: export DATABASE_URL = sqlite://:memory:
check: export DEBUG = 0
check: export LOCAL = 0
check: export PLAIN_HTTP = 0
check: ## Check the settings for deployment and that no migration is missing
	@$(SET_UP) .venv/.dev var/static/staticfiles.json
	@SECRET_KEY="$$(.venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(50))')"; export SECRET_KEY; \
	.venv/bin/python manage.py check --deploy --fail-level WARNING && \
	.venv/bin/python manage.py makemigrations --check --dry-run

css: ## Build the stylesheet
	@$(SET_UP) static/css/site.css

lock: ## Lock every dependency with hashes (UPGRADE=--upgrade: at the newest versions allowed)
	@$(SET_UP) .venv/.dev
	@$(COMPILE) requirements.in --output-file requirements.txt
	@$(COMPILE) requirements-dev.in --constraints requirements.txt --output-file requirements-dev.txt
	@$(COMPILE) requirements-node.in --output-file requirements-node.txt
	@$(COMPILE) tests/peer/requirements.in --output-file tests/peer/requirements.txt
	@bin/npm install --package-lock-only --ignore-scripts
	@bin/npm install --package-lock-only --ignore-scripts --prefix tests/lighthouse

clean: ## Remove everything that can be made again; the data in var/ stays
	rm -rf .venv node_modules tests/lighthouse/node_modules static/css static/js var/static var/static.new .hypothesis .mypy_cache .pytest_cache .ruff_cache test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

local-site: var/static/staticfiles.json
	@$(LOCAL) manage.py set_up_demo
	@touch var/local
	@chmod -R go= var

# What the bench holds pages against, in an environment of its own
var/peer/.made: tests/peer/requirements.txt .venv/pyvenv.cfg
	@echo "Installing what the bench holds pages against" >&2
	@$(BIN) venv --clear var/peer
	@var/peer/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

test-tools: .venv/.dev static/css/site.css
	@.venv/bin/python bin/test-tools

# Left alone while it is sound
.venv/pyvenv.cfg: always
	@$(PYTHON) bin/venv

.venv/.runtime: requirements.txt .venv/pyvenv.cfg
	@echo "Installing what the site needs to run" >&2
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

.venv/.dev: requirements.txt requirements-dev.txt .venv/pyvenv.cfg
	@echo "Installing what tests and checks need" >&2
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch .venv/.runtime $@

node_modules/.package-lock.json: package.json package-lock.json | .venv/pyvenv.cfg
	@bin/npm ci --silent --ignore-scripts --omit=optional
	@touch $@

tests/lighthouse/node_modules/.package-lock.json: tests/lighthouse/package-lock.json | .venv/pyvenv.cfg
	@bin/npm ci --silent --ignore-scripts --prefix tests/lighthouse
	@touch $@

static/css/site.css: $(SASS) bin/css.mjs $(TEMPLATES) $(WITH_CLASSES) node_modules/.package-lock.json
	@bin/npm run --silent build

# Made aside and moved: the manifest is written before the files that it names are compressed
var/static/staticfiles.json: .venv/.runtime static/css/site.css $(STATIC)
	@STATIC_ROOT=var/static.new $(LOCAL) manage.py collectstatic --noinput --clear --ignore sass --verbosity 0
	@rm -rf var/static
	@mv var/static.new var/static
