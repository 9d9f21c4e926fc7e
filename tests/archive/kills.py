"""Every entry and every fix once, whatever is killed: the archive, the store, or the store with what it had acknowledged.

    python3 kills.py BINARIES [unittest's own arguments]
"""
import json
import pathlib
import random
import shutil
import sqlite3
import sys
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "archive")]

from feeding import PREFIX, VEHICLES, Feeder  # noqa: E402
from harness.place import Place, free_port  # noqa: E402
from harness.process import Process, wait_until  # noqa: E402
from harness.servers import RedisServer  # noqa: E402
from reading import Archive  # noqa: E402

BINARIES = pathlib.Path(sys.argv.pop(1)).resolve() if len(sys.argv) > 1 else ROOT / "build" / "asan" / "bin"
EX_DATAERR, EX_CANTCREAT, EX_TEMPFAIL, EX_CONFIG = 65, 73, 75, 78
KILLS_OF_ARCHIVE, KILLS_OF_STORE = 40, 8


class ArchiveCase(unittest.TestCase):
    def setUp(self):
        self.place = Place(self.id().rsplit(".", 1)[-1])
        self.redis = RedisServer(self.place).start()
        self.folder = self.place.path / "archive"
        shutil.copy(ROOT / "tests" / "faults" / "city" / "fences.geojson", self.place.path)
        self.archive = self.program("archive", "archive")
        self.feeder = Feeder(self.redis)
        self.addCleanup(self.leave)

    def program(self, name, folder, more=""):
        self.port = free_port()
        config = self.place.file(f"{name}.yaml", f"redis: {{host: 127.0.0.1, port: {self.redis.port}}}\ncity: {{fences: [fences.geojson]}}\n"
                                                 f"archive: {{dir: {folder}, http_port: {self.port}{more}}}\n")
        env = {"ASAN_OPTIONS": "detect_leaks=1:verify_asan_link_order=0", "UBSAN_OPTIONS": "print_stacktrace=1"}
        return Process(name, self.place, [BINARIES / "muckwatch-archive", "--config", config], env)

    def leave(self):
        self.archive.end()
        text = self.archive.log.read_text(errors="replace") if self.archive.starts else ""
        found = [mark for mark in ("AddressSanitizer", "LeakSanitizer", "runtime error:", "Assertion") if mark in text]
        if self.feeder.redis:
            self.feeder.redis.close()
        self.redis.end()
        outcome = self._outcome.result
        if any(case is self for case, _ in outcome.failures + outcome.errors) or found:
            print("kept:", self.place.path)
        else:
            self.place.remove()
        self.assertEqual(found, [])

    def registered(self):
        client = self.redis.client()
        try:
            flat = client.call("HGETALL", PREFIX + "archive")
            return {flat[i].decode(): flat[i + 1].decode() for i in range(0, len(flat), 2)}
        finally:
            client.close()

    def wait_archived(self):
        def done():
            self.assertTrue(self.archive.alive(), self.archive.tail())
            return int(self.registered().get("batch", -1)) >= self.feeder.batch
        wait_until(done, 120, lambda: "all is archived\n" + self.archive.tail())

    def stream(self, name):
        return self.feeder.redis.stream(PREFIX + name)

    def check_equal_to_store(self):
        """The archive has what the streams have, entry by entry, and nothing else."""
        kept = Archive(self.folder)
        tracks = kept.tracks()
        for i in range(VEHICLES):
            lines = [line for *_, line in tracks.get(f"v{i}", [])]
            want = [b'{"vehicle":"v%d","received":%s,' % (i, f[b"received"]) + f[b"fix"][1:].replace(b"\n", b" ") for f in self.fields(f"track:v{i}")]
            self.assertEqual(lines, want)
            self.assertEqual([row[3] for row in tracks.get(f"v{i}", [])], [int(f[b"batch"]) for f in self.fields(f"track:v{i}")])
        for name in ("violations", "trips", "actions", "shifts", "audit", "rejects"):
            self.assertEqual([json.loads(fields) for *_, fields in kept.entries(name)],
                             [{k.decode(): self.shown(v) for k, v in f.items()} for f in self.fields(name)])
        self.assertEqual([batch for *_, batch, _ in kept.marks("marks")],
                         [int(f[b"batch"]) for f in self.fields("marks")])
        return kept

    def check_each_once(self):
        """Of each vehicle each fix that was ever made, once, by its number."""
        kept = Archive(self.folder)
        tracks = kept.tracks()
        for vehicle, last in self.feeder.made.items():
            numbers = sorted(json.loads(line)["seq"] for *_, line in tracks[vehicle])
            self.assertEqual(numbers, list(range(1, last + 1)), vehicle)
        return kept

    @staticmethod
    def shown(value):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {"hex": value.hex()}

    def fields(self, name):
        return [{(k if isinstance(k, bytes) else k.encode()): v for k, v in fields.items()} for _, fields in self.stream(name)]


