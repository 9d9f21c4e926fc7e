"""Duties against real servers: crews that collect and sweep, points left out and come to late, and a tracker that is killed
meanwhile, wherever it stands.

What the streams say of duties (`collections`, `coverage`, and of `violations` what is of a duty) is, to the byte, what
`muckctl track | muckctl replay` tells of the same fixes: nothing is lost by a kill, and nothing is said twice.

    duties.py BINARIES [KILLS]     with a number: so many kills, of the tracker and, one in five, of the store
"""
import json
import random
import sys
import time

from common import BINARIES, Stage, contract, expect, run, wait_until
from harness.place import Place

CREWS, POINTS, SECONDS = 6, 12, 120
DAY_S = 1_777_593_600  # 2026-05-01 00:00 UTC
OF_MATTER = ["kind", "start", "end", "from_m", "to_m", "side", "state", "vehicle", "arrived", "left", "how", "done_m", "passes", "unswept", "reason"]
KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 0


def circle(name, lon, lat):
    return {"type": "Feature", "id": name, "properties": {"kind": "collection"}, "geometry": {"type": "Point", "coordinates": [lon, lat]}}


def clock(minute):
    return f"{minute // 60:02}:{minute % 60:02}"


def city(place):
    """A duty a crew, its points 400 m apart and 6 minutes, around midnight; and a sweeper with a road."""
    folder = place.folder("city")
    fences, duties = [], []
    for crew in range(CREWS):
        points = []
        for n in range(POINTS):
            fences.append(circle(f"c{crew}-{n}", 112 + n * 0.004, 30 + crew * 0.01))
            begin = 23 * 60 + 20 + n * 6
            points.append({"fence": f"c{crew}-{n}", "window": f"{clock(begin)}-{clock(begin + 3)}", "grace_min": 1})
        duties.append({"id": f"night-{crew}", "type": "collection", "vehicles": [f"v{crew}"], "company": "Clean", "points": points})
    fences.append({"type": "Feature", "id": "road", "properties": {"kind": "sweep", "width_m": 12},
                   "geometry": {"type": "LineString", "coordinates": [[112, 30.2], [112.01, 30.2]]}})
    duties.append({"id": "sweep", "type": "sweeping", "vehicles": ["s0"], "windows": ["23:30-24:10"], "segments": [{"fence": "road"}]})
    (folder / "fences.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": fences}), encoding="utf-8")
    (folder / "fleet.json").write_text(json.dumps({"vehicles": [{"id": d["vehicles"][0], "class": "compactor"} for d in duties], "duties": duties}),
                                       encoding="utf-8")
    (folder / "muckwatch.yaml").write_text("city: {timezone: UTC, fences: [fences.geojson], fleet: [fleet.json]}\n"
                                           "late: {quiet_s: 1, max_wait_s: 3}\n", encoding="utf-8")
    return folder


def fixes(dice):
    """(second, vehicle, fix) in order: each crew from point to point; some it leaves out, to some it comes 25 minutes late."""
    out = []
    for crew in range(CREWS):
        lon, lat, skipped, late = 111.99, 30 + crew * 0.01, [], []
        for n in range(POINTS):
            what = dice.random()
            skipped += [n] if what < 0.15 else []
            late += [n] if 0.15 <= what < 0.3 else []
        plan = [(23 * 3600 + 1200 + n * 360 + 60, n) for n in range(POINTS) if n not in skipped + late]
        plan += [(24 * 3600 + 2700 + i * 200, n) for i, n in enumerate(late)]
        at = 23 * 3600
        for begin, n in plan + [(25 * 3600 + 2400, -1)]:
            goal = 112 + n * 0.004 if n >= 0 else 111.99
            from_ = lon
            while at < begin:  # it waits where it is, and drives in the last minute
                way = max(0, 1 - (begin - at) / 60)
                out.append((at, f"v{crew}", from_ + (goal - from_) * way, lat, 8 if way > 0 else 0))
                at += 20
            for _ in range(4):
                out.append((at, f"v{crew}", goal + dice.uniform(-2e-5, 2e-5), lat, 0))
                at += 20
            lon = goal
    out += [(at, "s0", 111.99, 30.2, 0) for at in range(23 * 3600 + 1200, 23 * 3600 + 1800, 20)]
    for at in range(23 * 3600 + 1800, 24 * 3600 + 1800, 10):
        turn = (at - 23 * 3600 - 1800) / 480
        way = turn % 2 if turn % 2 < 1 else 2 - turn % 2
        out.append((at, "s0", 112 + 0.01 * way, 30.2 + (-2e-5 if turn % 2 < 1 else 2e-5), 2))
    return sorted(out)


