"""The sample day: every planted violation is found, none is invented, and times are right.

fixtures/city/expected.ndjson was written by the generator from the contract's words, never from the engine's output.
"""
import collections
import json
import lzma

from replaying import arguments, check, replay

muckctl, root, _ = arguments()
city = root / "fixtures" / "city"
lines = lzma.open(city / "day.ndjson.xz").read().splitlines()
expected = [json.loads(line) for line in (city / "expected.ndjson").read_text().splitlines()]
printed = replay(muckctl, city / "muckwatch.yaml", lines)

entries = collections.defaultdict(list)
for entry in printed:
    if entry["stream"] == "violations":
        entries[entry["id"]].append(entry)
episodes = list(entries.values())
for episode in episodes:
    check([e["rev"] for e in episode] == list(range(1, len(episode) + 1)), f"revisions of {episode[0]['id']}")
    check(episode[0]["event"] == "opened", f"{episode[0]['id']} begins with {episode[0]['event']}")
    check(all(e["event"] == "updated" for e in episode[1:-1]), f"{episode[0]['id']} closes in the middle")


def problems(want, episode):
    """What is wrong with an episode as the answer to an expectation; None when it is about something else."""
    first, last = episode[0], episode[-1]
    if (first["kind"], first["vehicle"]) != (want["kind"], want["vehicle"]):
        return None
    if abs(first["start"] - want["start"]) > want["tolerance_s"] * 1000:
        return None
    found = []
    for field in ("fence", "permit"):
        if field in want and first.get(field) != want[field]:
            found.append(f"{field} {first.get(field)}, expected {want[field]}")
    if want.get("end") is not None:
        end = last.get("end")
        if end is None or abs(end - want["end"]) > want["tolerance_s"] * 1000:
            found.append(f"end {end}, expected {want['end']}")
    if "severity" in want and last["severity"] != want["severity"]:
        found.append(f"severity {last['severity']}, expected {want['severity']}")
    return found


complaints, left = [], list(episodes)
for want in expected:
    candidates = [(problems(want, e), e) for e in left]
    candidates = sorted(((p, e) for p, e in candidates if p is not None), key=lambda c: len(c[0]))
    if not candidates:
        complaints.append(f"not found: {json.dumps(want, ensure_ascii=False)}")
        continue
    wrong, episode = candidates[0]
    left.remove(episode)
    complaints += [f"{word}: {json.dumps(want, ensure_ascii=False)}" for word in wrong]
complaints += [f"invented: {json.dumps(e[0], ensure_ascii=False)}" for e in left]
kinds = collections.Counter(want["kind"] for want in expected)
check(not complaints, "\n".join(complaints))
check(min(kinds.values()) >= 3, f"fewer than three planted of a kind: {kinds}")
# The ledger: every true haul once, with the same ends, times within a fix interval and a distance that fits.
hauls = [json.loads(line) for line in (city / "trips.ndjson").read_text().splitlines()]
ledger = collections.defaultdict(list)
for entry in printed:
    if entry["stream"] == "trips":
        ledger[entry["vehicle"]].append(entry)
check(sum(map(len, ledger.values())) == len(hauls), f"{sum(map(len, ledger.values()))} trips, {len(hauls)} hauls")
check(len({entry["trip"] for trips in ledger.values() for entry in trips}) == len(hauls), "a trip's id stands twice")
for haul in hauls:
    near = [t for t in ledger[haul["vehicle"]] if abs(t["departed"] - haul["departed"]) <= 90_000]
    check(len(near) == 1, f"{len(near)} trips for {haul}")
    for field in ("permit", "site", "disposal"):
        check(near[0].get(field) == haul.get(field), f"{field} of {near[0]}, expected {haul}")
    # Across a gap, or while the receiver had no position, no distance is made up.
    if near[0]["completeness"] > 0.98 and near[0]["violations"] == 0:
        check(abs(near[0]["distance_m"] / haul["distance_m"] - 1) < 0.1, f"distance of {near[0]}, expected {haul}")
# One unit comes out of a dead zone live first: what it did there is found when its stored fixes are judged in their place.
late = [(e["vehicle"], e["kind"]) for e in printed if e.get("event") == "opened" and e.get("cause") == "late"]
check(late == [("ly-01", "banned_area")], f"found by late data: {late}")
refused = sum(e["stream"] == "rejects" for e in printed)
check(refused == 0, f"{refused} lines refused")
print(f"{len(lines)} fixes: all {len(expected)} planted violations of {len(kinds)} kinds found, none invented; "
      f"{len(hauls)} hauls in the ledger")
