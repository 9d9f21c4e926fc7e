"""The sample day through broker, tracker, store and archive: what the archive has is what muckctl track prints, to the byte,
and what the streams hold, entry by entry; in a few bytes and little time a fix.

    python3 day.py BINARIES [unittest's own arguments]
"""
import json
import pathlib
import sys
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "integration"), str(ROOT / "tests" / "archive")]

import staging  # noqa: E402
from harness import contract  # noqa: E402
from harness.place import free_port  # noqa: E402
from harness.process import Process, wait_until  # noqa: E402
from reading import Archive  # noqa: E402

if len(sys.argv) > 1:
    staging.BINARIES = pathlib.Path(sys.argv.pop(1)).resolve()
BYTES_A_FIX = 25
KILLS = 5


class Day(staging.StageCase):
    city = staging.CITY

    def archive(self):
        self.folder = self.stage.place.path / "archive"
        config = self.stage.write_config("archive.yaml", self.stage.redis.port)
        config.write_text(config.read_text(encoding="utf-8") + f"\narchive: {{dir: {self.folder}, http_port: {free_port()}}}\n", encoding="utf-8")
        program = Process("archive", self.stage.place, [staging.BINARIES / "muckwatch-archive", "--config", config])
        self.addCleanup(program.end)
        return program

    def wait_archived(self, program):
        last = int(self.redis.call("HGET", self.key("owner"), "batch"))

        def done():
            self.assertTrue(program.alive(), program.tail())
            return int(self.redis.call("HGET", self.key("archive"), "batch") or -1) >= last
        wait_until(done, 300, lambda: "all is archived\n" + program.tail())

    def cpu_s(self, program):
        fields = pathlib.Path(f"/proc/{program.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def closed(self):
        """Nothing is in tails any more: what is open is closed when the archive starts again."""
        return all(Archive(self.folder).open(name).execute("SELECT count(*) FROM tail").fetchone()[0] == 0
                   for name in Archive(self.folder).days)

    def check(self):
        kept = Archive(self.folder)
        tracks = kept.tracks()
        printed = {}
        marks = {"life": [], "attended": [], "ruleset": []}
        run = self.stage.muckctl("track", "--redis", f"127.0.0.1:{self.stage.redis.port}")
        for line in run.stdout.splitlines():
            said = json.loads(line)
            if "mark" in said:
                marks["life"].append(line)
            elif "attended" in said or "ruleset" in said:
                marks["attended" if "attended" in said else "ruleset"].append(line)
            else:
                printed.setdefault(said["vehicle"], []).append(line)
        self.assertEqual({v: [line for *_, line in lines] for v, lines in tracks.items()}, printed)
        self.assertEqual([line for *_, line in kept.marks("marks")][-len(marks["life"]):] if marks["life"] else [], marks["life"])
        self.assertEqual([line for *_, line in kept.marks("rulesets")][-1:], marks["ruleset"][-1:])
        for stream in ("violations", "trips"):
            stored = [{k: v.decode() for k, v in fields.items()} for _, fields in self.redis.stream(self.key(stream))]
            self.assertEqual([json.loads(fields) for *_, fields in kept.entries(stream)], stored)
            self.assertGreater(len(stored), 50)
        worlds = kept.city.execute("SELECT hash FROM worlds").fetchall()
        self.assertGreater(len(worlds), 0)
        return kept, sum(map(len, printed.values()))

    def test_day(self):
        program = self.archive().start()
        pairs = list(staging.day_lines())
        piece = len(pairs) // KILLS
        for i in range(0, len(pairs), piece):
            self.mqtt.publish_all((contract.topic(v, "fix"), f) for v, f in pairs[i:i + piece])
            program.kill()
            program.start()
        self.barrier(600)
        self.wait_archived(program)
        self.check()
        program.stop()
        self.closing()

    def closing(self):
        """An archive of its own, from what the store holds, closed into chunks: its size and its time."""
        self.redis.call("DEL", self.key("archive"))
        program = self.archive()
        for path in self.folder.iterdir():
            path.unlink()
        program.start()
        self.wait_archived(program)
        spent = self.cpu_s(program)
        program.kill()
        program.start()
        wait_until(self.closed, 120, lambda: "all is closed\n" + program.tail())
        spent += self.cpu_s(program)
        kept, fixes = self.check()
        program.stop()
        size = sum(kept.open(name).execute("SELECT sum(length(lines)) + sum(length(places)) FROM chunks").fetchone()[0] for name in kept.days)
        pages = sum(kept.open(name).execute("SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)").fetchone()[0] for name in kept.days)
        print(f"{fixes} fixes: {size / fixes:.1f} bytes a fix in chunks, files {pages / fixes:.1f}; {spent / fixes * 1e6:.1f} us of CPU a fix",
              file=sys.stderr)
        self.assertLessEqual(max(size, pages) / fixes, BYTES_A_FIX)


if __name__ == "__main__":
    unittest.main()