def as_fix(one):
    at, _, lon, lat, mps = one
    return {"time": DAY_S + at, "lat": round(lat, 7), "lon": round(lon, 7), "speed": mps, "eph": 4, "mode": 3}


def of_duty(fields):
    return fields.get("duty") is not None


def told(redis):
    out = {}
    for stream in ("collections", "coverage", "violations", "work"):
        for _, entry in redis.stream(contract.key(stream)):
            fields = {k.decode() if isinstance(k, bytes) else k: v.decode() for k, v in entry.items()}
            if of_duty(fields) or stream == "work":
                out.setdefault((stream, fields.get("duty") or fields["vehicle"]), []).append(fields)
    return out


def replayed(stage):
    track = stage.muckctl("track", "--redis", f"127.0.0.1:{stage.redis.port}").stdout
    return told_lines(stage.muckctl("replay", "--quiet", "--config", stage.config, "-", input=track).stdout)


def told_lines(lines):
    out = {}
    for line in lines.splitlines():
        fields = {k: str(v) for k, v in json.loads(line, parse_float=str, parse_int=str).items()}
        stream = fields.pop("stream")
        if stream in ("collections", "coverage", "violations", "work") and (of_duty(fields) or stream == "work"):
            out.setdefault((stream, fields.get("duty") or fields["vehicle"]), []).append(fields)
    return out


def first_difference(a, b):
    for key in sorted(set(a) | set(b)):
        for n, (x, y) in enumerate(zip(a.get(key, []), b.get(key, []))):
            if x != y:
                return f"{key} entry {n}: " + str({f: (x.get(f), y.get(f)) for f in set(x) | set(y) if x.get(f) != y.get(f)}) + f" of {x}"
        if len(a.get(key, [])) != len(b.get(key, [])):
            return f"{key}: {len(a.get(key, []))} and {len(b.get(key, []))} entries"
    return ""


def revisions(redis):
    seen = {}
    for stream in ("collections", "coverage"):
        for _, entry in redis.stream(contract.key(stream)):
            key, rev = entry["id"].decode(), int(entry["rev"])
            expect(rev == seen.get(key, 0) + 1, f"{stream} {key}: {rev} after {seen.get(key, 0)}")
            seen[key] = rev


def done(redis):
    """The stage has come to the end of `work`."""
    newest = redis.call("XREVRANGE", contract.key("work"), "+", "-", "COUNT", 1)
    return newest and redis.call("HGET", contract.key("duty"), "cursor") == newest[0][0]


def hold_back(drives, dice):
    """Each vehicle's fixes of some dead minutes come behind all that was made in the half hour after them."""
    zones = {}
    for v in sorted({one[1] for one in drives}):
        begin = 23 * 3600 + 1200 + dice.randrange(60) * 60
        zones[v] = (begin, begin + (3 + dice.randrange(20)) * 60)
    return sorted(drives, key=lambda one: (one[0] + (1800 + zones[one[1]][1] - zones[one[1]][0]
                                                     if zones[one[1]][0] <= one[0] < zones[one[1]][1] else 0)))


def standing(streams):
    """The last word on each visit, road, point, window and finding, without how it was told."""
    last = {}
    for (stream, _), entries in streams.items():
        for e in entries:
            if e.get("kind") != "clock":
                last[e["id"]] = {f: e.get(f) for f in OF_MATTER + ["event"]} | {"stream": stream}
    return {i: {f: v for f, v in e.items() if f != "event"} for i, e in last.items() if e["event"] != "withdrawn"}


