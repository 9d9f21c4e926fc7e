"""Judges a run: the units' journals and the contract against what the store holds.

    lost        journaled and acknowledged, but not in the track
    duplicated  in the track more than once, or a violation's entry twice
    disordered  vehicles whose track is not in the order of the journal
    changed     bytes in the track that nobody sent
    wrong       violations that differ from those of an undisturbed run, and keys that do not fit the stream
"""
import collections
import json
import time

from harness import contract


class Verdict:
    def __init__(self):
        self.expected = self.violations = self.lost = self.duplicated = self.disordered = self.changed = self.wrong = 0
        self.marked = collections.Counter()
        self.missing = set()  # (vehicle, number)
        self.silent = 0       # entries of offline, where they are looked at
        self.notes = []

    def clean(self):
        return not (self.lost or self.duplicated or self.disordered or self.changed or self.wrong)

    def note(self, text):
        if len(self.notes) < 12:
            self.notes.append(text)

    def __str__(self):
        text = (f"{self.expected} fixes, {self.violations} entries of violations: lost {self.lost}, duplicated "
                f"{self.duplicated}, out of order {self.disordered}, changed {self.changed}, violations wrong {self.wrong}")
        return text + (f" ({dict(self.marked)})" if self.marked else "")


def check_track(verdict, redis, trip):
    check_entries(verdict, trip, contract.track(redis, trip.vehicle))


def check_entries(verdict, trip, entries):
    """A track, wherever it is kept, against the journal."""
    stored = [fields[b] for _, fields in entries for b in ("fix",) if b in fields]
    for _, fields in entries:
        for mark in ("late", "hole"):
            if mark in fields:
                verdict.marked[mark] += 1
            if mark == "hole" and mark in fields:
                verdict.note(f"{trip.vehicle}: {mark}={fields[mark].decode()} at {fields.get('fix', b'')[:160]!r}")
    places = {fix: at for at, fix in enumerate(trip.fixes)}
    counts = collections.Counter(stored)
    verdict.expected += len(trip.fixes)
    for fix, count in counts.items():
        if fix not in places:
            verdict.changed += 1
            verdict.note(f"{trip.vehicle}: nobody sent {fix[:160]!r}")
        elif count > 1:
            verdict.duplicated += count - 1
            verdict.note(f"{trip.vehicle}: seq {places[fix] + 1} is there {count} times")
    missing = [at + 1 for fix, at in places.items() if fix not in counts]
    verdict.lost += len(missing)
    verdict.missing.update((trip.vehicle, number) for number in missing)
    if missing:
        verdict.note(f"{trip.vehicle}: lost seq {missing[:20]}{' ...' if len(missing) > 20 else ''} of {len(trip.fixes)}")
    order = [places[fix] for fix in stored if fix in places]
    if order != sorted(order):
        verdict.disordered += 1
        verdict.note(f"{trip.vehicle}: out of order")


def until_last_fix(entries, trip):
    """Without what fell due after the journal's end: that depends on how long the run went on."""
    last_ms = trip.last_ms()
    return [e for e in entries if int(e["at"]) <= last_ms]


def check_violations(verdict, redis, trips, undisturbed, but):
    """`undisturbed` are the entries of a run without faults; `but` are fields that may differ."""
    stored, expected = (contract.by_vehicle([{k: v for k, v in e.items() if k not in but} for e in entries])
                        for entries in (contract.violations(redis), undisturbed))
    for trip in trips:
        is_there = until_last_fix(stored.get(trip.vehicle, []), trip)
        should_be = until_last_fix(expected.get(trip.vehicle, []), trip)
        verdict.violations += len(should_be)
        seen = collections.Counter((e["id"], e["rev"]) for e in is_there)
        doubled = sum(count - 1 for count in seen.values())
        verdict.duplicated += doubled
        if is_there != should_be:
            differing = sum((collections.Counter(map(_frozen, is_there))
                             - collections.Counter(map(_frozen, should_be))).values())
            differing += sum((collections.Counter(map(_frozen, should_be))
                              - collections.Counter(map(_frozen, is_there))).values())
            verdict.wrong += max(differing, 1)
            verdict.note(f"{trip.vehicle}: {_difference(is_there, should_be)}")
        check_spills(verdict, trip, is_there)


def _frozen(entry):
    return json.dumps(entry, sort_keys=True)


