"""Bad input costs only itself: each is refused with its reason, acknowledged, and the good fix after it counts."""
import json

from common import BINARIES, CITY, Stage, contract, expect, run, wait_until

T = 1_770_000_000


def fix(**changes):
    return {"time": T, "lat": 30.5, "lon": 113.0, **changes}


BAD = {
    "not JSON": (b"{nonsense", "not_json"),
    "empty": (b"", "not_json"),
    "a number": (b"17", "wrong_type"),
    "wrong type": (fix(lat="north"), "wrong_type"),
    "latitude 91": (fix(lat=91), "out_of_range"),
    "NaN": (b'{"time":1770000000,"lat":NaN,"lon":113}', "not_json"),
    "1970": (fix(time=1), "too_old"),
    "no time": ({"lat": 30.5, "lon": 113.0}, "no_time"),
    "no position": ({"time": T}, "no_position"),
    "boot without seq": (fix(boot="b"), "unpaired_seq"),
    "a key twice": (b'{"time":1770000000,"lat":30.5,"lat":30.6,"lon":113}', "duplicate_key"),
    "256 KiB + 1": (b" " * (256 * 1024 + 1), "too_large"),
    "deep nesting": (b'{"x":' + b"[" * 100 + b"]" * 100 + b"}", "too_deep"),
}


def rejects(redis):
    return [fields for _, fields in redis.stream(contract.key("rejects"))]


def refused(stage):
    return sum(v for name, v in stage.metrics().items() if name.startswith("muckwatch_refused_total"))


def test_each():
    with Stage("bad", BINARIES, CITY) as stage:
        stage.start()
        redis, unit = stage.redis.client(), stage.broker.client("unit")
        for n, (name, (payload, reason)) in enumerate(BAD.items()):
            data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
            unit.publish(contract.topic("v1", "fix"), data)
            unit.publish(contract.topic("v1", "fix"), json.dumps(fix(time=T + 10 * n)).encode())
            wait_until(lambda: redis.call("XLEN", contract.key("track:v1")) == n + 1, 10,
                       lambda: f"{name}: the fix after it is stored\n" + stage.tracker.tail())
            last = rejects(redis)[-1]
            expect(len(rejects(redis)) == n + 1, f"{name}: {len(rejects(redis))} refusals after {n + 1} bad messages")
            expect(last["reason"] == reason.encode(), f"{name}: refused for {last['reason']}")
            expect(last["vehicle"] == b"v1" and last.get("payload", b"") == data[:256], f"{name}: recorded as {last}")
        expect(refused(stage) == len(BAD), f"{refused(stage)} counted of {len(BAD)}")

        # One bad element among good ones, an empty array, a vehicle that no file names, a topic that names none.
        unit.publish(contract.topic("v2", "fix"), json.dumps([fix(), fix(lat=95), fix(time=T + 10)]).encode())
        unit.publish(contract.topic("v2", "fix"), b"[]")
        unit.publish(contract.topic("no_such_vehicle_is_anywhere", "fix"), json.dumps(fix()).encode())
        unit.publish(contract.topic("v" * 65, "fix"), json.dumps(fix()).encode())
        wait_until(lambda: len(rejects(redis)) == len(BAD) + 2, 10, lambda: "two more refusals\n" + stage.tracker.tail())
        expect(rejects(redis)[-1]["reason"] == b"topic", "a name too long is refused as a topic")
        expect(redis.call("XLEN", contract.key("track:v2")) == 2, "the good elements of an array count")
        expect(redis.call("XLEN", contract.key("track:no_such_vehicle_is_anywhere")) == 1, "unknown vehicles are tracked")

        # From the future: kept whole, marked, not judged.
        unit.publish(contract.topic("v3", "fix"), json.dumps(fix(time=4_000_000_000)).encode())
        wait_until(lambda: redis.call("XLEN", contract.key("track:v3")) == 1, 10, lambda: "the future fix is kept")
        expect(contract.track(redis, "v3")[0][1]["late"] == b"clock", "a future fix is marked late=clock")

        # A refused fix uses its number up, once; an ack says so.
        unit.subscribe("muck/v1/v4/ack")
        journal = [fix(boot="b1", seq=1), fix(boot="b1", seq=2, lat=99), fix(boot="b1", seq=3, time=T + 20)]
        for f in journal + journal:
            unit.publish(contract.topic("v4", "fix"), json.dumps(f).encode())
        expect(unit.receive(lambda m: json.loads(m.payload) == {"boot": "b1", "seq": 3}), "no ack")
        expect(redis.call("XLEN", contract.key("track:v4")) == 2, "numbered fixes are stored once")
        expect(len(rejects(redis)) == len(BAD) + 3, "a numbered refusal is recorded once")

        # OwnTracks, live positions, a status.
        unit.publish("owntracks/someone/v5", b'{"_type":"location","tst":1770000000,"lat":30.5,"lon":113.0,"vel":36}')
        unit.publish("owntracks/someone/v5", b'{"_type":"lwt","tst":1770000000}')
        unit.publish(contract.topic("v5", "live"), json.dumps(fix(time=T + 99, lat=30.25)).encode(), qos=0)
        wait_until(lambda: "30.2500000" == redis.hash(contract.key("vehicle:v5")).get("live_lat"), 10,
                   lambda: f"live is shown, not {redis.hash(contract.key('vehicle:v5'))}")
        vehicle = redis.hash(contract.key("vehicle:v5"))
        expect(vehicle["speed"] == "36.0" and vehicle["lat"] == "30.5000000", f"the vehicle is {vehicle}")
        expect(redis.call("XLEN", contract.key("track:v5")) == 1, "live and lwt are not tracked")
        unit.publish(contract.topic("v4", "status"), b'{"online":true,"boot":"b1","first":1,"skipped":[[4,9]],"agent":"t"}')
        expect(unit.receive(lambda m: json.loads(m.payload) == {"boot": "b1", "seq": 9}), "no ack")
        unit.publish(contract.topic("v4", "status"), b'{"online":tru')
        wait_until(lambda: rejects(redis)[-1]["reason"] == b"status", 10, lambda: "a bad status is refused")
        stage.tracker.stop()
        expect(not stage.tracker.reported(), f"the sanitizers report {stage.tracker.reported()}")


