"""muckctl hours from the outside: its lines, its errors, its exit codes.

usage: test_muckctl_hours.py MUCKCTL
"""
import os
import subprocess
import sys
import tempfile
import unittest

MUCKCTL = sys.argv.pop(1)

CALENDAR = """{"year": 2026, "days": [
  {"date": "2026-10-01", "isOffDay": true},
  {"date": "2026-10-10", "isOffDay": false}
]}
"""


def hours(*arguments):
    run = subprocess.run([MUCKCTL, "hours", *arguments], capture_output=True, text=True, timeout=20, env={"LC_ALL": "C"})
    return run.returncode, run.stdout.splitlines(), run.stderr


class Hours(unittest.TestCase):
    def windows(self, *arguments):
        status, lines, errors = hours(*arguments)
        self.assertEqual((status, errors), (0, ""))
        return [line[:34] for line in lines]

    def test_nights_around_exams(self):
        self.assertEqual(
            self.windows("22:00-06:00; 2026 Jun 07-09 off", "--from", "2026-06-06", "--count", "4"),
            ["2026-06-05 22:00  2026-06-06 06:00",  # open already
             "2026-06-06 22:00  2026-06-07 06:00",
             "2026-06-10 22:00  2026-06-11 06:00",
             "2026-06-11 22:00  2026-06-12 06:00"])

    def test_words(self):
        arguments = ("Mo 22:00-06:00", "--from=2026-06-01", "--count=1")
        english = "8 h  Monday 22:00 to 06:00 the next day"
        chinese = "8小时  周一22:00至次日06:00"
        stamp = "2026-06-01 22:00  2026-06-02 06:00  "
        self.assertEqual(hours(*arguments)[1], [stamp + english + "  " + chinese])
        self.assertEqual(hours(*arguments, "--lang", "en")[1], [stamp + english])
        self.assertEqual(hours(*arguments, "--lang", "zh")[1], [stamp + chinese])

    def test_long_and_endless_windows(self):
        self.assertEqual(self.windows("2026 Jun 07-09", "--from", "2026-06-08 12:00"), ["2026-06-07 00:00  2026-06-10 00:00"])
        status, lines, _ = hours("24/7", "--from", "2026-06-01", "--lang", "en")
        self.assertEqual((status, len(lines)), (0, 1))
        self.assertTrue(lines[0].startswith("2026-06-01 00:00") and lines[0].endswith("for good"))
        status, lines, errors = hours("off")
        self.assertEqual((status, lines), (0, []))
        self.assertIn("never open", errors)

    def test_from(self):
        for when in ("2026-06-02 05:59", "2026-06-02T05:59", "2026-06-02T05:59:59+08:00", "2026-06-01T21:59:59Z", "2026-06-02"):
            self.assertEqual(self.windows("22:00-06:00", "--count", "1", "--from", when), ["2026-06-01 22:00  2026-06-02 06:00"])
        self.assertEqual(self.windows("22:00-06:00", "--count", "1", "--from", "2026-06-02 06:00"),
                         ["2026-06-02 22:00  2026-06-03 06:00"])

    def test_default_count_and_now(self):
        status, lines, _ = hours("22:00-06:00")
        self.assertEqual((status, len(lines)), (0, 10))

    def test_time_zone(self):
        """02:00 is skipped in Berlin on 29 March 2026; 25 October has it twice."""
        arguments = ("01:30-03:30", "--count", "1", "--timezone", "Europe/Berlin", "--lang", "en", "--from")
        self.assertIn("  1 h  ", hours(*arguments, "2026-03-29")[1][0])
        self.assertIn("  3 h  ", hours(*arguments, "2026-10-25")[1][0])

    def test_calendar(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "2026.json")
            with open(path, "w", encoding="utf-8") as file:
                file.write(CALENDAR)
            self.assertEqual(self.windows("PH -1 day,PH 16:00-21:00", "--calendar", path, "--from", "2026-09-01"),
                             ["2026-09-30 16:00  2026-09-30 21:00", "2026-10-01 16:00  2026-10-01 21:00"])
            self.assertEqual(self.windows("WD 08:00-09:00", "--calendar", path, "--from", "2026-10-09", "--count", "2"),
                             ["2026-10-09 08:00  2026-10-09 09:00", "2026-10-10 08:00  2026-10-10 09:00"])
            status, lines, errors = hours("WD 08:00-09:00", "--calendar", path, "--from", "2027-03-01", "--count", "1")
            self.assertEqual(status, 0)
            self.assertIn("no calendar of 2027", errors)
            self.assertIn("holidays of 2027 unknown", lines[0])
            with open(path, "w", encoding="utf-8") as file:
                file.write(CALENDAR.replace("10-10", "10-32"))
            status, _, errors = hours("WD", "--calendar", path)
            self.assertEqual(status, 65)
            self.assertIn(path + ":3: ", errors)
            self.assertEqual(hours("WD", "--calendar", path + ".none")[0], 66)

    def test_school_calendar(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "school.json")
            with open(path, "w", encoding="utf-8") as file:
                file.write('{"year": 2026, "days": [\n{"date": "2026-07-04", "to": "2026-08-31", "isOffDay": true}]}')
            arguments = ("SH Mo 07:00-08:30", "--school-calendar", path, "--from")
            self.assertEqual(self.windows(*arguments, "2026-08-20"),
                             ["2026-08-24 07:00  2026-08-24 08:30", "2026-08-31 07:00  2026-08-31 08:30"])
            arguments = ("Mo 07:00-08:30; SH off", "--count", "1", "--school-calendar", path, "--from")
            self.assertEqual(self.windows(*arguments, "2026-07-01"), ["2026-09-07 07:00  2026-09-07 08:30"])
            status, lines, errors = hours(*arguments, "2027-07-05")
            self.assertEqual(status, 0)
            self.assertIn("no school calendar of 2027", errors)
            self.assertIn("--school-calendar FILE", errors)
            self.assertIn("school holidays of 2027 unknown", lines[0])
            self.assertIn("缺2027年学校假期", lines[0])
            # without a calendar it is never open, and said why
            status, lines, errors = hours("SH 07:00-08:30", "--from", "2026-03-02")
            self.assertEqual((status, lines), (0, []))
            self.assertIn("no school calendar of 2026", errors)
            self.assertIn("never open", errors)
            self.assertIn("no calendar of 2026", hours("PH", "--from", "2026-03-02")[2])
            # one is not the other
            self.assertIn("no calendar of 2026", hours("WD,SH", "--school-calendar", path, "--from", "2026-03-02")[2])
            self.assertIn("no school calendar of 2026", hours("Mo,SH", "--calendar", path, "--from", "2026-03-02")[2])
            with open(path, "w", encoding="utf-8") as file:
                file.write('{"year": 2026, "days": [\n{"date": "2026-07-04", "to": "2026-07-03", "isOffDay": true}]}')
            status, _, errors = hours("SH", "--school-calendar", path)
            self.assertEqual(status, 65)
            self.assertIn(path + ":2: ", errors)
            self.assertEqual(hours("SH", "--school-calendar", path + ".none")[0], 66)

    def test_what_people_write(self):
        def days(expression, count):
            return [line[:10] for line in self.windows(expression, "--from", "2026-06-01", "--count", str(count))]
        self.assertEqual(days("Mo[1] 06:00-20:00", 2), ["2026-06-01", "2026-07-06"])
        self.assertEqual(days("Sa[1,3] 06:00-20:00", 3), ["2026-06-06", "2026-06-20", "2026-07-04"])
        self.assertEqual(days("Mo[-1] 06:00-20:00", 2), ["2026-06-29", "2026-07-27"])
        self.assertEqual(days("week 1-53/2 Mo 06:00-20:00", 2), ["2026-06-01", "2026-06-15"])
        self.assertEqual(days("2026 Jun 07,Jun 09", 9), ["2026-06-07", "2026-06-09"])
        self.assertEqual(self.windows("Jun-Aug: 06:00-20:00", "--from", "2026-06-01", "--count", "1"),
                         ["2026-06-01 06:00  2026-06-01 20:00"])
        self.assertEqual(self.windows("22：00-06：00，Mo off", "--from", "2026-06-01", "--count", "1"),
                         self.windows("22:00-06:00,Mo off", "--from", "2026-06-01", "--count", "1"))
        self.assertEqual(self.windows("Mo 06:00-06:00", "--from", "2026-06-01", "--count", "1"),
                         ["2026-06-01 06:00  2026-06-02 06:00"])
        self.assertIn("for good", hours("open", "--lang", "en")[1][0])
        self.assertIn("never open", hours("closed")[2])

    def test_errors_point_at_the_character(self):
        status, lines, errors = hours("Mo-Fr 22:00-x6:00")
        self.assertEqual((status, lines), (65, []))
        first, text, caret = errors.splitlines()
        self.assertIn("character 13", first)
        self.assertEqual(text[caret.index("^"):], "x6:00")
        status, _, errors = hours("22：00-06：00；week 54")  # full-width punctuation takes two columns
        first, text, caret = errors.splitlines()
        self.assertIn("character 18", first)
        self.assertEqual(caret, "  " + " " * 20 + "^")
        self.assertEqual(hours("")[0], 65)

    def test_usage(self):
        for arguments in ([], ["Mo", "Tu"], ["Mo", "--from", "June"], ["Mo", "--from", "2026-02-30"], ["Mo", "--count", "0"],
                          ["Mo", "--count", "1001"], ["Mo", "--lang", "de"], ["Mo", "--nonsense"],
                          ["Mo", "--timezone", "../UTC"], ["Mo", "--timezone", "Asia/Nowhere"],
                          ["Mo", "--from", "2026-06-07 24:00"], ["Mo", "--from", "2026-06-07 12:00x"], ["Mo", "--from", "2026-06-07 12"],
                          ["Mo", "--from", "2026-06-07 "], ["Mo", "--from", "2026-06-07x12:00"]):
            status, lines, errors = hours(*arguments)
            self.assertEqual((status, lines), (64, []), arguments)
            self.assertTrue(errors)
        self.assertEqual(hours("--help")[0], 0)


if __name__ == "__main__":
    unittest.main()
