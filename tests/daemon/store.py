"""What the tracker makes of a store: its settings, its owner, a vehicle it refuses, a past it lost, old entries."""
import json
import subprocess
import time

from common import BINARIES, CITY, Stage, contract, expect, run, wait_until

T = 1_770_000_000


def fix(seq, **changes):
    return json.dumps({"time": T + 10 * seq, "lat": 30.5, "lon": 113.0, "boot": "b1", "seq": seq, **changes}).encode()


def acked(unit, seq):
    return unit.receive(lambda m: json.loads(m.payload)["seq"] == seq, 120) is not None


def test_settings_are_looked_at():
    with Stage("durable", BINARIES, CITY, redis={"appendfsync": "everysec"}) as stage:
        stage.start()
        expect(stage.metrics()["muckwatch_store_durable"] == 0, "everysec counts as durable")
        expect("appendfsync" in stage.tracker.text(), "the log does not name the setting")
        stage.tracker.stop()
        config = stage.config.read_text(encoding="utf-8").replace("redis: {", "redis: {require_durable: true, ")
        stage.config.write_text(config, encoding="utf-8")
        stage.tracker.start(ready=False)
        expect(stage.tracker.wait(10) == 78, "require_durable does not refuse everysec")
        redis = stage.redis.client()
        redis.call("CONFIG", "SET", "appendfsync", "always")
        stage.tracker.start()
        expect(stage.metrics()["muckwatch_store_durable"] == 1, "always does not count as durable")


def test_one_owner():
    with Stage("owner", BINARIES, CITY) as stage:
        stage.start()
        other = stage.second_tracker("other", client_id="other")
        other.start(ready=False)
        expect(other.wait(10) == 75, "a second tracker is let in beside a living one")
        taker = stage.second_tracker("taker", ["--take-over"], client_id="taker")
        taker.start(ready=False)
        expect(stage.tracker.wait(10) == 75, "the tracker that was taken over from does not leave")
        expect(stage.redis.client().hash(contract.key("owner"))["instance"].startswith("taker@"), "who owns it?")


def test_refused_vehicle_costs_itself():
    with Stage("poison", BINARIES, CITY) as stage:
        stage.start()
        redis, unit = stage.redis.client(), stage.broker.client("unit")
        unit.subscribe("muck/v1/+/ack")
        redis.call("SET", contract.key("track:bad"), "not a stream")
        names = [f"good-{n}" for n in range(20)]
        for seq in (1, 2, 3):
            for name in [*names, "bad"]:
                unit.publish(contract.topic(name, "fix"), fix(seq), wait=False)
        for name in [*names, "bad"]:
            expect(unit.receive(lambda m, n=name: m.topic == contract.topic(n, "ack") and json.loads(m.payload)["seq"] == 3),
                   f"{name} is not acknowledged")
        for name in names:
            expect(redis.call("XLEN", contract.key("track:" + name)) == 3, f"{name} lost or doubled fixes")
        refused = [f for _, f in redis.stream(contract.key("rejects"))]
        expect(len(refused) == 3 and all(f["reason"] == b"commit" and f["vehicle"] == b"bad" for f in refused),
               f"refused: {refused}")
        metrics = stage.metrics()
        expect(metrics["muckwatch_quarantined_total"] >= 1, "no alarm is raised")
        checked = subprocess.run(["promtool", "check", "metrics"], input=page(stage), capture_output=True, check=False)
        expect(checked.returncode == 0 and not checked.stderr, f"promtool: {checked.stdout}{checked.stderr}")
        stage.tracker.stop()
        expect(not stage.tracker.reported(), f"the sanitizers report {stage.tracker.reported()}")


