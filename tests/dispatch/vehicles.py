"""Vehicles as pages meet them, from what a real tracker puts into a real store: at start and live, in lists, one by one, in the whole
that a page begins with; within a scope by company and by place; and what is read again when rows were missed."""
import datetime
import hashlib
import json
import os
import signal
import urllib.parse

from gate import BINARIES, CITY, CONTRACT, Gate, expect, run, wait_until
from harness import contract
from harness.servers import Stage
from sse import Stream

FLEET = json.loads((CITY / "fleet.json").read_text(encoding="utf-8"))["vehicles"]
TRUCK = next(v for v in FLEET if v.get("company"))
OTHER = next(v for v in FLEET if v.get("company") and v["company"] != TRUCK["company"])
DISTRICTS = [f for f in json.loads((CITY / "fences.geojson").read_text(encoding="utf-8"))["features"] if f["properties"]["kind"] == "district"]
EAST, WEST = [tuple(round(sum(p[i] for p in ring[:-1]) / (len(ring) - 1), 6) for i in (1, 0))
              for ring in (d["geometry"]["coordinates"][0] for d in DISTRICTS[:2])]
TOKENS = {name: (name * 52)[:52] for name in ("east", "firm", "none")}
SEQ = {}
BEGIN = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=5)  # half an hour from place to place


