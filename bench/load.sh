#!/usr/bin/env bash
# From GeoJSON files to a world that answers: `muckctl check` over the city of the geofence benchmark.
#
#   scripts/bench load [FENCES...]
#
# The fences lie in four files, since one may have at most 256 MB.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset bench >/dev/null
cmake --build --preset bench --target muckctl city_geojson >/dev/null
place=$(mktemp -d)
trap 'rm -r "$place"' EXIT
echo '{"vehicles": []}' >"$place/fleet.json"
cat >"$place/muckwatch.yaml" <<'END'
city:
  timezone: Asia/Shanghai
  fences: [0.geojson, 1.geojson, 2.geojson, 3.geojson]
  fleet: [fleet.json]
END
TIMEFORMAT='%R s, CPU %U s and %S s in the system'
[[ $# -gt 0 ]] || set -- 1000 10000 100000
for count in "$@"; do
    for part in 0 1 2 3; do
        build/bench/bench/city_geojson "$count" "$part" 4 >"$place/$part.geojson"
    done
    for round in 1 2 3; do
        printf '%s fences, round %s: ' "$count" "$round"
        time build/bench/bin/muckctl check --quiet --config "$place/muckwatch.yaml"
    done
done
