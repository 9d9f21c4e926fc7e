"""Fences of a world for a map: the same that the engine says hold a place; when they are in force, and when that changes; former worlds,
from the store; more of them than a map takes; who asks at once waits, and nobody else does."""
import json
import os
import random
import threading
import time
import urllib.parse

from gate import BINARIES, CITY, Client, Gate, expect, run, wait_until
from harness import contract
from harness.servers import Stage

FIX = b'{"time":"2026-05-08T12:00:00+08:00","lat":30.45,"lon":112.95,"boot":"b","seq":1}'
EVERYWHERE = "111,29,115,32"
AT = 1_778_212_800_000  # 2026-05-08 12:00 +08:00
HOUR = 3_600_000


def page(client, world, box=EVERYWHERE, zoom=22, at=AT):
    answer = client.get(f"/api/v1/worlds/{world}/fences?bbox={box}&zoom={zoom}&at={at}")
    expect(answer.status == 200 and answer.headers["cache-control"] == "private, max-age=31536000, immutable", answer)
    return answer.json()


def in_ring(ring, lon, lat):
    inside = False
    for (ax, ay), (bx, by) in zip(ring, ring[1:]):
        if (ay > lat) != (by > lat) and lon < ax + (bx - ax) * (lat - ay) / (by - ay):
            inside = not inside
    return inside


def holds(geometry, lon, lat):
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return any(sum(in_ring(ring, lon, lat) for ring in polygon) % 2 for polygon in polygons)


def check_shapes(vera, world):
    said = page(vera, world)
    features = json.loads((CITY / "fences.geojson").read_text(encoding="utf-8"))["features"]
    expect({f["id"] for f in said["features"]} == {f["id"] for f in features} and said["more"] == 0 and said["world"] == world, len(said["features"]))
    shown = {f["id"]: f for f in said["features"]}
    for f in features:
        one = shown[f["id"]]
        line = {"Polygon": None, "MultiPolygon": None, "LineString": "LineString", "MultiLineString": "MultiLineString", "Point": "Point"}[f["geometry"]["type"]]
        expect((one["line"] and one["line"]["type"]) == line, one)
        expect(one["properties"]["kind"] == f["properties"]["kind"] and one["properties"].get("name") == f["properties"].get("name"), one)
        if line:
            expect(one["properties"]["radius_m"] > 0, one)
    rng, checked = random.Random(7), 0
    for _ in range(150):
        near = rng.choice(said["features"])["geometry"]
        ring = near["coordinates"][0] if near["type"] == "Polygon" else near["coordinates"][0][0]
        lon, lat = ring[rng.randrange(len(ring))]
        lon, lat = lon + rng.uniform(-0.003, 0.003), lat + rng.uniform(-0.003, 0.003)
        inside = {f["id"] for f in said["features"] if holds(f["geometry"], lon, lat)}
        # Not at a border: the same a metre or two away.
        if any({f["id"] for f in said["features"] if holds(f["geometry"], lon + x, lat + y)} != inside
               for x, y in ((2e-5, 0), (-2e-5, 0), (0, 2e-5), (0, -2e-5))):
            continue
        engine = vera.get(f"/api/v1/place?lat={lat}&lon={lon}").json()
        expect({f["id"] for f in engine["fences"]} == inside, (lat, lon, inside, engine))
        checked += 1
    expect(checked > 75, checked)
    # A part of it: exactly what the whole has there, and simpler from far away.
    ids = {f["id"] for f in page(vera, world, "112.9,30.4,113,30.5")["features"]}
    expect(0 < len(ids) < len(shown), len(ids))
    size = lambda p: len(json.dumps([f["geometry"] for f in p["features"]]))  # noqa: E731
    expect(size(page(vera, world, zoom=8)) < size(said) / 2, "simpler")
    expect(page(vera, world, "10,10,20,20")["features"] == [] and len(page(vera, world, "170,-90,169,90")["features"]) == len(shown), "elsewhere, round the world")