def test_broken_commit_is_finished():
    """A right is lost in mid-write: nothing is acknowledged, nothing refused, and the next tracker finishes it."""
    with Stage("broken", BINARIES, CITY) as stage:
        stage.start()
        redis, unit = stage.redis.client(), stage.broker.client("unit")
        unit.subscribe("muck/v1/+/ack")
        names = [f"u{n}" for n in range(10)]
        for seq, killed in ((1, False), (2, True)):
            before = stage.tracker.text().count("BROKEN")
            redis.call("ACL", "SETUSER", "default", "-geoadd")
            for name in names:
                unit.publish(contract.topic(name, "fix"), fix(seq), wait=False)
            wait_until(lambda n=before: stage.tracker.text().count("BROKEN") > n, 10, lambda: "a commit breaks")
            wait_until(lambda: status_of(stage, "/readyz") == 503, 5, lambda: "it is not ready without rights")
            expect(stage.metrics()['muckwatch_store_refusals_total{reason="broken"}'] >= 1, "no metric says why")
            expect(unit.receive(lambda m, n=seq: json.loads(m.payload)["seq"] == n, 1) is None, "acknowledged by a store that refuses")
            if killed:
                stage.tracker.kill()
                stage.tracker.start(ready=False)
                wait_until(lambda: "store_refuses" in stage.tracker.text().rpartition("--- start")[2], 10,
                           lambda: "the next tracker waits")
            redis.call("ACL", "SETUSER", "default", "+@all")
            for name in names:
                expect(killed or unit.receive(lambda m, n=name: m.topic == contract.topic(n, "ack")), f"{name} has no ack")
            if killed:
                stage.tracker.wait_ready()
            wait_until(lambda n=seq: all(redis.call("XLEN", contract.key("track:" + name)) == n for name in names), 10,
                       lambda: "each fix is there")
            time.sleep(0.5)
        for name in names:
            expect(redis.call("XLEN", contract.key("track:" + name)) == 2, f"{name} has fixes twice")
        expect(not redis.call("EXISTS", contract.key("rejects")), "fixes are refused for the store's fault")


def test_stream_at_its_end_costs_its_vehicle():
    with Stage("exhausted", BINARIES, CITY) as stage:
        stage.start()
        redis, unit = stage.redis.client(), stage.broker.client("unit")
        unit.subscribe("muck/v1/+/ack")
        names = [f"u{n}" for n in range(10)]
        redis.call("XADD", contract.key("track:u3"), "18446744073709551615-18446744073709551615", "x", "y")
        for seq in (1, 2, 3):
            for name in names:
                unit.publish(contract.topic(name, "fix"), fix(seq), wait=False)
        for name in names:
            expect(unit.receive(lambda m, n=name: m.topic == contract.topic(n, "ack") and json.loads(m.payload)["seq"] == 3),
                   f"{name} is not acknowledged")
        for name in names:
            expect(redis.call("XLEN", contract.key("track:" + name)) == (1 if name == "u3" else 3), f"{name}: lost or doubled")
        expect(len(redis.stream(contract.key("rejects"))) == 3, "its fixes are not in rejects")


def test_key_of_all_vehicles_costs_nobody():
    """A foreign type, or no id left, under a key that all vehicles share: the store is away until it is mended, and no fix is put aside."""
    last = "18446744073709551615-1"
    for tail, harm, mend in (("positions", ("SET", "x"), ("DEL",)), ("open", ("SET", "x"), ("DEL",)),
                             ("violations", ("XADD", last, "x", "y"), ("XDEL", last))):
        with Stage("shared", BINARIES, CITY) as stage:
            stage.start()
            redis, unit = stage.redis.client(), stage.broker.client("unit")
            unit.subscribe("muck/v1/+/ack")
            names = [f"u{n}" for n in range(4)]
            redis.call(harm[0], contract.key(tail), *harm[1:])
            for name in names:
                for seq, spill in ((1, True), (2, False), (3, False)):
                    unit.publish(contract.topic(name, "fix"), fix(seq, sensors={"spill": spill}), wait=False)
            wait_until(lambda t=tail: f"DAMAGED muck:{{0}}:{t} " in stage.tracker.text(), 60, lambda: "the log says why\n" + stage.tracker.tail())
            wait_until(lambda: status_of(stage, "/readyz") == 503, 60, lambda: "it is not ready")
            expect(unit.receive(within_s=2) is None, f"acknowledged by a store whose {tail} takes nothing")
            expect(stage.metrics()['muckwatch_store_refusals_total{reason="damaged"}'] >= 1, "no metric says why")
            redis.call(mend[0], contract.key(tail), *mend[1:])
            if harm[0] == "XADD":
                redis.call("XSETID", contract.key(tail), "1-1")
            for name in names:
                expect(unit.receive(lambda m, n=name: m.topic == contract.topic(n, "ack") and json.loads(m.payload)["seq"] == 3, 120),
                       f"{name} is not acknowledged when {tail} is mended")
                expect(redis.call("XLEN", contract.key("track:" + name)) == 3, f"{name} lost or doubled fixes")
            expect(not redis.call("EXISTS", contract.key("rejects")), "fixes are refused for the store's fault")
            expect(len(contract.violations(redis)) == 2 * len(names), "violations are lost or doubled")


