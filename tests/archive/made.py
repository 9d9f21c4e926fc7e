"""What benchmarks of the archive are made of (bench/archive_day.c) is an archive: whole, and summed to the same by its chunks' sums
as by all its lines.

    python3 made.py BINARIES MADE_DAY [unittest's own arguments]
"""
import json
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest

BINARIES, MADE_DAY = (pathlib.Path(sys.argv.pop(1)).resolve() for _ in range(2))
TRUCKS, HOURS, FIXES_AN_HOUR = 3, 2, 360


class Made(unittest.TestCase):
    def muckctl(self, *words):
        done = subprocess.run([BINARIES / "muckctl", *words], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def test_made(self):
        with tempfile.TemporaryDirectory() as place:
            folder, config = pathlib.Path(place) / "made", pathlib.Path(place) / "config.yaml"
            subprocess.run([MADE_DAY, folder, str(TRUCKS), str(HOURS)], check=True, capture_output=True, timeout=120)
            self.muckctl("archive", "--archive", folder, "--verify")
            db = sqlite3.connect(next(folder.glob("track-*.db")))
            chunks, fixes, sums = db.execute("SELECT (SELECT count(*) FROM chunks), (SELECT sum(count) FROM chunks), (SELECT count(*) FROM sums)").fetchone()
            self.assertEqual((chunks, fixes, sums), (TRUCKS * HOURS, TRUCKS * HOURS * FIXES_AN_HOUR, TRUCKS * HOURS))
            db.close()
            config.write_text("city: {timezone: Asia/Shanghai, fences: [none]}\n", encoding="utf-8")
            self.muckctl("report", "--archive", folder, "--rebuild", "--config", config)
            report = json.loads(self.muckctl("report", "--archive", folder, "--month", "2026-06", "--by", "vehicle", "--json"))
            self.assertEqual(len(report["rows"]), TRUCKS)
            self.assertGreater(report["total"]["way_km"]["value"], 1)


if __name__ == "__main__":
    unittest.main()
