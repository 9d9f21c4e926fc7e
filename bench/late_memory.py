#!/usr/bin/env python3
"""What Redis keeps to judge a vehicle again: trucks that drive for 24 hours, in order and live first.

    scripts/bench late_memory [TRUCKS]

Each is a truck of the sample day whose eight hours with most fixes are driven three times in a row. Printed is, a vehicle, MEMORY
USAGE of `past`, `said` and its trips in `ledger`, and what a checkpoint has in bytes.
"""
import datetime
import json
import lzma
import pathlib
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from harness import contract  # noqa: E402  (the path is set above)
from harness.process import wait_until  # noqa: E402
from harness.servers import Stage  # noqa: E402

ROUND_S, ROUNDS, BATCH = 8 * 3600, 3, 50
SETTINGS = "late: {horizon_h: 24, quiet_s: 1, max_wait_s: 3}\n"


def seconds(time):
    return datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp() if isinstance(time, str) else float(time)


def trucks(city, count):
    """{vehicle: fixes with times in seconds}: those with most fixes in eight hours, a whole day of it."""
    by_vehicle = {}
    for line in lzma.open(city / "day.ndjson.xz"):
        fix = json.loads(line)
        by_vehicle.setdefault(fix["vehicle"], []).append(
            {k: v for k, v in fix.items() if k not in ("vehicle", "boot", "seq", "received")} | {"time": seconds(fix["time"])})
    busiest = {}
    for vehicle, fixes in by_vehicle.items():
        fixes.sort(key=lambda f: f["time"])
        first, best = 0, (0, 0, 0)
        for i, fix in enumerate(fixes):
            while fixes[first]["time"] < fix["time"] - ROUND_S:
                first += 1
            best = max(best, (i - first, first, i))
        busiest[vehicle] = fixes[best[1]:best[2]]
    chosen = sorted(busiest, key=lambda v: -len(busiest[v]))[:count]
    return {v: [f | {"time": f["time"] + ROUND_S * n} for n in range(ROUNDS) for f in busiest[v]] for v in chosen}


def messages(vehicle, fixes, live_first):
    """Batches in order; or dead zones of 10 min each half hour, the newest first and the rest behind it."""
    if not live_first:
        return [(vehicle, fixes[i:i + BATCH]) for i in range(0, len(fixes), BATCH)]
    out, kept = [], []
    for fix in fixes:
        if fix["time"] % 1800 < 600:
            kept.append(fix)
            continue
        out.append((vehicle, [fix]))
        if kept:
            out.append((vehicle, kept))
        kept = []
    return out


def taken(stage):
    return sum(v for name, v in stage.metrics().items() if name.startswith("muckwatch_fixes_taken_total"))


def redone(stage, seconds_):
    """Whether nothing was judged again for so long."""
    before = stage.metrics().get("muckwatch_redos_total", 0)
    time.sleep(seconds_)
    return stage.metrics().get("muckwatch_redos_total", 0) == before


def used(redis, vehicle):
    """(past, said, ledger, track, states): bytes, and the bytes of each checkpoint's state."""
    def memory(key):
        return redis.call("MEMORY", "USAGE", contract.key(key), "SAMPLES", 0) or 0
    members = redis.call("ZRANGE", contract.key("said:" + vehicle), 0, -1)
    ledger = sum(memory("ledger:" + m.decode()[2:]) for m in members if m.startswith(b"t-"))
    states = [len(fields["state"]) for _, fields in redis.stream(contract.key("past:" + vehicle))]
    return memory("past:" + vehicle), memory("said:" + vehicle), ledger, memory("track:" + vehicle), states


def measure(binaries, city, count):
    driven = trucks(city, count)
    for live_first in (False, True):
        with Stage("late_memory", binaries, city, rules=SETTINGS) as stage:
            stage.start()
            redis, unit = stage.redis.client(), stage.broker.client("unit")
            sent = [m for v, fixes in driven.items() for m in messages(v, fixes, live_first)]
            total = sum(len(m[1]) for m in sent)
            unit.publish_all((contract.topic(v, "fix"), json.dumps(batch).encode()) for v, batch in sent)
            wait_until(lambda: taken(stage) >= total, 120, lambda: f"{taken(stage)} of {total} fixes are taken")
            wait_until(lambda: redone(stage, 5), 300, "all is judged again", every_s=0)
            figures = [used(redis, v) for v in driven]
            points = [len(f[4]) for f in figures]
            sizes = [size for f in figures for size in f[4]]
            print(f"{'live first' if live_first else 'in order'}: {len(figures)} trucks, {total // len(figures)} fixes each in 24 h; "
                  f"{min(points)} to {max(points)} checkpoints, a state in them {statistics.mean(sizes):.0f} bytes, at most {max(sizes)}")
            for name, column in (("past", 0), ("said", 1), ("ledger", 2), ("track", 3)):
                print(f"  {name:7} {statistics.mean(f[column] for f in figures) / 1000:7.1f} KB, at most {max(f[column] for f in figures) / 1000:.1f}")
            whole = [sum(f[:3]) for f in figures]
            print(f"  all     {statistics.mean(whole) / 1000:7.1f} KB, at most {max(whole) / 1000:.1f}   (past, said, ledger)", flush=True)


if __name__ == "__main__":
    measure(ROOT / "build/bench/bin", ROOT / "fixtures/city", int(sys.argv[1]) if len(sys.argv) > 1 else 12)
