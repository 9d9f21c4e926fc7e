#!/usr/bin/env bash
# An archive at the size of a city: how large, how quick, and how soon it answers.
#
#   scripts/bench archive [VEHICLES [HOURS]]      5000 vehicles for 24 hours; of 200 for 720 a month
#
# First its own writer makes days of trucks that drive about (archive_day), sums them (report --rebuild), and who and report
# are asked of them; then tracks of the sample day for as many vehicles go through a real store and the archive (size.py, an
# hour at least). A day of 5,000 vehicles is 43.2 million fixes, 1.2 GB, and takes a quarter of an hour for each of the two.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
vehicles=${1:-5000} hours=${2:-24}
cd "$root"
cmake --preset bench >/dev/null
cmake --build --preset bench >/dev/null
bin=$root/build/bench/bin
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
timed() { # WORDS COMMAND...
    local words=$1
    shift
    printf '%s: ' "$words"
    /usr/bin/time -o "$place/time" -f '%e s, %U + %S s of CPU, %M KB' "$@" >"$place/said" 2>&1 || { cat "$place/said"; exit 1; }
    cat "$place/time"
}
timed "made, $vehicles vehicles, $hours h" "build/bench/bench/archive_day" "$place/made" "$vehicles" "$hours"
du -b --summarize "$place/made"
span=(--from 2026-06-07T00:00:00Z --to 2026-06-08T00:00:00Z)
for near in 30.5,113.0 30.45,112.9 30.6,113.05; do
    timed "who near $near" "$bin/muckctl" who --archive "$place/made" --near "$near" --radius 100 "${span[@]}" --purpose bench
done
printf 'city: {timezone: Asia/Shanghai, fences: [none]}\n' >"$place/config.yaml"
timed "all tracks summed" "$bin/muckctl" report --archive "$place/made" --rebuild --config "$place/config.yaml"
timed "report of a day" "$bin/muckctl" report --archive "$place/made" --day 2026-06-07
timed "report of the month" "$bin/muckctl" report --archive "$place/made" --month 2026-06 --by vehicle
rm -rf "$place/made"
exec python3 tests/archive/size.py "$bin" --vehicles "$vehicles" --hours "$hours"
