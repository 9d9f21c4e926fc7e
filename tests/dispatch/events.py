"""Events as pages and neighbours meet them, from a real store: what they hold, within a scope; going on from any place, over kills of
the gateway and of the store, with each entry once and in order; who takes nothing, who has too many, whose right ends."""
import json
import os
import random
import threading
import time

import yaml

from gate import Gate, Place, RedisServer, expect, run, wait_until
from listening import (DISTRICTS, START_MS, STREAMS, Follower, Ledger, Listener, add, alert_id, all_heard, end_place, figure, ids_of, kept_in, key,
                       kill_and_start, scoped, seed, violation, whole)

# ---- one gateway for most ----

PLACE = Place("dispatch-events-store")
STORE = RedisServer(PLACE).start()
REDIS = STORE.client()
seed(REDIS)
GATE = Gate("dispatch-events", more="rate: {change_per_s: 1000, read_per_s: 1000, heavy_per_s: 1000}\n", store=STORE)


def test_what_they_hold():
    dan = GATE.client("dan")
    whole(GATE, dan)
    stream = Listener(dan)
    expect("Content-Type: text/event-stream" in stream.head and "Content-Length" not in stream.head, stream.head)
    first = stream.next()
    expect(first.kind == "beat" and first.place is None and 1000 <= stream.retry < 4000, first)
    expect(first.data["partitions"] == [{"partition": 0, "connected": True, "batch": 0, "at": 0, "lag": None}], first)
    add(REDIS, "violations", violation(100))
    event = stream.next()
    listed = [a for a in dan.get("/api/v1/violations?order=time&limit=500").json()["items"] if a["id"] == alert_id(100)]
    expect(event.kind == "alert" and [event.data] == listed, (event, listed))
    done = dan.post(f"/api/v1/violations/{alert_id(100)}/actions", {"action": "acknowledge", "rev": 0, "request": "one", "why": "a\nb"})
    event = stream.next()
    one = dan.get(f"/api/v1/violations/{alert_id(100)}").json()
    expect(event.kind == "action" and event.data["action"] == one["actions"][0] and event.data["work"] == one["alert"]["work"], event)
    expect(event.data["action"]["entry"] == done.json()["entry"], event)
    taken = dan.post("/api/v1/shifts", {"event": "offer", "rev": 1, "to": "eve", "request": "two"})
    expect(taken.status == 200, taken)
    event = stream.next()
    expect(event.kind == "shift" and event.data == dan.get("/api/v1/shifts").json()["now"] and event.data["to"] == "eve", event)
    add(REDIS, "rulesets", ["ruleset", "cd" * 32, "received", "1777593600001", "batch", "7"])
    event = stream.next()
    expect(event.kind == "world" and event.data == {"world": "cd" * 32, "partition": 0, "received": 1777593600001}, event)
    expect(event.place == end_place(REDIS), event)
    # What no reader of it understands has its place and is not told.
    add(REDIS, "violations", ["id", "odd"])
    add(REDIS, "violations", violation(101))
    event = stream.next()
    expect(event.kind == "alert" and event.data["id"] == alert_id(101), event)
    stream.close()


