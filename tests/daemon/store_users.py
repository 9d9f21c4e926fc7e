"""The users of packaging/redis.acl, each right and each refusal against a real Redis: who writes what, and nobody more.

    store_users.py
"""
import pathlib
import re

from common import contract, expect, run
from harness.place import Place
from harness.resp import Failure, Redis
from harness.servers import PackagedRedis

key = contract.key
TABLE = pathlib.Path(__file__).resolve().parents[2] / "tracker/archive/archive_streams.c"
STREAMS = ("violations", "trips", "work", "collections", "coverage", "warnings", "actions", "rejects", "rulesets", "attended", "marks", "clock", "live", "reload:ask", "reload:done", "audit",
           "shifts", "checkpoints", "track:t")
HASHES = ("vehicle:t", "trip:t", "violation:x", "alert:x", "state", "owner", "archive", "evidence", "hooks")
# What each may write, by what is written with.
WRITES = {
    "dispatch": {"XADD": {"actions", "audit", "shifts", "reload:ask"}, "HSET": {"alert:x", "hooks"}},
    "evidence": {"XADD": {"checkpoints"}, "HSET": {"evidence"}},
    "archive": {"XADD": set(), "HSET": {"archive"}},
    "enforcement": {"XADD": set(), "HSET": set()},
}
READS_ALL = ("dispatch", "evidence", "enforcement")
NEVER = [("FLUSHALL",), ("FLUSHDB",), ("CONFIG", "GET", "*"), ("CONFIG", "SET", "appendfsync", "no"), ("ACL", "LIST"), ("KEYS", "*"), ("SHUTDOWN",),
         ("SET", "elsewhere", 1), ("GET", "elsewhere"), ("FUNCTION", "LOAD", "REPLACE", "#!lua name=x\nredis.register_function('x', print)"),
         ("FUNCTION", "DELETE", "muckwatch_v4"), ("FCALL", "muckwatch_v4_beat", 1, key("owner"), 1, 1, 1, "t"), ("SWAPDB", 0, 1), ("MONITOR",)]


def may(client, *words):
    """Whether it is not a matter of rights; any other error, or none, is as good."""
    try:
        client.call(*words)
    except Failure as e:
        return "NOPERM" not in str(e) and "permission" not in str(e)
    return True


def written(harness):
    return {name: harness.call("DUMP", key(name)) for name in STREAMS + HASHES}


def who_writes_what(server, harness):
    for user, rights in WRITES.items():
        client = Redis(server.port, login=(user, user))
        for name in STREAMS:
            expect(may(client, "XADD", key(name), "*", "a", "b") == (name in rights["XADD"]), f"{user}: XADD {name}")
            for words in (("XTRIM", key(name), "MAXLEN", 1000), ("XDEL", key(name), "1-1"), ("DEL", key(name)), ("XGROUP", "CREATE", key(name), "g", "$")):
                expect(not may(client, *words), f"{user}: {words}")
        for name in HASHES:
            expect(may(client, "HSET", key(name), "a", "b") == (name in rights["HSET"]), f"{user}: HSET {name}")
            expect(not may(client, "DEL", key(name)), f"{user}: DEL {name}")
        for words in NEVER:
            expect(not may(client, *words), f"{user}: {words}")
        expect(not may(client, "ZADD", key("open"), 1, "x"), f"{user}: ZADD")
        client.close()


def who_reads_what(server):
    for user in READS_ALL:
        client = Redis(server.port, login=(user, user))
        for words in [("XRANGE", key(n), "-", "+") for n in STREAMS] + [("HGETALL", key(n)) for n in HASHES] + [
                ("XREAD", "COUNT", 1, "STREAMS", key("live"), "$"), ("ZRANGE", key("open"), 0, -1), ("GEOPOS", key("positions"), "t"),
                ("HGET", "muck:ruleset:x", "canonical"), ("SCAN", 0), ("PING",)]:
            expect(may(client, *words), f"{user}: {words}")
        client.close()
    archive = Redis(server.port, login=("archive", "archive"))
    followed = re.findall(r'^\s*\{"([a-z]+)", ARCHIVE_TO_', TABLE.read_text(encoding="utf-8"), re.MULTILINE)
    expect(len(followed) >= 13, f"its table of streams is read: {followed}")
    for name in (*followed, "track:t", "past:t"):
        expect(may(archive, "XREAD", "COUNT", 1, "STREAMS", key(name), "0"), f"archive: {name}")
    for name in ("live", "reload:ask", "checkpoints"):
        expect(not may(archive, "XREAD", "COUNT", 1, "STREAMS", key(name), "0"), f"archive reads {name}")
    archive.close()


def scripts_have_the_rights_of_their_user(server, harness):
    """The gateway works alerts in a script: it may not more in it than without it."""
    client = Redis(server.port, login=("dispatch", "dispatch"))
    work = "redis.call('XADD', KEYS[1], '*', 'id', 'x'); redis.call('HSET', KEYS[2], 'rev', 1); redis.call('PEXPIRE', KEYS[2], 1000); redis.call('PERSIST', KEYS[2])"
    expect(may(client, "EVAL", work, 2, key("actions"), key("alert:y")), "dispatch may not work an alert")
    before = written(harness)
    for call in ("redis.call('XADD', KEYS[1], '*', 'a', 'b')", "redis.call('DEL', KEYS[1])", "redis.call('XTRIM', KEYS[1], 'MAXLEN', 0)"):
        for name in ("violations", "track:t", "reload:done"):
            may(client, "EVAL", call, 1, key(name))
    may(client, "EVAL", "redis.call('HSET', KEYS[1], 'batch', 1)", 1, key("owner"))
    expect(written(harness) == before, "a script writes what its user may not")
    for user in ("evidence", "archive", "enforcement"):
        other = Redis(server.port, login=(user, user))
        expect(not may(other, "EVAL", "return 1", 0), f"{user} runs scripts")
        other.close()
    client.close()


def test_users():
    place = Place("store-users")
    server = PackagedRedis(place).start()
    try:
        harness = server.client()
        for user in WRITES:
            harness.call("ACL", "SETUSER", user, "resetpass", ">" + user)
        for name in STREAMS:
            harness.call("XADD", key(name), "*", "a", "b")
        for name in HASHES:
            harness.call("HSET", key(name), "x", "y")
        who_writes_what(server, harness)
        who_reads_what(server)
        scripts_have_the_rights_of_their_user(server, harness)
        tracker = Redis(server.port, login=("muckwatchd", "muckwatchd"))
        for name in STREAMS:
            expect(may(tracker, "XADD", key(name), "*", "a", "b") and may(tracker, "XTRIM", key(name), "MAXLEN", 1), f"the tracker: {name}")
        expect(may(tracker, "EVAL", "return redis.call('XDEL', KEYS[1], '1-1')", 1, key("actions")), "the tracker lets go of no action")
        for words in (("FLUSHALL",), ("CONFIG", "SET", "appendfsync", "no"), ("SET", "elsewhere", 1), ("ACL", "LIST"), ("SHUTDOWN",)):
            expect(not may(tracker, *words), f"the tracker: {words}")
        tracker.close()
        harness.close()
    finally:
        server.end()
    place.remove()


run([test_users])
