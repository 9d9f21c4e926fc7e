"""What docs/REPORT.md says of figures is what the program says, and what is asked wrongly is refused.

    python3 report_words.py BINARIES
"""
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARIES = pathlib.Path(sys.argv.pop(1)).resolve()
EX_USAGE, EX_DATAERR, EX_NOINPUT, EX_CONFIG = 64, 65, 66, 78


def report(*words):
    done = subprocess.run([BINARIES / "muckctl", "report", *map(str, words)], capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


class ReportWords(unittest.TestCase):
    def test_explained(self):
        code, out, _ = report("--explain")
        self.assertEqual(code, 0)
        self.assertGreater(out.count("\n"), 20)
        self.assertIn("\n\n" + out + "\n", (ROOT / "docs" / "REPORT.md").read_text(encoding="utf-8"))

    def test_asked_wrongly(self):
        for words in (("--day", "2026-06-01"), ("--archive", "x"), ("--archive", "x", "--day", "2026-06"),
                      ("--archive", "x", "--day", "2026-02-29"), ("--archive", "x", "--day", "2026-06-01", "--month", "2026-06"),
                      ("--archive", "x", "--day", "2026-06-01", "--by", "moon"), ("--archive", "x", "--day", "2026-06-01", "--lang", "fr"),
                      ("--archive", "x", "--day", "2026-06-01", "--csv", "--json"), ("--archive", "x", "--rebuild"),
                      ("--archive", "x", "--day", "2026-06-01", "--ack", "2,10"), ("--archive", "x", "--day", "2026-06-01", "--close", "1,2,x")):
            code, out, told = report(*words)
            self.assertEqual((code, out), (EX_USAGE, ""), (words, told))
            self.assertIn("expected", told)

    def test_nothing_there(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(report("--archive", folder, "--day", "2026-06-01")[0], EX_NOINPUT)
            self.assertEqual(report("--archive", folder + "/none", "--rebuild", "--config", ROOT / "fixtures/city/muckwatch.yaml")[0], EX_NOINPUT)
            config = pathlib.Path(folder, "bad.yaml")
            config.write_text('city: {fences: [a.geojson], day_ends: "25:00"}\n', encoding="utf-8")
            self.assertEqual(report("--archive", folder, "--rebuild", "--config", config)[0], EX_CONFIG)

    def test_checked(self):
        """Whoever reads the configuration before it is in force is told."""
        with tempfile.TemporaryDirectory() as folder:
            city = pathlib.Path(folder, "city")
            shutil.copytree(ROOT / "fixtures/city", city)
            config = city / "muckwatch.yaml"
            text = config.read_text(encoding="utf-8")
            for value, code in (("12:00", 0), ("25:00", EX_CONFIG), ("1:5", EX_CONFIG)):
                config.write_text(text.replace('day_ends: "00:00"', f'day_ends: "{value}"'), encoding="utf-8")
                self.assertIn(value, config.read_text(encoding="utf-8"))
                done = subprocess.run([BINARIES / "muckctl", "check", "--config", config], capture_output=True, text=True, check=False)
                self.assertEqual((done.returncode, "day_ends" in done.stderr), (code, code != 0), done)

    def test_an_empty_archive(self):
        """All that is of something is unknown, never 0 or 100."""
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(report("--archive", folder, "--rebuild", "--config", ROOT / "fixtures/city/muckwatch.yaml")[0], 0)
            code, out, told = report("--archive", folder, "--day", "2026-06-01", "--csv", "--lang", "en")
            self.assertEqual((code, told), (0, ""))
            names, total = out.lstrip("\ufeff").splitlines()
            cells = dict(zip(names.split(","), total.split(",")))
            self.assertEqual((cells['"sealed (%)"'], cells['"sealed n"'], cells['"trips"'], cells['"online (%)"']),
                             ('"unknown"', '"0"', '"0"', '"unknown"'))
            db = sqlite3.connect(pathlib.Path(folder, "city.db"))
            db.execute("PRAGMA user_version = 99")
            db.close()
            code, out, told = report("--archive", folder, "--day", "2026-06-01")
            self.assertEqual((code, out), (EX_DATAERR, ""))
            self.assertIn("version 99", told)


if __name__ == "__main__":
    unittest.main()