def check_times(vera, world):
    """Against the hours as the engine tells them, and against itself: nothing changes before the next change, and then it does."""
    features = json.loads((CITY / "fences.geojson").read_text(encoding="utf-8"))["features"]
    hours = {f["id"]: f["properties"].get("hours") or f["properties"].get("opening_hours") for f in features}
    pages, changes = {}, 0

    def state(at, name):
        if at not in pages:
            pages[at] = {f["id"]: f["properties"] for f in page(vera, world, at=at)["features"]}
        return pages[at][name]
    rng = random.Random(8)
    for at in [AT] + [AT + rng.randrange(-60 * 24, 60 * 24) * HOUR for _ in range(4)]:
        for name, expression in hours.items():
            one = state(at, name)
            valid = one.get("valid_from", 0) <= at < one.get("valid_to", 1 << 62)
            if one.get("hours"):
                expect(expression is None or one["hours"] == expression, (one, expression))
                said = vera.get(f"/api/v1/hours?expr={urllib.parse.quote(one['hours'])}&from={at}&n=1").json()
                expect(one["in_force"] == (valid and said["open"]), (name, at, one, said))
            else:
                expect(one["in_force"] == valid, (name, at, one))
            if one["next_change"] is not None and changes < 40:
                expect(one["next_change"] > at, one)
                expect(state(one["next_change"] - 1, name)["in_force"] == one["in_force"] != state(one["next_change"], name)["in_force"], (name, at, one))
                changes += 1
    expect(changes > 3, changes)


def check_refused(gate, vera, world):
    path = f"/api/v1/worlds/{world}/fences"
    for query, pointer in (("", "bbox"), ("?bbox=1,2,3,4", "zoom"), ("?bbox=1,2,3&zoom=3", "bbox"), ("?bbox=1,2,3,4,5&zoom=3", "bbox"), ("?bbox=a,2,3,4&zoom=3", "bbox"),
                           ("?bbox=1,4,3,2&zoom=3", "bbox"), ("?bbox=1,2,3,91&zoom=3", "bbox"), ("?bbox=-181,2,3,4&zoom=3", "bbox"), ("?bbox=1,2,3,nan&zoom=3", "bbox"),
                           ("?bbox=1,2,3,4&zoom=25", "zoom"), ("?bbox=1,2,3,4&zoom=-1", "zoom"), ("?bbox=1,2,3,4&zoom=3&at=x", "at"), ("?bbox=1,2,3,4&zoom=3&x=1", "x")):
        answer = vera.get(path + query)
        expect(answer.status == 400 and answer.json()["pointer"] == pointer, (query, answer))
    for name in ("0" * 64, world[:-1], world.upper(), "x"):
        expect(vera.get(f"/api/v1/worlds/{name}/fences?bbox=1,2,3,4&zoom=3").status == 404, name)
    expect(Client(gate).get(path + "?bbox=1,2,3,4&zoom=3").status == 401, "nobody")
    expect(vera.get(path + "?bbox=1,2,3,4&zoom=3").headers["cache-control"] == "no-store", "at no time that was said")


