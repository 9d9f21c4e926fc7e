"""The page in a browser, against the real gateway, tracker, broker and store, which play a part of the sample day.

    page.py BINARIES [RUN]     RUN: the browser's side, page_run.mjs or another that begins as it does; it says a word a line when it wants something of ours, and is answered when it is done.
"""
import datetime
import json
import lzma
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "dispatch"))

from gate import BINARIES, CITY, Gate, expect, run, wait_until  # noqa: E402
from harness import contract  # noqa: E402
from harness.place import free_port  # noqa: E402
from harness.process import Process  # noqa: E402
from harness.servers import Stage  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RUN = sys.argv[2] if len(sys.argv) > 2 else "page_run.mjs"
VEHICLES = {"hy-02", "hy-06", "hy-08", "jt-03", "jt-08", "ly-03", "sd-01", "sd-06"}
# Of the day, UTC, by arrival: up to the first, then with a tipping in the no-tipping zone by hy-06 at 14:02, then to the last.
BEGIN, *PARTS = [int(datetime.datetime.fromisoformat(f"2026-05-08T{at}:00+00:00").timestamp() * 1000) for at in ("12:30", "13:55", "14:05", "14:20")]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def day_in_parts():
    parts = [[] for _ in PARTS]
    with lzma.open(CITY / "day.ndjson.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            fix = json.loads(line)
            vehicle = fix.pop("vehicle")
            received = fix.pop("received")
            for number in ("boot", "seq"):  # what is left out before is no hole
                fix.pop(number, None)
            part = sum(received >= end for end in PARTS)
            if vehicle in VEHICLES and BEGIN <= received and part < len(PARTS):
                parts[part].append((contract.topic(vehicle, "fix"), json.dumps(fix).encode()))
    return parts


class Player:
    def __init__(self, stage):
        self.parts, self.total = day_in_parts(), 0
        self.stage, self.store = stage, stage.redis.client()

    def play(self):
        part = self.parts.pop(0)
        units = self.stage.broker.client("units")  # a browser takes its time, and the broker lets go of who is silent
        units.publish_all(part)
        units.close()
        self.total += len(part)
        # The day has a few that come twice.
        wait_until(lambda: self.judged() >= 0.98 * self.total, 120, lambda: "all is judged\n" + self.stage.tracker.tail())

    def play_late(self, vehicle):
        """A fix between two that were told long ago, where the former was."""
        fix = json.loads([fields["fix"] for _, fields in contract.track(self.store, vehicle) if "fix" in fields][20])
        time = datetime.datetime.fromisoformat(fix["time"]) if isinstance(fix["time"], str) else datetime.datetime.fromtimestamp(fix["time"], datetime.timezone.utc)
        fix["time"] = (time + datetime.timedelta(seconds=1)).isoformat()
        before = self.judged()
        units = self.stage.broker.client("late")
        units.publish_all([(contract.topic(vehicle, "fix"), json.dumps(fix).encode())])
        units.close()
        wait_until(lambda: self.judged() > before, 120, lambda: "the late one is judged\n" + self.stage.tracker.tail())

    def judged(self):
        return sum(self.store.call("XLEN", contract.key(f"track:{vehicle}")) for vehicle in contract.vehicles(self.store))


def browser():
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    raise AssertionError("no Chromium (scripts/deps test)")


class Archive:
    """What was long ago is asked of it: the day that is played is of another year, so the store finds nothing by its time of arrival."""

    def __init__(self, stage, store):
        self.store, self.folder = store, stage.place.path / "archive"
        config = stage.write_config("archive.yaml", stage.redis.port)
        config.write_text(config.read_text(encoding="utf-8") + f"\narchive: {{dir: {self.folder}, http_port: {free_port()}}}\n", encoding="utf-8")
        self.process = Process("archive", stage.place, [BINARIES / "muckwatch-archive", "--config", config])
        self.process.start()

    def wait(self):
        last = int(self.store.call("HGET", contract.key("owner"), "batch"))
        wait_until(lambda: int(self.store.call("HGET", contract.key("archive"), "batch") or -1) >= last, 120, lambda: "all is archived\n" + self.process.tail())


def serve(child, player, gate, archive):
    """Does what the browser's side asks for."""
    for line in child.stdout:
        word = line.strip()
        if word == "want: more":
            player.play()
        elif word.startswith("want: late "):
            player.play_late(word.removeprefix("want: late "))
        elif word == "want: archived":
            archive.wait()
        elif word == "want: kill":
            gate.process.kill()
            gate.process.start()
        elif word == "want: other-token":
            gate.token("wall", "viewer")
            gate.reload()
        else:
            print(line, end="", flush=True)
            continue
        child.stdin.write("done\n")
        child.stdin.flush()


def page_folder():
    folder = pathlib.Path(os.environ.get("MW_DASHBOARD", ROOT / "build/dashboard"))
    expect((folder / "index.html").exists(), f"{folder} is there (scripts/dashboard)")
    return folder


def the_page_in_a_browser():
    page = page_folder()
    with Stage(f"dashboard-city-{RUN.split('_')[0]}", BINARIES, CITY) as stage:
        stage.start()
        player = Player(stage)
        player.play()
        archive = Archive(stage, player.store)
        try:
            archive.wait()
            with Gate(f"dashboard-{RUN.split('_')[0]}", f"dashboard: {{dir: {page}}}\narchive: {{dir: {archive.folder}}}\n", store=stage.redis) as gate:
                wait_until(lambda: gate.client().get("/readyz", judged=False).status == 200, 120, lambda: gate.process.tail())
                wall = gate.token("wall", "viewer")
                gate.reload()
                told = {"port": gate.port, "browser": browser(), "shots": os.environ.get("MW_SHOTS", ""), "wall": wall}
                with subprocess.Popen(["node", HERE / RUN, json.dumps(told)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
                    serve(child, player, gate, archive)
                expect(child.returncode == 0, f"the browser's side ended with {child.returncode}")
        finally:
            archive.process.end()


if __name__ == "__main__":
    run([the_page_in_a_browser])
