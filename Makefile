# Two commands are all a newcomer needs: `make run` and `make test`.

PYTHON ?= python3
PORT ?= 8000
WORKERS ?= auto
BIN := .venv/bin

export PORT  # which the settings write whole addresses with

.DEFAULT_GOAL := help
.PHONY: help run test coverage check bench lock

help: ## Show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

run: .venv/run.installed .env ## Install, migrate, load the demo, and serve on port 8000 (PORT=…)
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py createcachetable
	@$(BIN)/python manage.py load_demo
	@echo "To curate, make an account once:  $(BIN)/python manage.py createsuperuser"
	@echo "then sign in at http://127.0.0.1:$(PORT)/admin/"
	@$(BIN)/python manage.py runserver 127.0.0.1:$(PORT)

test: .venv/test.installed ## Run the whole suite (on DATABASE_URL, if it is set)
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

coverage: .venv/test.installed ## Run the whole suite and say which lines it never reached; slower
	@$(BIN)/python -m pytest -n $(WORKERS) --cov --cov-report=term:skip-covered $(ARGS)

check: .venv/test.installed ## Run every check that is not a test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint --quiet --profile=jinja --extend-exclude templates/admin,templates/allauth,templates/account,templates/mfa,templates/403.html,templates/429.html --lint templates
	$(BIN)/djlint --quiet --profile=django --lint templates/admin templates/allauth templates/account templates/mfa templates/403.html templates/429.html
	DEBUG=true $(BIN)/python -W error manage.py makemigrations --check --dry-run
	SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
	ALLOWED_HOSTS=archive.example DATABASE_URL=sqlite:///var/check.sqlite3 DEBUG=false \
	$(BIN)/python -W error manage.py check --deploy --fail-level WARNING

bench: .venv/test.installed ## Measure speed and memory
	$(BIN)/python -m tests.bench

lock: .venv/test.installed ## Write requirements*.txt anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-strip-extras --no-emit-index-url \
	  --python-version 3.11 --custom-compile-command "make lock" pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-strip-extras --no-emit-index-url \
	  --python-version 3.11 --custom-compile-command "make lock" --extra dev \
	  -c requirements.txt pyproject.toml -o requirements-dev.txt

.env:
	@cp .env.example .env

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name it with PYTHON=python3.x"; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/run.installed: requirements.txt | .venv/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/test.installed: requirements-dev.txt | .venv/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
