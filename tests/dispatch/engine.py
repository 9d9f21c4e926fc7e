"""What the engine tells over HTTP: hours, coordinates and places of the world that a real tracker has put into a real store; and the
pages for machines, with names as promtool has them."""
import datetime
import hashlib
import json
import random
import re
import subprocess
import urllib.parse

from gate import BINARIES, CITY, Client, Gate, expect, run, wait_until
from harness import contract
from harness.servers import Stage, program

FIX = b'{"time":"2026-05-08T12:00:00+08:00","lat":30.45,"lon":112.95,"boot":"b","seq":1}'


def quoted(text):
    return urllib.parse.quote(text)


def check_hours(client, gate):
    for expr, start in (("Mo-Fr 22:00-06:00; PH off", "2026-05-07 12:00"), ("24/7", "2026-05-07 12:00"), ("off", "2026-05-07 12:00"),
                        ("Sa,Su 08:30-11:00", "2026-02-01 00:00")):
        at_ms = int(datetime.datetime.fromisoformat(start + "+08:00").timestamp() * 1000)
        answer = client.get(f"/api/v1/hours?expr={quoted(expr)}&from={at_ms}&n=5")
        expect(answer.status == 200, answer)
        # muckctl says the same, in words.
        said = subprocess.run([BINARIES / "muckctl", "hours", expr, "--from", start, "--count", "5", "--calendar", CITY / "2026.json",
                               "--lang", "en"], capture_output=True, text=True, check=True).stdout.splitlines()
        stamp = lambda ms: datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone(datetime.timedelta(hours=8))).strftime("%Y-%m-%d %H:%M")  # noqa: E731
        items = answer.json()["items"]
        expect(len(items) == len(said), (items, said))
        for one, line in zip(items, said):
            if one["from"] is not None:
                expect(line.startswith(stamp(one["from"])), (one, line))
            expect(one["to"] is None or stamp(one["to"]) in line, (one, line))
    answer = client.get(f"/api/v1/hours?expr={quoted('周一 22:00-26')}")
    expect(answer.status == 400 and answer.json()["pointer"] == "expr" and "at character" in answer.json()["detail"], answer)
    expect(client.get(f"/api/v1/hours?expr={quoted('Mo ' * 400)}").status == 400, "too long")


def check_convert(client):
    rng = random.Random(5)
    positions = [[round(rng.uniform(20, 50), 6), round(rng.uniform(80, 130), 6)] for _ in range(9999)] + [[48.85, 2.35]]
    for crs in ("gcj02", "bd09"):
        there = client.post(f"/api/v1/convert?crs=wgs84&to={crs}", {"positions": positions}).json()["positions"]
        back = client.post(f"/api/v1/convert?crs={crs}", {"positions": there}).json()
        expect(back["crs"] == "wgs84", back["crs"])
        moved = max(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in zip(positions, there))
        expect(0.003 < moved < 0.03 and there[-1] == positions[-1], f"{crs} moves by {moved} degrees")
        expect(all(abs(a[i] - b[i]) < 3e-7 for a, b in zip(positions, back["positions"]) for i in (0, 1)), f"{crs} and back")
    # A figure of others: Tiananmen, by eviltransform.
    there = client.post("/api/v1/convert?crs=wgs84&to=gcj02", {"positions": [[39.9073, 116.3911]]}).json()["positions"][0]
    expect(abs(there[0] - 39.908704) < 2e-5 and abs(there[1] - 116.397337) < 2e-5, there)
    same = client.post("/api/v1/convert?crs=cgcs2000", {"positions": [[30.5, 114.3]]}).json()["positions"]
    expect(same == [[30.5, 114.3]], same)
    for body, pointer in (({"positions": [[1]]}, "/positions/0"), ({"positions": [[0, 0], [91, 0]]}, "/positions/1"),
                          ({"positions": [[0, 181]]}, "/positions/0"), ({"positions": [["0", 0]]}, "/positions/0"),
                          ({"positions": [[0, 0]] * 10001}, "/positions"), ({"positions": {}}, "/positions"), ({}, "/positions"),
                          ({"positions": [], "x": 1}, "/x")):
        answer = client.post("/api/v1/convert?crs=gcj02", body)
        expect(answer.status == 400 and answer.json()["pointer"] == pointer, (answer, pointer))
    expect(client.post("/api/v1/convert?crs=mars", {"positions": []}).json()["pointer"] == "crs", "a system nobody knows")
    expect(client.post("/api/v1/convert?crs=gcj02", b" " * 600_000).status == 413, "too much")


