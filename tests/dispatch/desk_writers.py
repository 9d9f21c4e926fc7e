"""32 people work 100 alerts at once, while the store is killed and gateways die between asking and hearing. The stream
replayed gives exactly the states that the store shows, nothing is done twice, and whoever was refused was told so.

    desk_writers.py DESK_LINE [ACTIONS_A_WRITER [KILLS]]
"""
import random
import sys
import threading
import time

from desk_common import ACTIONS, REASON, Desk, Replayed, alert_id, alert_key, entries, pairs

from harness.place import Place
from harness.resp import Failure, Redis
from harness.servers import RedisServer

WRITERS, ALERTS = 32, 100


class Writer(threading.Thread):
    def __init__(self, number, desk, server, actions):
        super().__init__(daemon=True)
        self.random, self.number, self.desk, self.server, self.actions = random.Random(number), number, desk, server, actions
        self.redis, self.done, self.refused, self.failure, self.repeats = None, {}, set(), None, 0

    def client(self):
        while self.redis is None:
            try:
                self.redis = Redis(self.server.port)
                self.redis.call("PING")
            except (OSError, Failure):
                self.drop()
                time.sleep(0.02)
        return self.redis

    def drop(self):
        if self.redis is not None:
            self.redis.close()
        self.redis = None

    def ask(self, command):
        """Until an answer is heard, over as many connections as it takes."""
        while True:
            redis = self.client()
            try:
                redis.socket.sendall(command)
                if self.random.random() < 0.1:  # killed before it heard
                    self.repeats += 1
                    self.drop()
                    continue
                return redis.read()
            except OSError:
                self.drop()
            except Failure as e:
                # A store that comes up says LOADING; nothing else may be refused.
                assert "LOADING" in str(e), e
                time.sleep(0.02)

    def look(self, alert):
        while True:
            try:
                return pairs(self.client().call("HGETALL", alert_key(alert)))
            except OSError:
                self.drop()
            except Failure:
                time.sleep(0.02)

    def request(self, alert, rev, n):
        action = self.random.choice(["acknowledge", "acknowledge", "assign", "note", "handled", "review", "close", "reopen", "shelve",
                                     "duplicate"])
        more = {"assign": {"to": f"unit {n % 3}"}, "note": {"why": "看过"}, "handled": {"found": "spilt\nearth"},
                "review": self.random.choice([{"verdict": "approve"}, {"verdict": "reject", "reason": REASON}]),
                "reopen": {"why": "again"}, "shelve": {"why": "roadworks", "until": int(time.time() * 1000) + 60000},
                "duplicate": {"of": "b" * 26}}.get(action, {})
        return {"action": action, "id": alert, "rev": rev, "request": f"w{self.number}-{n}", **more}

    def run(self):
        try:
            known = {}
            for n in range(self.actions):
                alert = alert_id(self.random.randrange(ALERTS))
                if alert not in known or self.random.random() < 0.5:
                    known[alert] = self.look(alert)
                kept = {name: value for name, value in known[alert].items() if not name.startswith("did:")}
                request = self.request(alert, int(kept.get("rev", 0)), n)
                command = self.desk.decide(request, int(time.time() * 1000), who=f"w{self.number}", hash_of=kept)
                if isinstance(command, str):
                    assert command.startswith("refused"), command
                    self.refused.add(request["request"])
                    continue
                answer = self.ask(command)
                if answer[0] == b"stale":
                    self.refused.add(request["request"])
                    known[alert] = pairs(answer[1:])
                else:
                    self.done[request["request"]] = (alert, answer[1], answer[2].decode(), answer[3].decode())
                    if self.random.random() < 0.2:
                        again = self.ask(command)
                        assert again[0] == b"again" and again[1:] == answer[1:], (answer, again)
        except BaseException as e:  # told by the main thread
            self.failure = e
        finally:
            self.drop()


def check(redis, writers):
    done, refused = {}, set()
    for w in writers:
        if w.failure:
            raise w.failure
        done.update(w.done)
        refused |= w.refused
    replayed, seen = {}, {}
    for entry_id, entry in entries(redis):
        assert entry["request"] not in seen, f"done twice: {entry}"
        seen[entry["request"]] = (entry["id"], int(entry["rev"]), entry_id, entry["state"])
        replayed.setdefault(entry["id"], Replayed()).take(entry)
    assert seen == done, "what was answered is not what was done"
    assert not refused & set(seen), "refused, and done"
    for number in range(ALERTS):
        replayed.get(alert_id(number), Replayed()).same_as({"state": "open", "rev": "0", **pairs(
            redis.call("HGETALL", alert_key(alert_id(number))))})
    return len(seen), len(refused)


def main():
    actions, kills = (int(v) for v in (sys.argv[2:] + ["40", "4"][len(sys.argv) - 2:]))
    place, desk = Place("desk-writers"), Desk(sys.argv[1])
    server = RedisServer(place).start()
    chance = random.Random(5)
    print("seed 5")
    try:
        writers = [Writer(n, desk, server, actions) for n in range(WRITERS)]
        for w in writers:
            w.start()
        for _ in range(kills):
            time.sleep(chance.uniform(0.2, 0.8))
            server.kill()
            server.start()
        for w in writers:
            w.join()
        redis = server.client()
        done, refused = check(redis, writers)
        redis.close()
        print(f"{done} done, {refused} refused, {sum(w.repeats for w in writers)} asked and not heard, {kills} kills; {ACTIONS}")
        assert done > WRITERS and refused > WRITERS
    finally:
        server.end()
        desk.end()
    place.remove()


main()
