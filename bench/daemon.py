#!/usr/bin/env python3
"""Fixes a second and CPU a fix of the whole tracker, beside the broker's and a discarding subscriber's in one run.

    scripts/bench daemon [--fixes N] [--units N]

The load is muckctl simulate with the sample day, one fix a message, over loopback; broker, Redis (appendfsync always),
load and tracker share this machine. Prints one line a process: CPU in microseconds a fix.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from harness.process import wait_until  # noqa: E402  (the path is set above)
from harness.servers import Stage  # noqa: E402

BIN = ROOT / "build/bench/bin"
DISCARD = ROOT / "build/bench/bench/bench_discard"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fixes", type=int, default=200_000)
    parser.add_argument("--units", type=int, default=1000)
    return parser.parse_args()


def load(stage, options, trace, *more):
    return subprocess.Popen([BIN / "muckctl", "simulate", "--port", str(stage.broker.port), "--speed", "0", "--batch", "1",
                             "--units", str(options.units), "--repeat", "--fixes", str(options.fixes), "--no-acks", *more,
                             trace], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def taken(stage):
    return sum(v for name, v in stage.metrics().items() if name.startswith("muckwatch_fixes_taken_total"))


def discard(options, trace):
    """What the broker and a subscriber spend on carrying the messages, with nobody judging them."""
    with Stage("discard", BIN, ROOT / "fixtures/city") as stage:
        peer = subprocess.Popen([DISCARD, str(stage.broker.port), str(options.fixes)], stdout=subprocess.PIPE, text=True)
        peer.stdout.readline()
        before, began = stage.broker.cpu_s(), time.monotonic()
        source = load(stage, options, trace)
        answer = peer.stdout.readline().split()
        took, broker = time.monotonic() - began, stage.broker.cpu_s() - before
        source.wait()
        peer.wait()
    return options.fixes / took, broker / options.fixes * 1e6, float(answer[1])


def track(options, trace, *more):
    with Stage("bench", BIN, ROOT / "fixtures/city") as stage:
        stage.start()
        processes = (stage.broker, stage.tracker, stage.redis)
        before, began = [p.cpu_s() for p in processes], time.monotonic()
        source = load(stage, options, trace, *more)
        wait_until(lambda: taken(stage) >= options.fixes, 600, "all fixes are taken", every_s=0.05)
        took = time.monotonic() - began
        spent = [(p.cpu_s() - b) / options.fixes * 1e6 for p, b in zip(processes, before)]
        source.wait()
        return options.fixes / took, spent, stage.metrics()


def percentile(metrics, name, share):
    """The edge of the bucket in which it lies, in milliseconds."""
    buckets = [(float(m[1]), v) for key, v in metrics.items() if (m := re.fullmatch(name + r'_bucket\{le="([\d.]+)"\}', key))]
    total = metrics[name + "_count"]
    return next((edge * 1000 for edge, count in sorted(buckets) if count >= total * share), float("inf"))


def main():
    options = arguments()
    trace = ROOT / "build/bench/day.ndjson"
    with open(trace, "wb") as out:
        subprocess.run(["xz", "-dc", ROOT / "fixtures/city/day.ndjson.xz"], stdout=out, check=True)
    rate, broker_alone, subscriber = discard(options, trace)
    print(f"{options.fixes} fixes of {options.units} vehicles, one a message")
    print(f"discarding subscriber  {rate:8.0f} fixes/s   broker {broker_alone:5.1f} us/fix   subscriber {subscriber:5.1f} us/fix")
    rate, (broker, tracker, redis), metrics = track(options, trace)
    print(f"muckwatchd             {rate:8.0f} fixes/s   broker {broker:5.1f} us/fix   tracker    {tracker:5.1f} us/fix   "
          f"Redis {redis:5.1f} us/fix")
    print(f"tracker / broker       {tracker / broker:8.2f}   commit p50 <= {percentile(metrics, 'muckwatch_commit_seconds', .5):.1f} ms, "
          f"p99 <= {percentile(metrics, 'muckwatch_commit_seconds', .99):.1f} ms")
    half = max(int(rate / 2), 1)
    options.fixes = min(options.fixes, half * 10)
    _, _, metrics = track(options, trace, "--rate", str(half))
    print(f"at {half} fixes/s       alert latency p50 <= {percentile(metrics, 'muckwatch_alert_seconds', .5):.1f} ms, "
          f"p99 <= {percentile(metrics, 'muckwatch_alert_seconds', .99):.1f} ms ({metrics['muckwatch_alert_seconds_count']:.0f} alerts)")


main()
