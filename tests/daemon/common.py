"""What the tests of the running tracker share."""
import json
import lzma
import pathlib
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
sys.dont_write_bytecode = True

from harness import contract  # noqa: E402,F401  (the path is set above)
from harness.process import wait_until  # noqa: E402,F401
from harness.servers import Stage  # noqa: E402,F401

CITY = ROOT / "fixtures/city"
BINARIES = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/asan/bin").resolve()
# One arrival for every recorded fix: only fixes move the clocks, as when a day is played fast.
RECEIVED_MS = 1_790_000_000_000


def day(count):
    """The first fixes of the sample day as (vehicle, JSON bytes), in order of arrival."""
    out = []
    with lzma.open(CITY / "day.ndjson.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            fix = json.loads(line)
            vehicle = fix.pop("vehicle")
            fix.pop("received", None)
            out.append((vehicle, json.dumps(fix, separators=(",", ":")).encode()))
            if len(out) == count:
                break
    return out


def replay_lines(fixes):
    return [f'{{"vehicle":"{vehicle}","received":{RECEIVED_MS},'.encode() + fix[1:] for vehicle, fix in fixes]


def send(stage, fixes):
    client = stage.broker.client("units")
    client.publish_all([(contract.topic(vehicle, "fix"), fix) for vehicle, fix in fixes])
    client.close()


def wait_taken(stage, redis, count, within_s=60):
    """Until the tracks and the refusals hold so many fixes."""
    def taken():
        tracks = sum(redis.call("XLEN", contract.key("track:" + v)) for v in contract.vehicles(redis))
        return tracks + redis.call("XLEN", contract.key("rejects")) >= count
    wait_until(taken, within_s, lambda: f"{count} fixes are stored\n" + stage.tracker.tail(), every_s=0.1)


def expect(condition, words):
    if not condition:
        raise AssertionError(words)


def run(tests):
    """Runs functions one by one; the first that fails ends it with its trace."""
    for test in tests:
        began = time.monotonic()
        test()
        print(f"ok {test.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
