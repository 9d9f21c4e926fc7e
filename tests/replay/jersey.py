"""A real fleet's day against an oracle of GEOS.

The eight zones are banned fences, one fix opens and one closes. So an episode is open exactly while fixes lie inside, and
what lies inside at each judged fix can be read back from the transitions and compared with the zones that GEOS found, except
nearer than 0.5 m to an edge. For that a place is taken as exact (no error, no edge_m), and no vehicle is held where it
stopped: with moving_kmh 0 all are in motion. What has left a zone may be between two pieces of it for THING_NEAR_M metres, and
its episode goes on so far if it likes; it begins for nothing that lies outside.

Then the same day as it really arrived, with 188,331 exact repeats, stale and contradictory records: the violations must be those of
the arrivals without the repeats, and none may come twice.
"""
import collections
import datetime
import json
import lzma
import pathlib
import tempfile

from replaying import arguments, check, recorded, replay

muckctl, _, data = arguments()
jersey = recorded(data / "jersey-city-garbage")

RULES = """
city: {timezone: America/New_York, fences: [zones.geojson]}
rules:
  common: {crossing: false, edge_m: 0, eph_default_m: 0, moving_kmh: 0, stopped_kmh: 0}
  banned_area: {confirm_fixes: 1, confirm_s: 0, clear_fixes: 1, clear_s: 0}
"""
NEAR_M = 50
ONLY_BANNED = ["off_route", "wrong_hours", "spill", "uncovered", "overload", "over_height", "illegal_dumping",
               "illegal_loading", "no_permit", "wrong_site", "unwashed_exit", "speeding", "overstay", "offline", "no_fix",
               "tamper"]


def milliseconds(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def write_config(folder):
    zones = json.loads((jersey / "zones.geojson").read_text())
    for feature in zones["features"]:
        feature["id"] = feature["properties"]["name"]
        feature["properties"]["kind"] = "banned"
        feature["properties"]["reason"] = feature["id"]  # else those that touch are one thing
    (folder / "zones.geojson").write_text(json.dumps(zones))
    config = folder / "muckwatch.yaml"
    config.write_text(RULES + "".join(f"  {kind}: {{enabled: false}}\n" for kind in ONLY_BANNED))
    return config


def compare_with_oracle(config):
    lines = (jersey / "fixes.ndjson").read_bytes().splitlines()
    oracle = [row.split("\t") for row in (jersey / "oracle.tsv").read_text().splitlines()[1:]]
    check(len(lines) == len(oracle), "the oracle has a row for each fix")
    events = collections.defaultdict(list)  # by vehicle and time
    for entry in replay(muckctl, config, lines):
        if entry["stream"] == "violations" and entry["kind"] == "banned_area":
            events[entry["vehicle"], entry["at"]].append(entry)
    inside, latest = collections.defaultdict(set), {}
    compared = held = 0
    for line, (_, zones, edge_m) in zip(lines, oracle):
        fix = json.loads(line)
        vehicle, at = fix["vehicle"], milliseconds(fix["time"])
        if at <= latest.get(vehicle, -1):
            continue  # the same vehicle and time at another place: late, not judged
        latest[vehicle] = at
        before = set(inside[vehicle])
        for entry in events.pop((vehicle, at), []):
            (inside[vehicle].add if entry["event"] == "opened" else inside[vehicle].discard)(entry["fence"])
        want = set(filter(None, zones.split(",")))
        if float(edge_m) >= 0.5:
            left = inside[vehicle] - want
            agrees = want <= inside[vehicle] and (not left or left <= before and float(edge_m) <= NEAR_M)
            check(agrees, f"{vehicle} at {fix['time']}: inside {inside[vehicle]}, GEOS says {want}")
            compared += not left
            held += bool(want)
    check(not events, f"transitions at times of no fix: {list(events)[:3]}")
    check(held > 2500, f"only {held} fixes inside a zone: the comparison is empty")
    print(f"{compared} fixes agree with GEOS, {held} of them inside a zone")


def compare_arrivals(config):
    lines = lzma.open(jersey / "arrivals.ndjson.xz").read().splitlines()
    seen, distinct = set(), []
    for line in lines:
        fix = json.loads(line)
        key = fix["vehicle"], fix["time"], fix["lat"], fix["lon"]
        if key not in seen:
            seen.add(key)
            distinct.append(line)
    everything, once = replay(muckctl, config, lines), replay(muckctl, config, distinct)
    everything = [e for e in everything if e["stream"] == "violations"]
    once = [e for e in once if e["stream"] == "violations"]
    check(len(distinct) < len(lines) / 10, "there are repeats")
    check(len(once) > 300, f"only {len(once)} transitions: the comparison is empty")
    by_vehicle = lambda entries: sorted(map(json.dumps, entries))
    check(by_vehicle(everything) == by_vehicle(once),
          f"{len(everything)} transitions with the repeats, {len(once)} without")
    keys = collections.Counter((e["id"], e["rev"]) for e in everything)
    check(max(keys.values()) == 1, "a transition was written twice")
    print(f"{len(lines)} arrivals, {len(distinct)} of them distinct: the same {len(once)} transitions")


with tempfile.TemporaryDirectory() as name:
    path = write_config(pathlib.Path(name))
    compare_with_oracle(path)
    compare_arrivals(path)