def test_many_at_once():
    """A message of nothing but refusals: some entries, one that counts the rest, and a batch that stays small."""
    elements = 131_071
    with Stage("many", BINARIES, CITY) as stage:
        stage.start()
        redis, unit = stage.redis.client(), stage.broker.client("unit")
        payload = b"[" + b",".join([b"1"] * elements) + b"]"
        expect(len(payload) <= 256 * 1024, "the message is too large itself")
        for n in range(3):
            unit.publish(contract.topic("v1", "fix"), payload)
            unit.publish(contract.topic("v2", "fix"), json.dumps(fix(time=T + 10 * n)).encode())
        wait_until(lambda: redis.call("XLEN", contract.key("track:v2")) == 3, 120, lambda: "the fixes of another are stored\n" + stage.tracker.tail())
        expect(refused(stage) == 3 * elements, f"{refused(stage)} counted of {3 * elements}")
        written = rejects(redis)
        told = [r for r in written if r["reason"] == b"wrong_type"]
        more = [int(r["count"]) for r in written if r["reason"] == b"more"]
        expect(len(told) + len(more) == len(written) and all(r["vehicle"] == b"v1" for r in written), f"{written[-1]}")
        expect(len(told) + sum(more) == 3 * elements, f"{len(told)} and {sum(more)} are told of {3 * elements}")
        expect(64 <= len(told) == 64 * len(more) and len(written) < elements / 50, f"{len(written)} entries")
        # A few are told each by itself.
        unit.publish(contract.topic("v3", "fix"), b"[" + b",".join([b"1"] * 64) + b"]")
        wait_until(lambda: len(rejects(redis)) == len(written) + 64, 120, lambda: "64 refusals are told")
        expect(rejects(redis)[-1]["reason"] == b"wrong_type", f"{rejects(redis)[-1]}")
        stage.tracker.stop()
        expect(not stage.tracker.reported(), f"the sanitizers report {stage.tracker.reported()}")


run([test_each, test_many_at_once])
