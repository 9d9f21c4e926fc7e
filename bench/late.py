#!/usr/bin/env python3
"""How long the violations of others take while 100 vehicles are judged again over six hours each.

    scripts/bench late [--rounds N] [--rate FIXES_A_SECOND] [--vehicles N] [--units N]

muckctl simulate plays the sample day, a spill in each 20th fix, through broker, tracker and Redis (appendfsync always) for the
whole time. By turns 100 vehicles with six hours of track each send one report that is six hours old, and for about as long
nothing comes late. Latency is from arrival to the store's own time of the entry, in ms, of all entries but
those of the 100; the time in which nothing is late lies half before and half behind. Ends with 1 where there are fewer than 1,000 alerts on either side.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench")]

from daemon_load import WORKLOADS  # noqa: E402  (the path is set above)
from harness import contract  # noqa: E402
from harness.place import Place  # noqa: E402
from harness.process import wait_until  # noqa: E402
from harness.servers import Stage  # noqa: E402
from late_memory import taken, trucks  # noqa: E402

BIN, CITY = ROOT / "build/bench/bin", ROOT / "fixtures/city"
SPAN_S, QUIET_S, BATCH, LEAST, PREFIX = 6 * 3600, 15, 50, 1000, "again-"
SETTINGS = "late: {horizon_h: 24, quiet_s: 1, max_wait_s: 3}\n"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--vehicles", type=int, default=100)
    parser.add_argument("--units", type=int, default=1000)
    return parser.parse_args()


def city(place, model, count):
    """The sample city with so many more trucks like one of its own, under the same permits."""
    folder = place.folder("city")
    for file in CITY.iterdir():
        if file.suffix in (".json", ".geojson", ".yaml"):
            (folder / file.name).write_bytes(file.read_bytes())
    fleet = json.loads((CITY / "fleet.json").read_text(encoding="utf-8"))
    more = [f"{PREFIX}{n}" for n in range(count)]
    row = next(v for v in fleet["vehicles"] if v["id"] == model)
    fleet["vehicles"] += [{**row, "id": name, "plate": name} for name in more]
    for permit in fleet["permits"]:
        if model in permit["vehicles"]:
            permit["vehicles"] += more
    (folder / "fleet.json").write_text(json.dumps(fleet), encoding="utf-8")
    return folder, more


def play_past(stage, unit, vehicles, fixes):
    batches = [json.dumps(fixes[i:i + BATCH]).encode() for i in range(0, len(fixes), BATCH)]
    unit.publish_all((contract.topic(v, "fix"), batch) for batch in batches for v in vehicles)
    wait_until(lambda: taken(stage) >= len(fixes) * len(vehicles), 300, "six hours of each are judged")


def between(fixes, n):
    """A report that was not there, between two of the first ones that are."""
    a, b = fixes[n], fixes[n + 1]
    return {**a, "time": (a["time"] + b["time"]) / 2 + 0.001 * n, **{k: (a[k] + b[k]) / 2 for k in ("lat", "lon") if k in a and k in b}}


def redos(stage):
    return stage.metrics().get("muckwatch_redos_total", 0)


def latencies(redis, since):
    """Of what was said since then of others, in ms; and the id of the last entry."""
    found, last = [], since
    for entry, fields in redis.call("XRANGE", contract.key("violations"), "(" + since, "+"):
        last = entry.decode()
        e = dict(zip(fields[::2], fields[1::2]))
        if b"received" in e and not e[b"vehicle"].startswith(PREFIX.encode()) and e.get(b"cause") != b"late":
            found.append(int(last.partition("-")[0]) - int(e[b"received"]))
    return found, last


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


def words(values):
    return f"p50 {percentile(values, 0.5)} ms, p99 {percentile(values, 0.99)} ms over {len(values)} alerts"


def turn(stage, redis, late):
    """(seconds, latencies): while what is late is judged again."""
    last = redis.call("XINFO", "STREAM", contract.key("violations"))
    last = last[last.index(b"last-generated-id") + 1].decode()
    before, began = redos(stage), time.monotonic()
    unit = stage.broker.client("unit")  # anew: an idle one is let go of
    unit.publish_all(late)
    wait_until(lambda: redos(stage) >= before + len(late), 300, "all are judged again", every_s=0.2)
    return time.monotonic() - began, latencies(redis, last)[0]


def quiet_turn(redis, seconds):
    last = redis.call("XINFO", "STREAM", contract.key("violations"))
    last = last[last.index(b"last-generated-id") + 1].decode()
    time.sleep(seconds)
    return latencies(redis, last)[0]


def main():
    options = arguments()
    trace = ROOT / "build/bench/day.ndjson"
    WORKLOADS["day"][0](trace)
    model, fixes = next(iter(trucks(CITY, 1).items()))
    fixes = [f for f in fixes if f["time"] < fixes[0]["time"] + SPAN_S]
    place = Place("late-bench")
    folder, vehicles = city(place, model, options.vehicles)
    busy, calm = [], []
    with Stage("late_bench", BIN, folder, rules=SETTINGS) as stage:
        stage.start()
        redis, unit = stage.redis.client(), stage.broker.client("unit")
        play_past(stage, unit, vehicles, fixes)
        print(f"{len(vehicles)} vehicles with {len(fixes)} fixes in six hours; the others {options.rate} fixes/s of {options.units} units", flush=True)
        source = subprocess.Popen([BIN / "muckctl", "simulate", "--port", str(stage.broker.port), "--speed", "0", "--units", str(options.units),
                                   "--repeat", "--fixes", "1000000000", "--no-acks", "--batch", "1", "--rate", str(options.rate), trace],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(10)
            for n in range(options.rounds):
                began = time.monotonic()
                late = [(contract.topic(v, "fix"), json.dumps(between(fixes, n)).encode()) for v in vehicles]
                quiet = quiet_turn(redis, QUIET_S)
                seconds, found = turn(stage, redis, late)
                quiet += quiet_turn(redis, QUIET_S)
                busy += found
                calm += quiet
                print(f"round {n + 1}: {len(late)} judged again in {seconds:.1f} s: {words(found)}; nothing late: {words(quiet)}", flush=True)
                time.sleep(max(0, 61 - (time.monotonic() - began)))  # a vehicle is judged again once a minute
        finally:
            source.kill()
            source.wait()
        again = stage.metrics().get("muckwatch_redo_fixes_total", 0)
    place.remove()
    ratio = percentile(busy, 0.99) / percentile(calm, 0.99)
    print(f"all rounds: judged again ({again:.0f} fixes) {words(busy)}; nothing late {words(calm)}; p99 {(ratio - 1) * 100:+.0f} %")
    return 0 if min(len(busy), len(calm)) >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