def fixes(stage, *placed):
    """(vehicle, place): each reports that it stands there."""
    units, messages = stage.broker.client("units"), []
    for vehicle, (lat, lon) in placed:
        seq = SEQ[vehicle] = SEQ.get(vehicle, 0) + 1
        at = (BEGIN + datetime.timedelta(minutes=30 * seq)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        messages.append((contract.topic(vehicle, "fix"), json.dumps(
            {"time": at, "lat": lat, "lon": lon, "speed": 0, "mode": 3, "eph": 4, "boot": "b", "seq": seq}).encode()))
    units.publish_all(messages)
    units.close()


def rows(client, query=""):
    answer = client.get("/api/v1/vehicles" + query)
    expect(answer.status == 200, answer)
    return {row[0]: row for row in answer.json()["items"]}


def at(client, vehicle, place):
    wait_until(lambda: tuple(rows(client).get(vehicle, [0] * 3)[1:3]) == place, 120, lambda: f"{vehicle} at {place}: {rows(client)}")


def check_lists(gate, stage, vera):
    known = rows(vera)
    expect(set(known) == {TRUCK["id"], OTHER["id"], "stranger"}, known)
    row = known[TRUCK["id"]]
    expect(tuple(row[1:3]) == EAST and row[6] & 1 and row[7] == TRUCK["plate"] and known["stranger"][7:] == ["", "", ""], known)
    expect(set(rows(vera, "?company=" + urllib.parse.quote(row[8]))) == {TRUCK["id"]}, "a company's")
    expect(set(rows(vera, "?plate=STRAN")) == {"stranger"}, "by its id")
    seen, cursor = [], ""
    while cursor is not None:
        page = vera.get("/api/v1/vehicles?limit=1" + cursor).json()
        seen += [row[0] for row in page["items"]]
        cursor = page["next"] and "&cursor=" + page["next"]
    expect(seen == sorted(known), seen)
    for query in ("?x=1", "?limit=0", "?limit=501", "?cursor=" + "a" * 65, "?cursor=", "?plate="):
        expect(vera.get("/api/v1/vehicles" + query).status == 400, query)
    fixes(stage, (OTHER["id"], EAST))
    at(vera, OTHER["id"], EAST)
    fixes(stage, (OTHER["id"], WEST))
    at(vera, OTHER["id"], WEST)


def check_one(vera, store):
    path = "/api/v1/vehicles/" + TRUCK["id"]
    one = vera.get(path + "?purpose=test").json()
    vehicle = one["vehicle"]
    expect((vehicle["lat"], vehicle["lon"]) == EAST and vehicle["online"] is True and vehicle["open"] == 0 and one["haul"] is None, one)
    _, words = store.call("XREVRANGE", contract.key("audit"), "+", "-", "COUNT", "1")[0]
    note = dict(zip(words[::2], words[1::2]))
    expect((note[b"who"], note[b"what"], note[b"of"], note[b"purpose"]) == (b"vera", b"vehicle", TRUCK["id"].encode(), b"test"), note)
    store.call("HSET", contract.key("trip:" + TRUCK["id"]), "trip", "t1", "route", '["a","b"]', "distance_m", "12.5", "site", "7")
    expect(vera.get(path).json()["haul"] == {"trip": "t1", "route": ["a", "b"], "distance_m": 12.5, "site": "7"}, "its haul")
    store.call("DEL", contract.key("trip:" + TRUCK["id"]))
    for odd in ("never-seen", "a%20b", "*", "a" * 65):
        expect(vera.get("/api/v1/vehicles/" + odd).status == 404, odd)


def check_state(vera):
    whole = vera.get("/api/v1/state").json()
    expect({row[0]: row for row in whole["vehicles"]["items"]} == rows(vera), whole)
    expect(whole["alerts"] == vera.get("/api/v1/violations?to_do=true&limit=500").json(), whole["alerts"])
    expect(whole["shift"]["on"] is None and len(whole["world"]) == 64 and whole["after"].startswith("0."), whole)


def check_scope(gate, stage, vera, store):
    lines = {"east": f'jurisdictions: ["{DISTRICTS[0]["properties"]["jurisdiction"]}"]', "none": 'jurisdictions: ["elsewhere"]',
             "firm": f'companies: ["{rows(vera)[OTHER["id"]][8]}"]'}
    text = gate.users.read_text(encoding="utf-8")
    for name, line in lines.items():
        text += f'  "{name}":\n    role: admin\n    token: "{hashlib.blake2b(TOKENS[name].encode(), digest_size=32).hexdigest()}"\n    {line}\n'
    gate.users.write_text(text, encoding="utf-8")
    gate.reload()
    east, firm, none = (gate.client(token=TOKENS[name]) for name in ("east", "firm", "none"))

    def told(client):
        expect(rows(client) == {row[0]: row for row in client.get("/api/v1/state").json()["vehicles"]["items"]}, "lists agree")
        one = {v for v in (TRUCK["id"], OTHER["id"], "stranger") if client.get("/api/v1/vehicles/" + v).status == 200}
        expect(one == set(rows(client)), (one, rows(client)))
        return one

    store.call("HSET", contract.key("vehicle:" + TRUCK["id"]), "worst", "major", "open", 3)
    store.call("XADD", contract.key("live"), "*", "batch", 1, "moves", json.dumps([[TRUCK["id"], *EAST, 0, None, 1777593600125, 4097]]))
    wait_until(lambda: rows(vera)[TRUCK["id"]][6] == 4097, 120, "a row")
    expect(told(east) == {TRUCK["id"]} and told(firm) == {OTHER["id"]} and told(none) == set(), "each their own")
    expect(rows(east)[TRUCK["id"]][6] == 1 and not {"open", "worst"} & set(east.get("/api/v1/vehicles/" + TRUCK["id"]).json()["vehicle"]),
           "what other districts have open")
    expect(rows(east, "?plate=" + OTHER["id"]) == {} and rows(east, "?cursor=" + min(rows(vera))[:-1]).keys() <= {TRUCK["id"]}, "filters and cursors")
    # A live position elsewhere, while the last judged fix is in the east: neither is told.
    store.call("HSET", contract.key("vehicle:" + TRUCK["id"]), "live_time", 1777593600999, "live_lat", WEST[0], "live_lon", WEST[1])
    expect(east.get("/api/v1/vehicles/" + TRUCK["id"]).status == 404, "where it is by now")
    store.call("HDEL", contract.key("vehicle:" + TRUCK["id"]), "live_time", "live_lat", "live_lon", "worst")
    pushed = [Stream(gate.port, {"Authorization": "Bearer " + TOKENS[name]}, "?pos=1") for name in ("east", "firm", "none")]
    begun = [stream.of("pos").data for stream in pushed]
    expect([(one["whole"], [(r[0], r[6]) for r in one["moves"]]) for one in begun] ==
           [(True, [(TRUCK["id"], 1)]), (True, [(OTHER["id"], rows(vera)[OTHER["id"]][6])]), (True, [])], begun)
    fixes(stage, (TRUCK["id"], WEST), ("stranger", EAST))
    moved, gone = {}, set()
    while "stranger" not in moved or TRUCK["id"] not in gone:
        said = pushed[0].of("pos").data
        CONTRACT.judge_event("pos", said)
        moved.update((r[0], tuple(r[1:3])) for r in said["moves"])
        gone |= set(said["gone"])
    expect(moved == {"stranger": EAST} and gone == {TRUCK["id"]}, "whoever drives away is gone, and where to is not told")
    for stream in pushed:
        stream.close()
    at(vera, TRUCK["id"], WEST)
    at(vera, "stranger", EAST)
    expect(told(east) == {"stranger"} and told(firm) == {OTHER["id"]}, "who drives away is gone")


def trip(store, number, **more):
    fields = {"trip": f"{number:026}", "vehicle": TRUCK["id"], "permit": "p", "site": "s", "departed": 1777593600000 + number,
              "distance_m": "12.5", **more}
    store.call("XADD", contract.key("trips"), "*", *[str(w) for pair in fields.items() for w in pair])


def check_trips(gate, vera, store):
    """Of six: two from one district, one to it, one elsewhere, one of another company's truck; one is corrected, one withdrawn."""
    fences = json.loads((CITY / "fences.geojson").read_text(encoding="utf-8"))["features"]
    owned = [(f.get("id") or f["properties"].get("id"), f["properties"]["jurisdiction"]) for f in fences if f["properties"].get("jurisdiction")]
    place = DISTRICTS[0]["properties"]["jurisdiction"]
    here = next(i for i, j in owned if j == place)
    there = next(i for i, j in owned if not (j == place or j.startswith(place + "/")))
    for n, site, disposal, vehicle in ((1, here, there, TRUCK), (2, here, "gone", TRUCK), (3, there, here, TRUCK), (4, there, there, TRUCK),
                                       (5, here, here, OTHER), (6, there, "gone", TRUCK)):
        trip(store, n, site=site, disposal=disposal, vehicle=vehicle["id"])
    trip(store, 2, site=here, disposal=there, rev=2, event="updated", cause="late", distance_m="99.0")
    trip(store, 6, site=there, disposal=there, rev=2, event="withdrawn", cause="late")

    def listed(client, query=""):
        answer = client.get("/api/v1/trips" + query)
        expect(answer.status == 200, answer)
        return [int(t["trip"]) for t in answer.json()["items"]]

    wait_until(lambda: vera.get("/api/v1/trips/" + f"{6:026}").status == 200 and
               vera.get("/api/v1/trips/" + f"{6:026}").json().get("event") == "withdrawn", 120, "they are known")
    expect(listed(vera) == [6, 5, 4, 3, 2, 1], listed(vera))
    two = vera.get("/api/v1/trips/" + f"{2:026}").json()
    expect(two["distance_m"] == 99.0 and two["rev"] == 2 and two["departed"] == 1777593600002, two)
    for query, numbers in (("?limit=2", [6, 5]), (f"?vehicle={OTHER['id']}", [5]), (f"?site={here}", [5, 2, 1]), ("?disposal=gone", []),
                           ("?from=1777593600003&to=1777593600005", [4, 3]), ("?permit=q", [])):
        expect(listed(vera, query) == numbers, (query, listed(vera, query)))
    seen, cursor = [], ""
    while cursor is not None:
        page = vera.get("/api/v1/trips?limit=4" + cursor).json()
        seen += [int(t["trip"]) for t in page["items"]]
        cursor = page["next"] and "&cursor=" + page["next"]
    expect(seen == [6, 5, 4, 3, 2, 1], seen)
    for query in ("?cursor=x", "?cursor=1-2", "?cursor=" + "9" * 64, "?cursor=-" + "a" * 26, "?limit=501", "?x=1"):
        expect(vera.get("/api/v1/trips" + query).status == 400, query)
    east, firm, none = (gate.client(token=TOKENS[name]) for name in ("east", "firm", "none"))
    for client, mine in ((east, [5, 3, 2, 1]), (firm, [5]), (none, [])):
        expect(listed(client) == mine and listed(client, f"?vehicle={TRUCK['id']}") == [n for n in mine if n != 5], listed(client))
        pages = [client.get(f"/api/v1/trips?limit={n}").json()["next"] for n in range(1, 7)]
        expect([p and int(p.partition("-")[2]) for p in pages] == mine[:-1] + [None] * (7 - max(len(mine), 1)), "cursors tell of their own alone")
        for n in range(1, 7):
            expect(client.get(f"/api/v1/trips/{n:026}").status == (200 if n in mine else 404), n)
    expect(vera.get("/api/v1/trips/none").status == 404, "an id that nobody has")


def check_missed(gate, vera, store):
    """Rows that were trimmed while nobody read: the hashes tell the same; what has none is gone."""
    gate.process.signal(signal.SIGSTOP)
    store.call("HSET", contract.key("vehicle:late-one"), "lat", "30.5", "lon", "112.5", "time", 1777593600125, "online", 1)
    store.call("DEL", contract.key("vehicle:stranger"))
    for _ in range(120):
        store.call("XADD", contract.key("live"), "*", "batch", 9, "moves", json.dumps([["stranger", *EAST, 0, None, 1777593600125, 1]]))
    store.call("XTRIM", contract.key("live"), "MAXLEN", 60)
    gate.process.signal(signal.SIGCONT)
    wait_until(lambda: set(rows(vera)) == {TRUCK["id"], OTHER["id"], "late-one"}, 120, lambda: f"{rows(vera)}\n{gate.process.tail()}")
    expect(tuple(rows(vera)[TRUCK["id"]][1:3]) == WEST and rows(vera)["late-one"][6] == 1, rows(vera))


def test_vehicles():
    with Stage("vehicles", BINARIES, CITY) as stage:
        stage.start()
        store = stage.redis.client()
        placed = [(TRUCK["id"], EAST), (OTHER["id"], WEST), ("stranger", WEST)]
        fixes(stage, *placed)
        wait_until(lambda: all(store.call("EXISTS", contract.key("vehicle:" + v)) for v, _ in placed), 120, "they are known")
        store.call("XTRIM", contract.key("live"), "MAXLEN", 1)  # at start hashes tell what rows do not
        with Gate("vehicles", "rate: {read_per_s: 1000, heavy_per_s: 1000}\n", store=stage.redis) as gate:
            wait_until(lambda: gate.client().get("/readyz").status == 200, 120, lambda: "ready\n" + gate.process.tail())
            vera = gate.client("vera")
            check_lists(gate, stage, vera)
            check_one(vera, store)
            check_state(vera)
            check_scope(gate, stage, vera, store)
            check_trips(gate, vera, store)
            check_missed(gate, vera, store)


os.environ.setdefault("MW_TEST_DIR", "/tmp")
run([test_vehicles])