def test_damaged_owner():
    """Its record says nothing any more: nothing is acknowledged, the store is asked now and then, and the log says why."""
    with Stage("damaged", BINARIES, CITY) as stage:
        stage.start()
        redis, unit = stage.redis.client(), stage.broker.client("unit")
        unit.subscribe("muck/v1/+/ack")
        unit.publish(contract.topic("u1", "fix"), fix(1))
        expect(acked(unit, 1), "no ack")
        for field, killed in (("batch", False), ("clock", False), ("batch", True)):
            seq = 1 + redis.call("XLEN", contract.key("track:u1"))
            redis.call("SET", "kept", redis.call("DUMP", contract.key("owner")))
            redis.call("HSET", contract.key("owner"), field, "abc")
            if killed:
                stage.tracker.kill()
                stage.tracker.start(ready=False)
            unit.publish(contract.topic("u1", "fix"), fix(seq))
            wait_until(lambda: "DAMAGED" in stage.tracker.text().rpartition("--- ")[2], 60, lambda: "the log says why\n" + stage.tracker.tail())
            wait_until(lambda: status_of(stage, "/readyz") == 503, 60, lambda: "it is not ready")
            redis.call("CONFIG", "RESETSTAT")
            expect(unit.receive(lambda m, n=seq: json.loads(m.payload)["seq"] >= n, 5) is None, "acknowledged by a damaged store")
            calls = [line for line in redis.call("INFO", "commandstats").decode().splitlines() if line.startswith("cmdstat_fcall")]
            expect(calls and int(calls[0].partition("calls=")[2].partition(",")[0]) < 40, f"it spins: {calls}")
            expect(status_of(stage, "/readyz") == 503, "it is ready with a damaged store")
            expect(stage.metrics()['muckwatch_store_refusals_total{reason="damaged"}'] >= 1, "no metric says why")
            redis.call("RESTORE", contract.key("owner"), 0, redis.call("GET", "kept"), "REPLACE")
            if killed:
                stage.tracker.wait_ready()
            expect(unit.receive(lambda m, n=seq: json.loads(m.payload)["seq"] == n, 60), f"{seq} is not acknowledged\n" + stage.tracker.tail())
            expect(redis.call("XLEN", contract.key("track:u1")) == seq, "lost or doubled")
            stage.say(f"{field} is mended")
        expect(stage.metrics()["muckwatch_store_rollbacks_total"] == 0, "a damaged store is taken for one that went back")


def status_of(stage, path):
    import urllib.error
    import urllib.request
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{stage.http_port}{path}", timeout=5) as answer:
            return answer.status
    except urllib.error.HTTPError as e:
        return e.code


def page(stage):
    import urllib.request
    with urllib.request.urlopen(f"http://127.0.0.1:{stage.http_port}/metrics", timeout=5) as answer:
        return answer.read()


def text_of_the_world(redis):
    name = redis.stream(contract.key("rulesets"))[-1][1]["ruleset"].decode()
    return redis.call("HGET", f"muck:ruleset:{name}", "canonical")


def test_store_that_went_back():
    with Stage("back", BINARIES, CITY) as stage:
        stage.start()
        redis, unit = stage.redis.client(), stage.broker.client("unit")
        unit.subscribe("muck/v1/+/ack")
        for seq in range(1, 11):
            unit.publish(contract.topic("u1", "fix"), fix(seq))
        expect(acked(unit, 10), "no ack")
        kept = redis.call("DUMP", contract.key("state"))
        world = text_of_the_world(redis)
        owner = redis.hash(contract.key("owner"))
        for seq in range(11, 21):
            unit.publish(contract.topic("u1", "fix"), fix(seq))
        expect(acked(unit, 20), "no ack")
        # As a restored backup: the state of ten fixes, and the owner's record of then.
        redis.call("MULTI")
        redis.call("RESTORE", contract.key("state"), 0, kept, "REPLACE")
        redis.call("HSET", contract.key("owner"), "batch", owner["batch"], "begun", owner["begun"])
        redis.call("EXEC")
        expect(acked(unit, 10), "the unit is not told that the store went back")
        for seq in range(11, 22):
            unit.publish(contract.topic("u1", "fix"), fix(seq))
        expect(acked(unit, 21), "what the unit sends again is not taken")
        expect(stage.metrics()["muckwatch_store_rollbacks_total"] == 1, "the roll-back is not counted")
        expect(text_of_the_world(redis) == world, "the record of the world is another now")
        # Everything gone: the journal cannot begin at 22, and says so.
        redis.call("FLUSHALL")
        wait_until(lambda: stage.metrics()["muckwatch_store_rollbacks_total"] == 2, 10, lambda: "it notices an empty store")
        unit.publish(contract.topic("u1", "fix"), fix(22))
        expect(acked(unit, 0), "a unit is not asked to begin again")
        wait_until(lambda: text_of_the_world(redis) == world, 10, lambda: "the texts of the world are recorded again\n" + stage.tracker.tail())


