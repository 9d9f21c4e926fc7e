"""SIGHUP puts a new world in force whole, or keeps the old and says why; what was judged under which is on record."""
import hashlib
import json
import signal
import subprocess

from common import BINARIES, CITY, Stage, contract, expect, run, wait_until

T = 1_778_212_800


def fix(n, **sensors):
    return json.dumps({"time": T + 10 * n, "lat": 30.40, "lon": 112.80, "speed": 0, "sensors": sensors}).encode()


def rulesets(redis):
    return [f["ruleset"].decode() for _, f in redis.stream(contract.key("rulesets"))]


def violations(redis):
    return [(f["event"], f.get("reason", ""), f["ruleset"]) for f in contract.violations(redis) if f["vehicle"] == "stranger"]


def test_reload():
    with Stage("reload", BINARIES, CITY) as stage:
        stage.start()
        redis, unit = stage.redis.client(), stage.broker.client("unit")
        unit.publish(contract.topic("stranger", "fix"), fix(0, spill=True))
        wait_until(lambda: len(violations(redis)) == 1, 10, lambda: "it opens\n" + stage.tracker.tail())
        first = rulesets(redis)
        expect(len(first) == 1 and violations(redis)[0] == ("opened", "", first[0]), f"{first}, {violations(redis)}")
        canonical = redis.call("HGET", f"muck:ruleset:{first[0]}", "canonical")
        expect(hashlib.blake2b(canonical, digest_size=32).hexdigest() == first[0], "the record is not what its name says")

        fleet = stage.place.file("fleet.json")
        good = fleet.read_text(encoding="utf-8")
        fleet.write_text(good[:-20], encoding="utf-8")
        check = subprocess.run([stage.binaries / "muckwatchd", "--config", stage.config, "--check"], capture_output=True,
                               text=True, check=False)
        expect(check.returncode == 78 and "fleet.json" in check.stderr, f"--check: {check.returncode} {check.stderr}")
        stage.tracker.signal(signal.SIGHUP)
        wait_until(lambda: "reload_failed" in stage.tracker.text(), 10, lambda: "it refuses half a file")
        expect("fleet.json" in stage.tracker.text().rpartition("reload_failed")[2], "the log does not name the file")
        unit.publish(contract.topic("stranger", "fix"), fix(1, spill=True))

        # The rule is gone: what is open about it closes, under the new world, before anything is judged by it.
        fleet.write_text(good, encoding="utf-8")
        config = stage.config.read_text(encoding="utf-8")
        expect("spill:" in config, "the city says nothing of spill")
        stage.config.write_text(config.replace("spill: {", "spill: {enabled: false, "), encoding="utf-8")
        stage.tracker.signal(signal.SIGHUP)
        wait_until(lambda: len(rulesets(redis)) == 2, 10, lambda: "the new world is recorded\n" + stage.tracker.tail())
        wait_until(lambda: len(violations(redis)) == 2, 10, lambda: "the episode closes\n" + stage.tracker.tail())
        expect(violations(redis)[1] == ("closed", "subject_gone", rulesets(redis)[1]), f"{violations(redis)}")
        unit.publish(contract.topic("stranger", "fix"), fix(2, spill=True))
        wait_until(lambda: redis.call("XLEN", contract.key("track:stranger")) == 3, 10, lambda: "it goes on")
        expect(len(violations(redis)) == 2, "a rule that is off judges")
        stage.tracker.signal(signal.SIGHUP)
        wait_until(lambda: "reload_unchanged" in stage.tracker.text(), 10, lambda: "it sees that nothing changed")
        stage.tracker.stop()
        expect(not stage.tracker.reported(), f"the sanitizers report {stage.tracker.reported()}")


run([test_reload])
