#!/usr/bin/env bash
# The whole tracker between a broker and Redis: bench/daemon.py tells what is measured.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset bench >/dev/null
cmake --build --preset bench --target muckwatchd muckctl bench_discard >/dev/null
exec python3 -B bench/daemon.py "$@"
