"""Judges a run by its own record: what the store has of fixes, marks and worlds gives its violations and trips again, byte
for byte, with `muckctl replay` (docs/OPERATIONS.md, "Reproducing a case").

An undisturbed run is no measure where vehicles fall silent on the real clock, since it has no such silence.
"""
import json
import time

import checker
from harness import contract
from harness.process import wait_until

BARRIER = "barrier"  # a vehicle whose one fix is the last of the record
QUIET_S = 25         # by then whoever is silent is offline; what falls due later is not in the record yet


def judge(stage, trips, strangers=()):
    """After the units have ended. The tracker runs still."""
    time.sleep(QUIET_S)
    end_the_record(stage)
    verdict, redis = checker.Verdict(), stage.redis.client()
    for trip in trips:
        checker.check_track(verdict, redis, trip)
    live, again = recorded(redis), replayed(stage)
    compare(verdict, live, again)
    entries = live["violations"]
    verdict.violations = sum(len(e) for e in entries.values())
    verdict.silent = sum(e["kind"] == "offline" for found in entries.values() for e in found)
    for trip in trips:
        found = entries.get(trip.vehicle, [])
        told = [(e["id"], e["rev"]) for e in found]
        verdict.duplicated += len(told) - len(set(told))
        checker.check_spills(verdict, trip, checker.until_last_fix(found, trip))
    checker.check_standing(verdict, redis)
    checker.check_rejects(verdict, redis, strangers)
    redis.close()
    return verdict


def end_the_record(stage):
    """Replay goes as far as the last arrival."""
    redis, client = stage.redis.client(), stage.broker.client(BARRIER)
    client.publish(contract.topic(BARRIER, "fix"), json.dumps({"time": 1_770_000_000, "lat": 10, "lon": 10}).encode())
    wait_until(lambda: redis.call("XLEN", contract.key("track:" + BARRIER)), 120, "the last fix is stored", every_s=0.05)
    client.close()
    redis.close()


def recorded(redis):
    return {name: contract.by_vehicle([{k: v.decode() for k, v in fields.items()} for _, fields in redis.stream(contract.key(name))])
            for name in ("violations", "trips")}


def replayed(stage):
    store, worlds = f"127.0.0.1:{stage.redis.port}", stage.place.path / "rulesets"
    stage.muckctl("rulesets", "--redis", store, *stage.redis.arguments, "--export", worlds)
    track = stage.muckctl("track", "--redis", store, *stage.redis.arguments).stdout
    stage.place.path.joinpath("track.ndjson").write_bytes(track)
    found = {"violations": [], "trips": []}
    for line in stage.muckctl("replay", "--rulesets", worlds, "--quiet", "-", input=track).stdout.splitlines():
        entry = json.loads(line, parse_float=str, parse_int=str)  # 12.0 and 12.00 are not the same text
        if entry["stream"] in found:
            found[entry.pop("stream")].append(entry)
    return {name: contract.by_vehicle(entries) for name, entries in found.items()}


def compare(verdict, live, again):
    for name, vehicles in live.items():
        for vehicle in sorted(vehicles.keys() | again[name].keys()):
            is_there, should_be = vehicles.get(vehicle, []), again[name].get(vehicle, [])
            if is_there == should_be:
                continue
            differing = sum(a != b for a, b in zip(is_there, should_be)) + abs(len(is_there) - len(should_be))
            verdict.wrong += differing
            verdict.note(f"{name} of {vehicle}: {differing} differ from replay; {first_difference(is_there, should_be)}")


def first_difference(is_there, should_be):
    for at, (left, right) in enumerate(zip(is_there, should_be)):
        if left != right:
            names = sorted(k for k in left.keys() | right.keys() if left.get(k) != right.get(k))
            return (f"entry {at}, {left.get('kind')} {left.get('event')} at {left.get('at')}: "
                    + ", ".join(f"{k} {left.get(k)!r}/{right.get(k)!r}" for k in names if not k.startswith("text")))
    more = is_there[len(should_be):] or should_be[len(is_there):]
    return f"{'not in replay' if len(is_there) > len(should_be) else 'in replay alone'}: {more[0]}"