def test_going_on():
    dan = GATE.client("dan")
    with Listener(dan) as stream:
        stream.next()
        for n in range(110, 120):
            add(REDIS, "violations", violation(n))
        events = [stream.of("alert") for _ in range(10)]
    for i, event in enumerate(events):
        with Listener(dan, last=event.place) as stream:
            heard = [stream.of("alert") for _ in range(9 - i)]
            expect([e.place for e in heard] == [e.place for e in events[i + 1:]], (i, heard))
            expect(stream.next().kind == "beat", "and then it is live")
    # The header is the later word; a HEAD begins nothing; what is no place is refused.
    with Listener(dan, "?after=" + events[0].place, last=events[8].place) as stream:
        expect(stream.next().place == events[9].place, "the header")
    expect(dan.ask("HEAD", "/api/v1/events").status == 200 and figure(GATE, "streams") <= 1, "a HEAD")
    for bad in ("x", "0", "0.1.2.3", "0.1.2.3.4.5", "0.1.2.3.-4", "0.1.2.3.4%0d%0aX:1", "0.1.2.3.99999999999999999999", "%27"):
        expect(dan.get("/api/v1/events?after=" + bad).status == 400, bad)
    for query in ("?pos=3", "?bbox=1,2,3", "?bbox=1,2,3,400", "?bbox=1,9,3,4", "?bbox=a,b,c,d", "?x=1", "?jurisdiction=city", "?after="):
        expect(dan.get("/api/v1/events" + query).status == 400, query)
    expect(dan.ask("POST", "/api/v1/events", {}).status == 405, "a POST")


def test_resets():
    dan = GATE.client("dan")
    now = Listener(dan)
    add(REDIS, "violations", violation(130))
    place = now.of("alert").place
    now.close()
    parts = place.split(".")
    first = REDIS.call("XRANGE", key("violations"), "-", "+", "COUNT", "1")[0][0].decode()
    for changed, why in (((1, "1"), "trimmed"), ((2, "9000000000000"), "ahead"), ((1, str(int(parts[1].split("-")[0]) - 1) + "-77"), "strange"), ((0, "5"), "strange")):
        odd = list(parts)
        odd[changed[0]] = changed[1]
        events = Listener(dan, last=".".join(odd)).rest()
        expect([e.kind for e in events] == ["reset"] and events[0].data == {"why": why} and events[0].place == place, (odd, first, events))
    # With the id of a reset it goes on, though nothing between is told.
    with Listener(dan, last=events[0].place) as stream:
        expect(stream.next().kind == "beat", "it goes on")
    expect(figure(GATE, "streams_reset_total") >= 4, "they are counted")


def test_scope():
    """Each its own, whatever the place it asks for."""
    scoped(GATE, "eve", jurisdictions=["city/east"], companies=["green"])
    eve, ada = GATE.client("eve"), GATE.client("ada")
    begin = "0." + ".".join(REDIS.call("XRANGE", key(s), "-", "+", "COUNT", "1")[0][0].decode().removesuffix("-0") for s in STREAMS)

    def mine(stream, fields):
        if stream in ("shifts", "rulesets"):
            return True
        number = next((n for n in range(400) if alert_id(n).encode() == fields.get(b"id")), None)
        return number is not None and DISTRICTS[number % 3].startswith("city/east") and number % 2 == 0

    streams = [(Listener(eve, "?after=" + begin), Ledger(begin), mine), (Listener(ada, "?after=" + begin), Ledger(begin), lambda s, f: f.get(b"id") != b"odd")]
    for n in range(200, 260):
        add(REDIS, "violations", violation(n))
    ada.post("/api/v1/actions", {"items": [{"action": "acknowledge", "rev": 0, "request": f"r{n}", "id": alert_id(n)} for n in range(200, 260)]})
    kept = kept_in(REDIS)
    for stream, ledger, covered in streams:
        want = sum(covered(s, f) and i > ids_of(begin)[k] for k, s in enumerate(STREAMS) for i, f in kept[s])
        for _ in range(want):
            event = stream.of("alert", "action", "shift", "world")
            ledger.hear(event)
            if stream is streams[0][0] and event.kind == "alert":
                expect(event.data["company"] == "green" and event.data["jurisdiction"].startswith("city/east"), event)
        ledger.check(kept, covered)
        stream.close()
    # No world is known here, so nobody knows whose a vehicle is but who may know all.
    expect(eve.get("/api/v1/events?pos=1").status == 503, "vehicles")
    # An alert that becomes another district's is gone.
    with Listener(eve) as stream:
        stream.next()
        add(REDIS, "violations", violation(200, "updated", 2, jurisdiction="city/west"))
        add(REDIS, "violations", violation(201, "updated", 2))
        event = stream.next()
        expect(event.data == {"id": alert_id(200), "gone": True}, event)