def reloaded(stage, store, change, seq):
    """Another world; its hash."""
    before = store.call("XLEN", contract.key("rulesets"))
    fences = json.loads((stage.place.path / "fences.geojson").read_text(encoding="utf-8"))
    change(fences["features"])
    stage.place.file("fences.geojson", json.dumps(fences))
    stage.tracker.signal(1)
    units = stage.broker.client("units")

    def known():
        nonlocal seq
        seq += 1
        units.publish_all([(contract.topic("truck-1", "fix"), FIX.replace(b'"seq":1', b'"seq":%d' % seq).replace(b"12:00:00", b"12:%02d:%02d" % (seq // 60, seq % 60)))])
        return store.call("XLEN", contract.key("rulesets")) > before
    wait_until(known, 120, lambda: "another world\n" + stage.tracker.tail(), every_s=0.5)
    units.close()
    entry = store.call("XREVRANGE", contract.key("rulesets"), "+", "-", "COUNT", 1)[0][1]
    return dict(zip(entry[::2], entry[1::2]))[b"ruleset"].decode(), seq


def square(n):
    lon, lat = 112 + n % 60 * 0.01, 30 + n // 60 * 0.01
    size = 0.001 + n * 1e-6
    return {"type": "Feature", "id": f"square-{n}", "properties": {"kind": "area", "name": f"方块 {n}"},
            "geometry": {"type": "Polygon", "coordinates": [[[lon, lat], [lon + size, lat], [lon + size, lat + size], [lon, lat + size], [lon, lat]]]}}


def check_former(gate, stage, store, vera, world):
    other, seq = reloaded(stage, store, lambda features: features.pop(), 1)
    many, _ = reloaded(stage, store, lambda features: features.extend(square(n) for n in range(2300)), seq)
    wait_until(lambda: vera.get("/api/v1/place?lat=30.45&lon=112.95").json()["world"] == many, 120, "it is followed")
    count = len(page(vera, world)["features"])
    expect(len(page(vera, other)["features"]) == count - 1, "of the world before")
    whole = page(vera, many, zoom=16)
    expect(len(whole["features"]) == 2000 and whole["more"] == 300 + count - 1, whole["more"])
    ids = {f["id"] for f in whole["features"]}
    expect("square-2299" in ids and "square-0" not in ids, "the largest")
    # Many at once, of worlds that are to be made: each its own answer, and all else is answered meanwhile.
    gate.process.stop()
    gate.process.start()
    wait_until(lambda: Client(gate).get("/readyz").status == 200, 120, "ready")
    vera.sign_in("vera")
    got = []
    asked = [world, other, many] * 5

    def ask(name):
        said = vera.get(f"/api/v1/worlds/{name}/fences?bbox={EVERYWHERE}&zoom=12&at={AT}")
        got.append((said.status, name, said.json().get("world")))
    threads = [threading.Thread(target=ask, args=(name,)) for name in asked]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        expect(Client(gate).get("/healthz").status == 200, "others are served")
        time.sleep(0.05)
    expect(all(status == 200 and name == said for status, name, said in got) and len(got) == 15, got)
    # Gone from the store, and there is no archive.
    store.call("DEL", f"muck:ruleset:{world}")
    gate.process.stop()
    gate.process.start()
    wait_until(lambda: Client(gate).get("/readyz").status == 200, 120, "ready")
    vera.sign_in("vera")
    expect(vera.get(f"/api/v1/worlds/{world}/fences?bbox={EVERYWHERE}&zoom=12").status == 404, "it is not kept")
    # One whose text was changed makes no world, or another.
    store.call("HSET", f"muck:ruleset:{world}", "canonical", "{}")
    expect(vera.get(f"/api/v1/worlds/{world}/fences?bbox={EVERYWHERE}&zoom=12").status == 404, "another text")


def test_maps():
    with Stage("maps", BINARIES, CITY) as stage:
        stage.start()
        units = stage.broker.client("units")
        units.publish_all([(contract.topic("truck-1", "fix"), FIX)])
        units.close()
        store = stage.redis.client()
        wait_until(lambda: store.call("XLEN", contract.key("rulesets")), 120, lambda: "the world is recorded\n" + stage.tracker.tail())
        with Gate("maps", "rate: {read_per_s: 1000}\n", store=stage.redis) as gate:
            wait_until(lambda: Client(gate).get("/readyz").status == 200, 120, lambda: "ready\n" + gate.process.tail())
            vera = gate.client("vera")
            world = vera.get("/api/v1/place?lat=30.45&lon=112.95").json()["world"]
            check_refused(gate, vera, world)
            check_shapes(vera, world)
            check_times(vera, world)
            check_former(gate, stage, store, vera, world)


os.environ.setdefault("MW_TEST_DIR", "/tmp")
run([test_maps])
