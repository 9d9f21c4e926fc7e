"""What lies behind: who else was there, and tracks that the store has let go of, from the archive; without one, what the store keeps."""
import json
import lzma
import os
import random
import re
import shutil
import subprocess
import time
import urllib.parse

from gate import BINARIES, CITY, Client, Gate, expect, free_port, run, wait_until
from harness import contract
from harness.process import Process
from harness.servers import Stage

FIX = b'{"time":"2026-05-08T12:00:00+08:00","lat":30.45,"lon":112.95,"boot":"b","seq":1}'
FLEET = json.loads((CITY / "fleet.json").read_text(encoding="utf-8"))["vehicles"]
FIRMS = sorted({v["company"] for v in FLEET if v.get("company")})
TRUCKS = [next(v for v in FLEET if v.get("company") == firm)["id"] for firm in FIRMS[:2]] + ["stranger"]
NOW_S = int(time.time())
BEGIN_S = NOW_S - 2400
NORTH_M, EAST_M = 110_860.0, 96_000.0
LAT, LON = 30.45, 112.95


def tell(stage, fixes, boot):
    """(vehicle, [fix]) to the broker, as units do."""
    units, messages = stage.broker.client("units"), []
    for vehicle, list_of in fixes:
        for i, fix in enumerate(list_of):
            messages.append((contract.topic(vehicle, "fix"), json.dumps({**fix, "boot": boot, "seq": i + 1}).encode()))
    units.publish_all(messages)
    units.close()


def drive(metres_off, begin_s=BEGIN_S):
    """Along the meridian from south to north at 10 m/s, so many metres east of the place; at the place 300 s on."""
    return [{"time": begin_s + 10 * i, "lat": round(LAT + (100 * i - 3000) / NORTH_M, 7), "lon": round(LON + metres_off / EAST_M, 7), "mode": 3, "eph": 3,
             "speed": 10.0, "track": 0, "sensors": {"cover": "closed", "load": "loaded"}} for i in range(61)]


def audited(store):
    return [{k.decode(): v.decode() for k, v in zip(f[::2], f[1::2])} for _, f in store.call("XRANGE", contract.key("audit"), "-", "+")]


def near(client, radius=100, span=(BEGIN_S, BEGIN_S + 700), more=""):
    return client.get(f"/api/v1/near?lat={LAT}&lon={LON}&radius={radius}&from={span[0] * 1000}&to={span[1] * 1000}{more}")


def check_passes(client, source):
    said = near(client).json()
    expect(said["source"] == source and [p["vehicle"] for p in said["items"]] == TRUCKS[:1], said)
    one = said["items"][0]
    expect(abs(one["metres"] - 30) < 1 and abs(one["nearest"] - (BEGIN_S + 300) * 1000) < 1000, one)
    half_s = (100 ** 2 - 30 ** 2) ** 0.5 / 10
    expect(abs(one["entered"] - (BEGIN_S + 300 - half_s) * 1000) < 1500 and abs(one["left"] - (BEGIN_S + 300 + half_s) * 1000) < 1500, one)
    expect((one["speed"], one["load"], one["cover"], one["body"], one["company"]) == (36.0, "loaded", "closed", None, FIRMS[0]), one)
    expect({p["vehicle"] for p in near(client, 300).json()["items"]} == set(TRUCKS[:2]), "wider")
    expect(near(client, 300, (BEGIN_S, BEGIN_S + 200)).json()["items"] == [], "before")
    expect({p["vehicle"] for p in near(client, 5000).json()["items"]} == set(TRUCKS), "all")


def check_replay(client, vehicles):
    """All who were there, each as its own track has it."""
    span = f"from={BEGIN_S * 1000}&to={(BEGIN_S + 700) * 1000}"
    said = client.get(f"/api/v1/near?lat={LAT}&lon={LON}&radius=5000&tracks=true&{span}").json()
    expect(sorted(t["vehicle"] for t in said["tracks"]) == sorted(vehicles) and not said["truncated"], [t["vehicle"] for t in said["tracks"]])
    for track in said["tracks"]:
        alone = client.get(f"/api/v1/vehicles/{track['vehicle']}/track?{span}").json()
        for column in ("vehicle", "simplified", "withheld", "time", "lat", "lon", "speed", "track", "late", "hole", "load", "cover", "body", "ignition"):
            expect(track[column] == alone[column], (track["vehicle"], column))
    expect("tracks" not in near(client).json() and near(client, more="&tracks=false").status == 200, "not asked for")
    refused = client.get(f"/api/v1/near?lat={LAT}&lon={LON}&tracks=true&from=1000&to={6 * 3600_000 + 1001}")
    expect(refused.status == 400 and refused.json()["pointer"] == "to", refused)