def test_moves():
    dan = GATE.client("dan")
    row = lambda v, lat: [v, lat, 112.5, 36.0, None, START_MS, 4097]  # noqa: E731

    def move(*rows):
        add(REDIS, "live", ["batch", str(len(rows) + 5), "moves", json.dumps(rows)])

    move(row("a", 30.1), row("b", 30.2), row("c", 30.9))
    wait_until(lambda: len(dan.get("/api/v1/vehicles").json()["items"]) == 3, 120, "they are known")
    every, box = Listener(dan, "?pos=1&purpose=a+look"), Listener(dan, "?pos=1&bbox=112,30,113,30.5")
    said = every.of("pos").data
    expect(said["whole"] and sorted(r[0] for r in said["moves"]) == ["a", "b", "c"] and said["moves"][0][3:] == [36.0, None, START_MS, 4097], said)
    expect(sorted(r[0] for r in box.of("pos").data["moves"]) == ["a", "b"], "a box")
    move(row("a", 30.3), row("d", 30.4), row("c", 31.0))
    move(row("a", 30.7))
    said = every.of("pos").data
    expect(not said["whole"] and sorted((r[0], r[1]) for r in said["moves"]) == [("a", 30.7), ("c", 31.0), ("d", 30.4)], said)
    said = box.of("pos").data
    expect([r[0] for r in said["moves"]] == ["d"] and said["gone"] == ["a"], said)
    beat = Listener(dan).next().data["partitions"][0]
    expect(beat["batch"] == 6 and beat["lag"] > 3600000 and beat["at"] > START_MS, beat)
    _, words = REDIS.call("XREVRANGE", key("audit"), "+", "-", "COUNT", "2")[1]
    note = dict(zip(words[::2], words[1::2]))
    expect((note[b"who"], note[b"what"], note[b"purpose"]) == (b"dan", b"events", b"a look"), note)
    # No moves were asked for: none come.
    with Listener(dan) as stream:
        stream.next()
        move(row("a", 30.8))
        add(REDIS, "violations", violation(140))
        expect(stream.next().kind == "alert", "alerts alone")
    every.close()
    box.close()


def test_written_together():
    """Entries that come close together go out together: a piece a client and tick."""
    dan = GATE.client("dan")
    streams = [Listener(dan) for _ in range(10)]
    for stream in streams:
        stream.next()
    before, ticks = figure(GATE, "pushes_total"), time.monotonic()
    REDIS.pipeline([("XADD", key("violations"), "*", *violation(1000 + n)) for n in range(200)])
    for stream in streams:
        for _ in range(200):
            expect(stream.of("alert") is not None, "all of them")
    pushes, ticks = figure(GATE, "pushes_total") - before, (time.monotonic() - ticks) * 10
    expect(pushes <= 10 * (ticks + 2) and pushes < 2000, (pushes, ticks))
    for stream in streams:
        stream.close()


def test_who_takes_nothing():
    """One that reads nothing is dropped when 256 KiB wait for it; the others have all, and so has it when it comes back."""
    dan, eve = GATE.client("dan"), GATE.client("ada")
    dropped = figure(GATE, "streams_dropped_total")
    slow, quick = Listener(dan, receive_bytes=4096), Listener(eve)
    slow.next()
    quick.next()
    ledger, begin = Ledger(end_place(REDIS)), time.monotonic()
    n = 0
    while figure(GATE, "streams_dropped_total") == dropped:
        REDIS.pipeline([("XADD", key("violations"), "*", *violation(2000 + n + i)) for i in range(60)])
        for _ in range(60):
            ledger.hear(quick.of("alert"))
        n += 60
        expect(time.monotonic() - begin < 120, "it is never dropped")
    ledger.check(kept_in(REDIS), lambda s, f: f.get(b"id") != b"odd")
    heard = Ledger(ledger.places[0])
    for event in slow.rest():
        heard.hear(event)
    with Listener(dan, last=heard.last()) as again:
        while heard.last() != ledger.last():
            heard.hear(again.of("alert"))
    heard.check(kept_in(REDIS), lambda s, f: f.get(b"id") != b"odd")
    expect(heard.places == ledger.places, "the same, once")
    quick.close()


