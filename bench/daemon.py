#!/usr/bin/env python3
"""Fixes a second and CPU a fix of the whole tracker, beside the broker's and a discarding subscriber's in one run.

    scripts/bench daemon [--fixes N] [--units N] [--workload day|unkind]

The load is muckctl simulate with a trace of bench/daemon_load.py over loopback; broker, Redis (appendfsync always), load and
tracker share this machine. Prints one line a process: CPU in microseconds a fix; then, at half of that rate, how long a
violation takes from the first fix of its batch to the stream. Ends with 1 where too few violations came of it to say so.
"""
import argparse
import math
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "bench")]

from daemon_load import WORKLOADS  # noqa: E402  (the path is set above)
from harness import contract  # noqa: E402
from harness.process import wait_until  # noqa: E402
from harness.servers import Stage  # noqa: E402

BIN = ROOT / "build/bench/bin"
DISCARD = ROOT / "build/bench/bench/bench_discard"
# So many observations a percentile wants: ten beyond it.
LEAST = {0.5: 20, 0.99: 1000}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fixes", type=int, default=200_000)
    parser.add_argument("--units", type=int, default=1000)
    parser.add_argument("--workload", choices=WORKLOADS, action="append", help="all, unless named")
    parser.add_argument("--rate", type=int, help="of the second run (half of what the first one took)")
    return parser.parse_args()


def load(stage, options, trace, more):
    return subprocess.Popen([BIN / "muckctl", "simulate", "--port", str(stage.broker.port), "--speed", "0",
                             "--units", str(options.units), "--repeat", "--fixes", str(options.fixes), "--no-acks", *more,
                             trace], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def taken(stage):
    return sum(v for name, v in stage.metrics().items() if name.startswith("muckwatch_fixes_taken_total"))


def discard(options, trace):
    """What the broker and a subscriber spend on carrying the messages, one fix each, with nobody judging them."""
    with Stage("discard", BIN, ROOT / "fixtures/city") as stage:
        peer = subprocess.Popen([DISCARD, str(stage.broker.port), str(options.fixes)], stdout=subprocess.PIPE, text=True)
        peer.stdout.readline()
        before, began = stage.broker.cpu_s(), time.monotonic()
        source = load(stage, options, trace, ("--batch", "1"))
        answer = peer.stdout.readline().split()
        took, broker = time.monotonic() - began, stage.broker.cpu_s() - before
        source.wait()
        peer.wait()
    return options.fixes / took, broker / options.fixes * 1e6, float(answer[1])


def track(options, trace, more):
    """(fixes a second, CPU of broker, tracker and Redis a fix in us, metrics, entries of violations)"""
    with Stage("bench", BIN, ROOT / "fixtures/city") as stage:
        stage.start()
        processes = (stage.broker, stage.tracker, stage.redis)
        before, began = [p.cpu_s() for p in processes], time.monotonic()
        source = load(stage, options, trace, more)
        wait_until(lambda: taken(stage) >= options.fixes, 600, "all fixes are taken", every_s=0.05)
        took = time.monotonic() - began
        spent = [(p.cpu_s() - b) / options.fixes * 1e6 for p, b in zip(processes, before)]
        source.wait()
        redis = stage.redis.client()
        entries = redis.call("XLEN", contract.key("violations"))
        redis.close()
        return options.fixes / took, spent, stage.metrics(), entries


def percentile(metrics, name, share):
    """The edge of the bucket in which it lies, in words; or over how many it would have been."""
    count = metrics.get(name + "_count", 0)
    if count < LEAST[share]:
        return f"p{share * 100:.0f} not told: over {count:.0f}, of {LEAST[share]} at least"
    buckets = [(float(m[1]), v) for key, v in metrics.items() if (m := re.fullmatch(name + r'_bucket\{le="([\d.]+)"\}', key))]
    edge_s = next((edge for edge, below in sorted(buckets) if below >= count * share), math.inf)
    return f"p{share * 100:.0f} <= {edge_s * 1000:.1f} ms"


def both(metrics, name):
    return f"{percentile(metrics, name, 0.5)}, {percentile(metrics, name, 0.99)}"


def measure(options, name):
    """Prints the figures of a workload. False where nothing can be said of its violations."""
    make, how = WORKLOADS[name]
    trace = ROOT / f"build/bench/{name}.ndjson"
    words = make(trace)
    print(f"{name}: {words}; {options.fixes} fixes of {options.units} vehicles, {' '.join(how)}")
    rate, broker_alone, subscriber = discard(options, trace)
    print(f"discarding subscriber  {rate:8.0f} fixes/s   broker {broker_alone:5.1f} us/fix   subscriber {subscriber:5.1f} us/fix"
          "   (one fix a message)")
    rate, (broker, tracker, redis), metrics, entries = track(options, trace, how)
    print(f"muckwatchd             {rate:8.0f} fixes/s   broker {broker:5.1f} us/fix   tracker    {tracker:5.1f} us/fix   "
          f"Redis {redis:5.1f} us/fix   {entries} entries of violations, {entries / options.fixes * 100:.1f} in 100 fixes")
    print(f"tracker / broker       {tracker / broker:8.2f}   commit {both(metrics, 'muckwatch_commit_seconds')}")
    half = options.rate or max(int(rate / 2), 1)
    _, _, metrics, entries = track(options, trace, (*how, "--rate", str(half)))
    alerts = metrics.get("muckwatch_alert_seconds_count", 0)
    print(f"at {half} fixes/s       alert latency {both(metrics, 'muckwatch_alert_seconds')} "
          f"({alerts:.0f} alerts, {entries} entries in the stream, {options.fixes} fixes)", flush=True)
    if alerts != entries:
        print(f"  !! {alerts:.0f} alerts were measured, {entries} are in the stream")
    return alerts >= LEAST[0.99] and alerts == entries


def main():
    options = arguments()
    return 0 if all([measure(options, name) for name in options.workload or WORKLOADS]) else 1


if __name__ == "__main__":
    sys.exit(main())
