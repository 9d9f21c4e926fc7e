"""A world of hundreds of megabytes is recorded whole, at the start and when it is replaced, and nothing is lost meanwhile."""
import json
import signal

from common import BINARIES, CITY, Stage, contract, expect, run, wait_until

MEGABYTES = 200
T = 1_778_212_800


def fix(n):
    return json.dumps({"time": T + 10 * n, "lat": 30.40, "lon": 112.80, "speed": 0}).encode()


def recorded(redis, path):
    """How long the file is in the record of the newest world."""
    name = redis.stream(contract.key("rulesets"))[-1][1]["ruleset"].decode()
    return redis.call("HSTRLEN", f"muck:ruleset:{name}", path)


def test_large_world():
    with Stage("large", BINARIES, CITY) as stage:
        fences = stage.place.file("fences.geojson")
        text = fences.read_text(encoding="utf-8").lstrip()
        expect(text[0] == "{", "not an object")
        fences.write_text('{"comment": "' + "x" * (MEGABYTES << 20) + '", ' + text[1:], encoding="utf-8")
        stage.start()
        redis, unit = stage.redis.client(), stage.broker.client("unit")
        expect(recorded(redis, str(fences)) == fences.stat().st_size, "the file is not in the record")
        expect("redis_lost" not in stage.tracker.text(), "the store was given up\n" + stage.tracker.tail())

        fleet = stage.place.file("fleet.json")
        other = json.loads(fleet.read_text(encoding="utf-8"))
        other["vehicles"][0]["plate"] = "another"
        fleet.write_text(json.dumps(other), encoding="utf-8")
        stage.tracker.child.send_signal(signal.SIGHUP)
        for n in range(50):
            unit.publish(contract.topic("stranger", "fix"), fix(n))
        wait_until(lambda: len(redis.stream(contract.key("rulesets"))) == 2, 60, lambda: "it is replaced\n" + stage.tracker.tail())
        expect(recorded(redis, str(fences)) == fences.stat().st_size, "the file is not in the second record")
        wait_until(lambda: len(contract.track(redis, "stranger")) == 50, 20, lambda: "all fixes\n" + stage.tracker.tail())
        expect("redis_lost" not in stage.tracker.text(), "the store was given up\n" + stage.tracker.tail())

        # Stopped with half of the text on its way, it leaves at once; the next start records all of it.
        other["vehicles"][0]["plate"] = "a third"
        fleet.write_text(json.dumps(other), encoding="utf-8")
        stage.tracker.signal(signal.SIGHUP)
        wait_until(lambda: stage.tracker.text().count("reload_built") == 2, 60, lambda: "it is built\n" + stage.tracker.tail())
        expect(stage.tracker.stop() == 0, "SIGTERM")
        expect(not stage.tracker.reported(), f"the sanitizers report {stage.tracker.reported()}")
        expect(len(redis.stream(contract.key("rulesets"))) == 2, "a world came into force that was not recorded")
        stage.tracker.start()
        wait_until(lambda: len(redis.stream(contract.key("rulesets"))) == 3, 20, lambda: "the third\n" + stage.tracker.tail())
        expect(recorded(redis, str(fences)) == fences.stat().st_size, "the file is not in the third record")


run([test_large_world])