def test_twenty():
    dan = GATE.client("dan")
    wait_until(lambda: figure(GATE, "streams") == 0, 120, "those of before have gone")
    streams = [Listener(dan) for _ in range(20)]
    expect([s.status for s in streams] == [200] * 20, "twenty")
    answer = dan.get("/api/v1/events")
    expect(answer.status == 503 and int(answer.headers["retry-after"]) > 0, answer)
    with Listener(GATE.client("ada")) as other:
        expect(other.status == 200, "another user's")
    streams.pop().close()
    wait_until(lambda: figure(GATE, "streams") == 19, 120, "one has gone")
    with Listener(dan) as one:
        expect(one.status == 200, "there is room again")
    for stream in streams:
        stream.close()


def test_rights_end():
    token = GATE.token("wall", "viewer")
    GATE.reload()
    people = {name: GATE.client(name) for name in ("vera", "dan", "ada")}
    people["wall"] = GATE.client(token=token)
    streams = {name: Listener(client) for name, client in people.items()}
    other = Listener(dan_again := GATE.client("dan"))
    expect(people["dan"].ask("DELETE", "/api/v1/session").status == 204, "signed out")
    expect(streams["dan"].rest()[1:] == [], "the stream of that session ends")
    scoped(GATE, "vera", role="dispatcher")
    expect(streams["vera"].rest()[1:] == [], "another role")
    text = GATE.users.read_text(encoding="utf-8")
    kept = yaml.safe_load(text)
    del kept["users"]["wall"]
    GATE.users.write_text(yaml.safe_dump(kept, allow_unicode=True), encoding="utf-8")
    GATE.reload()
    expect(streams["wall"].rest()[1:] == [], "a token that is taken back")
    add(REDIS, "violations", violation(150))
    for stream in (streams["ada"], other):
        expect(stream.of("alert") is not None, "the others go on")
        stream.close()
    expect(dan_again.get("/api/v1/session").status == 200, "of the other session")


def test_beat():
    with Listener(GATE.client("ada")) as stream:
        begin = stream.next().data["now"]
        expect(stream.of("beat").data["now"] > begin, "one at once, and one each 10 s")


# ---- kills ----


def write(redis_of, rounds, done):
    """Entries, one after the other, whatever is killed; one that may not have been written is written again, as another one."""
    client, n = None, 5000
    chance = random.Random(7)
    while not done.is_set():
        try:
            client = client or redis_of()
            what = chance.random()
            if what < 0.7:
                add(client, "violations", violation(n, rev=1))
            elif what < 0.95:
                add(client, "actions", ["id", alert_id(5000 + chance.randrange(max(1, n - 5000))), "action", "note", "rev", "1", "who", "x", "from", "y", "state", "open"])
            else:
                add(client, "rulesets", ["ruleset", f"{n:064x}", "received", "1777593600000", "batch", str(n)])
            n += 1
            rounds.append(n)
            time.sleep(0.005)
        except Exception:  # noqa: BLE001  (it is away)
            client = None
            time.sleep(0.05)


