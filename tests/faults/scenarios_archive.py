"""The archive beside all of it. It is killed with store and tracker, and its disk is full and fails, while the tracker lets go of
what is archived; what the units journaled is in it once all the same."""
import itertools
import json
import pathlib
import sys
import time

import checker
from harness import contract
from harness.place import free_port
from harness.process import Process, wait_until
from registry import scenario
from trial import RULES, Trial

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "archive"))

from reading import Archive as Kept  # noqa: E402  (the path is set above)

EX_IOERR = 74
# Of 27 kills 20 are of the archive, 5 of the store and 2 of the tracker; after each nine the disk fails once.
KILLS = (("archive",) * 4 + ("redis",)) * 2 + ("tracker",) + (("archive",) * 4 + ("redis",)) * 3 + ("tracker",)
DISK = ("full", "unwritable", "broken")
# Nothing falls due by the clock while it is judged.
STREAMS = ("violations", "trips", "rejects", "actions")


class Archive(Process):
    def __init__(self, trial):
        stage = trial.stage
        self.folder, self.disk, self.http_port = stage.place.path / "archive", stage.place.folder("archive-disk"), free_port()
        config = stage.write_config("archive.yaml", stage.redis.port)
        config.write_text(config.read_text(encoding="utf-8") + f"\narchive: {{dir: {self.folder}, http_port: {self.http_port}{stage.redis.archive_settings}}}\n", encoding="utf-8")
        env = {"LD_PRELOAD": f"{trial.options.bin}/mw_shim.so", "MW_SHIM_DISK": str(self.disk),
               "ASAN_OPTIONS": "detect_leaks=1:verify_asan_link_order=0:quarantine_size_mb=4"}
        super().__init__("archive", stage.place, [f"{trial.options.bin}/muckwatch-archive", "--config", config], env)
        self.stage = stage

    def registered(self):
        redis = self.stage.redis.client()
        flat = redis.call("HGETALL", contract.key("archive"))
        redis.close()
        return {flat[i].decode(): flat[i + 1].decode() for i in range(0, len(flat), 2)}

    def revive(self):
        """As its unit of systemd: tried again, unless it says that this would not help."""
        while not self.alive():
            self.revive_once()

    def revive_once(self):
        code = self.wait(1)
        assert code is None or code < 0 or code == EX_IOERR, f"the archive ended with {code}\n{self.tail()}"
        self.start()
        time.sleep(0.3)

    def noticed(self):
        """How often it has said that the disk fails: at work, or by ending where it was started."""
        if not self.alive():
            self.revive_once()
        text = self.text()
        return text.count("archive_broken") + text.count("muckwatch-archive: archive.dir:")

    def reported(self):
        return [mark for mark in ("AddressSanitizer", "LeakSanitizer", "runtime error:", "Assertion") if mark in self.text()]


def begin(t, trims):
    """The archive is registered before the tracker may let go of anything."""
    t.archive = Archive(t)
    if trims:
        text = t.stage.config.read_text(encoding="utf-8")
        t.stage.config.write_text(text.replace("track_hours: 80000", "track_hours: 0"), encoding="utf-8")
    t.archive.start()
    t.stage.more.append(t.archive)
    wait_until(lambda: "archive" in t.archive.registered(), 120, lambda: "it registers\n" + t.archive.tail())


def disk_fails(t, how):
    """Until it says so, and a while longer; at work, or when it starts; now and then it is killed meanwhile."""
    if t.random.random() < 0.7:
        t.between(1.0, 2.0)
    before = t.archive.noticed()
    (t.archive.disk / how).write_text("")
    wait_until(lambda: t.archive.noticed() > before, 120, lambda: f"it notices: {how}\n" + t.archive.tail())
    t.between(0.1, 1.0)
    if t.random.random() < 0.4:
        t.archive.kill()
        t.archive.start()
        t.between(0.2, 1.0)
    (t.archive.disk / how).unlink()
    t.archive.revive()


def wait_archived(t):
    def done():
        t.archive.revive()
        redis = t.stage.redis.client()
        last = int(redis.call("HGET", contract.key("owner"), "batch"))
        redis.close()
        return int(t.archive.registered().get("batch", -1)) >= last
    wait_until(done, 300, lambda: "all is archived\n" + t.archive.tail())


# ---- what is judged

def fix_of(line):
    """A line of the archive is the fix with vehicle and arrival before it."""
    return b"{" + line.split(b",", 2)[2]