def test_janitor():
    with Stage("janitor", BINARIES, CITY) as stage:
        redis, stream = stage.redis.client(), contract.key("violations")
        for n in (1, 2, 3):
            redis.call("XADD", stream, f"{n}-1", "event", "closed", "id", f"v{n}")
            redis.call("HSET", contract.key(f"violation:v{n}"), "event", "closed")
        marks = contract.key("marks")
        for n in range(1, 251):  # more than a node of a stream holds: they go by nodes
            redis.call("XADD", marks, f"{n}-1", "kind", "life")
        redis.call("XGROUP", "CREATE", stream, "slow", "0")
        redis.call("XREADGROUP", "GROUP", "slow", "c", "COUNT", 2, "STREAMS", stream, ">")
        redis.call("XACK", stream, "slow", "1-1")
        stage.tracker.start()
        wait_until(lambda: redis.call("XLEN", stream) == 2, 10, lambda: "what was acknowledged goes")
        expect(redis.call("EXISTS", contract.key("violation:v1")) == 0, "its hash stays")
        time.sleep(2.5)
        expect(redis.call("XLEN", stream) == 2, "what is not acknowledged goes")
        redis.call("XACK", stream, "slow", "2-1")
        wait_until(lambda: redis.call("XLEN", stream) == 1, 10, lambda: "it goes once it is acknowledged")
        time.sleep(2.5)
        expect(redis.call("XLEN", stream) == 1, "what was not even delivered goes")
        redis.call("XGROUP", "DESTROY", stream, "slow")
        wait_until(lambda: redis.call("XLEN", stream) == 0, 10, lambda: "nobody wants it any more")
        wait_until(lambda: redis.call("XLEN", marks) < 250, 120, lambda: "marks go with the tracks")


FILL = """
for i = 1, ARGV[1] do redis.call('XADD', KEYS[1], i .. '-1', 'event', 'closed', 'id', 'w' .. i) redis.call('HSET', KEYS[2] .. i, 'event', 'closed') end
for i = 1, ARGV[2] do redis.call('XADD', KEYS[3], i .. '-1', 'vehicle', 'v', 'reason', 'not_json', 'payload', string.rep('x', 200)) end
"""


def test_janitor_of_a_fleet():
    """How many vehicles there are does not decide how long the streams of all keep what may go: a pass over these takes ten minutes."""
    old, refusals, vehicles = 5000, 200_000, 1500
    with Stage("janitor_fleet", BINARIES, CITY) as stage:
        stage.config.write_text(stage.config.read_text(encoding="utf-8").replace("track_hours", "rejects_max: 1000, track_hours"), encoding="utf-8")
        redis = stage.redis.client()
        stage.start()
        units = stage.broker.client("units")
        units.publish_all([(contract.topic(f"v{v}", "fix"), fix(1, boot=f"b{v}")) for v in range(vehicles)])
        wait_until(lambda: stage.metrics()["muckwatch_vehicles"] >= vehicles, 120, lambda: "all vehicles are known\n" + stage.tracker.tail())
        violations, rejects = contract.key("violations"), contract.key("rejects")
        redis.call("EVAL", FILL, 3, violations, contract.key("violation:w"), rejects, old, refusals)
        began = time.monotonic()
        wait_until(lambda: redis.call("XLEN", rejects) < 1200, 120, lambda: f"{redis.call('XLEN', rejects)} refusals under a cap of 1000")
        wait_until(lambda: redis.call("XLEN", violations) < old / 10, 120, lambda: f"{redis.call('XLEN', violations)} of {old} violations")
        wait_until(lambda: not redis.call("EXISTS", contract.key(f"violation:w{old}")), 120, lambda: "the hash of the last one is there")
        print(f"   {old} violations and {refusals} refusals went in {time.monotonic() - began:.1f} s beside {vehicles} vehicles", flush=True)


run([test_settings_are_looked_at, test_one_owner, test_refused_vehicle_costs_itself, test_broken_commit_is_finished,
     test_damaged_owner, test_stream_at_its_end_costs_its_vehicle, test_key_of_all_vehicles_costs_nobody,
     test_store_that_went_back, test_janitor, test_janitor_of_a_fleet])