def in_order(stage, drives):
    lines = "\n".join(json.dumps({"vehicle": v, **as_fix((at, v, *rest))}) for at, v, *rest in drives) + "\n"
    return standing(told_lines(stage.muckctl("replay", "--quiet", "--config", stage.config, "-", input=lines.encode()).stdout))


def other_standing(is_, should):
    return "\n".join(f"{i}: {is_.get(i)}, should be {should.get(i)}" for i in sorted(set(is_) | set(should)) if is_.get(i) != should.get(i))[:4000]


def corrected(streams):
    work = [e for k, v in streams.items() if k[0] == "work" for e in v if e.get("cause") == "late"]
    expect(sum(e["event"] == "updated" for e in work) > 3 and sum(e["event"] == "ended" for e in work) > 3,
           f"what came late corrected {len(work)} entries of work")
    return len(work)


def play(kills, seed, late=False):
    place, dice = Place("duties"), random.Random(seed)
    folder, made = city(place), fixes(random.Random(seed))
    drives = hold_back(made, dice) if late else made
    with Stage("duties", BINARIES, folder) as stage:
        stage.start()
        units = stage.broker.client("units")
        part = len(drives) // (kills + 1) + 1
        for n in range(0, len(drives), part):
            units.publish_all([(contract.topic(v, "fix"), json.dumps(as_fix(one)).encode()) for one in drives[n:n + part] for v in [one[1]]])
            if n + part < len(drives):
                time.sleep(dice.random() * 0.6)
                server = stage.redis if (n // part) % 5 == 4 else stage.tracker
                server.kill()
                server.start()
        redis = stage.redis.client()

        def taken():
            return sum(redis.call("XLEN", contract.key("track:" + v)) for v in contract.vehicles(redis)) >= len(drives) and done(redis)
        wait_until(taken, SECONDS, lambda: "all is in the ledgers\n" + stage.tracker.tail(), every_s=1)
        time.sleep(1.5)
        wait_until(taken, SECONDS, lambda: "all is in the ledgers\n" + stage.tracker.tail(), every_s=1)
        if late:
            should = in_order(stage, made)
            wait_until(lambda: standing(told(redis)) == should, SECONDS, lambda: "what stands is what stands in order: "
                       + other_standing(standing(told(redis)), should) + stage.tracker.tail(), every_s=2)
            corrected(told(redis))
        is_ = told(redis)
        points = [e for k, v in is_.items() if k[0] == "collections" for e in v]
        states = {s: sum(e["state"] == s for e in points) for s in ("on_time", "late", "missed", "early")}
        expect(states["on_time"] > 30 and states["late"] > 3 and states["missed"] > 3, states)
        expect(any(k[0] == "coverage" for k in is_), "the road was summed")
        findings = [e for k, v in is_.items() if k[0] == "violations" for e in v]
        expect(any(e["event"] == "closed" and e["reason"] == "cleared" for e in findings), "somebody came late")
        revisions(redis)
        other = first_difference(is_, replayed(stage))
        expect(not other, "told, and told by muckctl track | muckctl replay: " + other)
        open_ = set(m.decode() for m in redis.call("ZRANGE", contract.key("open"), 0, -1))
        last = {e["id"]: e for e in findings}
        expect(all((i in open_) == ("end" not in e and e["event"] != "withdrawn") for i, e in last.items()), "what is open")
        expect(not stage.tracker.reported(), f"the sanitizers report {stage.tracker.reported()}")
        print(f"{kills} kills: {states}, {len(findings)} entries of findings, {sum(len(v) for k, v in is_.items() if k[0] == 'work')} of work", flush=True)
    place.remove()


def test_whole():
    play(0, 1)


def test_killed_meanwhile():
    play(8, 2)


def test_late():
    play(0, 4, late=True)


def test_late_and_killed():
    play(6, 5, late=True)


def test_many_kills():
    play(KILLS, 3, late=True)


run([test_many_kills] if KILLS else [test_whole, test_killed_meanwhile, test_late, test_late_and_killed])
