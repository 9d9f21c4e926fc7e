"""Sealed cases through the gateway: what is sealed, and the package, for whom it is; a keeper that is away, keeps still or answers nonsense costs the
asker alone. Keeper, archive and store are real; the tracker is made up (random_kills.py).

    python3 gateway.py BINARIES [unittest's own arguments]
"""
import hashlib
import http.client
import io
import json
import os
import pathlib
import socket
import sys
import tempfile
import threading
import unittest
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "archive"), str(ROOT / "tests" / "dispatch"), str(ROOT / "tests")]

from gate import Gate  # noqa: E402  (it reads the argument that random_kills takes)
import random_kills  # noqa: E402
from random_kills import PREFIX, wait_until  # noqa: E402
from log_reading import register  # noqa: E402

CASE = f"c{1:025}"


class Cases(random_kills.RandomKills):
    test_random = None

    def setUp(self):
        super().setUp()
        home = tempfile.TemporaryDirectory(prefix="mw-")  # a socket's path has a bound of its own
        self.addCleanup(home.cleanup)
        self.socket_path = pathlib.Path(home.name, "s")
        config = self.place.path / "evidence.yaml"
        config.write_text(config.read_text(encoding="utf-8") + f"socket: {self.socket_path}\n", encoding="utf-8")

    def seal(self):
        self.archive.start()
        self.feeder.connect()
        self.feed(1)
        self.wait_archived()
        self.keeper.start()

        def proven():
            self.assertTrue(self.keeper.alive(), self.keeper.tail())
            try:
                return register(self.kept, "SELECT count(*) FROM editions WHERE proven_by > 0")[0][0] == 1
            except Exception:  # it is not made yet
                return False
        wait_until(proven, 300, lambda: "it is sealed and proven\n" + self.keeper.tail())

    def by_socket(self):
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(120)
            asking.connect(str(self.socket_path))
            asking.sendall(json.dumps({"op": "export", "id": CASE}).encode() + b"\n")
            data = b""
            while b"\n" not in data:
                data += asking.recv(1 << 16)
            line, _, rest = data.partition(b"\n")
            while len(rest) < json.loads(line)["bytes"]:
                rest += asking.recv(1 << 16)
        return rest

    def audited(self):
        entries = self.feeder.redis.call("XRANGE", "muck:{0}:audit", "-", "+")
        return [{k.decode(): v.decode() for k, v in zip(f[::2], f[1::2])} for _, f in entries]

    def test_cases(self):
        self.seal()
        with Gate("cases", f"evidence: {{dir: {self.kept}, socket: {self.socket_path}}}\nrate: {{heavy_per_s: 100}}\n", store=self.redis) as gate:
            self.check_known(gate)
            self.check_package(gate)
            self.check_scope(gate)
            self.check_looked_up(gate)
            self.keeper.stop()
            self.check_away(gate)

    def check_known(self, gate):
        said = gate.client("vera").get(f"/api/v1/cases/{CASE}").json()
        self.assertEqual((said["state"], said["review"], said["held"], said["gone"]), ("over", "none", False, False))
        self.assertEqual([(e["edition"], e["why"], e["proven"]) for e in said["editions"]], [(1, "closed", True)])
        for name in ("c" * 26, "x", "c" * 300):
            self.assertEqual(gate.client("vera").get(f"/api/v1/cases/{name}").status, 404, name)

    def check_package(self, gate):
        eve, path = gate.client("eve"), f"/api/v1/cases/{CASE}/package"
        answer = eve.get(path + "?purpose=court")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(hashlib.sha256(answer.body).digest(), hashlib.sha256(self.by_socket()).digest())
        self.assertEqual(answer.headers["content-disposition"], f'attachment; filename="{CASE}-1.zip"')
        self.assertEqual(eve.get(path + "?edition=1").body, answer.body)
        self.assertEqual(eve.get(path + "?edition=2").status, 404)
        self.assertEqual(gate.client("dan").get(path).status, 403)
        notes = [n for n in self.audited() if n["what"] == "package"]
        self.assertEqual([(n["who"], n["of"], n.get("purpose")) for n in notes], [("eve", CASE, "court"), ("eve", CASE, None), ("eve", CASE, None)])
        # What cannot be written down is not told, and the keeper is not asked.
        self.redis.stop()
        self.assertEqual(eve.get(path).status, 503)
        self.redis.start()
        self.feeder.connect()
        wait_until(lambda: eve.get(path).status == 200, 120, lambda: "it is told again")

    def check_looked_up(self, gate):
        """The next edition has who looked at the case, among what was done about it, up to the review that asks for the edition."""
        commands = self.feeder.commands(self.feeder.batch + 1, {"v1": []})
        self.feeder.batch += 1
        asked = [n for n in self.audited() if n["what"] == "package"]
        commands.append(("XADD", PREFIX + "actions", "*", "id", CASE, "action", "review", "rev", 1, "who", "ada", "verdict", "approve"))
        self.feeder.commit(commands)
        wait_until(lambda: register(self.kept, "SELECT count(*) FROM editions WHERE proven_by > 0")[0][0] == 2, 300, lambda: "the review is sealed\n" + self.keeper.tail())
        said = gate.client("eve").get(f"/api/v1/cases/{CASE}/package?edition=2")
        self.assertEqual(said.status, 200, said)
        self.assertEqual(self.audited()[-1].get("edition"), "2")
        with zipfile.ZipFile(io.BytesIO(said.body)) as package:
            lines = [json.loads(line) for line in package.read(f"{CASE}/data/actions.jsonl").decode().splitlines()]
        self.assertEqual([line["fields"] for line in lines if line["stream"] == "audit"], asked)
        self.assertEqual([line["fields"]["verdict"] for line in lines if line["stream"] == "actions"], ["approve"])
        self.assertEqual([line["at"] for line in lines], sorted(line["at"] for line in lines))

    def check_scope(self, gate):
        """Whose scope names a district does not know a case that has none."""
        text = gate.users.read_text(encoding="utf-8")
        self.assertIn("role: enforcer", text)
        gate.users.write_text(text.replace("role: enforcer", "role: enforcer\n    jurisdictions: [city/east]"), encoding="utf-8")
        gate.reload()
        eve = gate.client("eve")
        self.assertEqual([eve.get(f"/api/v1/cases/{CASE}{more}").status for more in ("", "/package")], [404, 404])
        gate.users.write_text(text, encoding="utf-8")
        gate.reload()
        self.assertEqual(gate.client("eve").get(f"/api/v1/cases/{CASE}").status, 200)

    def check_away(self, gate):
        eve, path = gate.client("eve"), f"/api/v1/cases/{CASE}/package"
        self.assertEqual(eve.get(path).status, 503)
        self.assertEqual(eve.get(f"/api/v1/cases/{CASE}").status, 200)  # the register is read without it
        with socket.socket(socket.AF_UNIX) as keeper:
            keeper.bind(str(self.socket_path))
            keeper.listen(4)
            lines = [self.line(b"abc", sha256=self.sha256(b"abd")), self.line(b"abc", sha256=self.sha256(b"abc")[1:]), self.line(b"abc", sha256=None), b"nonsense\n", b"[]\n",
                     b'{"ok":true}\n', self.line(b"abc", name="a\r\nX: y"), self.line(b"", bytes=1e15), self.line(b"abc", bytes=9), self.line(b"abcd", bytes=3, sha256=self.sha256(b"abc")),
                     self.line(b"abc", bytes=-3), self.line(b"abc", bytes=0.5), b""]
            for line in lines:
                answer = self.during(keeper, eve, path, line)
                self.assertEqual(answer.status, 503, (line, answer))
            self.assertEqual(self.during(keeper, eve, path, self.line(b"abc")).body, b"abc")
            self.gone(keeper, gate, path)
            self.still(keeper, gate, path)

    @staticmethod
    def sha256(data):
        return hashlib.sha256(data).hexdigest()

    def line(self, data, **more):
        """The keeper's answer to an export, and the package."""
        return json.dumps({"name": "a.zip", "bytes": len(data), "sha256": self.sha256(data), **more}).encode() + b"\n" + data

    @staticmethod
    def question(peer):
        """All of the line: what is left of it would be taken for more."""
        with peer.makefile("rb") as lines:
            return json.loads(lines.readline())

    def gone(self, keeper, gate, path):
        """Who hangs up in the middle of the package leaves nothing open."""
        def nameless():
            return [name for name in map(os.readlink, pathlib.Path(f"/proc/{gate.process.pid}/fd").iterdir()) if "(deleted)" in name]
        asking = http.client.HTTPConnection("127.0.0.1", gate.port, timeout=120)
        asking.request("GET", path, headers={"cookie": gate.client("eve").cookie})
        peer, _ = keeper.accept()
        with peer:
            self.assertEqual(self.question(peer)["id"], CASE)
            peer.sendall(self.line(b"abc")[:-2])
            wait_until(nameless, 120, lambda: "the part that came is in a file without name")
            asking.close()
            self.assertEqual(peer.recv(1), b"")  # the keeper is asked no longer
        wait_until(lambda: not nameless(), 120, lambda: "the file is let go of")

    def during(self, keeper, client, path, line):
        got = []
        asking = threading.Thread(target=lambda: got.append(client.get(path)))
        asking.start()
        keeper.settimeout(120)
        peer, _ = keeper.accept()
        with peer:
            self.assertEqual(self.question(peer), {"op": "export", "id": CASE, "who": "eve"})
            peer.sendall(line)
            peer.shutdown(socket.SHUT_WR)
            asking.join(120)
        return got[0]

    def still(self, keeper, gate, path):
        """One that says nothing: others are answered meanwhile, a third is told to wait, and the gateway ends when it is told to."""
        for user in ("eve", "ada"):
            client = gate.client(user)
            asking = threading.Thread(target=lambda client=client: self.assertRaises(Exception, client.get, path), daemon=True)
            asking.start()
            peer, _ = keeper.accept()
            self.addCleanup(peer.close)
        self.assertEqual(gate.client("ada").get(path).status, 503)
        self.assertEqual(gate.client("ada").get(f"/api/v1/cases/{CASE}").status, 200)


if __name__ == "__main__":
    unittest.main()
