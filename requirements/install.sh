#!/bin/sh
# Make .venv hold exactly what a lock says: `install.sh demo` or `install.sh dev`.
# Hashes only, wheels only; skipped while nothing changed. dev includes demo.
set -eu
cd "$(dirname "$0")/.."
want=$1
python=${PYTHON3:-python3}

command -v "$python" >/dev/null || { echo "Python 3.11 or newer is missing: apt install python3 python3-venv" >&2; exit 1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Bravo needs Python 3.11 or newer; $python is $("$python" -V)." >&2; exit 1; }
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    "$python" -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing. Install it, for example: apt install python3-venv" >&2; exit 1; }
    echo "Making .venv"
    "$python" -m venv .venv
    rm -f .venv/.installed
fi

# Tools that are there stay there: the demo runs with them too.
.venv/bin/python -c 'import pytest' 2>/dev/null && want=dev

mark() { cat requirements/uv.txt "requirements/$1.txt" | cksum; }
have=$(cat .venv/.installed 2>/dev/null || true)
[ "$have" = "dev $(mark dev)" ] && exit 0
[ "$have" = "$want $(mark "$want")" ] && exit 0

echo "Installing the locked packages ($want); the first time this takes a minute"
rm -f .venv/.installed
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r requirements/uv.txt
# uv does not read pip's configuration: hand over the mirror that it names.
if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
    mirror=${PIP_INDEX_URL:-$(.venv/bin/python -m pip config get global.index-url 2>/dev/null || true)}
    [ -z "$mirror" ] || export UV_DEFAULT_INDEX="$mirror"
fi
.venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes --no-build "requirements/$want.txt" || {
    echo "The packages could not be installed. Check the network (or set UV_DEFAULT_INDEX to your mirror) and run this again." >&2
    exit 1
}
echo "$want $(mark "$want")" >.venv/.installed
