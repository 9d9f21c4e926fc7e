"""Alerts as pages meet them: read from the store at start and live, listed, counted and worked within a scope; a second writer
is refused, a request asked again gets its first answer; the watch; a store that goes away, comes back, and goes back."""
import json
import time
import uuid

import yaml

from gate import Gate, Place, RedisServer, expect, run, wait_until

BASE_MS = int(time.time()) * 1000 - 86400000  # not so old that closed ones go
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
DISTRICTS = ("city/east", "city/east/docks", "city/west", "")


def alert_id(number):
    out = ""
    while len(out) < 26:
        out = LETTERS[number % 32] + out
        number //= 32
    return out


def violation(number, event="opened", rev=1, **more):
    start = BASE_MS + number * 1000
    fields = {"event": event, "id": alert_id(number), "rev": rev, "kind": ("speeding", "spill")[number % 2],
              "severity": ("minor", "major", "critical")[number % 3], "vehicle": f"truck-{number % 7}", "plate": f"京A·{number:05}",
              "company": ("green", "earth")[number // 2 % 2], "start": start, "at": start, "lat": "30.1000000", "lon": "112.1000000",
              "jurisdiction": DISTRICTS[number % 4], "text": f"headline {number}", **more}
    return [str(w) for pair in fields.items() if pair[1] != "" for w in pair]


def add(redis, stream, words):
    return redis.call("XADD", "muck:{0}:" + stream, "*", *words).decode()


def said(action, rev, **more):
    return {"action": action, "rev": rev, "request": uuid.uuid4().hex, **more}


def listed(client, query=""):
    answer = client.get("/api/v1/violations" + query)
    expect(answer.status == 200, answer)
    return answer.json()


def until(client, query, question):
    wait_until(lambda: question(listed(client, query)), 120, lambda: f"{query}: {listed(client, query)['counts']}")


def whole(gate, client):
    wait_until(lambda: client.get("/api/v1/violations?limit=1").status == 200, 120, lambda: "the streams are read\n" + gate.process.tail())


def scoped(gate, user, **scope):
    people = yaml.safe_load(gate.users.read_text(encoding="utf-8"))
    people["users"][user].update(scope)
    gate.users.write_text(yaml.safe_dump(people, allow_unicode=True), encoding="utf-8")
    gate.reload()


PLACE = Place("dispatch-alerts-store")
STORE = RedisServer(PLACE).start()
REDIS = STORE.client()
for n in range(1200):  # more than a page of a stream
    add(REDIS, "violations", violation(n))
for n in range(0, 1200, 10):
    add(REDIS, "violations", violation(n, "closed", 2, end=BASE_MS + n * 1000 + 500))
GATE = Gate("dispatch-alerts", more="rate: {change_per_s: 1000}\n", store=STORE)
CLIENTS = {}


def client(name):
    if name not in CLIENTS:
        CLIENTS[name] = GATE.client(name)
    return CLIENTS[name]


def test_lists():
    vera = client("vera")
    whole(GATE, vera)
    first = listed(vera, "?limit=500")
    expect(first["counts"]["total"] == 1200 and first["counts"]["condition"] == {"active": 1080, "ended": 120, "withdrawn": 0}, first["counts"])
    expect([a["severity"] for a in first["items"][:400]] == ["critical"] * 400, "the worst first")
    add(REDIS, "violations", violation(1200))
    seen, cursor = [a["id"] for a in first["items"]], first["next"]
    while cursor:
        page = listed(vera, f"?limit=500&cursor={cursor}")
        seen += [a["id"] for a in page["items"]]
        cursor = page["next"]
    expect(len(seen) == len(set(seen)) and set(seen) >= {alert_id(n) for n in range(1200)}, "each once")
    until(vera, "", lambda page: page["counts"]["total"] == 1201)
    expect(listed(vera, "?plate=a01199")["items"][0]["plate"] == "京A·01199", "a plate's part")
    expect(listed(vera, "?jurisdiction=city/east")["counts"]["total"] == 601, "a district and below")
    expect(listed(vera, "?kind=spill&vehicle=truck-3&vehicle=truck-4&order=time")["counts"]["total"] ==
           sum(n % 2 == 1 and n % 7 in (3, 4) for n in range(1201)), "values")
    # A fence that it went on over behind another; ids that look alike are others.
    add(REDIS, "violations", violation(0, "updated", 3, fence="A-1", fences='["A-1","b \\"2\\"","c,3",4]', end=BASE_MS + 500))
    until(vera, "?fence=A-1", lambda page: page["counts"]["total"] == 1)
    for fence, count in (("b+%222%22", 1), ("c,3", 1), ("A", 0), ("4", 0), ("3", 0), ("b+%222", 0), (",", 0), ("b&fence=c,3", 1)):
        expect(listed(vera, "?fence=" + fence)["counts"]["total"] == count, fence)
    stats = vera.get("/api/v1/stats?by=company&severity=critical").json()
    expect({i["value"]: i["alerts"] for i in stats["items"]} ==
           {name: sum(n % 3 == 2 and ("green", "earth")[n // 2 % 2] == name for n in range(1201)) for name in ("green", "earth")}, stats)
    steps = vera.get("/api/v1/stats?by=kind&on_time=true").json()["on_time"]
    expect([sum(step.values()) for step in steps.values()] == [1201] * 3 and all(step["in_time"] == 0 for step in steps.values()), steps)
    for query, status in (("?x=1", 400), ("?limit=0", 400), ("?limit=501", 400), ("?cursor=zz", 400), ("?severity=bad", 400),
                          (f"?cursor={'0' * 90}", 400), (f"?order=time&cursor={first['next']}", 400)):
        expect(vera.get("/api/v1/violations" + query).status == status, query)


def test_one_alert():
    vera, key = client("vera"), alert_id(10)
    one = vera.get(f"/api/v1/violations/{key}").json()
    expect([r["event"] for r in one["revisions"]] == ["opened", "closed"] and one["alert"]["condition"] == "ended", one)
    expect(one["alert"]["text"] == "headline 10" and one["alert"]["lat"] == 30.1 and one["actions"] == [], one)
    expect(vera.get("/api/v1/violations/" + "7" * 26).status == 404, "an id that nobody has")
    for alert, sent in ((key, "expired"), (alert_id(11), "5")):
        add(REDIS, "warnings", ["id", alert, "vehicle", "truck-3", "kind", "spill", "event", "opened", "at", "1", "sent", sent, "batch", "1"])
    about = vera.get(f"/api/v1/violations/{key}/about").json()
    expect([(w["event"], w["sent"]) for w in about["warnings"]] == [("opened", "expired")] and about["permits"] == [], about)
    expect(vera.get("/api/v1/violations/" + "7" * 26 + "/about").status == 404, "of an id that nobody has")
    expect(vera.get("/api/v1/violations/..%2f").status in (400, 404), "a path")


def test_work():
    vera, dan, eve = client("vera"), client("dan"), client("eve")
    path = f"/api/v1/violations/{alert_id(20)}"

    def does(who, action, rev, **more):
        return who.post(path + "/actions", said(action, rev, **more))

    expect(does(vera, "acknowledge", 0).status == 403, "a viewer")
    request = said("acknowledge", 0, why="seen")
    first = dan.post(path + "/actions", request)
    expect(first.status == 200 and first.json()["work"] == {"state": "acknowledged", "rev": 1}, first)
    expect(listed(dan, "?state=acknowledged")["counts"]["total"] == 1, "seen at once")
    stale = does(eve, "acknowledge", 0)
    expect(stale.status == 409 and stale.json()["work"]["rev"] == 1 and stale.json()["type"].endswith(":stale"), stale)
    again = dan.post(path + "/actions", request)
    expect(again.status == 200 and again.json() == first.json(), again)
    expect(does(dan, "close", 1).json()["type"].endswith(":not-handled"), "nothing was handled")
    expect(does(dan, "assign", 1, to="unit 7").json()["work"]["state"] == "assigned", "assigned")
    expect(listed(dan, "?assignee=unit+7")["items"][0]["work"]["assignee"] == "unit 7", "whom")
    expect(does(dan, "handled", 2, found="spilt\nearth", media=["https://a/b.jpg"]).status == 200, "handled")
    expect(does(dan, "review", 3, verdict="approve").status == 403, "an enforcer's")
    expect(does(eve, "review", 3, verdict="approve").json()["work"]["state"] == "reviewed", "reviewed")
    expect(does(dan, "close", 4).json()["work"]["state"] == "closed", "closed")
    for body, pointer in (({"action": "dance", "rev": 0, "request": "q"}, "/action"), (said("shelve", 5, until=1), "/why"),
                          (said("note", 5, why="x", colour="red"), "/colour"), (said("assign", 5, to=7), "/to")):
        answer = dan.post(path + "/actions", body)
        expect(answer.status == 400 and answer.json()["pointer"] == pointer, answer)
    expect(dan.post(f"/api/v1/violations/{'7' * 26}/actions", said("acknowledge", 0)).status == 404, "nobody's")
    one = vera.get(path).json()
    expect([a["action"] for a in one["actions"]] == ["acknowledge", "assign", "handled", "review", "close"], one["actions"])
    expect([a["who"] for a in one["actions"]] == ["dan", "dan", "dan", "eve", "dan"] and one["actions"][0]["from"] == "127.0.0.1", one)
    expect(listed(vera)["counts"]["state"]["closed"] == 1, "closed")
    steps = vera.get("/api/v1/stats?by=kind&on_time=true&state=closed").json()["on_time"]
    expect({name: step["in_time"] + step["late"] for name, step in steps.items()} == {"acknowledge": 1, "handle": 1, "close": 1}, steps)


def test_reviews():
    """False alarms by a value: what the review that stands says; who acknowledged how many; and which reasons a review may give."""
    vera, dan, eve = client("vera"), client("dan"), client("eve")
    reasons = vera.get("/api/v1/reasons").json()["items"]
    expect(reasons == ["定位漂移", "围栏有误", "许可未录入", "终端故障", "紧急避险", "重复"], reasons)

    def does(who, n, action, rev, **more):
        answer = who.post(f"/api/v1/violations/{alert_id(n)}/actions", said(action, rev, **more))
        expect(answer.status == 200, answer)

    def stats(by, query=""):
        return {i["value"]: i for i in vera.get(f"/api/v1/stats?by={by}&vehicle=truck-{21 % 7}&vehicle=truck-{22 % 7}{query}").json()["items"]}

    for n in (21, 22, 28):
        does(dan, n, "acknowledge", 0)
        does(eve, n, "review", 1, verdict="reject", reason=reasons[n % 2])
    kinds = stats("kind")
    sums = {key: sum(i[key] for i in kinds.values()) for key in ("approved", "rejected")}
    expect(sums == {"approved": 0, "rejected": 3}, kinds)
    expect({k: i["rejected"] for k, i in kinds.items()} == {"speeding": 2, "spill": 1}, kinds)
    expect({k: i["alerts"] for k, i in stats("reason").items() if k} == {reasons[0]: 2, reasons[1]: 1}, stats("reason"))
    who = stats("acknowledged_by")
    expect(list(who) == ["dan"] and who["dan"]["alerts"] == 3 and (who["dan"]["hours"], who["dan"]["most"]) in ((1, 3), (2, 2)), who)  # the hour may strike in between
    does(eve, 21, "reopen", 2, why="look again")  # what was found is no finding any more, and nobody has it
    expect({k: i["alerts"] for k, i in stats("reason").items() if k} == {reasons[0]: 2}, stats("reason"))
    expect(stats("acknowledged_by")["dan"]["alerts"] == 2, stats("acknowledged_by"))
    expect(stats("kind", "&state=open")["spill"]["rejected"] == 0, "open again")


def test_many():
    dan = client("dan")
    items = [said("acknowledge", 0, id=alert_id(n)) for n in range(100, 300)]
    items[5]["rev"] = 7
    items[6]["id"] = "7" * 26
    items[7]["action"] = "dance"
    done = dan.post("/api/v1/actions", {"items": items}).json()["items"]
    expect([d["status"] for d in done] == [200] * 5 + [409, 404, 400] + [200] * 192, [d["status"] for d in done])
    expect(dan.post("/api/v1/actions", {"items": items + items[:1]}).status == 400, "201 of them")
    expect(dan.post("/api/v1/actions", {"items": []}).json() == {"items": []}, "none")


def test_a_shelved_one_comes_back():
    dan, key = client("dan"), alert_id(30)
    path = f"/api/v1/violations/{key}/actions"
    before = listed(dan)["counts"]["to_do"]
    expect(dan.post(path, said("shelve", 0, until=int(time.time() * 1000) + 9 * 3600000, why="w")).status == 422, "9 h")
    expect(dan.post(path, said("shelve", 0, until=int(time.time() * 1000) + 3000, why="roadworks")).status == 200, "3 s")
    expect(listed(dan)["counts"]["to_do"] == before - 1, "on the shelf")
    until(dan, "?to_do=true", lambda page: page["counts"]["total"] == before)


def test_scope():
    scoped(GATE, "dan", jurisdictions=["city/east"], companies=["green"])
    dan = CLIENTS["dan"] = GATE.client("dan")
    mine = {n for n in range(1201) if DISTRICTS[n % 4].startswith("city/east") and n // 2 % 2 == 0}
    page = listed(dan, "?limit=500")
    expect(page["counts"]["total"] == len(mine) and {a["id"] for a in page["items"]} <= {alert_id(n) for n in mine}, page["counts"])
    theirs = next(n for n in range(301, 400) if n not in mine)
    for query in ("?jurisdiction=city/west", "?jurisdiction=", f"?plate={theirs:05}", "?company=earth"):
        expect(listed(dan, query)["counts"]["total"] == 0, query)
    cursor = listed(client("eve"), "?limit=1")["next"]
    expect(all(a["company"] == "green" for a in listed(dan, f"?limit=500&cursor={cursor}")["items"]), "another's cursor")
    path = f"/api/v1/violations/{alert_id(theirs)}"
    expect(dan.get(path).status == 404 and dan.post(path + "/actions", said("acknowledge", 0)).status == 404, "another district's")
    many = dan.post("/api/v1/actions", {"items": [said("acknowledge", 0, id=alert_id(theirs))]}).json()["items"]
    expect(many[0]["status"] == 404, many)
    expect({i["value"] for i in dan.get("/api/v1/stats?by=company").json()["items"]} == {"green"}, "counts")


def test_the_watch():
    eve, dan = client("eve"), client("dan")

    def step(who, event, rev, **more):
        return who.post("/api/v1/shifts", {"event": event, "rev": rev, "request": uuid.uuid4().hex, **more})

    expect(eve.get("/api/v1/shifts").json()["now"] == {"rev": 0, "shift": 0, "on": None}, "nobody's")
    expect(step(client("vera"), "take", 0).status == 403, "a viewer")
    expect(step(eve, "take", 0).status == 200, "taken")
    wait_until(lambda: eve.get("/api/v1/shifts").json()["now"]["on"] == "eve", 120, lambda: "the watch is eve's")
    expect(step(dan, "take", 1).status == 409 and step(dan, "offer", 1, to="eve").status == 403, "it is eve's")
    expect(step(eve, "offer", 1, to="dan", why="quiet").status == 200, "offered")
    wait_until(lambda: eve.get("/api/v1/shifts").json()["now"].get("to") == "dan", 120, lambda: "offered")
    expect(step(dan, "accept", 2).status == 200, "accepted")
    wait_until(lambda: eve.get("/api/v1/shifts").json()["now"]["on"] == "dan", 120, lambda: "the watch is dan's")
    whole_page, part = eve.get("/api/v1/shifts").json()["items"], dan.get("/api/v1/shifts").json()["items"]
    expect([i["event"] for i in whole_page] == ["accept", "offer", "take"], whole_page)
    expect(whole_page[1]["document"]["open"]["count"] > 900 and len(whole_page[1]["document"]["open"]["items"]) == 200, "what is open")
    expect("document" not in json.dumps(part), "a district's dispatcher sees no other's alerts")


def test_restart():
    vera = client("vera")
    before = listed(vera, "?limit=500")
    GATE.process.kill()
    GATE.process.start()
    vera.sign_in("vera")
    whole(GATE, vera)
    after = listed(vera, "?limit=500")
    expect(after["items"] == before["items"] and after["counts"] == before["counts"], "the same after a kill")


def test_store_away_and_back():
    vera, eve = client("vera"), client("eve")
    eve.sign_in("eve")
    lines = GATE.process.text().count("\n")
    STORE.kill()
    wait_until(lambda: GATE.client().get("/readyz").status == 503, 120, lambda: "not ready")
    wait_until(lambda: GATE.process.text().count("Connection refused") > 1, 120, lambda: "it tries again")
    warned = [line.split(" ", 3)[2] for line in GATE.process.text().splitlines()[lines:] if " warn redis" in line or " warn partition" in line]
    tries = GATE.process.text().count("Connection refused")
    expect(warned.count("partition_lost") == 1 and warned.count("redis_lost") <= tries + 1, f"one line an attempt: {warned}")
    request = said("acknowledge", 0)
    expect(eve.post(f"/api/v1/violations/{alert_id(40)}/actions", request).status == 503, "nobody knows")
    expect(listed(vera)["counts"]["total"] == 1201, "what is known is told")
    STORE.start()
    redis = STORE.client()
    add(redis, "violations", violation(1201))
    until(vera, "", lambda page: page["counts"]["total"] == 1202)
    wait_until(lambda: eve.post(f"/api/v1/violations/{alert_id(40)}/actions", request).status == 200, 120, lambda: "done in the end")
    # It is trimmed: what is known stays.
    redis.call("XTRIM", "muck:{0}:violations", "MAXLEN", 10)
    STORE.kill()
    STORE.start()
    redis = STORE.client()
    add(redis, "violations", violation(1202))
    until(vera, "", lambda page: page["counts"]["total"] == 1203)
    # Another store: nothing of the former one is told.
    redis.call("FLUSHALL")
    for n in range(3):
        add(redis, "violations", violation(5000 + n))
    STORE.kill()
    STORE.start()
    def anew():
        answer = vera.get("/api/v1/violations")
        return answer.status == 200 and answer.json()["counts"]["total"] == 3

    wait_until(anew, 120, lambda: "all is read anew\n" + GATE.process.tail())


try:
    with GATE:
        run([test_lists, test_one_alert, test_work, test_reviews, test_many, test_a_shelved_one_comes_back, test_scope, test_the_watch, test_restart,
             test_store_away_and_back])
finally:
    STORE.end()
PLACE.remove()
