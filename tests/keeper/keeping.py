"""The keeper against a real store, with the real tracker and archive: every violation of the sample day that is over is sealed exactly once, whatever
is killed at whatever line, and the log is one that a stranger finds whole.

    python3 keeping.py BINARIES [unittest's own arguments]
"""
import collections
import hashlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "archive")]

import asked  # noqa: E402
from asked import staging  # noqa: E402
from harness import contract  # noqa: E402
from harness.place import free_port  # noqa: E402
from harness.process import Process, wait_until  # noqa: E402
from log_reading import Log, new_key, register  # noqa: E402
from reading import Archive  # noqa: E402

EX_DATAERR, EX_TEMPFAIL, EX_CONFIG, FAILPOINT_EXIT = 65, 75, 78, 86
ORIGIN = "city.example/evidence"
PACKAGES = int(os.environ.get("MW_KEEPER_PACKAGES", "4"))
# Each is passed while a case is found, cut, stored, logged, registered, signed and proven; twice or more where it is passed often.
FAILPOINTS = ["evidence_scanned:1", "evidence_scanned:2", "evidence_object:1", "evidence_object:4", "evidence_objects:1", "evidence_appended:1",
              "evidence_appended:3", "evidence_logged:1", "evidence_logged:2", "evidence_taken:1", "evidence_taken:2", "evidence_tile:1", "evidence_signed:1",
              "evidence_kept_checkpoint:1", "evidence_published:1", "evidence_proof:1", "evidence_proof:3"]


