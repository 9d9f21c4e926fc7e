"""The desk's script in the store: what is refused writes nothing, whatever refuses it; what is asked again is answered as the
first time; a closed alert's hash goes by itself. A real Redis."""
import sys
import time

from desk_common import ACTIONS, ROOT, Desk, alert_id, alert_key, entries, pairs

from harness.place import Place
from harness.resp import Failure, Redis
from harness.servers import RedisServer

RIGHTS = next(line for line in (ROOT / "packaging/redis.acl").read_text().splitlines() if line.startswith("user dispatch on "))[17:].split()


def send(redis, command):
    redis.socket.sendall(command)
    return redis.read()


def refused(redis, command, word):
    try:
        answer = send(redis, command)
    except Failure as e:
        assert word in str(e), e
    else:
        raise AssertionError(answer)


def nothing_written(admin, alert):
    assert not entries(admin) and not admin.call("EXISTS", alert_key(alert)), "something was written"


def acknowledge(desk, alert, request="r1", rev=0, kept=None):
    return desk.decide({"action": "acknowledge", "id": alert, "rev": rev, "request": request}, 1, hash_of=kept)


def what_is_refused_writes_nothing(desk, admin, redis):
    alert, command = alert_id(1), acknowledge(desk, alert_id(1))
    for right in ("-xadd", "-hset", "-pexpire", "-persist"):
        admin.call("ACL", "SETUSER", "dispatch", right)
        refused(redis, command, "DESK")
        nothing_written(admin, alert)
        admin.call("ACL", "SETUSER", "dispatch", right.replace("-", "+"))
    for keys in ("~muck:{*}:actions", "~muck:{*}:alert:*"):
        admin.call("ACL", "SETUSER", "dispatch", "resetkeys", keys)
        refused(redis, command, "NOPERM")
        nothing_written(admin, alert)
    admin.call("ACL", "SETUSER", "dispatch", "resetkeys", "%R~muck:{*}:actions", "~muck:{*}:alert:*")
    try:
        send(redis, command)
        raise AssertionError("written without the right to")
    except Failure:
        nothing_written(admin, alert)
    admin.call("ACL", "SETUSER", "dispatch", "resetkeys", *RIGHTS)
    for key, make in ((ACTIONS, "SET"), (alert_key(alert), "SET")):
        admin.call(make, key, "x")
        refused(redis, command, "another type")
        admin.call("DEL", key)
        nothing_written(admin, alert)
    admin.call("XADD", ACTIONS, "18446744073709551615-0", "a", "b")
    refused(redis, command, "full")
    admin.call("DEL", ACTIONS)
    nothing_written(admin, alert)
    admin.call("CONFIG", "SET", "maxmemory", "1")
    refused(redis, command, "OOM")
    admin.call("CONFIG", "SET", "maxmemory", "0")
    nothing_written(admin, alert)


def the_first_answer_stays(desk, admin, redis):
    alert = alert_id(2)
    first = send(redis, acknowledge(desk, alert))
    assert first[0] == b"done" and first[1] == 1, first
    again = send(redis, acknowledge(desk, alert))
    assert again == [b"again", *first[1:]], again
    stale = send(redis, acknowledge(desk, alert, "r2"))
    kept = pairs(stale[1:])
    assert stale[0] == b"stale" and kept["state"] == "acknowledged" and kept["vehicle"] == "truck-7", stale
    assert not any(name.startswith("did:") for name in kept), kept
    note = desk.decide({"action": "note", "id": alert, "rev": 1, "request": "r3", "why": "看过"}, 1, hash_of=kept)
    assert send(redis, note)[:2] == [b"done", 2]
    assert send(redis, acknowledge(desk, alert)) == again, "an older request is asked again"
    assert [e["request"] for _, e in entries(admin)] == ["r1", "r3"]
    entry_id, entry = entries(admin)[0]
    assert entry == {"id": alert, "action": "acknowledge", "rev": "1", "state": "acknowledged", "who": "ann", "from": "127.0.0.1",
                     "request": "r1"}, entry
    kept = pairs(admin.call("HGETALL", alert_key(alert)))
    assert kept["acknowledge_at"] == entry_id.split("-")[0] and kept["acknowledge_by"] == "ann", kept