def kills(gateway, store, seconds_between):
    """The gateway and the store are killed; of each entry that is in the store in the end each follower was told, once and in order."""
    place = Place("dispatch-events-kills")
    server = RedisServer(place).start()
    redis = server.client()
    seed(redis)
    with Gate("dispatch-events-kills", more="rate: {read_per_s: 1000}\n", store=server, users=False) as gate:
        gate.process.stop()
        tokens = [gate.token(f"t{n}", "viewer") for n in range(6)]
        gate.process.start()
        client = gate.client(token=tokens[0])
        whole(gate, client)
        begin = end_place(redis)
        followers = [Follower(gate.client(token=t), begin, n == 5) for n, t in enumerate(tokens)]
        written, done = [], threading.Event()
        writer = threading.Thread(target=write, args=(server.client, written, done), daemon=True)
        for thread in [*followers, writer]:
            thread.start()
        order = ["gateway"] * gateway + ["store"] * store
        random.Random(3).shuffle(order)
        for who in order:
            time.sleep(seconds_between)
            kill_and_start(who, gate, server)
            count = len(written)
            wait_until(lambda: len(written) > count + 20, 120, lambda: "writing goes on")
        done.set()
        writer.join()
        kept = kept_in(server.client())
        all_heard(gate, followers, kept)
        print(f"  {len(written)} written, {sum(len(k) for k in kept.values())} kept, each told to {len(followers)}")
    server.end()
    place.remove()


def test_by_tls():
    """More than the connection takes at once, live and from behind; and one that reads nothing is dropped."""
    place = Place("dispatch-events-tls")
    server = RedisServer(place).start()
    redis = server.client()
    seed(redis)
    with Gate("dispatch-events-tls", store=server, tls=True, users=False) as gate:
        token = gate.token("wall", "viewer")
        gate.reload()
        client = gate.client(token=token)
        whole(gate, client)
        begin = end_place(redis)
        live, slow = Listener(client), Listener(client, receive_bytes=4096)
        live.next()
        slow.next()
        ledger, n = Ledger(begin), 0
        while figure(gate, "streams_dropped_total") == 0 and n < 20000:
            redis.pipeline([("XADD", key("violations"), "*", *violation(2000 + n + i)) for i in range(60)])
            n += 60
            for _ in range(60):
                ledger.hear(live.of("alert"))
        ledger.check(kept_in(redis))
        again = Ledger(begin)
        with Listener(client, last=begin) as stream:
            for _ in range(n):
                again.hear(stream.of("alert"))
        expect(again.places == ledger.places and n < 20000, n)
        live.close()
    server.end()
    place.remove()


def test_kills():
    kills(4, 3, 0.5)


def test_trimmed_past():
    """Over a restart: what was trimmed meanwhile nobody can be told."""
    dan = GATE.client("dan")
    with Listener(dan) as stream:
        stream.next()
        add(REDIS, "violations", violation(160))
        place = stream.of("alert").place
    for n in range(161, 171):
        add(REDIS, "violations", violation(n))
    GATE.process.kill()
    REDIS.call("XTRIM", key("violations"), "MAXLEN", 5)
    GATE.process.start()
    dan.sign_in("dan")
    whole(GATE, dan)
    events = Listener(dan, last=place).rest()
    expect([e.kind for e in events] == ["reset"] and events[0].data["why"] == "trimmed", events)


def test_another_store():
    """All streams end when the store turns out to be another one."""
    dan = GATE.client("dan")
    stream = Listener(dan)
    stream.next()
    REDIS.call("FLUSHALL")
    add(REDIS, "violations", violation(1))
    STORE.kill()
    STORE.start()
    events = [e for e in stream.rest() if e.kind not in ("beat", "alert")]
    expect([e.data for e in events] == [{"why": "store"}], events)
    whole(GATE, dan)
    events = Listener(dan, last=stream.place or "0.1.0.0.0").rest()
    expect([e.kind for e in events] == ["reset"], events)


if __name__ == "__main__":
    os.environ.setdefault("MW_TEST_DIR", "/tmp")
    try:
        with GATE:
            run([test_what_they_hold, test_going_on, test_resets, test_scope, test_moves, test_written_together, test_who_takes_nothing, test_twenty,
                 test_rights_end, test_beat, test_trimmed_past, test_another_store])
    finally:
        STORE.end()
    PLACE.remove()
    run([test_by_tls, test_kills])
