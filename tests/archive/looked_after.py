"""What muckctl does to an archive: reads all of it, copies it while it is written, lets go of it.

    python3 looked_after.py BINARIES [unittest's own arguments]
"""
import json
import os
import pathlib
import pty
import random
import re
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from kills import BINARIES, EX_DATAERR, ArchiveCase, wait_until  # noqa: E402
from reading import Archive, reads_as  # noqa: E402

EX_USAGE, EX_NOINPUT, EX_IOERR = 64, 66, 74


def muckctl(*words):
    return subprocess.run([BINARIES / "muckctl", "archive", *words], capture_output=True, text=True, timeout=120)


class LookedAfter(ArchiveCase):
    def fill(self):
        self.archive.start()
        self.feeder.connect()
        for _ in range(20):
            self.feeder.feed(10)
        self.wait_archived()

    def day(self):
        return next(self.folder.glob("track-*.db"))

    def spoil(self, statement, *values):
        db = sqlite3.connect(self.day())
        self.assertGreater(db.execute(statement, values).rowcount, 0)
        db.commit()
        db.close()

    def check_damaged(self, *words):
        done = muckctl("--archive", str(self.folder), "--verify")
        self.assertEqual(done.returncode, EX_DATAERR, done)
        for word in (self.day().name, *words):
            self.assertIn(word, done.stderr)
        self.assertIn("city.db", done.stdout)  # what is whole is said to be

    def test_whole(self):
        self.fill()
        done = muckctl("--archive", str(self.folder), "--verify")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("city.db", done.stdout)
        self.assertIn(self.day().name, done.stdout)

        self.check_bar()

    def check_bar(self):
        """On a terminal a bar that only grows, and is gone in the end; what is told otherwise is as ever."""
        ours, theirs = pty.openpty()
        done = subprocess.run([BINARIES / "muckctl", "archive", "--archive", str(self.folder), "--verify"], stdout=subprocess.PIPE, stderr=theirs, timeout=120)
        os.close(theirs)
        drawn = b""
        while True:
            try:
                drawn += os.read(ours, 65536)
            except OSError:  # nobody has the other end
                break
        os.close(ours)
        shares = [int(share) for share in re.findall(rb"\] +(\d+) % verified", drawn)]
        self.assertTrue(shares and shares == sorted(shares) and shares[-1] <= 100, drawn)
        self.assertTrue(drawn.endswith(b"\r\x1b[K"), drawn)
        self.assertEqual((done.returncode, done.stdout.count(b"\n")), (0, 1 + len(list(self.folder.glob("track-*.db")))))

    def test_a_byte_of_the_tail_is_another(self):
        self.fill()
        self.archive.stop()
        db = sqlite3.connect(self.day())
        n, body = db.execute("SELECT n, body FROM tail ORDER BY n DESC LIMIT 1").fetchone()
        db.close()
        at = len(body) // 2
        self.spoil("UPDATE tail SET body = ? WHERE n = ?", body[:at] + bytes([body[at] ^ 1]) + body[at + 1:], n)
        self.check_damaged()

    def test_a_byte_of_a_chunk_is_another(self):
        self.fill()
        self.archive.kill()
        self.archive.start()  # what was open is closed
        wait_until(lambda: sqlite3.connect(self.day()).execute("SELECT count(*) FROM chunks").fetchone()[0] > 0, 120, lambda: "chunks\n" + self.archive.tail())
        self.archive.stop()
        for column in ("lines", "places", "hash"):
            db = sqlite3.connect(self.day())
            n, body, dictionary = db.execute(f"SELECT chunks.id, {column}, dictionary.bytes FROM chunks, dictionary ORDER BY chunks.id LIMIT 1").fetchone()
            db.close()
            for at in range(0, len(body), max(1, len(body) // 12)):
                spoilt = body[:at] + bytes([body[at] ^ 1]) + body[at + 1:]
                if column != "hash" and reads_as(spoilt, body, dictionary if column == "lines" else b""):
                    continue  # a bit that a frame has no use for
                self.spoil(f"UPDATE chunks SET {column} = ? WHERE id = ?", spoilt, n)
                self.check_damaged(f"chunk {n}")
            self.spoil(f"UPDATE chunks SET {column} = ? WHERE id = ?", body, n)
        for column in ("count", "first_ms", "first_seq", "batch_first", "last_ms", "last_seq", "batch_last"):
            self.spoil(f"UPDATE chunks SET {column} = {column} + 1 WHERE id = ?", n)
            self.check_damaged(f"chunk {n}")
            self.spoil(f"UPDATE chunks SET {column} = {column} - 1 WHERE id = ?", n)
        self.assertEqual(muckctl("--archive", str(self.folder), "--verify").returncode, 0)

    def report(self):
        done = subprocess.run([BINARIES / "muckctl", "report", "--archive", str(self.folder), "--month", "2026-02", "--by", "vehicle", "--json"],
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done)
        return json.loads(done.stdout)

    def test_a_byte_of_a_sum_is_another(self):
        """It is said to be damaged, and the figures are made of the chunk instead."""
        self.fill()
        self.archive.kill()
        self.archive.start()
        wait_until(lambda: sqlite3.connect(self.day()).execute("SELECT count(*) FROM sums").fetchone()[0] > 0, 120, lambda: "sums\n" + self.archive.tail())
        self.archive.stop()
        db = sqlite3.connect(self.day())  # as before any day was over
        n, body = db.execute("SELECT id, sum FROM sums ORDER BY id LIMIT 1").fetchone()
        db.execute("DELETE FROM unsummed")
        db.execute("INSERT INTO unsummed SELECT vehicle, id, -2147483648, time_first FROM chunks WHERE time_first IS NOT NULL")
        db.commit()
        db.close()
        city = sqlite3.connect(self.folder / "city.db")
        city.execute("DELETE FROM track_figures")
        city.commit()
        city.close()
        figures = self.report()
        self.assertGreater(figures["summed_now"], 0)
        self.assertGreater(figures["total"]["heard_h"]["value"], 0)
        others = [body[:at] + bytes([body[at] ^ 1]) + body[at + 1:] for at in range(0, len(body), max(1, len(body) // 12))]
        for spoilt in [o for o in others if not reads_as(o, body, b"")] + [body[:-1], body[: len(body) // 2], b"", b"x", None]:
            self.spoil("UPDATE sums SET sum = ? WHERE id = ?", spoilt, n)
            self.check_damaged(f"sum of chunk {n}")
            self.assertEqual(self.report(), figures)
        self.spoil("UPDATE chunks SET lines = x'00' WHERE id = ?", n)  # then nothing is known of it
        self.assertLess(self.report()["total"]["heard_h"]["value"], figures["total"]["heard_h"]["value"])
        self.spoil("UPDATE sums SET sum = ? WHERE id = ?", body, n)
        self.assertEqual(self.report(), figures)

    def test_bytes_of_files_are_others(self):
        """Wherever: what is said to be whole reads as it did, and nothing breaks down."""
        self.fill()
        self.archive.stop()
        chance, damaged = random.Random(10), 0
        for path in (self.day(), self.folder / "city.db"):
            whole = path.read_bytes()
            before = Archive(self.folder).tracks(), Archive(self.folder).entries("violations")
            for _ in range(20):
                data = bytearray(whole)
                for _ in range(chance.choice((1, 1, 30))):
                    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
                path.write_bytes(data)
                done = muckctl("--archive", str(self.folder), "--verify")
                self.assertIn(done.returncode, (0, EX_DATAERR), done)
                self.assertNotIn("Sanitizer", done.stderr)
                damaged += done.returncode == EX_DATAERR
                if done.returncode == 0 and path.name != "city.db":  # rows of the city have no hash over all of them
                    self.assertEqual(Archive(self.folder).tracks(), before[0])
            path.write_bytes(whole)
        self.assertGreater(damaged, 10)

    def test_a_damaged_file_is_taken_away(self):
        """What the store still has of it is archived anew."""
        self.fill()
        self.archive.kill()
        self.archive.start()
        self.feeder.feed(30)
        self.wait_archived()
        self.archive.kill()
        self.archive.start()
        self.feeder.feed(30)
        self.wait_archived()
        self.archive.kill()
        db = sqlite3.connect(self.day())
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.assertGreater(db.execute("UPDATE tail SET body = x'00'").rowcount, 0)
        db.commit()
        db.close()
        self.archive.start()
        self.assertEqual(self.archive.wait(120), EX_IOERR, self.archive.tail())
        self.assertIn(f"{self.day().name}: the tail is damaged", self.archive.text())
        away = self.place.folder("away")
        for path in self.folder.glob("track-*"):
            path.rename(away / path.name)
        self.archive.start()
        self.feeder.feed(5)
        self.wait_archived()
        self.check_equal_to_store()

    def test_a_file_is_cut(self):
        self.fill()
        self.archive.stop()
        whole = self.day().read_bytes()
        self.day().write_bytes(whole[:len(whole) // 2])
        self.check_damaged()

    def test_backup_while_it_is_written(self):
        self.fill()
        to = self.place.path / "backup"
        before = {vehicle: [line for *_, line in lines] for vehicle, lines in Archive(self.folder).tracks().items()}
        backup = subprocess.Popen([BINARIES / "muckctl", "archive", "--archive", str(self.folder), "--backup", str(to)])
        while backup.poll() is None:
            self.feeder.feed()
        self.assertEqual(backup.returncode, 0)
        self.assertEqual(muckctl("--archive", str(to), "--verify").returncode, 0)
        copied = Archive(to).tracks()
        for vehicle, lines in before.items():
            self.assertEqual([line for *_, line in copied[vehicle]][:len(lines)], lines)
        again = muckctl("--archive", str(self.folder), "--backup", str(to))
        self.assertNotEqual(again.returncode, 0)  # nothing is written over
        self.assertIn("is there already", again.stderr)

    def test_let_go(self):
        self.fill()
        self.archive.stop()
        store = f"127.0.0.1:{self.redis.port}"
        self.assertTrue(self.registered())
        self.assertIn("let go of", muckctl("--unregister", "--redis", store).stdout)
        self.assertFalse(self.registered())
        self.assertIn("no archive is registered", muckctl("--unregister", "--redis", store).stdout)

    def test_mistakes(self):
        self.assertEqual(muckctl("--verify").returncode, EX_USAGE)
        self.assertEqual(muckctl("--archive", str(self.folder)).returncode, EX_USAGE)
        for words in (("--verify",), ("--backup", str(self.place.path / "to"))):
            done = muckctl("--archive", str(self.place.path / "nowhere"), *words)
            self.assertEqual(done.returncode, EX_NOINPUT, done)
            self.assertIn("nowhere", done.stderr)


if __name__ == "__main__":
    unittest.main()
