#!/bin/sh
# Installs the packages of package.json, exact versions, into the folder named, unless they are there.
set -eu
here=$(dirname "$0")
mkdir -p "$1"
if cmp -s "$here/package.json" "$1/package.json" && [ -d "$1/node_modules/opening_hours" ]; then
    exit 0
fi
command -v npm >/dev/null || { echo "npm is missing: the oracle of the time windows cannot run" >&2; exit 1; }
rm -rf "$1/node_modules"
cp "$here/package.json" "$1/package.json"
cd "$1"
npm install --no-package-lock --no-audit --no-fund || { rm -f package.json; exit 1; }
