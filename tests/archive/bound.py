"""What is older than it is kept goes: whole days with their file, on the archive's own clock; what was read of the streams stays
read.

    python3 bound.py BINARIES [unittest's own arguments]
"""
import datetime
import pathlib
import struct
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from kills import BINARIES, PREFIX, ArchiveCase, wait_until  # noqa: E402
from reading import Archive  # noqa: E402

DAY_MS = 86_400_000


class Bound(ArchiveCase):
    def setUp(self):
        super().setUp()
        self.clock = self.place.file("clock")
        self.set_clock(0)
        self.archive = self.program("archive", "archive", ", track_days: 2")
        self.archive.env.update({"LD_PRELOAD": str(BINARIES / "mw_shim.so"), "MW_SHIM_CLOCK": str(self.clock)})

    def set_clock(self, ms):
        self.clock_ms = ms
        # Written over in one piece: the program has it mapped.
        with open(self.clock, "r+b" if self.clock.exists() else "wb") as clock:
            clock.write(struct.pack("q", ms))

    def day(self, days):
        at = datetime.datetime.fromtimestamp(time.time() + days * DAY_MS / 1000, datetime.timezone.utc)
        return self.folder / f"track-{at:%Y-%m-%d}.db"

    def numbers(self):
        """Of each batch that a line is of: how many."""
        found = {}
        for lines in Archive(self.folder).tracks().values():
            for line in lines:
                found[line[3]] = found.get(line[3], 0) + 1
        return found

    def wait_gone(self, *paths):
        """It looks each ten minutes of its clock, which go by in a moment here."""
        def gone():
            self.assertTrue(self.archive.alive(), self.archive.tail())
            self.set_clock(self.clock_ms + 11 * 60 * 1000)
            return not any(path.with_name(path.name + end).exists() for path in paths for end in ("", "-wal", "-shm"))
        wait_until(gone, 120, lambda: "days that are over go\n" + self.archive.tail())

    def test_days_go_with_their_file(self):
        self.feeder.connect()
        # A keeper of evidence has not sealed what is of four days ago: until it has, that stays.
        self.feeder.redis.call("HSET", PREFIX + "evidence", "archive", "1", "needs", str(int(time.time() * 1000) - 5 * DAY_MS))
        self.archive.start()
        self.feeder.arrived_ms = -4 * DAY_MS
        self.feeder.feed(10)
        old = self.day(-4)
        self.feeder.arrived_ms = -DAY_MS
        self.feeder.feed(10)
        recent = self.day(-1)
        self.feeder.arrived_ms = 0
        self.feeder.feed(10)
        self.wait_archived()
        self.assertTrue(old.exists() and recent.exists())
        for _ in range(3):
            self.set_clock(self.clock_ms + 11 * 60 * 1000)
            self.feeder.feed(10)
            self.wait_archived()
        self.assertTrue(old.exists())
        self.feeder.redis.call("HDEL", PREFIX + "evidence", "archive", "needs")
        self.wait_gone(old)
        self.assertTrue(recent.exists())
        # The store has all of it still, and none of it comes again: what is known of the streams did not go with the file.
        self.archive.kill()
        self.archive.start()
        self.feeder.feed(10)
        self.wait_archived()
        self.assertEqual(self.numbers(), {b: n for b, n in self.feeder.fixes_of.items() if b > 10 and n})
        before = self.numbers()
        self.set_clock(4 * DAY_MS)
        self.wait_gone(recent, self.day(0))
        self.feeder.arrived_ms = 4 * DAY_MS
        self.feeder.feed(10)
        self.wait_archived()
        self.archive.kill()
        self.archive.start()
        self.feeder.feed(10)
        self.wait_archived()
        self.assertEqual(self.numbers(), {b: n for b, n in self.feeder.fixes_of.items() if b > max(before) and n})
        def refused():
            self.set_clock(self.clock_ms + 11 * 60 * 1000)
            return Archive(self.folder).entries("rejects")
        wait_until(lambda: not refused(), 120, "what was refused goes as tracks do, row by row")
        self.assertEqual(len(Archive(self.folder).entries("violations")), len(self.feeder.findings))  # findings are kept for longer


if __name__ == "__main__":
    unittest.main()