def a_closed_one_goes_by_itself(desk, admin, redis):
    alert, now = alert_id(3), int(time.time() * 1000)

    def does(**request):
        kept = {n: v for n, v in pairs(admin.call("HGETALL", alert_key(alert))).items() if not n.startswith("did:")}
        rev = int(kept.get("rev", 0))
        answer = send(redis, desk.decide({"id": alert, "rev": rev, "request": f"q{rev}", **request}, now, hash_of=kept))
        assert answer[0] == b"done", answer
        return admin.call("PTTL", alert_key(alert))

    assert does(action="acknowledge") == -1
    assert does(action="shelve", until=now + 1000, why="w") == -1
    assert does(action="handled", found="spilt", media=["https://a/b"]) == -1
    assert does(action="close") > 59 * 86400000
    assert does(action="reopen", why="again") == -1
    kept = pairs(admin.call("HGETALL", alert_key(alert)))
    assert kept["state"] == "open" and not kept["until"] and not kept["found"] and not kept["acknowledge_by"], kept


def a_watch_goes_from_one_to_the_next(desk, admin, redis):
    key = "muck:{0}:shifts"

    def does(who, event, request, **said):
        newest = admin.call("XREVRANGE", key, "+", "-", "COUNT", 1)
        hash_of = pairs(newest[0][1]) if newest else {}
        rev = said.pop("rev", int(hash_of.get("rev", 0)))
        command = desk.ask({"shift": {"event": event, "rev": rev, "request": request, **said}, "who": who, "hash": hash_of,
                            "document": '{"open":[]}' if event == "offer" else ""})
        return command if isinstance(command, str) else send(redis, command)

    assert does("ann", "take", "q1")[0] == b"done"
    assert isinstance(does("bob", "take", "q2"), str)
    first = does("ann", "offer", "q3", to="bob")
    assert first[0] == b"done"
    assert isinstance(does("cid", "accept", "q4"), str)
    # Bob's page was slow: what it saw was the entry before.
    taken = pairs(admin.call("XRANGE", key, "-", "+", "COUNT", 1)[0][1])
    late = desk.ask({"shift": {"event": "offer", "rev": 1, "request": "q5", "to": "cid"}, "who": "ann", "hash": taken, "document": "{}"})
    stale = send(redis, late)
    assert stale[0] == b"stale" and pairs(stale[1:])["to"] == "bob", stale
    assert send(redis, desk.ask({"shift": {"event": "offer", "rev": 1, "request": "q3", "to": "bob"}, "who": "ann", "hash": taken,
                                 "document": "{}"})) == [b"again", first[1]]
    assert does("bob", "accept", "q6")[0] == b"done"
    log = [pairs(fields) for _, fields in admin.call("XRANGE", key, "-", "+")]
    assert [(e["event"], e["rev"], e["shift"], e["on"]) for e in log] == [
        ("take", "1", "1", "ann"), ("offer", "2", "1", "ann"), ("accept", "3", "2", "bob")], log
    assert log[1]["document"] == '{"open":[]}' and log[2]["before"] == "ann"


def main():
    place, desk = Place("desk-script"), Desk(sys.argv[1])
    server = RedisServer(place).start()
    try:
        admin = server.client()
        admin.call("ACL", "SETUSER", "dispatch", "on", ">dispatch", *RIGHTS)
        redis = Redis(server.port, login=("dispatch", "dispatch"))
        what_is_refused_writes_nothing(desk, admin, redis)
        the_first_answer_stays(desk, admin, redis)
        a_closed_one_goes_by_itself(desk, admin, redis)
        a_watch_goes_from_one_to_the_next(desk, admin, redis)
        redis.close()
        admin.close()
    finally:
        server.end()
        desk.end()
    place.remove()


main()