class Kills(ArchiveCase):
    def test_undisturbed(self):
        self.archive.start()
        self.feeder.connect()
        for _ in range(10):
            self.feeder.feed(20)
            time.sleep(0.1)
        self.wait_archived()
        kept = self.check_equal_to_store()
        self.assertEqual(kept.state("life"), 1)
        self.assertEqual(self.archive.stop(), 0)

    def test_archive_is_killed(self):
        chance = random.Random(15)
        self.archive.start()
        self.feeder.connect()
        for _ in range(KILLS_OF_ARCHIVE):
            until = time.monotonic() + chance.uniform(0.05, 0.8)
            while time.monotonic() < until:
                self.feeder.feed()
            self.archive.kill()
            self.feeder.feed(chance.randrange(3))
            self.archive.start()
        self.wait_archived()
        self.assertEqual(self.check_equal_to_store().state("life"), 1, self.archive.tail())

    def test_store_is_killed(self):
        chance = random.Random(16)
        self.archive.start()
        self.feeder.connect()
        for _ in range(KILLS_OF_STORE):
            until = time.monotonic() + chance.uniform(0.1, 1.0)
            while time.monotonic() < until:
                self.feeder.feed()
            self.redis.kill()
            if chance.random() < 0.5:
                self.archive.kill()
                self.archive.start()
            self.redis.start()
            self.feeder.connect()
        self.feeder.feed()
        self.wait_archived()
        self.assertEqual(self.check_equal_to_store().state("life"), 1, self.archive.tail())

    def test_fixes_over_several_lines(self):
        """JSON may be; a line of the archive is one, in the tail, read again after a kill, and in chunks."""
        self.archive.start()
        self.feeder.connect()
        self.feeder.form = {"indent": 1}
        self.feeder.feed(20)
        self.wait_archived()
        self.archive.kill()
        self.archive.start()
        self.feeder.feed(20)
        self.wait_archived()
        self.check_equal_to_store()
        wait_until(lambda: sum(Archive(self.folder).open(day).execute("SELECT count(*) FROM chunks").fetchone()[0] for day in Archive(self.folder).days) > 0,
                   120, lambda: "what was open is closed\n" + self.archive.tail())
        self.check_equal_to_store()

    def test_refusals_let_go_of_unread(self):
        """The tracker lets go of them by count: how many were gone before they were read is known."""
        self.archive.start()
        self.feeder.connect()
        self.feeder.feed(50)
        self.wait_archived()
        self.archive.kill()
        key = PREFIX + "rejects"
        for _ in range(300):
            self.feeder.redis.call("XADD", key, "*", "vehicle", "v3", "received", 1, "reason", "not_json", "payload", "{")
        self.feeder.redis.call("XTRIM", key, "MAXLEN", 40)
        self.archive.start()
        self.feeder.feed(5)
        self.wait_archived()
        self.archive.kill()  # what is known of it stays known
        self.feeder.redis.call("XTRIM", key, "MAXLEN", 0)
        self.archive.start()
        for _ in range(7):
            self.feeder.redis.call("XADD", key, "*", "vehicle", "v3", "received", 1, "reason", "not_json", "payload", "{")
        self.feeder.feed(1)
        self.wait_archived()
        added = dict(zip(*[iter(self.feeder.redis.call("XINFO", "STREAM", key))] * 2))[b"entries-added"]
        kept = Archive(self.folder)
        missed, = kept.city.execute("SELECT missed FROM cursors WHERE stream = 'rejects'").fetchone()
        self.assertEqual(missed, 260)
        self.assertEqual(len(kept.entries("rejects")), added - missed)

    def test_catching_up_is_told(self):
        self.feeder.connect()
        # It tells once a second: more than a quick machine takes in that, written by the store itself.
        begun_ms, lines = int(time.time() * 1000) - 3_600_000, 70_001
        fill = """for n = 1, ARGV[2] - 1 do
                      local ms = string.format('%d', ARGV[1] + 30 * n)
                      redis.call('XADD', KEYS[1], ms .. '-0', 'fix', '{"time":' .. string.format('%d', 1770000000 + n) .. ',"boot":"b","seq":' .. n .. '}',
                                 'received', ms, 'batch', '1')
                  end"""
        for vehicle in range(3):
            self.feeder.redis.call("HSET", PREFIX + "state", f"old{vehicle}", "x")
            self.feeder.redis.call("EVAL", fill, "1", f"{PREFIX}track:old{vehicle}", begun_ms, lines)
        self.archive.start()
        self.feeder.feed()
        wait_until(lambda: "archive_caught_up" in self.archive.text(), 120, lambda: "it catches up\n" + self.archive.tail())
        self.assertIn("archive_catching_up", self.archive.text())
        self.wait_archived()
        self.assertEqual(len(Archive(self.folder).tracks()["old2"]), lines - 1)

    def test_off_for_a_while(self):
        self.archive.start()
        self.feeder.connect()
        self.feeder.feed(30)
        self.wait_archived()
        self.archive.kill()
        self.feeder.feed(600, each=8)
        self.archive.start()
        self.wait_archived()
        self.check_equal_to_store()

    def go_back(self, meanwhile):
        """The store as it was before `meanwhile`."""
        self.redis.kill()
        copy = self.place.path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.redis.folder, copy)
        self.redis.start()
        self.feeder.connect()
        meanwhile()
        self.redis.kill()
        shutil.rmtree(self.redis.folder)
        shutil.copytree(copy, self.redis.folder)
        self.redis.start()

    def test_store_goes_back(self):
        """Also while the archive is away, so that it sees only the store that has gone on since."""
        self.archive.start()
        self.feeder.connect()
        for turn in range(4):
            self.feeder.feed(40)
            self.wait_archived()

            def meanwhile():
                self.feeder.feed(30)
                self.wait_archived()
            self.go_back(meanwhile)
            if turn % 2:
                self.archive.kill()
            self.assertGreater(self.feeder.went_back(), 0)
            self.feeder.feed(100 * (turn % 2))
            if turn % 2:
                self.archive.start()
            self.feeder.feed(20)
            self.wait_archived()
            kept = self.check_each_once()
            self.assertEqual(kept.state("life"), turn + 2)
        self.assertIn("archive_behind", self.archive.log.read_text())

    def test_store_lost_everything(self):
        self.archive.start()
        self.feeder.connect()
        self.feeder.feed(60)
        self.wait_archived()
        self.feeder.redis.call("FLUSHALL")
        self.feeder.went_back()
        self.feeder.feed(20)
        wait_until(lambda: Archive(self.folder).state("life") == 2, 120, lambda: "a new life\n" + self.archive.tail())
        self.wait_archived()
        self.check_each_once()


