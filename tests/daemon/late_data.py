"""Terminals that send the newest report first and what they stored in a dead zone afterwards, against real servers.

Whatever the order in which the fixes come, and however often the tracker is killed, the violations and trips in the store
end as those of `muckctl replay --settled` on the same fixes in order of time, but for when and how they were told. And
`muckctl track | muckctl replay` gives all that was told, to the byte.

    late_data.py BINARIES [KILLS]     with a number: so many kills of tracker and store while 50 vehicles send
"""
import json
import lzma
import random
import subprocess
import sys
import time

from common import BINARIES, CITY, Stage, contract, expect, run, wait_until
from harness.place import Place

VEHICLES, ZONE_S, PERIOD_S, SECONDS = 8, 600, 1800, 300
OF_TELLING = {"event", "rev", "received", "replaces", "replaced_by", "late_data", "opened_at", "at_told"}


def city(place):
    folder = place.folder("city")
    for file in CITY.iterdir():
        if file.suffix in (".json", ".geojson"):
            (folder / file.name).write_bytes(file.read_bytes())
    config = (CITY / "muckwatch.yaml").read_text(encoding="utf-8")
    (folder / "muckwatch.yaml").write_text(config + "\nlate: {quiet_s: 1, max_wait_s: 3}\n", encoding="utf-8")
    return folder


def busiest(count):
    """The fixes of the vehicles of which most is told, as (seconds, vehicle, object), in order of time."""
    kinds = {}
    for line in (CITY / "expected.ndjson").read_text(encoding="utf-8").splitlines():
        want = json.loads(line)
        kinds[want["vehicle"]] = kinds.get(want["vehicle"], 0) + 1
    chosen = set(sorted(kinds, key=lambda v: (-kinds[v], v))[:count])
    fixes = []
    for line in lzma.open(CITY / "day.ndjson.xz"):
        fix = json.loads(line)
        if fix["vehicle"] not in chosen or not isinstance(fix["time"], str) and not isinstance(fix["time"], (int, float)):
            continue
        for key in ("boot", "seq", "received"):
            fix.pop(key, None)
        fixes.append((seconds(fix["time"]), fix.pop("vehicle"), fix))
    return sorted(fixes, key=lambda f: f[0])


def seconds(text):
    if isinstance(text, (int, float)):
        return float(text)
    from datetime import datetime
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def live_first(fixes):
    """[messages]: in a dead zone a vehicle keeps its fixes; behind it the newest goes out, and then what was kept."""
    kept, out = {}, []
    for at, vehicle, fix in fixes:
        phase = (at + sum(vehicle.encode()) * 97) % PERIOD_S
        if phase < ZONE_S:
            kept.setdefault(vehicle, []).append(fix)
            continue
        out.append((vehicle, [fix]))
        if kept.get(vehicle):
            out.append((vehicle, kept.pop(vehicle)))
    return out + [(vehicle, batch) for vehicle, batch in kept.items() if batch]


def settled(folder, fixes):
    lines = "\n".join(json.dumps({"vehicle": v, **fix}) for _, v, fix in fixes) + "\n"
    done = subprocess.run([BINARIES / "muckctl", "replay", "--quiet", "--settled", "--config", folder / "muckwatch.yaml", "-"],
                          input=lines.encode(), stdout=subprocess.PIPE, check=True, timeout=SECONDS)
    said = (json.loads(line, parse_float=str, parse_int=str) for line in done.stdout.splitlines())  # digits as they are
    return {o.get("id") or o["trip"]: plain(o) for o in said if not by_arrival(o)}


def by_arrival(entry):
    return entry.get("kind") == "offline" or entry.get("cause") == "clock"


def plain(fields):
    """As text, without how and when it was told."""
    out = {k: v if isinstance(v, str) else json.dumps(v) for k, v in fields.items() if k not in OF_TELLING and k != "stream"}
    if out.get("cause") == "late":
        del out["cause"]
    return out


def stored(redis):
    """What stands in the store."""
    out = {}
    for _, entry in redis.stream(contract.key("violations")):
        fields = {k: v.decode() for k, v in entry.items()}
        if by_arrival(fields):
            continue
        words = redis.call("HGETALL", contract.key("violation:" + fields["id"]))
        now = {words[i].decode(): words[i + 1].decode() for i in range(0, len(words), 2)}
        if now["event"] == "withdrawn":
            out.pop(fields["id"], None)
        else:
            out[fields["id"]] = plain(now)
    for _, entry in redis.stream(contract.key("trips")):
        fields = {k: v.decode() for k, v in entry.items()}
        if fields.get("event") == "withdrawn":
            out.pop(fields["trip"], None)
        else:
            out[fields["trip"]] = plain(fields)
    return out


def difference(want, is_):
    words = [f"missing {want[k]}" for k in want if k not in is_] + [f"too much {is_[k]}" for k in is_ if k not in want]
    for k in want:
        if k in is_ and want[k] != is_[k]:
            words.append(f"{k}: " + str({f: (want[k].get(f), is_[k].get(f)) for f in set(want[k]) | set(is_[k]) if want[k].get(f) != is_[k].get(f)}))
    return words


