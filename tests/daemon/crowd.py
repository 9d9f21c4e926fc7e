"""More vehicles than a batch holds, each with a warning for its cab that nobody has taken yet: one connection serves all.

While messages of ours wait for the broker's answer, libmosquitto reads as many packets in one call, past any hold.
"""
import json

from common import BINARIES, CITY, Stage, contract, expect, run, wait_until

T = 1_770_000_000
VEHICLES, ROUNDS = 1500, 6


def test_crowd():
    with Stage("crowd", BINARIES, CITY) as stage:
        stage.config.write_text(stage.config.read_text(encoding="utf-8") + "\nlimits: {batch_messages: 100}\n", encoding="utf-8")
        stage.start()
        redis, units = stage.redis.client(), stage.broker.client("units")
        messages = []
        for n in range(ROUNDS):
            fix = json.dumps({"time": T + 10 * n, "lat": 30.4, "lon": 112.8, "sensors": {"spill": n % 4 < 2}}).encode()
            messages += [(contract.topic(f"v{v}", "fix"), fix) for v in range(VEHICLES)]
        units.publish_all(messages, window=1000)
        wait_until(lambda: sum(v for k, v in stage.metrics().items() if "fixes_taken" in k) >= len(messages), 60,
                   lambda: "all is taken\n" + stage.tracker.tail(), every_s=0.1)
        metrics = stage.metrics()
        expect(metrics['muckwatch_connects_total{link="broker"}'] == 1, "the connection was given up\n" + stage.tracker.tail())
        expect(metrics["muckwatch_warnings_total"] >= VEHICLES, f"{metrics['muckwatch_warnings_total']} warnings")
        wait_until(lambda: all(redis.call("XLEN", contract.key(f"track:v{v}")) == ROUNDS for v in range(VEHICLES)), 20,
                   lambda: "every fix is stored, once", every_s=0.2)
        stage.tracker.stop()
        expect(not stage.tracker.reported(), f"the sanitizers report {stage.tracker.reported()}")


run([test_crowd])
