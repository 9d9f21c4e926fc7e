#!/usr/bin/env bash
# From a GeoJSON file to a world that answers: `muckctl check` over the city of the geofence benchmark.
#
#   scripts/bench load [FENCES...]
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset bench >/dev/null
cmake --build --preset bench --target muckctl city_geojson >/dev/null
place=$(mktemp -d)
trap 'rm -r "$place"' EXIT
echo '{"vehicles": []}' >"$place/fleet.json"
cat >"$place/muckwatch.yaml" <<'END_YAML'
city:
  timezone: Asia/Shanghai
  fences: [fences.geojson]
  fleet: [fleet.json]
END_YAML
[[ $# -gt 0 ]] || set -- 1000 10000 100000
for count in "$@"; do
    build/bench/bench/city_geojson "$count" 0 1 >"$place/fences.geojson"
    for round in 1 2 3; do
        printf '%s fences, round %s: ' "$count" "$round"
        /usr/bin/time -f '%e s, CPU %U s and %S s in the system, %M KB at the peak' \
            build/bench/bin/muckctl check --quiet --config "$place/muckwatch.yaml" 2>&1 | tail -1
    done
done
