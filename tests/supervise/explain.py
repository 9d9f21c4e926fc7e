"""muckctl explain over the sample day: every violation once, and each story agrees with what replay says of it."""
import json
import lzma
import pathlib
import re
import subprocess
import sys

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
    assert lines[0].startswith(f"{entry['kind']} of {entry['vehicle']} ("), lines[0]
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
run("explain", "a" * 26, "--config", config, "--replay", "-", code=65)
print(f"{len(told)} violations told of")
