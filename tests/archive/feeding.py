"""A tracker that is made up: it commits to a real store as the tracker does, and knows what it has written."""
import json
import time

from harness.process import wait_until
from harness.resp import Failure

PREFIX = "muck:{0}:"
VEHICLES = 12


class Feeder:
    """Each commit is one transaction: the batch, the states, tracks, and now and then a finding, a trip, a refusal, marks."""

    def __init__(self, server, boot="b1"):
        self.server, self.redis, self.boot = server, None, boot
        self.made = {f"v{i}": 0 for i in range(VEHICLES)}  # of each vehicle the last number
        self.batch = 0
        self.fixes_of = {}  # by batch: how many
        self.findings = []  # ids, in order
        self.arrived_ms = 0  # beside the clock
        self.trimmed = 0
        self.form = {}  # of the fixes' JSON

    def connect(self):
        if self.redis:
            self.redis.close()
        self.redis = None
        wait_until(self._try, 120, lambda: "the store answers\n" + self.server.tail())

    def _try(self):
        try:
            self.redis = self.server.client()
            return self.redis.call("PING") == b"PONG"
        except (OSError, Failure, ConnectionError):
            return False

    def commands(self, batch, fixes):
        now = int(time.time() * 1000) + self.arrived_ms
        self.fixes_of[batch] = sum(map(len, fixes.values()))
        if batch % 3 == 0:
            self.findings.append(f"f{batch:025}")
        out = [("HSET", PREFIX + "owner", "batch", batch)]
        for vehicle, numbers in fixes.items():
            out.append(("HSET", PREFIX + "state", vehicle, "x"))
            for n in numbers:
                fix = json.dumps({"time": 1770000000 + n, "lat": 30.4 + n / 1e5, "lon": 112.9, "mode": 3, "boot": self.boot, "seq": n}, **self.form)
                out.append(("XADD", PREFIX + "track:" + vehicle, "*", "fix", fix, "received", now, "batch", batch))
        out.append(("XADD", PREFIX + "marks", "*", "kind", "life", "vehicle", "v0", "received", now, "clock", batch, "batch", batch))
        if batch % 3 == 0:
            out.append(("XADD", PREFIX + "violations", "*", "event", "opened", "id", f"f{batch:025}", "rev", 1, "kind", "speeding",
                        "vehicle", "v1", "start", batch, "text", "超速 / speeding"))
        if batch % 5 == 0:
            out.append(("XADD", PREFIX + "actions", "*", "id", f"f{batch:025}", "action", "acknowledge", "rev", 1, "who", "dan", "from", "::1"))
            out.append(("XADD", PREFIX + "shifts", "*", "event", "take", "rev", batch, "shift", batch, "on", "dan", "since", now, "who", "dan", "from", "::1"))
            out.append(("XADD", PREFIX + "audit", "*", "who", "dan", "at", now, "what", "explain", "of", f"f{batch:025}", "source", "::1"))
            out.append(("XADD", PREFIX + "trips", "*", "trip", f"t{batch:025}", "vehicle", "v2", "departed", batch))
            out.append(("XADD", PREFIX + "rejects", "*", "vehicle", "v3", "received", now, "reason", "not_json", "payload", b"\xff\x00{"))
        return out

    def commit(self, commands):
        """As the tracker: what is not known to be done is done again when it turns out not to be."""
        batch = commands[0][3]
        while True:
            try:
                if self.redis is None:
                    self.connect()
                stored = int(self.redis.call("HGET", PREFIX + "owner", "batch") or 0)
                if stored >= batch:
                    return
                self.redis.call("MULTI")
                for command in commands:
                    self.redis.call(*command)
                self.redis.call("EXEC")
                return
            except (OSError, ConnectionError, Failure):
                self.redis = None
                time.sleep(0.05)

    def feed(self, count=1, each=2):
        """So many batches with new fixes."""
        for _ in range(count):
            self.batch += 1
            fixes = {}
            for i in range(VEHICLES):
                if (self.batch + i) % 3 == 0:
                    vehicle = f"v{i}"
                    fixes[vehicle] = range(self.made[vehicle] + 1, self.made[vehicle] + 1 + each)
                    self.made[vehicle] += each
            self.commit(self.commands(self.batch, fixes))

    def trim(self):
        """As the tracker with a retention of nothing: all that is registered as archived goes."""
        flat = self.redis.call("HMGET", PREFIX + "archive", "batch", "upto", "last:violations")
        if None in flat:
            return
        batch, upto, last = int(flat[0]), int(flat[1]), flat[2].decode()
        for vehicle in self.made:
            newest = self.redis.call("XREVRANGE", PREFIX + "track:" + vehicle, f"({upto}", "-", "COUNT", 1)
            if newest and int(dict(zip(newest[0][1][::2], newest[0][1][1::2]))[b"batch"]) <= batch:
                self.trimmed += self.redis.call("XTRIM", PREFIX + "track:" + vehicle, "MINID", upto)
        ms, _, seq = last.partition("-")
        self.redis.call("XTRIM", PREFIX + "violations", "MINID", f"{ms}-{int(seq) + 1}")

    def went_back(self):
        """The store went back: units send again what it has lost, and the count of batches goes on from there."""
        self.connect()
        self.batch = int(self.redis.call("HGET", PREFIX + "owner", "batch") or 0)
        lost = {}
        for vehicle, last in self.made.items():
            newest = self.redis.call("XREVRANGE", PREFIX + "track:" + vehicle, "+", "-", "COUNT", 1)
            stored = json.loads(dict(zip(newest[0][1][::2], newest[0][1][1::2]))[b"fix"])["seq"] if newest else 0
            if stored < last:
                lost[vehicle] = range(stored + 1, last + 1)
        self.batch += 1
        self.commit(self.commands(self.batch, lost))
        return sum(len(r) for r in lost.values())
