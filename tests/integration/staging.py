"""What the integration tests share: a stage from the command line's arguments, the sample day, and waiting.

    python3 test_X.py BINARIES [unittest's own arguments]
"""
import json
import lzma
import pathlib
import sys
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from harness import contract  # noqa: E402  (the path is set above)
from harness.process import wait_until  # noqa: E402
from harness.servers import Stage  # noqa: E402

CITY = ROOT / "fixtures" / "city"
SMALL_CITY = ROOT / "tests" / "faults" / "city"
BINARIES = ROOT / "build" / "asan" / "bin"
# A time well in the past: no fix is a future one.
BASE_S = 1_770_000_000


def fix(vehicle_s=0, lat=30.4, lon=112.9, **fields):
    """A fix's bytes, so many seconds after the base."""
    fields = {"time": BASE_S + vehicle_s, "lat": lat, "lon": lon, "mode": 3, **fields}
    return json.dumps({name: value for name, value in fields.items() if value is not None}).encode()


def day_lines():
    """The sample day as (vehicle, the fix's bytes), in the order of arrival."""
    for line in lzma.open(CITY / "day.ndjson.xz"):
        line = line.rstrip()
        head = line.index(b",") + 1
        yield json.loads(b"{" + line[1:head - 1] + b"}")["vehicle"], b"{" + line[head:line.rindex(b',"received":')] + b"}"


def replay_lines(pairs, received_ms=None):
    """(vehicle, fix) pairs as lines for muckctl replay, with one arrival for all, so that no clock moves but by fixes."""
    received_ms = received_ms or int(time.time() * 1000)
    return [b'{"vehicle":"%s","received":%d,' % (v.encode(), received_ms) + f[1:] for v, f in pairs]


class StageCase(unittest.TestCase):
    """A test with a stage of its own: `self.stage`, and `self.redis` and `self.mqtt` on it."""

    city, options, maxDiff = SMALL_CITY, {}, None

    def setUp(self):
        self.stage = Stage(self.id().rsplit(".", 1)[-1], BINARIES, self.city, **self.options)
        self.stage.__enter__()
        self.addCleanup(self.leave)
        self.mqtt = self.redis = None
        self.addCleanup(lambda: [client.close() for client in (self.mqtt, self.redis) if client])
        self.redis = self.stage.redis.client()
        self.start_tracker()
        self.mqtt = self.stage.broker.client("test")

    def leave(self):
        outcome = self._outcome.result
        failed = any(case is self for case, _ in outcome.failures + outcome.errors)
        code = self.stage.tracker.stop() if self.stage.tracker.alive() else 0
        found = self.stage.tracker.reported()
        failed = failed or bool(found) or code != 0
        self.stage.__exit__(AssertionError if failed else None, None, None)
        self.assertIsNone(found, found)
        self.assertEqual(code, 0, "exit code after SIGTERM")

    def start_tracker(self):
        """Starts it and waits until it hears the vehicles."""
        self.stage.tracker.start()
        self.wait_listening()

    def wait_listening(self):
        wait_until(lambda: self.stage.metrics().get("muckwatch_caught_up") == 1, 20,
                   lambda: "the tracker listens\n" + self.stage.tracker.tail())

    def publish(self, vehicle, payload, what="fix", **options):
        self.mqtt.publish(contract.topic(vehicle, what), payload, **options)

    def key(self, name):
        return contract.key(name)

    def count(self, stream):
        return self.redis.call("XLEN", self.key(stream))

    def barrier(self, within_s=60):
        """Waits until everything published so far is committed: messages of one client stay in order."""
        self.barriers = getattr(self, "barriers", 0) + 1
        before = self.count("track:barrier")
        self.publish("barrier", fix(self.barriers, lat=10.0))
        wait_until(lambda: self.count("track:barrier") > before or self.gone(), within_s,
                   lambda: "the tracker takes what was published\n" + self.stage.tracker.tail())

    def gone(self):
        """Fails when the tracker, or whichever has taken its place, has ended."""
        if not any(t.alive() for t in (self.stage.tracker, *self.stage.more)):
            self.fail("the tracker ended\n" + self.stage.tracker.tail(60))
        return False

    def track(self, vehicle):
        return [fields for _, fields in contract.track(self.redis, vehicle)]

    def rejects(self):
        return [{k: v for k, v in fields.items()} for _, fields in self.redis.stream(self.key("rejects"))]

    def violations(self):
        return contract.violations(self.redis)


def main():
    global BINARIES
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        BINARIES = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
