"""Runs what a situation is about: muckctl, or a broker, a store and a tracker of its own."""
import json
import pathlib
import re
import shlex
import subprocess
import tempfile
import time

from harness import contract
from harness.process import wait_until
from harness.servers import Stage

from . import findings


class Place:
    """A situation's folder, the programs, and the test's name."""

    def __init__(self, folder, binaries, name):
        self.folder, self.binaries, self.name = folder, binaries, name

    def muckctl(self, *arguments):
        run = subprocess.run([self.binaries / "muckctl", *map(str, arguments)], capture_output=True, timeout=100, check=False)
        return run.returncode, run.stdout.decode(), run.stderr.decode(errors="replace")


def check(place, wanted):
    """Exit status and all that is printed."""
    config = place.folder / wanted.get("config", "muckwatch.yaml")
    with tempfile.TemporaryDirectory() as copy:
        if "fences" in wanted:
            for path in place.folder.iterdir():
                pathlib.Path(copy, path.name).write_bytes(path.read_bytes())
            text = config.read_text(encoding="utf-8")
            config = pathlib.Path(copy, "muckwatch.yaml")
            config.write_text(re.sub(r"fences: \[[^]]*\]", f"fences: [{wanted['fences']}]", text), encoding="utf-8")
        code, out, err = place.muckctl("check", "--config", config, *wanted.get("options", []))
    if "--json" in wanted.get("options", []):
        try:
            out = json.dumps(findings.read(out), ensure_ascii=False)
        except ValueError:
            out = f"(no JSON: {out})"
    return code, out + err


def replay(place, wanted, fixes):
    code, out, err = place.muckctl("replay", "--config", place.folder / wanted.get("config", "muckwatch.yaml"),
                                   place.folder / fixes)
    if code:
        return [{"stream": "violations", "event": "none", "id": "none", "kind": f"(exit {code}: {err[-300:]})", "vehicle": "",
                 "start": 0, "at": 0}]
    return findings.read(out)


def messages(place, wanted):
    """What is published: (topic, bytes, retained)."""
    if "retained" in wanted:
        for line in (place.folder / wanted["retained"]).read_text(encoding="utf-8").splitlines():
            words = shlex.split(line)
            if words:
                yield words[words.index("-t") + 1], words[words.index("-m") + 1].encode(), "-r" in words
        return
    for line in (place.folder / wanted["fixes"]).read_text(encoding="utf-8").splitlines():
        fix = json.loads(line)
        topic = contract.topic(fix.pop("vehicle"), "fix")
        fix.pop("received", None)
        yield topic, json.dumps(fix, ensure_ascii=False).encode(), False


def numbers(fields):
    """An entry of a stream with the numbers that are numbers in a line of replay."""
    return {key: int(value) if re.fullmatch(r"-?\d+", value) and key not in ("fence", "permit", "plate") else value
            for key, value in fields.items()}


def recorded(redis, warned):
    entries = []
    for stream in ("violations", "trips", "rejects"):
        entries += [{"stream": stream, **numbers({k: v.decode(errors="replace") for k, v in fields.items()})}
                    for _, fields in redis.stream(contract.key(stream))]
    return entries + [{"stream": "warn", **json.loads(m.payload)} for m in warned if m.topic.endswith("/warn")]


def reproduced(stage, redis):
    """What was recorded, replayed without broker and store, against the stream itself."""
    store, bundle = f"127.0.0.1:{stage.redis.port}", stage.place.path / "rulesets"
    stage.muckctl("rulesets", "--redis", store, "--export", bundle)
    track = stage.muckctl("track", "--redis", store).stdout
    again = stage.muckctl("replay", "--rulesets", bundle, "--quiet", "-", input=track, check=False)
    if again.returncode:
        return [f"the record cannot be replayed: {again.stderr.decode()[-300:]}"]
    for stream in ("violations", "trips"):
        was = [{k: v.decode() for k, v in fields.items()} for _, fields in redis.stream(contract.key(stream))]
        now = [{k: v if isinstance(v, str) else json.dumps(v) for k, v in e.items() if k != "stream"}
               for e in (json.loads(line, parse_float=str, parse_int=str) for line in again.stdout.splitlines())
               if e["stream"] == stream]
        if was != now:
            return [f"{stream}: recorded {was}, replayed {now}"]
    return []


def live(place, wanted, judge):
    """Like the other runs; what was left behind is kept where something is wrong."""
    stage = Stage(place.name, place.binaries, place.folder)
    wrong = ["the test itself failed"]
    stage.__enter__()
    try:
        redis = stage.redis.client()
        unit = stage.broker.client("unit")
        unit.subscribe("muck/v1/+/warn")
        if "retained" not in wanted:  # what is retained is there before the tracker
            stage.start()
        for topic, payload, retained in messages(place, wanted):
            unit.publish(topic, payload, retain=retained)
            time.sleep(wanted.get("pace_s", 0))
        if "retained" in wanted:
            stage.start()
        wait_until(lambda: stage.metrics().get("muckwatch_caught_up") == 1, 20, lambda: stage.tracker.tail())
        unit.settle(wanted.get("wait_s", 2))
        wrong = judge(recorded(redis, unit.messages))
        for vehicle, count in wanted.get("track", {}).items():
            entries = redis.call("XLEN", contract.key("track:" + vehicle))
            if entries != count:
                wrong.append(f"track of {vehicle} has {entries} entries, expected {count}")
        for vehicle in wanted.get("not_online", []):
            if redis.call("HGET", contract.key("vehicle:" + vehicle), "online") == b"1":
                wrong.append(f"{vehicle} is taken to be online")
        if wanted.get("reproduced"):
            wrong += reproduced(stage, redis)
        unit.close()
        redis.close()
        code = stage.tracker.stop()
        if code != 0 or stage.tracker.reported():
            wrong.append(f"the tracker ended with {code}: {stage.tracker.reported() or stage.tracker.tail()}")
    finally:
        stage.__exit__(AssertionError if wrong else None, None, None)
    return wrong
