"""The whole line: a unit, a broker, the tracker and Redis, while links are cut, units and brokers killed. In the end
every journaled fix stands in the vehicle's track once, in order, byte for byte; and replaying the unit's journal gives
the violations that the tracker found.

usage: test_end_to_end.py BIN_DIR [SEED]; MW_NIGHTLY=1 in the environment: 50 and 20 kills, a cut of ten minutes."""
import json
import os
import pathlib
import random
import subprocess
import sys
import time

from stage import Gpsd, Unit, need, wait_for
from harness.servers import Stage

NIGHTLY = os.environ.get("MW_NIGHTLY") == "1"
VEHICLE = "truck-7"
HERE = pathlib.Path(__file__).resolve().parent


def track(redis):
    entries = redis.call("XRANGE", f"muck:{{0}}:track:{VEHICLE}", "-", "+")
    return [dict(zip(fields[::2], fields[1::2])) for _, fields in entries]


def violations(redis):
    """What does not depend on when a fix arrived."""
    out = []
    for _, fields in redis.call("XRANGE", "muck:{0}:violations", "-", "+"):
        entry = dict(zip(fields[::2], fields[1::2]))
        out.append(tuple(entry.get(k.encode(), b"").decode() for k in ("id", "rev", "event", "kind", "start", "at", "end")))
    return out


def replayed(bin_dir, config, journal):
    """The same from the journal, offline."""
    run = subprocess.run([os.path.join(bin_dir, "muckctl"), "replay", "--config", str(config), "-"], input=journal,
                         capture_output=True, check=True)
    out = []
    for line in run.stdout.splitlines():
        entry = json.loads(line)
        if entry["stream"] == "violations":
            out.append(tuple(str(entry.get(k, "")) for k in ("id", "rev", "event", "kind", "start", "at", "end")))
    return out


def last_in_track(redis):
    entries = redis.call("XREVRANGE", f"muck:{{0}}:track:{VEHICLE}", "+", "-", "COUNT", "1")
    return json.loads(dict(zip(entries[0][1][::2], entries[0][1][1::2]))[b"fix"])["seq"] if entries else 0


def disturb(stage, unit, redis, rng):
    unit.start()
    wait_for("the first fixes", lambda: last_in_track(redis) > 20, 30)
    for _ in range(50 if NIGHTLY else 12):
        time.sleep(rng.uniform(0.1, 0.8))
        unit.kill()
        unit.start()
    for _ in range(20 if NIGHTLY else 5):
        before = last_in_track(redis)
        wait_for("fixes through the new broker", lambda: last_in_track(redis) > before, 60)
        stage.broker.kill()
        stage.broker.start()
    # A cut: the broker is there and carries nothing.
    stage.broker.pause()
    time.sleep(600 if NIGHTLY else 8)
    stage.broker.resume()
    for _ in range(10 if NIGHTLY else 3):
        time.sleep(rng.uniform(0.2, 1))
        stage.tracker.kill()
        stage.tracker.start()


def main():
    need("mosquitto")
    need("redis-server")
    bin_dir, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5
    print(f"seed {seed}")
    gpsd = Gpsd(50, leg=400)
    with Stage("mw-onboard-e2e", bin_dir, HERE / "city") as stage:
        stage.start()
        redis = stage.redis.client()
        unit = Unit(bin_dir, str(stage.place.path), VEHICLE, stage.broker.port, gpsd.port,
                    "sampling: {every_s: 1, standing_s: 60}\n")
        try:
            disturb(stage, unit, redis, random.Random(seed))
            gpsd.driving = False
            time.sleep(0.5)
            wait_for("the last fix in the track", lambda: last_in_track(redis) >= unit.summary()["last"], 90)
            unit.stop()
        finally:
            if unit.process is not None and unit.process.poll() is None:
                unit.kill()
            gpsd.stop()
        lines = subprocess.run([unit.ctl, "journal", "--vehicle", VEHICLE, unit.journal_dir], check=True,
                               capture_output=True).stdout
        sent = [b"{" + line.split(b",", 1)[1] for line in lines.splitlines()]
        kept = track(redis)
        got = [entry[b"fix"] for entry in kept if b"fix" in entry]
        assert got == sent, f"{len(got)} in the track, {len(sent)} in the journal, {len(set(sent) - set(got))} missing"
        holes = [entry for entry in kept if b"hole" in entry or b"late" in entry]
        assert not holes, holes[:3]
        plain = subprocess.run([unit.ctl, "journal", "--vehicle", VEHICLE, "--replay", unit.journal_dir], check=True,
                               capture_output=True).stdout
        live, offline = violations(redis), replayed(bin_dir, stage.config, plain)
        assert live == offline, f"live {len(live)}, offline {len(offline)}: {set(live) ^ set(offline)}"
        opened = sum(v[2] == "opened" for v in live)
        assert opened >= 4, live
        print(f"{len(sent)} fixes, {unit.summary()['last'] - len(sent)} numbers left out, {opened} violations: "
              "the same in journal, track and replay")


if __name__ == "__main__":
    main()