class Keeping(asked.Asked):
    test_day = None

    def setUp(self):
        super().setUp()
        self.kept = self.stage.place.path / "evidence"
        self.kept.mkdir(mode=0o750)
        self.public = new_key(self.stage.place.path / "evidence.key", ORIGIN)
        home = tempfile.TemporaryDirectory(prefix="mw-")  # a socket's path has a bound of its own
        self.addCleanup(home.cleanup)
        self.socket_path = pathlib.Path(home.name, "s")
        self.keeper_port = free_port()
        self.keeper = self.new_keeper()

    def new_keeper(self, name="evidence", env=None, post_s=30):
        config = self.stage.place.file("evidence.yaml", f"""
redis: {{host: 127.0.0.1, port: {self.stage.redis.port}}}
archive: {{dir: {self.folder}}}
evidence_dir: {self.kept}
key_file: evidence.key
origin: {ORIGIN}
post_s: {post_s}
checkpoint_s: 1
socket: {self.socket_path}
http: {{port: {self.keeper_port}}}
mqtt: {{host: 127.0.0.1, port: {self.stage.broker.port}}}
""")
        keeper = Process(name, self.stage.place, [staging.BINARIES / "muckwatch-evidence", "--config", config],
                         {"ASAN_OPTIONS": "detect_leaks=0", **(env or {})})  # fontconfig keeps what it has read
        self.addCleanup(keeper.end)
        return keeper

    def closed(self):
        """Ids of what is over, and of all entries that have a case sealed, by the archive."""
        db = Archive(self.folder).open("city.db")
        rows = db.execute("SELECT id, life, ms, seq, event, json_extract(fields, '$.end') FROM entries WHERE stream = 'violations' ORDER BY life, ms, seq").fetchall()
        over, triggers = set(), []
        for name, life, ms, seq, event, end in rows:
            name, event = name.decode(), event.decode()
            if event in ("closed", "withdrawn") or end is not None or name in over:
                over.add(name)
                triggers.append(f"violations/{life}/{ms}-{seq}")
        return over, triggers

    def check_all(self):
        """Exactly once, in a log that is whole, and proven."""
        over, triggers = self.closed()
        log = Log(self.kept)
        self.assertEqual(log.faults(self.public), [])
        self.assertEqual(sorted(c["trigger"] for c in log.cases()), sorted(triggers))
        first = [c["id"] for c in log.cases() if c["edition"] == 1]
        self.assertEqual(sorted(first), sorted(over))
        self.assertEqual(log.records[0]["record"], "muckwatch/key/1")
        rows = register(self.kept, "SELECT place, proven_by FROM editions ORDER BY place")
        self.assertEqual([r[0] for r in rows], [i for i, r in enumerate(log.records) if r["record"] == "muckwatch/case/1"])
        signed = {c.size for c in log.checkpoints()}
        for place, proven_by in rows:  # by the first checkpoint that holds it
            self.assertEqual(proven_by, min(size for size in signed if size > place))
        return log

    def ask(self, **question):
        """The answer, and the bytes that follow it."""
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(120)
            asking.connect(str(self.socket_path))
            asking.sendall(json.dumps(question).encode() + b"\n")
            data = b""
            while b"\n" not in data:
                data += self.more(asking)
            line, _, rest = data.partition(b"\n")
            answer = json.loads(line)
            while len(rest) < answer.get("bytes", 0):
                rest += self.more(asking)
        return answer, rest

    def more(self, asking):
        data = asking.recv(1 << 16)
        self.assertTrue(data, self.keeper.tail())
        return data

    def check_packages(self, log):
        """Each edition as a package that muckctl finds whole, and the same bytes when it is asked for again."""
        results = collections.Counter()
        path = self.stage.place.path / "case.zip"
        key = self.stage.place.file("pub.txt", self.ask(op="status")[0]["key"] + "\n")
        for case in log.cases()[::max(1, len(log.cases()) // PACKAGES)]:
            answer, package = self.ask(op="export", id=case["id"], edition=case["edition"])
            self.assertTrue(answer["ok"], answer)
            self.assertEqual(hashlib.sha256(package).hexdigest(), answer["sha256"])
            self.assertEqual(self.ask(op="export", id=case["id"], edition=case["edition"])[1], package)
            path.write_bytes(package)
            run = subprocess.run([staging.BINARIES / "muckctl", "evidence", "verify", path, "--key", key, "--json"],
                                 capture_output=True, text=True, timeout=120, check=False)
            results[run.returncode] += 1
            if run.returncode != 0:
                print(case["id"], case["kind"], run.stdout, run.stderr)
        return results

    def wait_sealed(self, keeper):
        _, triggers = self.closed()

        def done():
            self.assertTrue(keeper.alive(), keeper.tail())
            return register(self.kept, "SELECT count(*), sum(proven_by > 0) FROM editions")[0] == (len(triggers), len(triggers))
        wait_until(done, 1200, lambda: "all is sealed and proven\n" + keeper.tail())

    def publish_day(self):
        self.mqtt.publish_all((contract.topic(v, "fix"), f) for v, f in staging.day_lines())
        self.barrier(600)
        self.wait_archived()

    def test_kills(self):
        self.publish_day()
        wait_until(lambda: self.now_s() > self.last_told_s() + 31, 120, lambda: "post_s has passed")
        for i, failpoint in enumerate(FAILPOINTS):
            keeper = self.new_keeper(f"evidence-{i}", {"MW_FAILPOINT": failpoint})
            keeper.start()
            wait_until(lambda: not keeper.alive(), 120, lambda: f"{failpoint} is passed\n" + keeper.tail())
            self.assertEqual(keeper.child.returncode, FAILPOINT_EXIT, keeper.tail())
        self.keeper.start()
        self.wait_sealed(self.keeper)
        over, _ = self.closed()
        self.assertGreater(len(over), 30)
        results = self.check_packages(self.check_all())
        self.assertEqual({*results}, {0}, results)
        self.check_socket(sorted(over)[0])
        self.check_handing_over(sorted(over)[1])
        self.check_clock()
        self.keeper.stop()
        self.check_refusals()

    def check_clock(self):
        """A sample of the machine's clock, in the store and in the archive."""
        entry = self.redis.call("XREVRANGE", self.key("clock"), "+", "-", "COUNT", 1)[0][1]
        fields = dict(zip(map(bytes.decode, entry[::2]), map(bytes.decode, entry[1::2])))
        self.assertEqual({*fields}, {"received", "synchronised", "offset", "error", "batch"})
        days = [Archive(self.folder).open(name) for name in Archive(self.folder).days]
        lines = [json.loads(r[0]) for day in days for r in day.execute("SELECT line FROM marks WHERE stream = 'clock'")]
        self.assertEqual({*lines[0]}, {"received", "synchronised", "offset_us", "maxerror_us"})

    def check_socket(self, name):
        """What may be asked, and what is refused by its name."""
        self.assertTrue(self.ask(op="verify", id=name)[0]["ok"])
        for question, field in (({"op": "verify", "id": name, "hold": True}, "hold"), ({"op": "hold", "id": name, "held": True, "who": "ada"}, "reason"),
                                ({"op": "hold", "id": name, "held": 1}, "held"), ({"op": "nothing"}, "op"), ({"op": "transfer", "id": name, "who": "ada"}, "to"),
                                ({"op": "export", "id": "a" * 26}, "id")):
            answer = self.ask(**question)[0]
            self.assertEqual((answer["ok"], answer.get("field")), (False, field), answer)
        self.assertTrue(self.ask(op="hold", id=name, held=True, who="ada", reason="court")[0]["ok"])
        index = self.ask(op="transfer", id=name, who="ada", to="traffic police", reason="x")[0]["log"]
        self.assertEqual(register(self.kept, "SELECT held FROM cases WHERE id = ?", name), [(1,)])
        self.assertEqual(Log(self.kept).records[index]["to"], "traffic police")

    def check_handing_over(self, name):
        """muckctl gets the same package as the socket gives, and a receipt that names it."""
        def muckctl(*words):
            return subprocess.run([staging.BINARIES / "muckctl", "evidence", *words, "--socket", self.socket_path], capture_output=True, text=True, timeout=120,
                                  check=False)
        package, receipt = self.stage.place.path / "exported.zip", self.stage.place.path / "receipt.pdf"
        run = muckctl("export", name, "-o", package)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(package.read_bytes(), self.ask(op="export", id=name)[1])
        self.assertEqual(package.stat().st_mode & 0o777 & ~0o640, 0)
        sha256 = hashlib.sha256(package.read_bytes()).hexdigest()
        self.assertEqual(json.loads(run.stdout)["sha256"], sha256)
        run = muckctl("transfer", name, "--to", "交警支队 traffic police", "--who", "ada", "--reason", "案件移送", "--out", receipt)
        self.assertEqual(run.returncode, 0, run.stderr)
        entry = Log(self.kept).records[json.loads(run.stdout)["log"]]
        self.assertEqual((entry["record"], entry["to"], entry["who"], entry["package"]), ("muckwatch/transfer/1", "交警支队 traffic police", "ada", sha256))
        words = subprocess.run(["pdftotext", "-layout", receipt, "-"], capture_output=True, text=True, check=True).stdout
        for word in (name, "交警支队 traffic police", "ada", "案件移送", sha256):
            self.assertIn(word, words)
        run = muckctl("export", "a" * 26, "-o", self.stage.place.path / "none.zip")
        self.assertEqual((run.returncode, run.stdout), (EX_DATAERR, ""))
        self.assertIn("nothing of this name is sealed", run.stderr)
        self.assertFalse((self.stage.place.path / "none.zip").exists())

    def start_refused(self, name, code, word):
        keeper = self.new_keeper(name)
        keeper.start()
        wait_until(lambda: not keeper.alive(), 120, lambda: "the keeper refuses\n" + keeper.tail())
        self.assertEqual(keeper.child.returncode, code, keeper.tail())
        self.assertIn(word, keeper.tail())

    def check_refusals(self):
        """A log from a backup, one with another entry, and another key are not signed over."""
        backup = self.stage.place.path / "backup"
        shutil.copytree(self.kept, backup)
        key = self.stage.place.path / "evidence.key"
        held = key.read_text(encoding="utf-8")
        key.unlink()
        new_key(key, ORIGIN)
        self.start_refused("evidence-key", EX_CONFIG, "another key")
        key.unlink()
        key.write_text(held, encoding="utf-8")
        self.start_refused("evidence-mode", EX_CONFIG, "0400")
        key.chmod(0o400)
        entries = self.kept / "log" / "entries"
        data = bytearray(entries.read_bytes())
        data[len(data) // 2] ^= 1
        entries.chmod(0o600)
        entries.write_bytes(data)
        self.start_refused("evidence-changed", EX_DATAERR, "log/entries")
        # The beginning of the log, whole in itself, as an old backup has it: the store holds a checkpoint of more.
        log = Log(backup)
        ends = [0]
        for entry in log.entries:
            ends.append(ends[-1] + 2 + len(entry) + 32)
        first = min(c.size for c in log.checkpoints() if c.size > 1)
        shutil.rmtree(self.kept)
        (self.kept / "log").mkdir(parents=True)
        entries.write_bytes((backup / "log" / "entries").read_bytes()[:ends[first]])
        self.start_refused("evidence-backup", EX_DATAERR, "a longer log was published")

    def now_s(self):
        return int(self.redis.call("TIME")[0])

    def last_told_s(self):
        return Archive(self.folder).open("city.db").execute("SELECT max(ms) FROM entries WHERE stream = 'violations'").fetchone()[0] / 1000


if __name__ == "__main__":
    unittest.main()
