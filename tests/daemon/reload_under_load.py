"""A large world is built beside the loop: fixes are judged and alerts written meanwhile, whatever becomes of the new world."""
import calendar
import itertools
import json
import re
import signal
import time

from common import BINARIES, CITY, Stage, contract, day, expect, replay_lines, run, wait_until, wait_taken

FENCES = 6000
CHUNK = 100
DAY = day(20_000)


def fences(name, broken=False, count=FENCES):
    """Far away from everybody; the name of one of them is part of the world's."""
    features = []
    for n in range(count):
        lat, lon = 20 + n // 100 * 0.01, 100 + n % 100 * 0.01
        ring = [[lon, lat], [lon + 0.004, lat], [lon + 0.005, lat + 0.003], [lon + 0.004, lat + 0.006], [lon, lat + 0.006], [lon, lat]]
        features.append({"type": "Feature", "id": f"far-{n}", "properties": {"kind": "banned", "name": name if n == 0 else "far"},
                         "geometry": {"type": "Polygon", "coordinates": [[[round(x, 6) for x in p] for p in ring]]}})
    if broken:
        features[-1]["geometry"]["coordinates"][0].pop()
    return json.dumps({"type": "FeatureCollection", "features": features})


def put(stage, text):
    """Never half written, even if it is being read."""
    stage.place.file("far.geojson.new", text).rename(stage.place.file("far.geojson"))


def with_alarms(chunk, n):
    """And a vehicle that spills now and then, so that something opens and closes in every chunk, and one never heard of."""
    begin = json.loads(DAY[0][1])["time"]
    second = begin if isinstance(begin, (int, float)) else calendar.timegm(time.strptime(begin[:19], "%Y-%m-%dT%H:%M:%S"))
    fixes = [{"time": second + 80 * n + 20 * i, "lat": 30.40, "lon": 112.80, "speed": 0, "sensors": {"spill": i < 2}}
             for i in range(4)]
    more = [*(("spiller", fix) for fix in fixes), (f"new-{n}", fixes[0])]
    return [*chunk, *((vehicle, json.dumps(fix, separators=(",", ":")).encode()) for vehicle, fix in more)]


