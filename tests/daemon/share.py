"""One unit sends more than all others should wait for, to write or only to read: it waits itself, loses nothing that has a
number, and is told of what has none; the others are served."""
import json

from common import BINARIES, CITY, Stage, contract, expect, run, wait_until

T = 1_770_000_000
SHARE = 32 << 20
FIXES = 4  # a message
PAD = "x" * 60_000


def message(n, **numbers):
    fixes = [{"time": T + FIXES * n + i, "mode": 1, "pad": PAD, **{k: v(FIXES * n + i + 1) for k, v in numbers.items()}} for i in range(FIXES)]
    return json.dumps(fixes, separators=(",", ":")).encode()


def over_share(stage):
    return stage.metrics()["muckwatch_fixes_over_share_total"]


def others_are_served(stage, unit, seq):
    for n in range(seq, seq + 5):
        unit.publish(contract.topic("other", "fix"), json.dumps({"time": T + n, "lat": 30.5, "lon": 113.0, "boot": "o", "seq": n}).encode())
        expect(unit.receive(lambda m: m.topic.endswith("/other/ack") and json.loads(m.payload)["seq"] == n, 120), f"no ack of {n} for another unit")


def test_without_numbers():
    messages = 3 * SHARE // 2 // (FIXES * len(PAD))
    with Stage("share", BINARIES, CITY) as stage:
        stage.start()
        redis, unit = stage.redis.client(), stage.broker.client("unit")
        unit.subscribe("muck/v1/other/ack")
        stage.broker.client("mad").publish_all([(contract.topic("mad", "fix"), message(n)) for n in range(messages)])
        others_are_served(stage, unit, 1)

        def refusals():
            return [fields for _, fields in redis.stream(contract.key("rejects"))]

        def all_told():
            told = sum(int(r.get("count", 1)) for r in refusals())
            return redis.call("XLEN", contract.key("track:mad")) + told == messages * FIXES
        wait_until(all_told, 120, lambda: "each is tracked or told\n" + stage.tracker.tail())
        expect({r["reason"] for r in refusals()} - {b"more"} == {b"too_much"}, f"{refusals()[-1]}")
        expect(over_share(stage) == messages * FIXES - redis.call("XLEN", contract.key("track:mad")), "the count is another")
        expect(redis.call("XLEN", contract.key("track:mad")) * len(PAD) >= SHARE, "less than its share was taken")
        expect("vehicle_over_share" in stage.tracker.text(), "the log does not say who")
        stage.tracker.stop()
        expect(not stage.tracker.reported(), f"the sanitizers report {stage.tracker.reported()}")


def test_with_numbers():
    messages = SHARE * 5 // 4 // (FIXES * len(PAD))
    with Stage("share_numbered", BINARIES, CITY) as stage:
        stage.start()
        redis, unit, mad = stage.redis.client(), stage.broker.client("unit"), stage.broker.client("mad")
        unit.subscribe("muck/v1/other/ack")
        mad.subscribe("muck/v1/mad/ack")
        payloads = [message(n, boot=lambda _: "b", seq=lambda k: k) for n in range(messages)]
        acked, rounds = 0, 0
        while acked < messages * FIXES and rounds < 100:
            mad.publish_all([(contract.topic("mad", "fix"), p) for p in payloads[acked // FIXES:]])
            others_are_served(stage, unit, 5 * rounds + 1)
            while (word := mad.receive(lambda m: True, 2)) is not None:
                acked = max(acked, json.loads(word.payload)["seq"])
            rounds += 1
        expect(rounds > 1 and over_share(stage) > 0, "nothing was passed over")
        expect(acked == messages * FIXES, f"{acked} of {messages * FIXES} are acknowledged")
        numbers = [json.loads(fields[b"fix" if b"fix" in fields else "fix"])["seq"] for _, fields in contract.track(redis, "mad")]
        expect(numbers == list(range(1, messages * FIXES + 1)), f"{len(numbers)} of {messages * FIXES} are in the track, or not in order")
        expect(redis.call("XLEN", contract.key("rejects")) == 0, "a numbered fix was refused")
        stage.tracker.stop()
        expect(not stage.tracker.reported(), f"the sanitizers report {stage.tracker.reported()}")


ELEMENTS, MESSAGES = 131_071, 80  # the dearest there is to read; 80 of them are three times what is read at once


def test_nonsense():
    """Each element is told, or the message that was left unread (how many are, `reading` tells); the others are served, and
    so is the unit once it has paid."""
    with Stage("share_nonsense", BINARIES, CITY) as stage:
        stage.start()
        redis, unit, mad = stage.redis.client(), stage.broker.client("unit"), stage.broker.client("mad")
        unit.subscribe("muck/v1/other/ack")
        mad.subscribe("muck/v1/mad/ack")
        mad.publish_all([(contract.topic("mad", "fix"), b"[" + b"1," * (ELEMENTS - 1) + b"1]")] * MESSAGES)
        others_are_served(stage, unit, 1)

        def unread():
            return int(stage.metrics()["muckwatch_messages_over_share_total"])

        def refusals():
            return [fields for _, fields in redis.stream(contract.key("rejects"))]

        def all_told():
            told = sum(int(r.get("count", 1)) for r in refusals())
            return told == (MESSAGES - unread()) * ELEMENTS + unread()
        wait_until(all_told, 120, lambda: f"each is told: {unread()} messages unread\n" + stage.tracker.tail(), every_s=0.5)
        if unread():
            expect(b"too_much" in {r["reason"] for r in refusals()} and "vehicle_over_share" in stage.tracker.text(), "nobody is told why")
        mad.publish(contract.topic("mad", "fix"), json.dumps({"time": T, "lat": 30.5, "lon": 113.0, "boot": "m", "seq": 1}).encode())
        expect(mad.receive(lambda m: json.loads(m.payload)["seq"] == 1, 120), "it is not heard any more")
        stage.tracker.stop()
        expect(not stage.tracker.reported(), f"the sanitizers report {stage.tracker.reported()}")


run([test_without_numbers, test_with_numbers, test_nonsense])
