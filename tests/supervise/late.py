"""Terminals that send late: what muckctl shows of it, and that what was corrected is shown once, as it stands."""
import json
import pathlib
import sys
import tempfile
import time

root = pathlib.Path(sys.argv[2])
sys.path.insert(0, str(root / "tests"))
from harness import contract  # noqa: E402
from harness.process import wait_until  # noqa: E402
from harness.servers import Stage  # noqa: E402

from town import DRIVES, FENCES, FLEET, START, write_city  # noqa: E402

EVENTS = ("withdrawn", "updated", "opened", "closed", "trips")


def spill(seconds, spills):
    return json.dumps({"time": START + seconds, "lat": 30.5, "lon": 104.2, "speed": 0, "sensors": {"spill": spills}})


def live_first(drive, begin, end):
    """What was made from one index to another comes behind all the rest."""
    return drive[:begin] + drive[end:] + drive[begin:end]


# That it spills is known late from 10 s on: what was said of 20 s was not so.
WET = [spill(0, False), spill(20, True), spill(30, False), spill(40, False), spill(10, True)]

# That it had ended is known late: the end changes, and nothing else.
DRY = [spill(0, False), spill(20, True), spill(60, False), spill(70, False), spill(30, False), spill(40, False)]


def lines(run):
    return [json.loads(line) for line in run.stdout.splitlines()]


class Town:
    def __init__(self, stage):
        self.stage, self.redis = stage, stage.redis.client()
        self.store = ("--redis", f"127.0.0.1:{stage.redis.port}")

    def ctl(self, *arguments, **options):
        return self.stage.muckctl(*arguments, *self.store, **options)

    def objects(self, *arguments):
        return lines(self.ctl(*arguments, "--json"))

    def text(self, *arguments):
        return self.ctl(*arguments).stdout.decode()

    def send(self, drives):
        unit = self.stage.broker.client("units")
        for vehicle, drive in drives.items():
            unit.publish_all([(contract.topic(vehicle, "fix"), fix.encode()) for fix in drive])
        unit.close()

    def redos(self):
        return [f["vehicle"].decode() for _, f in self.redis.stream(contract.key("marks")) if f["kind"] == b"redo"]


def check_violations(town):
    entries = contract.violations(town.redis)
    withdrawn = [e for e in entries if e["event"] == "withdrawn"]
    assert [(e["vehicle"], e["kind"]) for e in withdrawn] == [("wet", "spill")], withdrawn
    gone = withdrawn[0]["id"]
    found = next(e for e in entries if e.get("replaces") == gone)
    assert withdrawn[0]["replaced_by"] == found["id"] and found["start"] == str((START + 10) * 1000), found

    # Every entry; each once as it stands; what was taken back.
    assert [e["id"] for e in town.objects("violations", "--since", "9000d")] == [e["id"] for e in entries]
    standing = town.objects("violations", "--standing")
    assert sorted(e["id"] for e in standing) == sorted({e["id"] for e in entries} - {gone}), standing
    assert [e["event"] for e in standing if e["vehicle"] == "wet"] == ["closed"], standing
    assert [(e["id"], e["replaced_by"]) for e in town.objects("violations", "--withdrawn")] == [(gone, found["id"])]
    both = town.objects("violations", "--standing", "--withdrawn", "--since", "9000d")
    assert len(both) == len(standing) + 1, both
    assert gone not in [e["id"] for e in town.objects("violations")], "what was withdrawn is not open"
    assert town.ctl("violations", "--open", "--withdrawn", check=False).returncode == 64

    words = town.text("violations", "--withdrawn")
    assert f"[迟到数据：撤销 / late data: withdrawn, 见 / see {found['id']}]" in words, words
    tail = town.text("tail", "--from-start", "--count", len(entries))
    assert tail.count("late data: withdrawn") == 1, tail
    assert f"late data: found, 代替 / instead of {gone}]" in tail, tail
    first = next(line for line in tail.splitlines() if " opened " in line and gone in line)
    assert "late data" not in first, first


def check_explain(town):
    """Both tellings, from the store and from what muckctl track prints."""
    gone = next(e for e in contract.violations(town.redis) if e["event"] == "withdrawn")
    track = town.ctl("track").stdout
    for violation in (gone["id"], gone["replaced_by"]):
        story = town.text("explain", violation, "--config", town.stage.config)
        recorded = town.stage.muckctl("explain", violation, "--config", town.stage.config, "--replay", "-", input=track)
        assert recorded.stdout.decode() == story, story + "\n---\n" + recorded.stdout.decode()
        first, found = story.split("\n\n")
        # As it was judged when it came, and taken back: 20 s. In its place, from the late fix of 10 s on.
        assert f"  opened as {gone['id']}, " in first and "closed, end " in first, first
        at = first.index(f"  judged again with late data, {gone['id']}: withdrawn")
        assert f"replaced by {gone['replaced_by']}\n" in first[at:] and first.index("closed, end ") < at, first
        late = [line for line in first[at:].splitlines()[1:] if "came " in line]
        assert len(late) == 1 and "04:26:50" in late[0] and "later" in late[0], first
        assert found.startswith(f"  judged again with late data, {gone['replaced_by']}: found, instead of {gone['id']}\n"), found
        assert f"  opened as {gone['replaced_by']}, " in found and "closed, end " in found and "04:26:50" in found, found
    changed = next(e for e in contract.violations(town.redis) if e["event"] == "updated")
    story = town.text("explain", changed["id"], "--config", town.stage.config)
    first, again = story.split(f"  judged again with late data, {changed['id']}: corrected\n")
    assert first.count("  opened as ") == again.count("  opened as ") == 1, story
    assert "closed, end 2026-05-29 04:27:40" in first and "closed, end 2026-05-29 04:27:10" in again, story
    assert "\n    end: 2026-05-29 04:27:40 -> 2026-05-29 04:27:10\n" in again and again.count(", came ") == 2, story
    assert town.stage.muckctl("explain", "a" * 26, "--config", town.stage.config, "--replay", "-", input=track,
                              check=False).returncode == 65


