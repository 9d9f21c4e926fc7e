"""A disk that is full, fails, or loses what was not synced: the archive says so, keeps what is there, registers nothing that is
not on it, and goes on exactly once when it can.

Runs in a mount namespace of its own (unshare -m), so that a small volume is nobody else's.

    python3 disks.py BINARIES [unittest's own arguments]
"""
import os
import pathlib
import random
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request

if os.environ.get("MW_NAMESPACE") != "1":
    os.environ["MW_NAMESPACE"] = "1"
    WORDS = ["unshare", "-m" if os.getuid() == 0 else "-rm", "--propagation", "private", sys.executable, "-B", *sys.argv]
    os.execvp(WORDS[0], WORDS)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from kills import BINARIES, ArchiveCase, wait_until  # noqa: E402
from reading import Archive  # noqa: E402

EX_CANTCREAT, EX_IOERR = 73, 74
POWER_LOSSES = int(os.environ.get("MW_POWER_LOSSES", 25))
SECTOR = 512


class DiskCase(ArchiveCase):
    """An archive whose disk can be made to fail (tests/faults/shim.c)."""

    def setUp(self):
        super().setUp()
        self.disk = self.place.folder("disk")
        self.archive.env.update({"LD_PRELOAD": str(BINARIES / "mw_shim.so"), "MW_SHIM_DISK": str(self.disk)})

    def page(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=120) as page:
                return page.status, page.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()
        except OSError:
            return None, ""

    def metric(self, name):
        for line in self.page("/metrics")[1].splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        return None

    def begin(self):
        self.archive.start()
        self.feeder.connect()
        self.feeder.feed(20)
        self.wait_archived()

    def check_says_so(self, words):
        """Not ready, for as long as it lasts, and the log and the metric say what it is."""
        self.feeder.feed(60, each=8)
        begun = self.metric("muckwatch_archive_failures_total")
        wait_until(lambda: self.page("/readyz") == (503, "the disk or the store fails\n"), 120, lambda: "it says so\n" + self.archive.tail())
        wait_until(lambda: self.metric("muckwatch_archive_failures_total") > begun + 1, 120, lambda: "it tries again\n" + self.archive.tail())
        self.assertEqual(self.page("/readyz")[0], 503)
        text = self.archive.text().rpartition("--- start")[2]
        self.assertIn("archive_broken", text)
        self.assertIn(words, text)
        self.assertNotIn("archive_mended", text)
        self.check_registered()

    def check_registered(self):
        """What is registered is on the disk, and can be read meanwhile."""
        batch = int(self.registered()["batch"])
        self.assertLess(batch, self.feeder.batch)
        kept = {line[3] for lines in Archive(self.folder).tracks().values() for line in lines}
        self.assertLessEqual({b for b, has in self.feeder.fixes_of.items() if has and b <= batch}, kept)

    def start_until_it_lives(self):
        """As systemd does, which leaves a service alone that says that a restart would not help."""
        while True:
            self.archive.start()
            end = time.monotonic() + 2
            while self.archive.alive() and time.monotonic() < end:
                time.sleep(0.05)
            if self.archive.alive():
                return
            self.assertEqual(self.archive.wait(1), EX_IOERR, self.archive.tail())
            yield

    def check_mended(self):
        self.wait_archived()
        wait_until(lambda: self.page("/readyz")[0] == 200, 120, lambda: "it is ready\n" + self.archive.tail())
        self.feeder.feed(20)
        self.wait_archived()
        self.assertEqual(self.check_equal_to_store().state("life"), 1, self.archive.tail())


