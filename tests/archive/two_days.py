"""A day of trucks over midnight: the archive's second day is replayed as it began, with each vehicle's checkpoint, and what
that tells is what the streams have of it, to the byte; what was told before, and nothing else, is left to the first day.

    python3 two_days.py BINARIES [unittest's own arguments]
"""
import datetime
import pathlib
import shutil
import signal
import sqlite3
import struct
import tempfile
import time
import unittest

import asked
from asked import staging
from harness import contract
from harness.process import wait_until
from reading import Archive

DAY_S = 86400
EVENING_S = 200  # before midnight: for the first half, on a busy machine; what is left of it is leapt over
LEAST_S = 2


class TwoDays(asked.Asked):
    options = {"rules": "\nlate: {horizon_h: 5, quiet_s: 2}\n"}

    def setUp(self):
        self.home = tempfile.TemporaryDirectory(prefix="mw-clock-")
        self.addCleanup(self.home.cleanup)
        self.clock = pathlib.Path(self.home.name, "clock")
        self.ahead_ms = 0
        self.set_clock()
        shim = {"LD_PRELOAD": str(staging.BINARIES / "mw_shim.so"), "MW_SHIM_CLOCK": str(self.clock),
                "ASAN_OPTIONS": "detect_leaks=1:verify_asan_link_order=0"}
        self.options = {**self.options, "redis": {"env": shim}, "tracker_env": shim}
        self.program_env = shim
        super().setUp()

    test_day = None

    def now_ms(self):
        return int(time.time() * 1000) + self.ahead_ms

    def before_midnight(self):
        """The clock of all is moved on until the evening."""
        now = time.time()
        self.midnight_ms = (int(now) // DAY_S + 1) * DAY_S * 1000
        self.ahead_ms = self.midnight_ms - EVENING_S * 1000 - int(now * 1000)
        self.set_clock()

    def set_clock(self):
        with open(self.clock, "r+b" if self.clock.exists() else "wb", buffering=0) as file:  # never empty: it is mapped
            file.write(struct.pack("q", self.ahead_ms))

    def after_midnight(self):
        left_ms = self.midnight_ms - self.now_ms()
        self.assertGreater(left_ms, 0, "the first half took longer than the evening")
        self.ahead_ms += max(left_ms - LEAST_S * 1000, 0)
        self.set_clock()
        wait_until(lambda: self.now_ms() > self.midnight_ms + 1000, 120, lambda: "it is midnight")

    def publish_day(self):
        pairs = list(staging.day_lines())
        half = len(pairs) * 2 // 5
        self.before_midnight()
        for part in (pairs[:half], pairs[half:]):
            self.mqtt.publish_all((contract.topic(v, "fix"), f) for v, f in part)
            self.barrier(600)
            if part is not pairs[half:] and self.now_ms() < self.midnight_ms:
                self.after_midnight()
        self.wait_archived()

    def day(self, number):
        return datetime.datetime.fromtimestamp(number * DAY_S, datetime.timezone.utc).strftime("%Y-%m-%d")

    def replayed(self, folder, *words):
        return self.told(self.out("replay", "--archive", str(folder), "--quiet", *words))

    def check_split(self, folder):
        """The first day and the second are all there is, and each entry is in one of them."""
        second = self.midnight_ms // 1000 // DAY_S
        streams = self.streams()
        first, then = self.replayed(folder, "--to", self.day(second - 1)), self.replayed(folder, "--from", self.day(second))
        self.assertEqual({k: first.get(k, []) + then.get(k, []) for k in {*first, *then}}, streams)
        self.assertGreater(sum(map(len, then.values())), 20)
        return then

    def not_whole(self):
        """A copy that does not have the tracker's first batch, nor how vehicles stood then: the second day's checkpoints are all."""
        copy = self.stage.place.path / "copy"
        self.out("archive", "--archive", str(self.folder), "--backup", str(copy))
        db = sqlite3.connect(copy / Archive(copy).days[0])
        db.execute("UPDATE marks SET batch = 2 WHERE stream = 'rulesets' AND batch <= 1")
        db.execute("DELETE FROM checkpoints")
        db.commit()
        db.close()
        return copy

    def test_two_days(self):
        self.publish_day()
        self.assertEqual(len(Archive(self.folder).days), 2)
        self.both("track")
        whole = self.check_split(self.folder)
        copy = self.not_whole()
        second = self.day(self.midnight_ms // 1000 // DAY_S)
        begun = self.replayed(copy, "--from", second)
        self.assertEqual(self.said, "")
        self.assertEqual(begun, whole)
        self.check_silent(copy, second)
        self.check_without(copy, second, whole)

    def check_silent(self, copy, second):
        """One that was silent when the day began, and is until it is heard again: it says that this end is left out."""
        db = sqlite3.connect(copy / "city.db")
        for n, (id, event, ms) in enumerate((("a", "opened", -5000), ("a", "closed", 5000), ("b", "opened", -5000), ("b", "closed", -1000))):
            db.execute("INSERT INTO entries(stream, life, ms, seq, id, rev, event, kind, vehicle, start, hash, fields) "
                       "VALUES('violations', 1, ?, ?, ?, ?, ?, 'offline', 'v', 1, ?, '{}')", (self.midnight_ms + ms, 900 + n, id, n, event, b"%d" % n))
        db.commit()
        self.replayed(copy, "--from", second)
        self.assertIn("offline of 1 vehicles was open at the beginning", self.said)
        db.execute("DELETE FROM entries WHERE fields = '{}'")
        db.commit()
        db.close()

    def check_without(self, copy, second, whole):
        """Without checkpoints it says so, and what nobody knows is left out."""
        db = sqlite3.connect(copy / Archive(copy).days[1])
        db.execute("DELETE FROM checkpoints")
        db.commit()
        db.close()
        found = self.replayed(copy, "--from", second)
        self.assertIn("at the beginning is not known", self.said)
        entries = [e for (stream, _), told in found.items() if stream == "violations" for e in told]
        self.assertTrue(entries)
        self.assertFalse([e for e in entries if "trip" in e or "repeat" in e])
        self.assertLessEqual(len(entries), sum(len(told) for (stream, _), told in whole.items() if stream == "violations"))


class SilentNight(TwoDays):
    """Trucks that are silent when the day begins: since their last fix, since another world came into force, since they showed
    themselves; and are heard again by a sign of life, or by a fix."""
    SILENT_S, FIXES = 5, 2000

    def setUp(self):
        copy = tempfile.TemporaryDirectory(prefix="mw-city-")
        self.addCleanup(copy.cleanup)
        self.city = pathlib.Path(copy.name, "city")
        shutil.copytree(staging.CITY, self.city)
        self.change(self.city / "muckwatch.yaml", "offline: {", f"offline: {{confirm_s: {self.SILENT_S}, ")
        super().setUp()

    def change(self, path, before, after):
        text = path.read_text(encoding="utf-8")
        self.assertIn(before, text)
        path.write_text(text.replace(before, after), encoding="utf-8")

    def silent(self):
        last = {e["id"]: (e["event"], e["vehicle"]) for _, e in self.redis.stream(self.key("violations")) if e["kind"] == b"offline"}
        return {vehicle.decode() for event, vehicle in last.values() if event != b"closed"}

    def wait_silent(self, vehicles):
        wait_until(lambda: vehicles <= self.silent(), 120, lambda: f"silent, but for {vehicles - self.silent()}")

    def show(self, vehicles):
        for vehicle in vehicles:
            self.publish(vehicle, b'{"online":true}', what="status")
        wait_until(lambda: not vehicles & self.silent(), 120, lambda: f"heard, but for {vehicles & self.silent()}")

    def publish_day(self):
        pairs = list(staging.day_lines())[:2 * self.FIXES]
        evening, day = pairs[:self.FIXES], pairs[self.FIXES:]
        self.before_midnight()
        self.mqtt.publish_all((contract.topic(v, "fix"), f) for v, f in evening)
        self.barrier(600)
        wait_until(lambda: len(self.silent()) >= 3, 120, lambda: f"silent are {self.silent()}")
        trucks = sorted(self.silent())
        worlds = self.count("rulesets")
        self.change(self.stage.config, "speeding: {", "speeding: {confirm_fixes: 4, ")
        self.stage.tracker.signal(signal.SIGHUP)
        wait_until(lambda: self.count("rulesets") > worlds, 120, lambda: "another world is in force")
        self.show({*trucks[::3]})
        self.wait_silent({*trucks})
        self.after_midnight()
        self.show({*trucks[1::3]})
        self.wait_silent({*trucks[1::3]})
        self.mqtt.publish_all((contract.topic(v, "fix"), f) for v, f in day)
        self.barrier(600)
        self.wait_archived()

    def test_two_days(self):
        self.publish_day()
        whole = self.check_split(self.folder)
        begun = self.replayed(self.not_whole(), "--from", self.day(self.midnight_ms // 1000 // DAY_S))
        self.assertEqual(self.said, "")
        self.assertEqual(begun, whole)


if __name__ == "__main__":
    unittest.main()