def revisions(redis):
    seen = {}
    for stream, name in (("violations", "id"), ("trips", "trip")):
        for _, entry in redis.stream(contract.key(stream)):
            key, rev = entry[name].decode(), int(entry.get("rev", b"1"))
            expect(rev == seen.get(key, 0) + 1, f"{stream} {key}: {rev} after {seen.get(key, 0)}")
            seen[key] = rev


def memory(redis, vehicle):
    """What is kept in the store to judge a vehicle again."""
    keys = [contract.key(f"{what}:{vehicle}") for what in ("past", "said")]
    keys += [contract.key("ledger:" + m.decode()[2:]) for m in redis.call("ZRANGE", keys[1], 0, -1) if m.startswith(b"t-")]
    return sum(redis.call("MEMORY", "USAGE", key, "SAMPLES", 0) or 0 for key in keys)


def told(redis):
    """What both streams say, vehicle by vehicle, in their order."""
    out = {}
    for stream in ("violations", "trips"):
        for _, entry in redis.stream(contract.key(stream)):
            fields = {k.decode() if isinstance(k, bytes) else k: v.decode() for k, v in entry.items()}
            out.setdefault((stream, fields["vehicle"]), []).append(fields)
    return out


def replayed(stage):
    """The same of a replay of what `muckctl track` prints."""
    track = stage.muckctl("track", "--redis", f"127.0.0.1:{stage.redis.port}").stdout
    out = {}
    for line in stage.muckctl("replay", "--quiet", "--config", stage.config, "-", input=track).stdout.splitlines():
        fields = {k: str(v) for k, v in json.loads(line, parse_float=str, parse_int=str).items()}
        stream = fields.pop("stream")
        if stream in ("violations", "trips"):
            out.setdefault((stream, fields["vehicle"]), []).append(fields)
    return out


def first_difference(a, b):
    for key in sorted(set(a) | set(b)):
        for n, (x, y) in enumerate(zip(a.get(key, []), b.get(key, []))):
            if x != y:
                return f"{key} entry {n}: " + str({f: (x.get(f), y.get(f)) for f in set(x) | set(y) if x.get(f) != y.get(f)}) + f" of {x.get('id') or x.get('trip')} {x.get('event')}"
        if len(a.get(key, [])) != len(b.get(key, [])):
            return f"{key}: {len(a.get(key, []))} and {len(b.get(key, []))} entries"
    return ""


def play(kills, vehicles=VEHICLES, fault=None):
    """`fault`: is done so many times while it is sent; else the tracker is killed between two parts."""
    place = Place("late")
    folder = city(place)
    fixes = busiest(vehicles)
    want = settled(folder, fixes)
    messages = live_first(fixes)
    expect(len(want) > 40, f"{len(want)} things to be said")
    with Stage("late_data", BINARIES, folder) as stage:
        stage.start()
        redis, units = stage.redis.client(), stage.broker.client("units")
        part = len(messages) // (kills + 1) + 1
        for n in range(0, len(messages), part):
            for m in range(n, min(n + part, len(messages)), 200):
                units.publish_all([(contract.topic(v, "fix"), json.dumps(batch).encode()) for v, batch in messages[m:min(m + 200, n + part)]])
                time.sleep(0.3)
            if n + part < len(messages):
                (fault or killed)(stage, n // part)
        redis = stage.redis.client()
        began = time.monotonic()
        wait_until(lambda: stored(redis) == want, SECONDS,
                   lambda: "what stands is what stands in order\n" + "\n".join(difference(want, stored(redis))[:12]) + stage.tracker.tail(), every_s=1)
        print(f"{len(want)} things stand, {time.monotonic() - began:.0f} s after the last message;",
              {k: v for k, v in stage.metrics().items() if v and ("redos" in k or "corrections" in k)}, flush=True)
        print(f"   {max(memory(redis, v) for v in contract.vehicles(redis))} bytes a vehicle at most, for a day at most", flush=True)
        revisions(redis)
        other = first_difference(told(redis), replayed(stage))
        expect(not other, "told, and told by muckctl track | muckctl replay: " + other)
        expect(not stage.tracker.reported(), f"the sanitizers report {stage.tracker.reported()}")
    place.remove()


def test_live_first():
    play(0)


def test_killed_meanwhile():
    play(5)


def killed(stage, _):
    stage.tracker.kill()
    stage.tracker.start()


def killed_at_random(stage, n):
    """In five kills one is the store's; some moments later the next."""
    server = stage.redis if n % 5 == 4 else stage.tracker
    time.sleep(random.random() * 2)
    server.kill()
    server.start()


def test_many_kills():
    play(KILLS, 50, killed_at_random)


KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 0
run([test_many_kills] if KILLS else [test_live_first, test_killed_meanwhile])
