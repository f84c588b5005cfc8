# Every target works alone on a fresh clone: Debian 12 with make, python3 and python3-venv.
# PORT (8000) and VAR_DIR (var/) may be set; DATABASE_URL and REDIS_URL name services of yours.

SHELL := /bin/sh
PYTHON := .venv/bin/python
MAKEFLAGS += --no-print-directory
export PYTHONUNBUFFERED := 1
# Six processes would compile all their modules at every start: half a minute.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install dev demo demo-reset test prove lint bench messages pictures lock browser dovecot

help:
	@echo "make demo        start everything, with demo data; Ctrl-C stops it"
	@echo "make demo-reset  forget the demo's data"
	@echo "make test        all tests, in parallel        make prove  the same at full size"
	@echo "make lint        style, types, contracts       make bench ONLY=name  measure"
	@echo "make messages    collect texts to translate    make lock  new versions of everything"
	@echo "make pictures    take those of README and docs"

install:
	@sh requirements/install.sh demo

dev:
	@sh requirements/install.sh dev

# `exec`: the demo ends when this make is killed, whatever the signal.
demo: install
	@BRAVO_UNDER_MAKE=1 exec $(PYTHON) manage.py demo

demo-reset: install
	@$(PYTHON) manage.py demo_reset

browser:
	@sh requirements/browser.sh

dovecot:
	@sh requirements/dovecot.sh

test: dev browser dovecot
	@$(PYTHON) manage.py compile_messages
	@$(PYTHON) -m pytest -n 3 --dist loadgroup $(ARGS)

prove: dev browser dovecot
	@$(PYTHON) manage.py compile_messages
	@BRAVO_PROVE=1 $(PYTHON) -m pytest -n 3 --dist loadgroup $(ARGS)

lint: dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	.venv/bin/mypy .
	.venv/bin/djlint --lint --quiet .
	@sh requirements/typescript.sh
	$(PYTHON) manage.py makemigrations --check --dry-run
	$(PYTHON) manage.py check_messages

bench: dev
	@$(PYTHON) -m bench $(ONLY)

messages: dev
	@$(PYTHON) manage.py messages

pictures: dev browser
	@DEMO_SCALE=1 BRAVO_PICTURES=docs/pictures $(PYTHON) -m pytest tests/journeys/test_ten_minutes.py

lock: dev
	@sh requirements/lock.sh
