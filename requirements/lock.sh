#!/bin/sh
# Resolve pyproject.toml anew into the two locks: names, versions and hashes only, so that any
# index or mirror serves.
set -eu
cd "$(dirname "$0")/.."
lock() {
    .venv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
        --no-emit-index-url --no-header --no-annotate --extra embedded "$@" pyproject.toml
}
lock --output-file requirements/demo.txt
lock --group test --group bench --group lint --output-file requirements/dev.txt