def check_trips(town):
    entries = town.objects("trips", "--all")
    assert [e.get("event") for e in entries] == [None, "updated"] and len({e["trip"] for e in entries}) == 1, entries
    trips = town.objects("trips")
    assert trips == entries[1:] and trips[0]["completeness"] == 1 > entries[0]["completeness"], entries
    words = town.ctl("trips")
    assert "late data: corrected" in words.stdout.decode() and words.stderr == b"1 trips\n", words
    assert town.ctl("trips", "--all").stderr == b"2 entries\n"
    # One that was taken back is no trip; as the tracker writes it, but for what says when.
    fields = [w for k, v in {**trips[0], "event": "withdrawn", "rev": 3}.items() if k != "entry" for w in (k, str(v))]
    entry = town.redis.call("XADD", contract.key("trips"), "*", *fields)
    assert town.objects("trips") == [] and len(town.objects("trips", "--all")) == 3
    assert town.ctl("trips").stderr == b"0 trips\n"
    town.redis.call("XDEL", contract.key("trips"), entry)


def check_late(town):
    rows = town.objects("late")
    late, everything = {r["vehicle"]: r for r in rows[:-1]}, rows[-1]
    assert set(late) == {"dry", "good", "wet"}, rows  # bold sent all in order
    for vehicle, row in late.items():
        track = contract.track(town.redis, vehicle)
        assert (row["fixes"], row["late"]) == (len(track), sum(f.get("late") == b"1" for _, f in track)), row
        assert abs(row["late_share"] - row["late"] / row["fixes"]) < 1e-4 and "redo_from" not in row, row
        assert row["redos"] == town.redos().count(vehicle) > 0 and row["last_redo"] > 1_700_000_000_000, row
    assert [late["wet"][e] for e in EVENTS] == [1, 0, 1, 1, 0], late["wet"]
    assert [late["dry"][e] for e in EVENTS] == [0, 1, 0, 0, 0], late["dry"]
    assert [late["good"][e] for e in EVENTS] == [0, 0, 0, 0, 1], late["good"]
    assert everything["vehicles"] == 4 and everything["waiting"] == 0, everything
    for name in ("late", "redos", *EVENTS):
        assert everything[name] == sum(r[name] for r in late.values()), (name, rows)
    assert everything["fixes"] == sum(len(contract.track(town.redis, v)) for v in ("good", "wet", "dry", "bold"))
    assert town.objects("late", "--vehicle", "bold")[0]["late"] == 0
    assert town.ctl("late", "--vehicle", "nobody", check=False).returncode == 65
    assert town.ctl("late", "--since", "yesterday", check=False).returncode == 64
    since = town.objects("late", "--since", "2100-01-01T00:00:00Z")
    assert len(since) == 1 and since[0]["fixes"] == since[0]["redos"] == 0, since
    head, *words = town.text("late").splitlines()
    assert head.split()[0] == "vehicle" and [w.split()[0] for w in words] == ["dry", "good", "wet"], (head, words)


def check_waiting(town, config):
    """A tracker that waits for long before it judges again."""
    stage = town.stage
    assert stage.tracker.stop() == 0
    config.write_text(config.read_text().replace("quiet_s: 1, max_wait_s: 3", "quiet_s: 3600, max_wait_s: 3600"))
    stage.tracker.start()
    before_ms = int(time.time() * 1000)
    town.send({"wet": [spill(100, False), spill(90, False), spill(70, False), spill(80, False)]})
    wait_until(lambda: len(contract.track(town.redis, "wet")) == len(WET) + 4, 120, lambda: "all is stored" + stage.tracker.tail())
    row, everything = town.objects("late", "--vehicle", "wet")
    assert row["redo_from"] == (START + 70) * 1000 and everything["waiting"] == 1, row
    assert before_ms - 5000 <= row["waits_since"] <= time.time() * 1000 + 5000, (before_ms, row)
    assert "1 of 4 vehicles wait" in town.ctl("late").stderr.decode()


def play(folder):
    write_city(folder / "city", FENCES, FLEET, "late: {quiet_s: 1, max_wait_s: 3}\nrules: {common: {gap_s: 100}}\n")
    with Stage("supervise_late", sys.argv[1], folder / "city") as stage:
        stage.start()
        town = Town(stage)
        good = DRIVES["good"]
        town.send({"good": live_first(good, 15, 35), "wet": WET, "dry": DRY, "bold": DRIVES["bold"]})
        wait_until(lambda: set(town.redos()) >= {"dry", "good", "wet"} and
                   len(contract.track(town.redis, "bold")) == len(DRIVES["bold"]) and town.objects("late")[-1]["waiting"] == 0,
                   120, lambda: "all is judged again\n" + stage.tracker.tail())
        check_violations(town)
        check_explain(town)
        check_trips(town)
        check_late(town)
        check_waiting(town, stage.config)
        assert not stage.tracker.reported(), stage.tracker.reported()


with tempfile.TemporaryDirectory() as directory:
    play(pathlib.Path(directory))
print("what came late is counted, and what it corrected is shown as it stands")
