#!/usr/bin/env bash
# The gateway under a load of listeners: bench/dispatch.py tells what is measured.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset bench >/dev/null
cmake --build --preset bench --target muckwatch-dispatch muckwatchd muckctl listeners heap_told >/dev/null
exec python3 -B bench/dispatch.py "$@"