class Refusals(ArchiveCase):
    def ends_with(self, program, code, sentence):
        program.start()
        self.assertEqual(program.wait(120), code, program.tail())
        self.assertIn(sentence, program.log.read_text())

    def test_two_on_one_folder(self):
        self.archive.start()
        self.feeder.connect()
        self.feeder.feed()
        self.wait_archived()
        self.ends_with(self.program("second", "archive"), EX_TEMPFAIL, "another archive writes there")

    def test_another_is_registered(self):
        self.archive.start()
        self.feeder.connect()
        self.feeder.feed()
        self.wait_archived()
        self.ends_with(self.program("other", "elsewhere"), EX_TEMPFAIL, "archive_registered_elsewhere")

    def test_a_later_version(self):
        self.archive.start()
        self.feeder.connect()
        self.feeder.feed()
        self.wait_archived()
        self.archive.stop()
        day = next(self.folder.glob("track-*.db"))
        db = sqlite3.connect(day)
        db.execute("PRAGMA user_version = 2")
        db.close()
        self.ends_with(self.program("later", "archive"), EX_DATAERR, "version 2")

    def test_no_archive(self):
        self.folder.mkdir()
        (self.folder / "city.db").write_bytes(b"x" * 5000)
        self.ends_with(self.program("none", "archive"), EX_CANTCREAT, "city.db")

    def test_no_folder(self):
        (self.place.path / "file").write_text("")
        self.ends_with(self.program("file", "file/below"), EX_CANTCREAT, "archive.dir")


if __name__ == "__main__":
    unittest.main()
