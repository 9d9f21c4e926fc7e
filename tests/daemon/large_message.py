"""The largest message there is: 256 KiB of fixes over bans that overlap, so that nearly each fix opens or closes something.

What it causes is many times its size. It goes to the store in bounded commits, whatever the store's pace; its answer waits
for the last of them, and a kill within it loses nothing and stores nothing twice.
"""
import json
import signal
import threading
import time

from common import BINARIES, Stage, contract, expect, run, wait_until
from harness.place import Place

T, STEP_S, PAYLOAD_MAX = 1_778_212_800, 60, 256 << 10
COMMIT_MAX = 8 << 20  # 2 MiB fill a batch; in the store's file it has the names of all keys as well
SECONDS = 240


def city(place, bans):
    """Bans over one place, each for a reason of its own: so many things."""
    def square(d, name):
        west, east, south, north = 112.8 - d, 112.8 + d, 30.4 - d, 30.4 + d
        return {"type": "Feature", "id": name, "properties": {"kind": "banned", "name": name, "reason": name},
                "geometry": {"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]}}
    folder = place.folder("city")
    (folder / "fences.geojson").write_text(json.dumps(
        {"type": "FeatureCollection", "features": [square(0.004 + 0.0002 * n, f"ban-{n}") for n in range(bans)]}), encoding="utf-8")
    (folder / "fleet.json").write_text('{"vehicles":[{"id":"t1","class":"muck_truck"}]}', encoding="utf-8")
    (folder / "muckwatch.yaml").write_text("city: {timezone: UTC, fences: [fences.geojson], fleet: [fleet.json]}\n", encoding="utf-8")
    return folder


def array(numbered):
    """Two fixes inside, two outside, and so on, as many as a message holds."""
    fixes, size = [], 2
    for n in range(PAYLOAD_MAX):
        seq = f',"boot":"b","seq":{n + 1}' if numbered else ""
        lat = "30.4" if n // 2 % 2 == 0 else "30.41"
        fix = f'{{"time":{T + STEP_S * n},"lat":{lat},"lon":112.8{seq}}}'
        size += len(fix) + 1
        if size > PAYLOAD_MAX:
            break
        fixes.append(fix)
    return fixes


def track(redis, vehicle="t1"):
    return [(f["fix"].decode(), f.get("late", b"").decode()) for _, f in redis.stream(contract.key("track:" + vehicle))]


def largest_commit(stage):
    """Bytes of the largest transaction in the store's file."""
    largest = 0
    for path in stage.redis.folder.glob("appendonlydir/*.incr.aof"):
        for part in path.read_bytes().split(b"\r\nMULTI\r\n")[1:]:
            largest = max(largest, part.index(b"\r\nEXEC\r\n") if b"\r\nEXEC\r\n" in part else 0)
    return largest


class Pace:
    """Lets a process run for a part of the time."""

    def __init__(self, process, share):
        self.process, self.share, self.ended = process, share, threading.Event()
        self.thread = threading.Thread(target=self._drive)

    def _drive(self):
        while not self.ended.is_set():
            self.process.signal(signal.SIGSTOP)
            time.sleep(0.1 * (1 - self.share))
            self.process.signal(signal.SIGCONT)
            time.sleep(0.1 * self.share)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *error):
        self.ended.set()
        self.thread.join()


def check(stage, redis, fixes, bans):
    wait_until(lambda: redis.call("XLEN", contract.key("track:t1")) >= len(fixes), SECONDS, lambda: "all of it is stored\n" + stage.tracker.tail())
    time.sleep(0.5)  # for what should not come
    expect(track(redis) == [(fix, "") for fix in fixes], "fixes are missing, doubled, late or not in order")
    events = [f["event"] for f in contract.violations(redis)]
    expect(events.count("opened") == (len(fixes) + 2) // 4 * bans, f"{events.count('opened')} opened")
    ids = [(f["id"], f["rev"]) for f in contract.violations(redis)]
    expect(len(ids) == len(set(ids)), "a violation is told twice")
    expect(not redis.call("EXISTS", contract.key("rejects")), "something is refused")
    expect(largest_commit(stage) < COMMIT_MAX, f"a commit of {largest_commit(stage)} bytes")
    expect(not stage.tracker.reported(), f"the sanitizers report {stage.tracker.reported()}")


def check_replay(stage, redis):
    """A message that is in several batches is judged again as it was: byte for byte."""
    bundle, store = stage.place.path / "rulesets", f"127.0.0.1:{stage.redis.port}"
    stage.muckctl("rulesets", "--redis", store, "--export", bundle)
    said = stage.muckctl("replay", "--rulesets", bundle, "--quiet", "-", input=stage.muckctl("track", "--redis", store).stdout)
    again = [json.loads(line, parse_float=str, parse_int=str) for line in said.stdout.splitlines()]
    again = [entry for entry in again if entry.pop("stream") == "violations"]
    live = [{k: v.decode() for k, v in f.items()} for _, f in redis.stream(contract.key("violations"))]
    expect(live == again, f"{len(live)} entries, {len(again)} in the replay, or others")


def test_a_slow_store():
    """At a thirtieth of its pace, one commit of all of it would be given up again and again."""
    place = Place("slow")
    with Stage("large_message", BINARIES, city(place, 3)) as stage:
        stage.start()
        redis, unit, fixes = stage.redis.client(), stage.broker.client("unit"), array(numbered=False)
        expect(len(fixes) > 5900, f"{len(fixes)} fixes")
        with Pace(stage.redis, 0.03):
            unit.publish(contract.topic("t1", "fix"), "[" + ",".join(fixes) + "]")
            check(stage, redis, fixes, 3)
        check_replay(stage, redis)
        expect(stage.tracker.starts == 1, "it was started again")
    place.remove()


def test_killed_within_it():
    """Twice, between two of its commits: the broker brings it again, and what is stored is known by its numbers."""
    place = Place("killed")
    with Stage("large_message_killed", BINARIES, city(place, 4)) as stage:
        stage.start()
        redis, unit, fixes = stage.redis.client(), stage.broker.client("unit"), array(numbered=True)
        unit.subscribe("muck/v1/+/ack")
        unit.publish(contract.topic("t1", "fix"), "[" + ",".join(fixes) + "]")
        for share in (0.2, 0.6):
            wait_until(lambda s=share: redis.call("XLEN", contract.key("track:t1")) > s * len(fixes), SECONDS,
                       lambda: "it is taken\n" + stage.tracker.tail(), every_s=0.02)
            stage.tracker.kill()
            stored = redis.call("XLEN", contract.key("track:t1"))
            expect(stored < len(fixes), "it was killed too late to show anything")
            stage.tracker.start()
        check(stage, redis, fixes, 4)
        check_replay(stage, redis)
        expect(unit.receive(lambda m: json.loads(m.payload)["seq"] == len(fixes), SECONDS), "its last fix is not acknowledged")
    place.remove()


run([test_a_slow_store, test_killed_within_it])
