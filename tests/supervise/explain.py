"""muckctl explain over the sample day: every violation once, and each story agrees with what replay says of it."""
import argparse
import json
import lzma
import pathlib
import random
import re
import subprocess
import sys
import tempfile

muckctl, root = sys.argv[1], pathlib.Path(sys.argv[2])
city = root / "fixtures" / "city"
fixes = lzma.open(city / "day.ndjson.xz").read()
config = city / "muckwatch.yaml"


def run(*arguments, code=0):
    done = subprocess.run([muckctl, *arguments], input=fixes, capture_output=True, check=False)
    assert done.returncode == code, f"exit {done.returncode}: {done.stderr.decode()[-2000:]}"
    return done.stdout.decode()


entries = [json.loads(line) for line in run("replay", "--config", config, "--quiet", "-").splitlines()]
opened = {e["id"]: e for e in entries if e["stream"] == "violations" and e["event"] == "opened"}
closed = {e["id"]: e for e in entries if e["stream"] == "violations" and e["event"] == "closed"}
stories = run("explain", "--config", config, "--replay", "-").split("\n\n")
told = {}
for story in stories:
    found = re.findall(r"  opened as ([a-z2-7]{26}), (\w+), start ", story)
    assert len(found) == 1, f"{len(found)} openings in one story:\n{story}"
    assert found[0][0] not in told, f"{found[0][0]} is told of twice"
    told[found[0][0]] = story
assert told.keys() == opened.keys(), f"told but not found {told.keys() - opened.keys()}, not told {opened.keys() - told.keys()}"

for violation, story in told.items():
    entry, lines = opened[violation], story.splitlines()
    if entry.get("cause") == "late":  # the fixes that came late stand before it
        assert lines[0] == f"  judged again with late data, {violation}: found", lines[0]
        lines = lines[next(i for i, line in enumerate(lines) if line.startswith("    ") and " of " in line):]
    assert lines[0].strip().startswith(f"{entry['kind']} of {entry['vehicle']} ("), lines[0]
    assert f", {entry['severity']}, start " in story, story
    assert ("closed, end " in story) == (violation in closed), story
    # Up to the opening every line is a moment that holds, and there are as many as the thresholds ask for.
    fixes_needed, seconds = map(float, re.search(r"opens after (\d+) fixes and (\d+) s", story).groups())
    at = next(i for i, line in enumerate(lines) if "  opened as " in line)
    moments = [line for line in lines[:at] if re.search(r": (holds|cannot be told|does not hold)", line)]
    assert moments and ": holds" in moments[-1], story
    counted = re.search(r"\(fix (\d+), ([\d.e+]+) s\)", moments[-1])
    assert counted, story
    if "at once" not in moments[-1] and "a deadline" not in moments[-1]:
        assert int(counted[1]) >= fixes_needed and float(counted[2]) * 1.01 >= seconds, story

# One alone is the same story.
some = sorted(told)[::25]
for violation in some:
    assert run("explain", violation, "--config", config, "--replay", "-").strip() == told[violation].strip()
# In Chinese line by line the same, and none of it in English.
english = re.compile(r"\b(holds|hold|fixes?|against|deadline|start|came|later|closed|opened|updated|rules?|permits?|severity|minor|major|critical|over|half-width|judged|position|none|more)\b")
for story in run("explain", "--config", config, "--replay", "-", "--lang", "zh").split("\n\n"):
    found = re.findall(r"  认定 ([a-z2-7]{26})，级别(?:一般|严重|特别严重)，始于 ", story)
    assert len(found) == 1 and found[0] in told, story
    assert len(story.strip().splitlines()) == len(told[found[0]].strip().splitlines()), story
    assert not (word := english.search(story)), f"{word[0]} in\n{story}"
    assert ("，止于 " in story) == (found[0] in closed), story
run("explain", "--config", config, "--replay", "-", "--lang", "fr", code=64)
run("explain", "a" * 26, "--config", config, "--replay", "-", code=65)
print(f"{len(told)} violations told of")

# The same day, were all units to send the newest first: both tellings, and the last is what stands.
sys.path.insert(0, str(root / "tests" / "late"))
from figures import CONFIG, day, live_first  # noqa: E402


def late_day(folder):
    for file in city.iterdir():
        if file.suffix in (".json", ".geojson"):
            (folder / file.name).write_bytes(file.read_bytes())
    own = folder / "muckwatch.yaml"
    own.write_text((city / "muckwatch.yaml").read_text(encoding="utf-8") + CONFIG.format(24), encoding="utf-8")
    came = live_first(day(), argparse.Namespace(zone=600, every=1800, backwards=False), random.Random(1))
    return own, "\n".join(json.dumps({**fix, "received": received}) for received, fix in came).encode() + b"\n"


with tempfile.TemporaryDirectory() as name:
    config, fixes = late_day(pathlib.Path(name))
    by_id = {}
    for entry in map(json.loads, run("replay", "--config", config, "--quiet", "-").splitlines()):
        if entry["stream"] == "violations":
            by_id.setdefault(entry["id"], []).append(entry)
    blocks = {}
    for block in run("explain", "--config", config, "--replay", "-").split("\n\n"):
        ids = set(re.findall(r"(?:opened as|with late data,) ([a-z2-7]{26})", block))
        assert len(ids) == 1 and not ids & set(blocks), f"not of one violation, or told of twice: {ids}\n{block}"
        blocks[ids.pop()] = block
    assert blocks.keys() == by_id.keys(), blocks.keys() ^ by_id.keys()
    counts = dict.fromkeys(("withdrawn", "corrected", "found"), 0)
    for violation, entries in by_id.items():
        block = blocks[violation]
        for word, event in (("withdrawn", "withdrawn"), ("corrected", "updated"), ("found", "opened")):
            there = block.count(f"  judged again with late data, {violation}: {word}")
            said = sum(e["event"] == event and e.get("cause") == "late" and "late_data" not in e for e in entries)
            assert there == said or entries[0]["kind"] in ("tamper", "no_fix"), f"{word}: {there}, {said}\n{block}"
            counts[word] += there
        last = block.rpartition("  opened as ")[2]
        if entries[-1]["event"] == "withdrawn":
            assert "withdrawn" in block[block.rindex("  judged again with"):], block
        else:
            assert ("closed, end " in last) == ("end" in entries[-1]), f"{entries[-1]}\n{block}"
        if "  judged again with" in block:
            assert ", came " in block, f"no late fix told\n{block}"
    assert all(counts.values()), counts
    one = next(i for i, entries in by_id.items() if entries[-1].get("replaced_by"))
    story = run("explain", one, "--config", config, "--replay", "-")
    assert blocks[one].strip() in story and blocks[by_id[one][-1]["replaced_by"]].strip() in story, story
    print(f"{len(blocks)} told of, {counts}")
