"""The same drive at its own rate and thinned to 15 s gives the same episodes, times within 15 s of driving: recorded drives
against a corridor around them, and against one beside them that they leave and come back to. Time that they stand counts for
nothing: who stands less than 60 m outside may have been put there by the receiver, so where no fix was told on the way to
that stop the episode begins as it drives on.
"""
import datetime
import json
import math
import pathlib
import tempfile

from replaying import arguments, check, recorded, replay

TOLERANCE_MS = 15000
DRIVES = ("munich-x0001-001.ndjson", "limerick-bus304.ndjson")

muckctl, _, data = arguments()
traces = recorded(data / "onehz-traces")


def read(name):
    fixes = [json.loads(line) for line in (traces / name).read_text().splitlines()]
    fixes = [{"vehicle": f["vehicle"], "time": f["time"], "lat": f["lat"], "lon": f["lon"], "sensors": {"load": "loaded"}}
             for f in fixes if f.get("lat") is not None]
    return fixes


def instant_ms(fix):
    return datetime.datetime.fromisoformat(fix["time"].replace("Z", "+00:00")).timestamp() * 1000


def stamp(fix):
    h, m, s = fix["time"].split("T")[1].rstrip("Z").split(":")
    return int(h) * 3600 + int(m) * 60 + float(s)


def thinned(fixes):
    out = []
    for fix in fixes:
        if not out or stamp(fix) - stamp(out[-1]) >= 15:
            out.append(fix)
    return out


def metres(a, b):
    k = math.cos(math.radians(a["lat"]))
    return math.hypot((a["lat"] - b["lat"]) * 111200, (a["lon"] - b["lon"]) * 111300 * k)


def driven_ms(fixes, times):
    """How much of the time between two it drove, at a walking pace at least."""
    first, last = sorted(times)
    total = 0
    for a, b in zip(fixes, fixes[1:]):
        start, end = instant_ms(a), instant_ms(b)
        if metres(a, b) * 1000 >= end - start:
            total += max(0, min(end, last) - max(start, first))
    return total


def line_of(fixes):
    """The drive as a line without the jitter of standing: a place every 30 m."""
    line = [fixes[0]]
    for fix in fixes:
        if metres(line[-1], fix) >= 30:
            line.append(fix)
    return [[f["lon"], f["lat"]] for f in line]


def beside(line, shift_deg):
    """The middle third of the line nine hundred metres to the north of where it was driven."""
    third = len(line) // 3
    return [[x, y + (shift_deg if third <= i < 2 * third else 0)] for i, (x, y) in enumerate(line)]


def episodes(folder, line, fixes):
    vehicle = fixes[0]["vehicle"]
    route = {"type": "Feature", "id": "road", "properties": {"kind": "route", "buffer_m": 60},
             "geometry": {"type": "LineString", "coordinates": line}}
    (folder / "fences.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [route]}))
    (folder / "fleet.json").write_text(json.dumps({
        "vehicles": [{"id": vehicle, "class": "muck_truck"}],
        "permits": [{"id": "p", "vehicles": [vehicle], "routes": ["road"]}]}))
    (folder / "muckwatch.yaml").write_text(
        "city: {timezone: Asia/Shanghai, fences: [fences.geojson], fleet: [fleet.json]}\n")
    printed = replay(muckctl, folder / "muckwatch.yaml", [json.dumps(f).encode() for f in fixes])
    found = {}
    for entry in printed:
        if entry["stream"] == "violations" and entry["kind"] in ("off_route", "banned_area"):
            found.setdefault(entry["id"], {}).update(entry)
    return sorted(found.values(), key=lambda e: e["start"])


for name in DRIVES:
    fixes = read(name)
    sparse = thinned(fixes)
    line = line_of(fixes)
    with tempfile.TemporaryDirectory() as folder_name:
        folder = pathlib.Path(folder_name)
        for rate in (fixes, sparse):
            check(not episodes(folder, line, rate), f"{name}: off its own road at {len(rate)} fixes")
        other = beside(line, 0.008)
        dense, thin = episodes(folder, other, fixes), episodes(folder, other, sparse)
        check(len(dense) >= 1, f"{name}: beside the corridor and not found")
        times = [(e["start"], e.get("end")) for e in dense], [(e["start"], e.get("end")) for e in thin]
        check(len(dense) == len(thin), f"{name}: {len(dense)} episodes of {len(fixes)} fixes, {len(thin)} of "
                                       f"{len(sparse)}: {times}")
        for a, b in zip(dense, thin):
            for key in ("start", "end"):
                check((a.get(key) is None) == (b.get(key) is None), f"{name}: {key} of one alone: {times}")
                apart = driven_ms(fixes, (a[key], b[key])) if a.get(key) is not None else 0
                check(apart <= TOLERANCE_MS, f"{name}: {key} {apart} ms of driving apart: {times}")
        print(f"{name}: {len(fixes)} and {len(sparse)} fixes, {len(dense)} episodes each")
