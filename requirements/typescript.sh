#!/bin/sh
# Check the JSDoc types of our ES modules. The only step that needs Node.
set -eu
cd "$(dirname "$0")/.."
command -v npm >/dev/null || { echo "make lint checks the scripts' types with TypeScript and needs Node: apt install nodejs npm" >&2; exit 1; }
if [ ! -x requirements/node_modules/.bin/tsc ] || [ requirements/package-lock.json -nt requirements/node_modules ]; then
    npm ci --prefix requirements --silent --no-audit --no-fund --ignore-scripts
    touch requirements/node_modules
fi
echo "tsc --checkJs"
requirements/node_modules/.bin/tsc --project tsconfig.json
