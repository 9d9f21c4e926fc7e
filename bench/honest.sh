#!/usr/bin/env bash
# The honest fleet and planted deviations: tests/honest, built optimised. --help lists the options.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset release -DBUILD_TESTING=ON >/dev/null
cmake --build --preset release --target honest >/dev/null
exec build/release/tests/honest/honest "$@"