def check_place(client):
    features = {f["id"]: f for f in json.loads((CITY / "fences.geojson").read_text(encoding="utf-8"))["features"]}
    site = next(f for f in features.values() if f["properties"]["kind"] == "site" and f["geometry"]["type"] == "Polygon"
                and "crs" not in f["properties"] and f["id"] != "site-4")
    ring = site["geometry"]["coordinates"][0][:-1]
    lon, lat = (sum(p[i] for p in ring) / len(ring) for i in (0, 1))
    answer = client.get(f"/api/v1/place?lat={lat}&lon={lon}").json()
    expect(site["id"] in [f["id"] for f in answer["fences"]], answer)
    expect(site["properties"]["name"] in answer["text"]["zh"] and answer["text"]["zh"].startswith("在"), answer)
    # A little outside, to the north of all of it.
    north = max(p[1] for p in ring) + 0.0012
    answer = client.get(f"/api/v1/place?lat={north}&lon={lon}").json()
    expect(all(f["id"] != site["id"] for f in answer["fences"]), answer)
    expect(re.search(r"在“|约\d+0米", answer["text"]["zh"]) and re.search(r"in “|\d+0 m (north|south|east|west)|in \"|of ", answer["text"]["en"]), answer)
    answer = client.get("/api/v1/place?lat=-30.5&lon=-60").json()
    expect(answer["fences"] == [] and "°S" in answer["text"]["en"], answer)
    for query in ("?lat=30", "?lat=91&lon=0", "?lat=30&lon=x", "?lat=nan&lon=1", "?lat=30&lon=112&lang=en"):
        expect(client.get("/api/v1/place" + query).status == 400, query)


def entry(store, vehicle, at_s, lat, lon, sensors=None, **more):
    """An entry of a track as the tracker writes it."""
    fix = json.dumps({"time": at_s, "lat": lat, "lon": lon, "speed": 10, "boot": "b", "seq": at_s, **({"sensors": sensors} if sensors else {})})
    fields = [word for pair in {"fix": fix, "received": at_s * 1000, "batch": 1, **more}.items() for word in pair]
    store.call("XADD", contract.key("track:" + vehicle), "*", *fields)


def audited(store):
    return [dict(zip(fields[::2], fields[1::2])) for _, fields in store.call("XRANGE", contract.key("audit"), "-", "+")]