def _difference(is_there, should_be):
    for at in range(max(len(is_there), len(should_be))):
        left = is_there[at] if at < len(is_there) else None
        right = should_be[at] if at < len(should_be) else None
        if left == right:
            continue
        if left is None or right is None:
            return f"entry {at}: stored {left}, expected {right}"
        return (f"entry {at}: {left['kind']} {left['event']} at {left['at']}, expected {right['kind']} {right['event']} at "
                f"{right['at']}: {_fields(left, right)}")
    return "equal"


def _fields(left, right):
    """What differs, as is/should be."""
    names = sorted(k for k in left.keys() | right.keys() if left.get(k) != right.get(k))
    return ", ".join(f"{k} {left.get(k)!r}/{right.get(k)!r}" for k in names)


def check_spills(verdict, trip, entries):
    """The one kind that the harness can tell by itself."""
    told = [(e["event"], int(e["start"]), int(e["at"]), int(e["end"]) if "end" in e else None)
            for e in entries if e["kind"] == "spill" and e["event"] != "updated"]
    if told != trip.spills():
        verdict.wrong += 1
        verdict.note(f"{trip.vehicle}: spill {told[-3:]} ({len(told)}), by the contract {trip.spills()[-3:]} "
                     f"({len(trip.spills())})")
    for e in entries:
        if e["kind"] == "spill" and e["id"] != contract.violation_id(trip.vehicle, "spill", "", int(e["start"])):
            verdict.wrong += 1
            verdict.note(f"{trip.vehicle}: id {e['id']} is not the contract's")


def read_standing(redis):
    """(last entries by id, their hashes, the open set), all of one moment: what falls due by the clock goes on being
    written while it is read, so it is read until nothing came between."""
    for _ in range(100):
        entries = redis.stream(contract.key("violations"))
        last, opened_at = {}, {}
        for _, fields in entries:
            entry = {name: value.decode() for name, value in fields.items()}
            last[entry["id"]] = entry
            if entry["event"] == "opened":
                opened_at[entry["id"]] = entry["at"]
        for identifier, entry in last.items():
            entry["opened_at"] = opened_at.get(identifier, "")
        hashes = redis.pipeline([("HGETALL", contract.key("violation:" + i)) for i in last])
        flat = redis.call("ZRANGE", contract.key("open"), 0, -1, "WITHSCORES")
        newest = redis.call("XREVRANGE", contract.key("violations"), "+", "-", "COUNT", 1)
        if [row[0].decode() for row in newest] == [name for name, _ in entries[-1:]]:
            return last, hashes, flat
        time.sleep(0.05)
    raise AssertionError("the stream of violations does not come to rest")


def check_standing(verdict, redis):
    """Each violation's hash is its last entry, and the open set holds those that are open."""
    last, hashes, flat = read_standing(redis)
    for (identifier, entry), pairs in zip(last.items(), hashes):
        stands = {pairs[i].decode(): pairs[i + 1].decode() for i in range(0, len(pairs), 2)}
        if stands != entry:
            verdict.wrong += 1
            verdict.note(f"violation:{identifier} differs from its last entry: {_fields(stands, entry)}")
    is_open = {flat[i].decode(): int(float(flat[i + 1])) for i in range(0, len(flat), 2)}
    should_be = {i: int(e["start"]) for i, e in last.items() if "end" not in e and e["event"] != "withdrawn"}
    if is_open != should_be:
        verdict.wrong += 1
        verdict.note(f"open set: {len(is_open)} there, {len(should_be)} by the stream; "
                     f"{sorted(set(is_open.items()) ^ set(should_be.items()))[:4]}")


def check_told(verdict, stage, redis, trips, but=()):
    """Violations against those of an undisturbed run."""
    received_ms = int(time.time() * 1000)
    lines = [line for trip in trips for line in trip.replay_lines(received_ms)]
    undisturbed = stage.replay(lines).get("violations", []) if lines else []
    check_violations(verdict, redis, trips, undisturbed, but)
    check_standing(verdict, redis)


def judge(stage, trips, violations=True, but=(), strangers=()):
    """`strangers` are vehicles of whose rejects nothing is said."""
    verdict, redis = Verdict(), stage.redis.client()
    for trip in trips:
        check_track(verdict, redis, trip)
    if violations:
        check_told(verdict, stage, redis, trips, but)
    check_rejects(verdict, redis, strangers)
    redis.close()
    return verdict


def check_rejects(verdict, redis, strangers):
    rejects = [fields for _, fields in redis.stream(contract.key("rejects")) if fields["vehicle"].decode() not in strangers]
    if rejects:
        verdict.wrong += len(rejects)
        verdict.note(f"{len(rejects)} rejects, such as {rejects[0]}")