class Full(DiskCase):
    """A volume of its own that has no room."""

    def setUp(self):
        super().setUp()
        self.folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", self.folder], check=True)
        self.addCleanup(lambda: subprocess.run(["umount", "-l", self.folder], check=True))

    def fill(self):
        with open(self.folder / "ballast", "wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(bytes(4096))
            except OSError:
                pass

    def make_room(self):
        (self.folder / "ballast").unlink()

    def test_full_and_freed(self):
        self.begin()
        self.fill()
        self.check_says_so("full")
        self.make_room()
        self.check_mended()
        self.assertIn("archive_mended", self.archive.text())

    def test_killed_while_it_is_full(self):
        """Whatever a start on a full disk ends with, a supervisor tries again."""
        self.begin()
        self.fill()
        self.check_says_so("full")
        self.archive.kill()
        ends = self.start_until_it_lives()
        for _ in range(3):
            if next(ends, "alive") == "alive":
                self.check_says_so("full")
                self.archive.kill()
                ends = self.start_until_it_lives()
        self.make_room()
        if self.archive.alive():
            self.archive.kill()
        for _ in self.start_until_it_lives():
            pass
        self.check_mended()

    def test_full_at_its_first_start(self):
        self.fill()
        self.archive.start()
        self.assertEqual(self.archive.wait(120), EX_IOERR, self.archive.tail())
        self.make_room()
        self.begin()
        self.check_mended()

    def test_no_rights(self):
        self.begin()
        self.archive.stop()
        subprocess.run(["mount", "-o", "remount,ro", self.folder], check=True)
        self.archive.start()
        self.assertEqual(self.archive.wait(120), EX_CANTCREAT, self.archive.tail())
        self.assertIn("archive.dir", self.archive.text())
        subprocess.run(["mount", "-o", "remount,rw", self.folder], check=True)
        self.archive.start()
        self.check_mended()


class Failing(DiskCase):
    def fails(self, *controls, words="I/O"):
        self.begin()
        for control in controls:
            (self.disk / control).write_text("")
        self.check_says_so(words)
        for control in controls:
            (self.disk / control).unlink()
        self.check_mended()

    def test_syncs_fail(self):
        self.fails("broken")

    def test_writes_fail(self):
        self.fails("unwritable")

    def test_reads_and_writes_fail(self):
        self.fails("unreadable", "unwritable")

    def test_reads_fail_at_a_start(self):
        self.begin()
        self.archive.kill()
        (self.disk / "unreadable").write_text("")
        ends = self.start_until_it_lives()
        next(ends)
        next(ends)
        (self.disk / "unreadable").unlink()
        for _ in ends:
            pass
        self.check_mended()


class Power(DiskCase):
    """What was not synced is gone, or there in parts, as the disk liked. The store lets go of what is registered, as the
    tracker does: what the archive lost then would be lost."""

    def writes(self):
        """Whether something is written that is not synced: a moment that a quick disk has seldom."""
        for path in self.folder.glob("*.db-wal"):
            safe = self.disk / f"{path.name}.safe"
            try:
                if not safe.exists() or path.stat().st_size != safe.stat().st_size or path.stat().st_mtime_ns > safe.stat().st_mtime_ns:
                    return True
            except FileNotFoundError:
                pass
        return False

    def lose_power(self, chance):
        until = time.monotonic() + 0.5
        while not self.writes() and time.monotonic() < until:
            self.feeder.feed()
        self.archive.kill()
        for path in self.folder.glob("*-shm"):
            path.unlink()
        for path in sorted(self.folder.glob("*.db*")):
            safe = self.disk / f"{path.name}.safe"
            now, synced = path.read_bytes(), safe.read_bytes() if safe.exists() else b""
            if not safe.exists() and chance.random() < 0.5:
                path.unlink()  # its name was not synced either
                continue
            if len(now) < len(synced):
                # It was cut: a file system does that as a whole or not at all, and before what was written to it since.
                if chance.random() < 0.5:
                    path.write_bytes(synced)
                    continue
                synced = bytes(len(now))
            size = chance.choice((len(now), len(synced), chance.randint(len(synced), len(now))))
            share = chance.choice((0, 0.1, 0.5, 0.9, 1))
            left = bytearray(synced.ljust(size, b"\0")[:size])
            for at in range(0, size, SECTOR):
                if now[at:at + SECTOR] != synced[at:at + SECTOR]:
                    self.differed += 1
                    if chance.random() < share:
                        left[at:at + SECTOR] = now[at:at + SECTOR].ljust(len(left[at:at + SECTOR]), b"\0")
            path.write_bytes(left)
            safe.write_bytes(left)

    def test_power_losses(self):
        chance, self.differed = random.Random(25), 0
        self.archive.start()
        self.feeder.connect()
        for turn in range(POWER_LOSSES):
            until = time.monotonic() + chance.uniform(0.1, 1.2)
            while time.monotonic() < until:
                self.feeder.feed(each=chance.choice((1, 1, 30)))
                self.feeder.trim()
            self.lose_power(chance)
            if chance.random() < 0.3:
                self.feeder.feed(chance.randrange(20))
            self.archive.start()
        self.wait_archived()
        self.assertGreater(self.feeder.trimmed, 0)
        self.assertGreater(self.differed, 0)  # something was not synced, or nothing was tried
        text = self.archive.text()
        self.assertNotIn("archive_folder_older", text)
        kept = self.check_each_once()
        self.assertEqual(kept.state("life"), 1)
        self.assertEqual(sorted(id.decode() for (id,) in kept.city.execute("SELECT id FROM entries WHERE stream = 'violations'")), self.feeder.findings)


if __name__ == "__main__":
    unittest.main()