def check_track(gate, store):
    fleet = json.loads((CITY / "fleet.json").read_text(encoding="utf-8"))["vehicles"]
    truck = next(v for v in fleet if v.get("company"))
    other = next(v for v in fleet if v.get("company") and v["company"] != truck["company"])
    town = json.loads((CITY / "fences.geojson").read_text(encoding="utf-8"))["features"]
    districts = [f for f in town if f["properties"]["kind"] == "district"]
    inside = [district["geometry"]["coordinates"][0] for district in districts[:2]]
    middles = [tuple(sum(p[i] for p in ring[:-1]) / (len(ring) - 1) for i in (1, 0)) for ring in inside]
    begin_s = 1_778_212_800
    says = {0: {"load": "loaded", "ignition": True}, 700: {"body": "raised"}, 702: {"body": "down", "load": "empty"}, 704: {"cover": "fault"}, 2400: {"ignition": False}}
    for i in range(2500):
        entry(store, truck["id"], begin_s + 10 * i, *middles[i % 2], sensors=says.get(i), **({"hole": "3-9"} if i == 100 else {}))
    entry(store, truck["id"], begin_s + 55, *middles[0], late=1)
    path = f"/api/v1/vehicles/{truck['id']}/track"
    before = len(audited(store))
    vera = gate.client("vera")
    whole = vera.get(path).json()
    expect(len(whole["time"]) == 2501 == len(whole["lat"]) == len(whole["speed"]) and whole["time"] == sorted(whole["time"]), len(whole["time"]))
    expect(whole["late"] == [6] and whole["hole"] == [101] and whole["speed"][0] == 36.0 and whole["track"][0] is None, whole["late"])
    expect(not whole["simplified"] and not whole["withheld"] and whole["kept_since"] == begin_s * 1000, whole["kept_since"])
    part = vera.get(f"{path}?from={(begin_s + 100) * 1000}&to={(begin_s + 200) * 1000}&purpose={quoted('投诉 12')}").json()
    expect(len(part["time"]) == 11, part)
    thin = vera.get(f"{path}?max=100").json()
    expect(thin["simplified"] and len(thin["time"]) == 100 and thin["time"][-1] == whole["time"][-1], len(thin["time"]))
    # Of sensors the changes, as they were said last; what is thinned out leaves none of them away. The late one is at place 6.
    said = {"load": [(0, "loaded"), (702, "empty")], "cover": [(704, "fault")], "body": [(700, "raised"), (702, "down")], "ignition": [(0, "on"), (2400, "off")]}
    for name, changes in said.items():
        expect(whole[name] == [[i + (i >= 6), word] for i, word in changes], (name, whole[name]))
        expect([(thin["time"][i], word) for i, word in thin[name]] == [((begin_s + 10 * i) * 1000, word) for i, word in changes], (name, thin[name]))
    few = vera.get(f"{path}?max=4").json()  # too few to keep all changes
    expect(len(few["time"]) == 4 and few["time"][0] == whole["time"][0] and few["time"][-1] == whole["time"][-1], few)
    # Each was written down: who, what, of whom, which span, what for, from where.
    notes = audited(store)[before:]
    expect(len(notes) == 4 and all((n[b"who"], n[b"what"], n[b"of"]) == (b"vera", b"track", truck["id"].encode()) for n in notes), notes)
    expect(notes[1][b"purpose"].decode() == "投诉 12" and notes[1][b"from"] == b"%d" % ((begin_s + 100) * 1000), notes[1])
    expect(notes[0][b"source"] == b"127.0.0.1" and b"from" not in notes[0], notes[0])
    # What is refused by the table alone is not.
    expect(vera.get(path + "?max=1").status == 400 and Client(gate).get(path).status == 401, "refused")
    expect(len(audited(store)) == before + 4, "written down though nothing was told")
    expect(vera.get("/api/v1/vehicles/never-seen/track").json()["time"] == [], "nobody knows it")
    for odd in ("a%20b", "%7Bx%7D", "a" * 65, "*"):
        expect(vera.get(f"/api/v1/vehicles/{odd}/track").status == 404, odd)
    # What came long before is passed over; when its own first entry came is told all the same, and a hole before it is none of the span.
    for i in range(2600):
        fix = json.dumps({"time": begin_s + 10 * i, "lat": middles[0][0], "lon": middles[0][1], "boot": "b", "seq": i + 1})
        hole = ("hole", "1-2") if i in (0, 2200) else ()
        store.call("XADD", contract.key("track:" + other["id"]), f"{(begin_s + 10 * i) * 1000}-7", "fix", fix, "received", (begin_s + 10 * i) * 1000, "batch", 1, *hole)
    whole = vera.get(f"/api/v1/vehicles/{other['id']}/track?max=20000").json()
    late = vera.get(f"/api/v1/vehicles/{other['id']}/track?max=20000&from={(begin_s + 21000) * 1000}").json()
    expect(len(whole["time"]) == 2600 and late["time"] == whole["time"][2100:] and late["kept_since"] == whole["kept_since"] == begin_s * 1000,
           (len(whole["time"]), len(late["time"]), late["time"][:2], whole["time"][2100:2102], late["kept_since"], whole["kept_since"], begin_s))
    expect((whole["hole"], late["hole"]) == ([0, 2200], [100]), (whole["hole"], late["hole"]))
    # A part of the city, a company: what lies elsewhere is not told, whatever is asked for.
    text = gate.users.read_text(encoding="utf-8")
    place = districts[0]["properties"]["jurisdiction"]
    gate.users.write_text(text + f'  "east":\n    role: admin\n    token: "{TOKENS["east"][1]}"\n    jurisdictions: ["{place}"]\n'
                          f'  "firm":\n    role: admin\n    token: "{TOKENS["firm"][1]}"\n    companies: ["{other["company"]}"]\n', encoding="utf-8")
    gate.reload()
    east = gate.client(token=TOKENS["east"][0]).get(path).json()
    expect(east["withheld"] and len(east["time"]) == 1251 and set(zip(east["lat"], east["lon"])) == {tuple(round(x, 7) for x in middles[0])}, len(east["time"]))
    expect(gate.client(token=TOKENS["firm"][0]).get(path).status == 404, "another company's")
    expect(gate.client(token=TOKENS["firm"][0]).get(f"/api/v1/vehicles/{other['id']}/track").status == 200, "their own")


