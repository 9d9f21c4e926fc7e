"""The keeper, the archive and the store killed at any moment while findings come, are closed, corrected and reviewed: each entry that has a case sealed
has one record, and the log is whole. A made-up tracker feeds a real store (tests/archive/feeding.py).

    python3 random_kills.py BINARIES [unittest's own arguments]     MW_KEEPER_KILLS=N: so many kills of each of the three
"""
import os
import pathlib
import random
import sys
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "archive"))

from kills import BINARIES, ArchiveCase, wait_until  # noqa: E402
from feeding import PREFIX  # noqa: E402
from harness.process import Process  # noqa: E402
from log_reading import Log, new_key, register  # noqa: E402
from reading import Archive  # noqa: E402

ORIGIN = "city.example/evidence"
KILLS = int(os.environ.get("MW_KEEPER_KILLS", "2"))
BEGAN_MS = 1770000000000


class RandomKills(ArchiveCase):
    def setUp(self):
        super().setUp()
        self.kept = self.place.path / "evidence"
        self.kept.mkdir()
        self.public = new_key(self.place.path / "evidence.key", ORIGIN)
        config = self.place.file("evidence.yaml", f"""
redis: {{host: 127.0.0.1, port: {self.redis.port}}}
archive: {{dir: {self.folder}}}
evidence_dir: {self.kept}
key_file: evidence.key
origin: {ORIGIN}
post_s: 10
checkpoint_s: 1
""")
        self.keeper = Process("evidence", self.place, [BINARIES / "muckwatch-evidence", "--config", config], {"ASAN_OPTIONS": "detect_leaks=0"})  # fontconfig keeps what it has read
        self.addCleanup(self.keeper.end)

    def feed(self, number):
        """A batch with a finding that opens, and one that closes, is corrected, or is reviewed."""
        self.feeder.batch += 1
        batch = self.feeder.batch
        commands = self.feeder.commands(batch, {"v1": range(self.feeder.made["v1"] + 1, self.feeder.made["v1"] + 3)})
        self.feeder.made["v1"] += 2

        def telling(name, rev, event, of=None, **more):
            start = BEGAN_MS + name * 2000
            of = of or {"id": f"c{name:025}", "kind": "speeding", "vehicle": "v1"}
            fields = {"event": event, "rev": rev, "severity": "minor", "start": start, "at": start + 1000, "ruleset": "0" * 64, **of, **more}
            return ("XADD", PREFIX + "violations", "*", *[x for pair in fields.items() for x in pair])
        end = {"end": BEGAN_MS + number * 2000 + 1000, "reason": "cleared"}
        commands += [telling(number, 1, "opened"), telling(number, 2, "closed", **end)]
        # One of a duty that nobody did is sealed by nothing, not by a review either.
        duty = {"id": f"d{number:025}", "kind": "missed_collection", "duty": "kitchen"}
        commands += [telling(number, 1, "opened", of=duty), telling(number, 2, "closed", of=duty, **end)]
        commands.append(("XADD", PREFIX + "actions", "*", "id", duty["id"], "action", "review", "rev", 1, "who", "ada", "verdict", "approve"))
        if number > 3 and number % 3 == 0:
            commands.append(telling(number - 3, 3, "updated", cause="late", **end))
        if number > 3 and number % 4 == 0:
            commands.append(("XADD", PREFIX + "actions", "*", "id", f"c{number - 4:025}", "action", "review", "rev", 1, "who", "ada", "verdict", "approve"))
        self.feeder.commit(commands)

    def kill(self, victim):
        victim.kill()
        victim.start()
        if victim is self.redis:
            self.feeder.connect()

    def progress(self):
        return register(self.kept, "SELECT count(*), sum(proven_by > 0), (SELECT count(*) FROM due) FROM editions")

    def wanted(self):
        """Triggers by the archive: of tellings all that are over, of reviews those of cases."""
        db = Archive(self.folder).open("city.db")
        rows = db.execute("SELECT stream, life, ms, seq, event FROM entries WHERE stream = 'violations' AND ifnull(vehicle, '') <> '' OR stream = 'actions' ORDER BY life, ms, seq").fetchall()
        told, reviews = set(), set()
        for stream, life, ms, seq, event in rows:
            trigger = f"{stream.decode()}/{life}/{ms}-{seq}"
            if stream == b"actions":
                reviews.add(trigger)
            elif event != b"opened":
                told.add(trigger)
        return told, reviews

    def test_random(self):
        chance = random.Random(int(os.environ.get("MW_SEED", "18")))
        self.archive.start()
        self.feeder.connect()
        self.feed(1)
        self.wait_archived()
        self.keeper.start()
        number = 2
        victims = [self.keeper, self.archive, self.redis] * KILLS
        chance.shuffle(victims)
        for victim in victims:
            for _ in range(chance.randrange(1, 6)):
                self.feed(number)
                number += 1
                time.sleep(chance.random() / 2)
            self.kill(victim)
        self.wait_archived()

        def sealed():
            self.assertTrue(self.keeper.alive(), self.keeper.tail())
            told, reviews = self.wanted()
            rows = register(self.kept, "SELECT trigger, proven_by FROM editions")
            return told <= {r[0] for r in rows} and all(r[1] for r in rows) and not register(self.kept, "SELECT 1 FROM due")
        while not sealed():  # after many kills there is much to be sealed: each step has its patience
            before = self.progress()
            wait_until(lambda: self.progress() != before or sealed(), 300, lambda: "all is sealed and proven\n" + self.keeper.tail())
        self.keeper.stop()
        log = Log(self.kept)
        self.assertEqual(log.faults(self.public), [])
        triggers = [c["trigger"] for c in log.cases()]
        self.assertEqual(len(triggers), len({*triggers}), "each once")
        told, reviews = self.wanted()
        self.assertEqual({t for t in triggers if t.startswith("violations")}, told)
        self.assertLessEqual({t for t in triggers if t.startswith("actions")}, reviews)
        for case in log.cases():  # each edition names the one before
            before = [c for c in log.cases() if c["id"] == case["id"] and c["edition"] == case["edition"] - 1]
            self.assertEqual(len(before), 1 if case["edition"] > 1 else 0)
        closed = {c["id"] for c in log.cases()}
        self.assertEqual(len(closed), number - 1)


if __name__ == "__main__":
    unittest.main()