def check_tracks(t, verdict, kept, redis, trims):
    """Against the journals; and against what the store still has, which is the end of it."""
    tracks, stored = kept.tracks(), 0
    for trip in t.fleet.trips:
        rows = tracks.get(trip.vehicle, [])
        checker.check_entries(verdict, trip, [(None, {"fix": fix_of(line), **({"late": b"1"} if late else {})}) for *_, late, line in rows])
        entries = contract.track(redis, trip.vehicle)
        held = [(fields["fix"], int(fields["batch"])) for _, fields in entries if "fix" in fields]
        stored += len(held)
        has = [(fix_of(line), batch) for _, _, _, batch, _, line in rows]
        if held != (has[len(has) - len(held):] if trims else has):
            verdict.wrong += 1
            verdict.note(f"{trip.vehicle}: the store's track of {len(held)} is not {'the end of ' if trims else ''}the archive's of {len(has)}")
    return stored


def check_rows(verdict, kept, redis, trims):
    """Entry by entry, in their order."""
    for name in STREAMS:
        held = [{k: v.decode() for k, v in fields.items()} for _, fields in redis.stream(contract.key(name))]
        if [json.loads(fields) for *_, fields in kept.entries(name)] != held:
            verdict.wrong += 1
            verdict.note(f"{name}: {len(held)} in the store, {len(kept.entries(name))} in the archive, not the same")
    for name in ("marks", "attended", "rulesets"):
        held = [tuple(map(int, identifier.split("-"))) for identifier, _ in redis.stream(contract.key(name))]
        has = [(ms, seq) for _, ms, seq, *_ in kept.marks(name)]
        if held != (has[len(has) - len(held):] if trims else has):
            verdict.wrong += 1
            verdict.note(f"{name}: {len(held)} in the store, {len(has)} in the archive, not the same")


def wait_let_go(t):
    """On a busy machine the archive may never have come to its end between two kills."""
    wait_archived(t)
    archived = sum(map(len, Kept(t.archive.folder).tracks().values()))

    def done():
        redis = t.stage.redis.client()
        stored = sum(int(redis.call("XLEN", contract.key("track:" + trip.vehicle))) for trip in t.fleet.trips)
        redis.close()
        return stored < archived
    wait_until(done, 300, "the tracker lets go of some of it")


def judge(t, trims):
    verdict = checker.Verdict()
    if trims:
        wait_let_go(t)
    t.stop_tracker()  # so that nothing more comes
    wait_archived(t)
    redis, kept = t.stage.redis.client(), Kept(t.archive.folder)
    stored = check_tracks(t, verdict, kept, redis, trims)
    checker.check_told(verdict, t.stage, redis, t.fleet.trips)
    check_rows(verdict, kept, redis, trims)
    redis.close()
    t.require(not trims or stored < verdict.expected, "the tracker let go of nothing: nothing was shown")
    t.require(kept.state("life") == 1, f"the store never went back, and the archive is in life {kept.state('life')}")
    for word in ("archive_folder_older", "archive_behind"):
        t.require(word not in t.archive.text(), f"the archive says {word}\n{t.archive.tail()}")
    t.figure("archived", verdict.expected)
    t.figure("left_in_store", stored)
    t.figure("broken", t.archive.text().count("archive_broken"))
    t.require(t.archive.stop() == 0, f"SIGTERM: exit {t.archive.child.returncode}\n{t.archive.tail()}")
    t.require(not t.archive.reported(), t.archive.tail())
    return verdict


def archived(name, options, count, trims, packaged):
    with Trial(name, options, rules=RULES, packaged=packaged, prepare=lambda t: begin(t, trims), judged=lambda t: judge(t, trims)) as t:
        done, disk = {"archive": 0, "redis": 0, "tracker": 0, "disk": 0}, itertools.cycle(DISK)
        shuffled = t.random.sample(list(itertools.islice(itertools.cycle(KILLS), count)), count)
        for i, which in enumerate(shuffled):
            t.between(0.1, 0.8)
            process = {"archive": t.archive, "redis": t.stage.redis, "tracker": t.tracker}[which]
            t.kill(process, 0.3)
            done[which] += 1
            if i % 9 == 4:
                disk_fails(t, next(disk))
                done["disk"] += 1
            t.archive.revive()
        for which, times in done.items():
            t.figure(which, times)
    return t.outcome


@scenario("F21", "kill -9 of archive, store and tracker, the archive's disk full and failing; the tracker trims", 16, 270)
def archived_and_trimmed(options, count):
    return archived("F21", options, count, True, True)


@scenario("F22", "the same, and the tracker trims nothing: the archive has what the streams have, row by row", 11, 270)
def archived_row_by_row(options, count):
    return archived("F22", options, count, False, False)


@scenario("archived", "both in turn, in pieces", 0, 0)
def archived_in_pieces(options, count):
    return archived("archived", options, count, options.seed % 2 == 0, options.seed % 4 >= 2)