def token_of(name):
    token = (name * 52)[:52]
    return token, hashlib.blake2b(token.encode(), digest_size=32).hexdigest()


TOKENS = {name: token_of(name) for name in ("east", "firm")}


def test_engine():
    with Stage("engine", BINARIES, CITY) as stage:
        stage.start()
        units = stage.broker.client("units")
        units.publish_all([(contract.topic("truck-1", "fix"), FIX)])
        units.close()
        store = stage.redis.client()
        wait_until(lambda: store.call("XLEN", contract.key("rulesets")), 120, lambda: "the world is recorded\n" + stage.tracker.tail())
        with Gate("engine", store=stage.redis) as gate:
            wait_until(lambda: Client(gate).get("/readyz").status == 200, 120, lambda: "the world is known\n" + gate.process.tail())
            vera = gate.client("vera")
            world = vera.get("/api/v1/place?lat=30.45&lon=112.95").json()["world"]
            expect(store.call("EXISTS", f"muck:ruleset:{world}") == 1, world)
            check_hours(vera, gate)
            check_convert(vera)
            check_place(vera)
            check_track(gate, store)
            page = Client(gate).get("/metrics").body
            judge = subprocess.run([program("promtool"), "check", "metrics"], input=page, capture_output=True, check=False)
            expect(judge.returncode == 0 and not judge.stderr, judge.stderr.decode() + judge.stdout.decode())
            # Another world is taken over while it runs; a store that is away costs readiness alone.
            fences = json.loads((stage.place.path / "fences.geojson").read_text(encoding="utf-8"))
            next(f for f in fences["features"] if f["properties"]["kind"] == "site")["properties"]["name"] = "改名工地"
            stage.place.file("fences.geojson", json.dumps(fences))
            stage.tracker.signal(1)
            units = stage.broker.client("units")
            seq = 1

            def followed():
                nonlocal seq
                seq += 1
                units.publish_all([(contract.topic("truck-1", "fix"), FIX.replace(b'"seq":1', b'"seq":%d' % seq)
                                    .replace(b"12:00:00", b"12:%02d:%02d" % (seq // 60, seq % 60)))])
                return vera.get("/api/v1/place?lat=30.45&lon=112.95").json()["world"] != world
            wait_until(followed, 120, lambda: "the other world is known\n" + gate.process.tail(), every_s=0.5)
            stage.redis.kill()
            wait_until(lambda: Client(gate).get("/readyz").status == 503, 120, "the store is away")
            expect(vera.get("/api/v1/hours?expr=24/7").status == 200, "what is known is told")
            expect(vera.get("/api/v1/vehicles/truck-1/track").status == 503, "nobody writes down that it is asked")
            stage.redis.start()
            wait_until(lambda: Client(gate).get("/readyz").status == 200, 120, "the store is back")


run([test_engine])