def check_refused(gate, vera, archived):
    base = {"lat": LAT, "lon": LON, "from": 1000, "to": 2000}
    for change, pointer in (({"lat": 91}, "lat"), ({"lat": None}, "lat"), ({"lon": "x"}, "lon"), ({"from": None}, "from"), ({"to": None}, "to"), ({"to": 999}, "to"),
                            ({"radius": 0}, "radius"), ({"radius": 5001}, "radius"), ({"x": 1}, "x"), ({"purpose": ""}, "purpose"),
                            ({"to": 1000 + (32 * 86400_000 if archived else 3600_001)}, "to")):
        query = urllib.parse.urlencode({k: v for k, v in {**base, **change}.items() if v is not None})
        answer = vera.get("/api/v1/near?" + query)
        expect(answer.status == 400 and answer.json()["pointer"] == pointer, (change, answer))
    expect(near(Client(gate)).status == 401, "nobody")


def scoped(gate):
    fences = json.loads((CITY / "fences.geojson").read_text(encoding="utf-8"))["features"]
    districts = [f["properties"]["jurisdiction"] for f in fences if f["properties"]["kind"] == "district"]
    for name, scope in (("firm", {"companies": [FIRMS[1]]}), ("here", {"jurisdictions": districts}), ("none", {"jurisdictions": ["nowhere"]})):
        gate.token(name, "viewer")
        text = gate.users.read_text(encoding="utf-8")
        line = "".join(f"    {key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in scope.items())
        gate.users.write_text(re.sub(rf'(  "?{name}"?:\n)', lambda m: m[1] + line, text), encoding="utf-8")
    tokens = {name: gate.token(name, "viewer") for name in ("firm", "here", "none")}
    gate.reload()
    return {name: gate.client(token=token) for name, token in tokens.items()}


def check_scope(who):
    expect([p["vehicle"] for p in near(who["firm"], 5000).json()["items"]] == TRUCKS[1:2], "their own trucks")
    expect(near(who["none"], 5000).json()["items"] == [], "another district's")
    expect(len(near(who["here"], 5000).json()["items"]) in (0, len(TRUCKS)), "by the district of the place")


def begin_archive(stage):
    folder = stage.place.path / "archive"
    config = stage.write_config("archive.yaml", stage.redis.port)
    config.write_text(config.read_text(encoding="utf-8") + f"\narchive: {{dir: {folder}, http_port: {free_port()}}}\n", encoding="utf-8")
    return folder, Process("archive", stage.place, [BINARIES / "muckwatch-archive", "--config", config])


def wait_archived(stage, store, archive):
    last = int(store.call("HGET", contract.key("owner"), "batch"))
    wait_until(lambda: int(store.call("HGET", contract.key("archive"), "batch") or -1) >= last, 120, lambda: "all is archived\n" + archive.tail())


def check_tracks(gate, stage, store, vera):
    """What the store has let go of comes from the archive, what it has from it: each fix once, whichever has it."""
    path = f"/api/v1/vehicles/{TRUCKS[0]}/track"
    whole = vera.get(path).json()
    expect(len(whole["time"]) == 61 and whole["time"] == sorted(whole["time"]), len(whole["time"]))
    key = contract.key("track:" + TRUCKS[0])
    for left in (30, 1, 0):
        if left:
            store.call("XTRIM", key, "MAXLEN", left)
        else:
            store.call("DEL", key)
        for query in ("", f"?from={(BEGIN_S + 100) * 1000}&to={(BEGIN_S + 450) * 1000}", f"?from={(BEGIN_S + 590) * 1000}"):
            said = vera.get(path + query).json()
            within = [i for i, t in enumerate(whole["time"]) if not query or (t >= int(re.search(r"from=(\d+)", query)[1]) and
                                                                              t <= int((re.search(r"to=(\d+)", query) or [0, 1 << 60])[1]))]
            for column in ("time", "lat", "lon", "speed", "track"):
                expect(said[column] == [whole[column][i] for i in within], (left, query, column, len(said["time"])))
        expect(said["kept_since"] == whole["kept_since"] or left > 0, (said["kept_since"], whole["kept_since"]))
    sheet = vera.get(f"/api/v1/export/track.csv?vehicle={TRUCKS[0]}")
    expect(sheet.status == 200 and sheet.body.count(b"\r\n") == 62, "the sheet too")


def day_of(vehicle):
    """Its fixes of the sample day, as bytes."""
    for line in lzma.open(CITY / "day.ndjson.xz"):
        line = line.rstrip()
        head = line.index(b",") + 1
        if line[:head - 1].endswith(b'"%s"' % vehicle.encode()):
            yield b"{" + line[head:line.rindex(b',"received":')] + b"}"


def told(*words):
    done = subprocess.run([BINARIES / "muckctl", "explain", *words], capture_output=True, text=True, check=True)
    return done.stdout


def explained(client, finding):
    return client.get(f"/api/v1/violations/{finding}/explain?purpose=appeal")


def check_explain(who, store, vera, finding, said, source):
    before = len(audited(store))
    answer = explained(vera, finding)
    expect(answer.status == 200 and answer.json() == {"id": finding, "source": source, "text": said} and finding in said, (answer, said[:300]))
    note = audited(store)[before]
    expect((note["what"], note["of"], note["purpose"]) == ("explain", finding, "appeal"), note)
    chinese = vera.get(f"/api/v1/violations/{finding}/explain?lang=zh").json()["text"]
    expect(f"  认定 {finding}，级别" in chinese and " holds" not in chinese and len(chinese.splitlines()) == len(said.splitlines()), chinese)
    for name, status in (("7" * 26, 404), ("x", 404), (finding + "?x=1", 400)):
        expect(vera.get(f"/api/v1/violations/{name.partition('?')[0]}/explain{'?x=1' if '?' in name else ''}").status == status, name)
    for client in who.values():
        expect(explained(client, finding).status == client.get("/api/v1/violations/" + finding).status, "as the alert itself")


def check_archived(gate, who, store, vera, finding, findings):
    """Through the same filters, cursors and scopes; also when the store has none of them any more."""
    times = sorted(f["start"] for f in findings)
    span = f"from={times[0]}&to={times[-1] + 1}&order=time"
    past = "/api/v1/violations?archived=true&"
    live = vera.get(f"/api/v1/violations?archived=false&limit=500&{span}").json()
    expect(len(live["items"]) >= 2 and any(a["work"]["state"] == "acknowledged" for a in live["items"]), live)
    expect(vera.get(f"{past}limit=500&{span}").json() == live, (vera.get(f"{past}limit=500&{span}").json(), live))
    for query in ("kind=no_permit", "severity=minor&severity=major", "state=acknowledged", f"vehicle={live['items'][0]['vehicle']}", "plate=x", "company=" + urllib.parse.quote(FIRMS[0])):
        expect(vera.get(f"{past}{query}&{span}").json() == vera.get(f"/api/v1/violations?archived=false&{query}&{span}").json(), query)
    expect(vera.get(f"/api/v1/stats?archived=true&by=kind&{span.removesuffix('&order=time')}").json() ==
           vera.get(f"/api/v1/stats?archived=false&by=kind&{span.removesuffix('&order=time')}").json(), "counts")
    classes = {v["id"]: v.get("class", "") for v in FLEET}
    for by, value in (("class", lambda a: classes.get(a["vehicle"], "")), ("hour", lambda a: f"{(a['start'] // 3600_000 + 8) % 24:02}")):
        said = vera.get(f"/api/v1/stats?archived=false&by={by}&{span.removesuffix('&order=time')}").json()
        mine = [value(a) for a in live["items"]]
        expect({i["value"]: i["alerts"] for i in said["items"]} == {v: mine.count(v) for v in set(mine)}, (by, said["items"], mine))
        expect(said == vera.get(f"/api/v1/stats?archived=true&by={by}&{span.removesuffix('&order=time')}").json(), by)
    # Whoever acts on one sees it, though the stretch is in memory.
    mine = next(a for a in live["items"] if a["id"][0] * 26 == a["id"])
    done = gate.client("dan").post(f"/api/v1/violations/{mine['id']}/actions", {"action": "acknowledge", "rev": 0, "request": "past-2"})
    expect(done.status == 200, done)
    live = vera.get(f"/api/v1/violations?archived=false&limit=500&{span}").json()
    expect(next(a for a in live["items"] if a["id"] == mine["id"])["work"]["state"] == "acknowledged", "acknowledged")
    expect(vera.get(f"{past}limit=500&{span}").json() == live, "and so it is there")
    for name, client in who.items():
        expect(client.get(f"{past}{span}").json() == client.get(f"/api/v1/violations?archived=false&{span}").json(), name)
    for query, pointer in ((span[:span.index("&")], "to"), ("from=1&to=0", "to"), (f"from=1&to={367 * 86400_000}", "to"), ("", "to"), (span + "&cursor=zz", "cursor"),
                           (span + "&limit=0", "limit")):
        answer = vera.get(past + query)
        expect(answer.status == 400 and answer.json()["pointer"] == pointer, (query, answer))
    last = store.call("XREVRANGE", contract.key("actions"), "+", "-", "COUNT", 1)[0][0]
    wait_until(lambda: store.call("HGET", contract.key("archive"), "last:actions") == last, 120, "archived")
    store.call("DEL", contract.key("violations"), contract.key("actions"))
    gate.process.stop()
    gate.process.start()
    wait_until(lambda: Client(gate).get("/readyz").status == 200, 120, "ready")
    vera.sign_in("vera")
    expect(vera.get(f"/api/v1/violations?archived=false&{span}").json()["items"] == [], "none in the store")
    about = vera.get(f"/api/v1/violations/{finding}/about").json()
    expect(about["world"]["then"] and about["rule"]["confirm_fixes"] > 0 and vera.get("/api/v1/violations/" + "7" * 26 + "/about").status == 404, about)
    expect(all(client.get(f"/api/v1/violations/{finding}/about").status == client.get("/api/v1/violations/" + finding).status for client in who.values()), "as the alert itself")
    seen, cursor = [], ""
    while cursor is not None:
        page = vera.get(f"{past}limit=1&{span}{cursor}").json()
        seen += page["items"]
        cursor = page["next"] and "&cursor=" + page["next"]
    expect(seen == live["items"], "page by page")


def test_past():
    with Stage("past", BINARIES, CITY) as stage:
        stage.start()
        store = stage.redis.client()
        folder, archive = begin_archive(stage)
        rng = random.Random(3)
        parked = [{"time": BEGIN_S + 60 * i, "lat": round(LAT + 2000 / NORTH_M + rng.uniform(-3, 3) / NORTH_M, 7), "lon": LON, "mode": 3, "speed": 0} for i in range(12)]
        tell(stage, [(TRUCKS[0], drive(30)), (TRUCKS[1], drive(250)), (TRUCKS[2], parked)], "b")
        units = stage.broker.client("day")
        units.publish_all([(contract.topic("hy-09", "fix"), line) for line in day_of("hy-09")])
        units.close()
        wait_until(lambda: store.call("XLEN", contract.key("violations")) and int(store.call("XLEN", contract.key("track:hy-09"))) == 318, 120, "the day")
        for n in range(6):  # and some that nobody drove
            said = {"event": "opened", "id": "abcdef"[n] * 26, "rev": 1, "kind": ("speeding", "spill")[n % 2], "severity": ("minor", "critical")[n // 2 % 2],
                    "vehicle": TRUCKS[n % 2], "company": FIRMS[n % 2], "start": 1778249300000 + n * 86400_000, "at": 1778249300000 + n * 86400_000,
                    "jurisdiction": "nowhere" if n < 2 else "somewhere", "text": f"made {n}"}
            store.call("XADD", contract.key("violations"), "*", *[str(w) for pair in said.items() for w in pair])
        entries = [dict(zip(f[::2], f[1::2])) for _, f in store.call("XRANGE", contract.key("violations"), "-", "+")]
        finding = next(e[b"id"].decode() for e in entries if e[b"kind"] == b"no_permit")
        wait_until(lambda: [int(store.call("XLEN", contract.key("track:" + v))) for v in TRUCKS] == [61, 61, 12], 120, lambda: "judged\n" + stage.tracker.tail())
        heavy = "rate: {read_per_s: 1000, heavy_per_s: 1000}\n"
        with Gate("past", heavy, store=stage.redis) as gate:
            wait_until(lambda: Client(gate).get("/readyz").status == 200, 120, lambda: "ready\n" + gate.process.tail())
            vera = gate.client("vera")
            check_refused(gate, vera, False)
            before = len(audited(store))
            check_passes(vera, "store")
            note = audited(store)[before]
            expect((note["what"], note["near"], note["from"], note["who"]) == ("near", f"{LAT},{LON},100", str(BEGIN_S * 1000), "vera"), note)
            check_replay(vera, TRUCKS)
            who = scoped(gate)
            check_scope(who)
            check_replay(who["firm"], TRUCKS[1:2])
            expect(vera.get("/api/v1/violations?archived=true&from=1&to=2").json()["pointer"] == "archived", "no archive")
            done = gate.client("dan").post(f"/api/v1/violations/{finding}/actions", {"action": "acknowledge", "rev": 0, "request": "past-1"})
            expect(done.status == 200, done)
            check_explain(who, store, vera, finding, told(finding, "--redis", f"127.0.0.1:{stage.redis.port}", "--config", str(stage.config)), "store")
            store.call("RENAME", contract.key("track:hy-09"), "aside")  # the fixes are not kept any more
            lost = explained(vera, finding)
            expect(lost.status == 404 and lost.json()["type"].endswith(":no-story"), lost)
            store.call("RENAME", "aside", contract.key("track:hy-09"))
        try:
            archive.start()
            wait_archived(stage, store, archive)
            with Gate("past", heavy + f"archive: {{dir: {folder}}}\n", store=stage.redis) as gate:
                wait_until(lambda: Client(gate).get("/readyz").status == 200, 120, lambda: "ready\n" + gate.process.tail())
                vera = gate.client("vera")
                check_refused(gate, vera, True)
                check_passes(vera, "archive")
                check_replay(vera, TRUCKS)
                who = scoped(gate)
                check_scope(who)
                check_explain(who, store, vera, finding, told(finding, "--archive", str(folder)), "archive")
                check_tracks(gate, stage, store, vera)
                # Former worlds: gone from the store, told from the archive.
                world = vera.get(f"/api/v1/place?lat={LAT}&lon={LON}").json()["world"]
                gate.process.stop()
                text = store.call("HGET", f"muck:ruleset:{world}", "canonical")
                store.call("DEL", f"muck:ruleset:{world}")
                gate.process.start()
                vera = gate.client("vera")
                said = vera.get(f"/api/v1/worlds/{world}/fences?bbox=111,29,115,32&zoom=10")
                expect(said.status == 200 and len(said.json()["features"]) == 54, said)
                store.call("HSET", f"muck:ruleset:{world}", "canonical", text)
                wait_until(lambda: Client(gate).get("/readyz").status == 200, 120, "ready")
                # Of an alert whose track is gone from both there is no story; with the archive there was one.
                store.call("DEL", contract.key("track:hy-09"))
                expect(explained(vera, finding).json()["source"] == "archive", "from there")
                check_archived(gate, who, store, vera, finding, vera.get("/api/v1/violations?limit=500").json()["items"])
                # The archive is gone: 503, and all else goes on.
                shutil.rmtree(folder)
                expect(near(vera).status == 503 and vera.get(f"/api/v1/vehicles/{TRUCKS[0]}/track").status == 503, "no archive")
                expect(vera.get(f"/api/v1/vehicles/{TRUCKS[1]}/track?from={NOW_S * 1000 + 3600_000}").status == 200, "from the store alone")
        finally:
            archive.end()


os.environ.setdefault("MW_TEST_DIR", "/tmp")
run([test_past])
