"""What tests of events share: entries of a store, streams that come back to where they were, and what they heard held against what the
store has."""
import re
import threading
import time

import yaml

from gate import CONTRACT, expect, wait_until
from sse import Stream

STREAMS = ("violations", "actions", "shifts", "rulesets")
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
DISTRICTS = ("city/east", "city/west", "city/east/docks")
WORLD = "ab" * 32
START_MS = int(time.time()) * 1000 - 3600000


def alert_id(number):
    out = ""
    while len(out) < 26:
        out = LETTERS[number % 32] + out
        number //= 32
    return out


def key(stream):
    return "muck:{0}:" + stream


def violation(number, event="opened", rev=1, **more):
    fields = {"event": event, "id": alert_id(number), "rev": rev, "kind": "spill", "severity": "major", "vehicle": f"truck-{number % 7}",
              "plate": "京A·\"<b>\n", "company": ("green", "earth")[number % 2], "start": START_MS + number, "at": START_MS + number,
              "lat": "30.1000000", "lon": "112.1000000", "jurisdiction": DISTRICTS[number % 3], "text": f"headline {number}", **more}
    return [str(w) for pair in fields.items() for w in pair]


def add(redis, stream, words):
    return redis.call("XADD", key(stream), "*", *words).decode()


def headers(client):
    return {"Authorization": f"Bearer {client.token}"} if client.token else {"Cookie": client.cookie}


class Listener(Stream):
    """A stream whose events are what docs/openapi.yaml says."""

    def __init__(self, client, query="", **more):
        super().__init__(client.gate.port, headers(client), query, tls=client.tls, **more)

    def next(self, within_s=120):
        event = super().next(within_s)
        if event is not None:
            CONTRACT.judge_event(event.kind, event.data)
        return event


def figure(gate, name):
    return float(re.search(rf"^muckwatch_dispatch_{name} (\S+)", gate.client().get("/metrics").body.decode(), re.M)[1])


def seed(redis, count=30):
    for n in range(count):
        add(redis, "violations", violation(n))
    add(redis, "actions", ["id", alert_id(0), "action", "acknowledge", "rev", "1", "who", "dan", "from", "::1", "state", "acknowledged"])
    add(redis, "shifts", ["event", "take", "rev", "1", "shift", "1", "on", "dan", "since", "1", "who", "dan", "from", "::1", "request", "q"])
    add(redis, "rulesets", ["ruleset", WORLD, "received", "1777593600000", "batch", "1"])


def whole(gate, client):
    wait_until(lambda: client.get("/api/v1/violations?limit=1").status == 200, 120, lambda: "the streams are read\n" + gate.process.tail())


def scoped(gate, user, **scope):
    people = yaml.safe_load(gate.users.read_text(encoding="utf-8"))
    people["users"][user].update(scope)
    gate.users.write_text(yaml.safe_dump(people, allow_unicode=True), encoding="utf-8")
    gate.reload()


# ---- places: a vector, as docs/DISPATCH.md says ----

def ids_of(place):
    """The place in each stream of partition 0."""
    partition, *ids = place.split(".")
    expect(partition == "0" and len(ids) == len(STREAMS), place)
    return [tuple(int(part) for part in (one + "-0").split("-")[:2]) for one in ids]


class Ledger:
    """What a client heard, to be held against what the store has."""

    def __init__(self, place):
        self.places = [place]
        self.lock = threading.Lock()

    def hear(self, event):
        if event.place:
            with self.lock:
                self.places.append(event.place)

    def last(self):
        return self.places[-1]

    def check(self, kept, covered=lambda stream, fields: True):
        """`kept`: of each stream (id, fields). Between two places there is one entry that is covered; in the end none is left."""
        at = {s: ids_of(self.places[0])[i] for i, s in enumerate(STREAMS)}
        for place in self.places[1:] + [None]:
            to = {s: ids_of(place)[i] if place else (2**63, 0) for i, s in enumerate(STREAMS)}
            between = [(s, i) for s in STREAMS for i, fields in kept[s] if at[s] < i <= to[s] and covered(s, fields)]
            expect(len(between) == (1 if place else 0), f"from {at} to {place or 'the end'}: {between[:5]}")
            expect(all(at[s] <= to[s] for s in STREAMS), f"back from {at} to {place}")
            at = to


def kept_in(redis):
    out = {}
    for stream in STREAMS:
        out[stream] = [(tuple(int(p) for p in i.split(b"-")), dict(zip(f[::2], f[1::2]))) for i, f in redis.call("XRANGE", key(stream), "-", "+")]
    return out


def end_place(redis):
    return "0." + ".".join(redis.call("XREVRANGE", key(s), "+", "-", "COUNT", "1")[0][0].decode().removesuffix("-0") for s in STREAMS)


class Follower(threading.Thread):
    """Comes back for ever, to where it was."""

    def __init__(self, client, place, slow):
        super().__init__(daemon=True)
        self.client, self.ledger, self.slow = client, Ledger(place), slow
        self.resets, self.done, self.faults = [], threading.Event(), []

    def run(self):
        while not self.done.is_set():
            try:
                with Listener(self.client, last=self.ledger.last()) as stream:
                    while stream.status == 200 and not self.done.is_set() and (event := stream.next(5)) is not None:
                        self.ledger.hear(event)
                        if event.kind == "reset":
                            self.resets.append(event)
                        if self.slow:
                            time.sleep(0.002)
            except OSError:
                pass
            except Exception as fault:  # noqa: BLE001  (told by whoever waits)
                self.faults.append(repr(fault))
                return
            time.sleep(0.05)


def kill_and_start(who, gate, server):
    """One of the two that streams come through: the gateway, or the store."""
    if who == "gateway":
        gate.process.kill()
        gate.process.start()
    else:
        server.kill()
        time.sleep(0.2)
        server.start()


def all_heard(gate, followers, kept):
    """Each follower comes to the end of what is kept, over no reset, and was told of each entry once and in order."""
    ends = [kept[s][-1][0] for s in STREAMS]
    for follower in followers:
        wait_until(lambda follower=follower: follower.faults or follower.resets or ids_of(follower.ledger.last()) == ends, 120,
                   lambda follower=follower: f"{follower.ledger.last()} is not {ends}\n{gate.process.tail()}")
        follower.done.set()
    for follower in followers:
        follower.join()
        expect(not follower.faults and not follower.resets, (follower.faults, follower.resets))
        follower.ledger.check(kept)
