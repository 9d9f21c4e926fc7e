"""The desk for tests: the C code that decides and writes the store's command, and a model of what actions lead to that
knows neither. Python's standard library only."""
import json
import pathlib
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
sys.dont_write_bytecode = True

ACTIONS = "muck:{0}:actions"
REASON = "终端故障"


def alert_key(alert):
    return "muck:{0}:alert:" + alert


def alert_id(number):
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    return "a" * 24 + letters[number // 32] + letters[number % 32]


class Desk:
    """One process of desk_line, asked by many threads in turn."""

    def __init__(self, path):
        self.child = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.lock = threading.Lock()

    def decide(self, request, now, who="ann", reviews=True, condition="active", hash_of=None):
        """The command's bytes, or the words of a refusal."""
        return self.ask({"request": request, "who": who, "reviews": reviews, "now": now, "condition": condition,
                         "hash": hash_of or {}})

    def ask(self, line):
        with self.lock:
            self.child.stdin.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
            self.child.stdin.flush()
            words = self.child.stdout.readline().decode().split()
            assert words, "desk_line ended"
            if words[0] != "call":
                return " ".join(words)
            return self.child.stdout.read(int(words[1]))

    def end(self):
        self.child.stdin.close()
        assert self.child.wait(120) == 0


def pairs(flat):
    return {flat[i].decode(): flat[i + 1].decode() for i in range(0, len(flat), 2)}


class Replayed:
    """An alert's work, from the entries of its actions alone."""

    def __init__(self):
        self.state, self.rev, self.who_acknowledged, self.to, self.until, self.of = "open", 0, "", "", "", ""

    def take(self, entry):
        assert int(entry["rev"]) == self.rev + 1, (entry, self.rev)
        self.rev += 1
        action, before = entry["action"], self.state
        if action == "acknowledge":
            assert before == "open"
            self.state, self.who_acknowledged = "acknowledged", entry["who"]
        elif action == "assign":
            assert before in ("acknowledged", "assigned", "handled")
            self.state, self.to = "assigned", entry["to"]
        elif action == "handled":
            assert before in ("acknowledged", "assigned")
            self.state = "handled"
        elif action == "review":
            assert before == "handled" or (before in ("acknowledged", "assigned") and entry["verdict"] == "reject")
            self.state = "reviewed"
        elif action == "close":
            assert before in ("handled", "reviewed") or self.of
            self.state, self.until = "closed", ""
        elif action == "reopen":
            assert before in ("reviewed", "closed")
            self.state = "open"
            self.who_acknowledged = self.to = self.until = self.of = ""
        elif action == "shelve":
            assert before != "closed"
            self.until = entry["until"]
        elif action == "duplicate":
            assert before != "closed"
            self.of = entry["of"]
        assert entry["state"] == self.state, (entry, self.state)

    def same_as(self, kept):
        mine = {"state": self.state, "rev": str(self.rev), "acknowledge_by": self.who_acknowledged, "to": self.to,
                "until": self.until, "of": self.of}
        theirs = {name: kept.get(name, "") for name in mine}
        assert mine == theirs, (mine, theirs)


def entries(redis):
    return [(i.decode(), pairs(fields)) for i, fields in redis.call("XRANGE", ACTIONS, "-", "+")]