class Load:
    """The sample day in chunks, for as long as something lasts."""

    def __init__(self, stage):
        self.stage, self.client, self.sent = stage, stage.broker.client("units"), []
        self.chunks = (with_alarms(DAY[i:i + CHUNK], i // CHUNK) for i in range(0, len(DAY), CHUNK))

    def send(self, chunks):
        for chunk in itertools.islice(self.chunks, chunks):
            self.client.publish_all([(contract.topic(vehicle, "fix"), fix) for vehicle, fix in chunk])
            self.sent += chunk
            time.sleep(0.02)

    def until(self, question, words):
        def asked():
            self.send(1)
            return question()
        wait_until(asked, 120, lambda: f"{words}\n{self.stage.tracker.tail()}")


def place(name):
    """A tracker whose city has the generated fences as well."""
    stage = Stage(name, BINARIES, CITY)
    put(stage, fences("first"))
    text = stage.config.read_text(encoding="utf-8")
    stage.config.write_text(text.replace("[fences.geojson]", "[fences.geojson, far.geojson]"), encoding="utf-8")
    return stage


def said(stage, event):
    """The times, in ms, at which the log has an event."""
    times = re.findall(rf"^(\S+)\.(\d{{3}})Z \w+ {event}\b", stage.tracker.text(), re.MULTILINE)
    return [calendar.timegm(time.strptime(t, "%Y-%m-%dT%H:%M:%S")) * 1000 + int(ms) for t, ms in times]


def ms_of(entry):
    return int(entry[0].partition("-")[0])


def rulesets(redis):
    return [(ms_of(e), e[1]["ruleset"].decode()) for e in redis.stream(contract.key("rulesets"))]


def without_ruleset(entries):
    return contract.by_vehicle([{k: v for k, v in e.items() if k != "ruleset"} for e in entries])


def check_entries(stage, redis, load):
    """Nothing missing, nothing twice, all as replay says, and each judged by the world that was in force."""
    wait_taken(stage, redis, len(set(load.sent)))
    entries = redis.stream(contract.key("violations"))
    told, want = without_ruleset(contract.violations(redis)), without_ruleset(stage.replay(replay_lines(load.sent))["violations"])
    for vehicle in sorted(set(told) | set(want)):
        expect(told.get(vehicle) == want.get(vehicle), f"{vehicle}:\n  {told.get(vehicle)}\nreplay says\n  {want.get(vehicle)}")
    worlds = rulesets(redis)
    for entry in entries:
        in_force = [i for i, (since, name) in enumerate(worlds) if name == entry[1]["ruleset"].decode()]
        expect(any(worlds[i][0] <= ms_of(entry) and (i + 1 == len(worlds) or ms_of(entry) <= worlds[i + 1][0]) for i in in_force),
               f"judged by a world that is not in force: {entry}, {worlds}")
    for _, name in worlds:
        expect(redis.call("HSTRLEN", f"muck:ruleset:{name}", "canonical") > FENCES * 100, "a world's text is not recorded")


def between(redis, stream, begin_ms, end_ms):
    return sum(begin_ms < ms_of(e) < end_ms for e in redis.stream(stream))


def test_fixes_and_alerts_flow():
    with place("flow") as stage:
        stage.start()
        redis, load = stage.redis.client(), Load(stage)
        load.send(5)
        put(stage, fences("second"))
        stage.tracker.signal(signal.SIGHUP)
        load.until(lambda: said(stage, "reload_begins"), "it begins")
        expect(stage.metrics()["muckwatch_reloading"] in (0, 1), "no word of it in the metrics")
        load.until(lambda: said(stage, "reloaded"), "the new world is in force")
        load.send(5)
        check_entries(stage, redis, load)
        worlds = rulesets(redis)
        expect(len(worlds) == 2, f"{worlds}")
        begin, end = said(stage, "reload_begins")[0], worlds[1][0]
        tracks = sum(between(redis, contract.key("track:" + v), begin, end) for v in contract.vehicles(redis))
        alerts = between(redis, contract.key("violations"), begin, end)
        print(f"  {end - begin} ms from the signal to the new world: {tracks} fixes, {alerts} entries of violations", flush=True)
        expect(tracks > 0 and alerts > 0, "nothing was committed while the world was built")
        metrics = stage.metrics()
        expect(metrics["muckwatch_reloading"] == 0 and metrics["muckwatch_reload_seconds"] > 0, "the metrics do not tell")

        # Asked for again and again while one is built: one more, of what the files say then.
        put(stage, fences("third"))
        stage.tracker.signal(signal.SIGHUP)
        wait_until(lambda: len(said(stage, "reload_begins")) == 2, 10, lambda: "it begins")
        put(stage, fences("fourth"))
        for _ in range(20):
            stage.tracker.signal(signal.SIGHUP)
            time.sleep(0.001)
        load.until(lambda: len(said(stage, "reload_begins")) > 2 and stage.metrics()["muckwatch_reloading"] == 0, "all is done")
        expect(len(said(stage, "reload_begins")) < 10, "every signal has a reload of its own")
        newest = redis.call("HGET", f"muck:ruleset:{rulesets(redis)[-1][1]}", "canonical")
        expect(b'"fourth"' in newest and len(newest) > FENCES * 100, "the last world is not that of the files")

        # A file that is wrong at its end: known when nearly all is built.
        before = rulesets(redis)
        put(stage, fences("fifth", broken=True))
        stage.tracker.signal(signal.SIGHUP)
        load.until(lambda: said(stage, "reload_failed"), "it is refused")
        expect("far.geojson" in stage.tracker.text().rpartition("reload_failed")[2], "the log does not name the file")
        expect(rulesets(redis) == before, "a broken world is recorded")
        put(stage, fences("fourth"))
        load.send(3)
        check_entries(stage, redis, load)
        expect(stage.tracker.stop() == 0, "SIGTERM")
        expect(not stage.tracker.reported(), f"the sanitizers report {stage.tracker.reported()}")


def test_stopped_while_building():
    with place("stopped") as stage:
        stage.start()
        redis, load = stage.redis.client(), Load(stage)
        load.send(5)
        put(stage, fences("second", count=5 * FENCES))
        stage.tracker.signal(signal.SIGHUP)
        wait_until(lambda: said(stage, "reload_begins"), 10, lambda: "it begins")
        expect(stage.tracker.stop() == 0, "SIGTERM")
        expect(not said(stage, "reloaded") and not stage.tracker.reported(), stage.tracker.tail())
        stage.tracker.start()
        load.send(5)
        check_entries(stage, redis, load)
        expect(len(rulesets(redis)) == 2, "the new start is under the new world")


run([test_fixes_and_alerts_flow, test_stopped_while_building])
