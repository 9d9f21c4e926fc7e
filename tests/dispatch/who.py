"""Signing in, staying in and being put out; every route for every role, by a table written by hand; changes from elsewhere; what a
stranger can learn from the time; users.yaml as the program edits it."""
import os
import re
import statistics
import threading
import time

from gate import CONTRACT, PASSWORDS, Client, Gate, expect, run, wait_until

# The status that each role gets: nobody, viewer, dispatcher, enforcer, admin. 503: may ask, and there is no store here.
ROUTES = {
    ("GET", "/healthz"): (200, 200, 200, 200, 200),
    ("GET", "/readyz"): (503, 503, 503, 503, 503),
    ("GET", "/metrics"): (200, 200, 200, 200, 200),  # of this machine
    ("GET", "/api/v1/basemap"): (200, 200, 200, 200, 200),
    ("GET", "/api/v1/session"): (401, 200, 200, 200, 200),
    ("POST", "/api/v1/session"): (400, 400, 400, 400, 400),  # an empty body
    ("DELETE", "/api/v1/session"): (204, 204, 204, 204, 204),
    ("GET", "/api/v1/lockouts"): (401, 403, 403, 403, 200),
    ("GET", "/api/v1/hours"): (401, 503, 503, 503, 503),
    ("POST", "/api/v1/convert"): (401, 200, 200, 200, 200),
    ("GET", "/api/v1/place"): (401, 503, 503, 503, 503),
    ("GET", "/api/v1/violations"): (401, 503, 503, 503, 503),
    ("GET", "/api/v1/violations/{id}"): (401, 503, 503, 503, 503),
    ("GET", "/api/v1/violations/{id}/about"): (401, 503, 503, 503, 503),
    ("GET", "/api/v1/violations/{id}/explain"): (401, 503, 503, 503, 503),
    ("POST", "/api/v1/violations/{id}/actions"): (401, 403, 503, 503, 503),
    ("POST", "/api/v1/actions"): (401, 403, 503, 503, 503),
    ("GET", "/api/v1/stats"): (401, 503, 503, 503, 503),
    ("GET", "/api/v1/reasons"): (401, 200, 200, 200, 200),
    ("GET", "/api/v1/shifts"): (401, 503, 503, 503, 503),
    ("POST", "/api/v1/shifts"): (401, 403, 503, 503, 503),
    ("GET", "/api/v1/state"): (401, 503, 503, 503, 503),
    ("GET", "/api/v1/events"): (401, 503, 503, 503, 503),
    ("GET", "/api/v1/trips"): (401, 503, 503, 503, 503),
    ("GET", "/api/v1/trips/{id}"): (401, 503, 503, 503, 503),
    ("GET", "/api/v1/vehicles"): (401, 503, 503, 503, 503),
    ("GET", "/api/v1/vehicles/{id}"): (401, 503, 503, 503, 503),
    ("GET", "/api/v1/vehicles/{id}/track"): (401, 503, 503, 503, 503),  # nobody writes down that it is asked
    ("GET", "/api/v1/near"): (401, 503, 503, 503, 503),
    ("GET", "/api/v1/worlds/{id}/fences"): (401, 404, 404, 404, 404),  # truck-1 is no hash
    ("GET", "/api/v1/export/violations.csv"): (401, 503, 503, 503, 503),
    ("GET", "/api/v1/export/violations.xlsx"): (401, 503, 503, 503, 503),
    ("GET", "/api/v1/export/trips.csv"): (401, 503, 503, 503, 503),
    ("GET", "/api/v1/export/trips.xlsx"): (401, 503, 503, 503, 503),
    ("GET", "/api/v1/export/track.csv"): (401, 503, 503, 503, 503),
    ("GET", "/api/v1/export/track.xlsx"): (401, 503, 503, 503, 503),
    ("GET", "/api/v1/shifts/hand-over"): (401, 503, 503, 503, 503),
    ("GET", "/api/v1/duty-log"): (401, 503, 503, 503, 503),  # nobody writes down that it is asked
    ("GET", "/api/v1/cases/{id}"): (401, 404, 404, 404, 404),  # there is no keeper here
    ("GET", "/api/v1/cases/{id}/package"): (401, 403, 403, 503, 503),  # nobody writes down that it is asked
    ("GET", "/api/v1/hooks"): (401, 403, 403, 403, 200),
    ("GET", "/api/v1/world"): (401, 403, 403, 403, 404),  # there is no world.config here
    ("PUT", "/api/v1/world"): (401, 403, 403, 403, 404),
    ("GET", "/api/v1/world/files/{id}"): (401, 403, 403, 403, 404),
}
QUERIES = {"/api/v1/near": "?lat=30&lon=112&from=1&to=2", "/api/v1/worlds/{id}/fences": "?bbox=1,2,3,4&zoom=5", "/api/v1/export/track.csv": "?vehicle=truck-1", "/api/v1/export/track.xlsx": "?vehicle=truck-1",
           "/api/v1/duty-log": "?day=2026-05-01", "/api/v1/stats": "?by=kind", "/api/v1/hours": "?expr=Mo-Fr", "/api/v1/convert": "?crs=gcj02", "/api/v1/place": "?lat=30&lon=112"}
BODIES = {"/api/v1/violations/{id}/actions": {"action": "acknowledge", "rev": 0, "request": "a"},
          "/api/v1/actions": {"items": []}, "/api/v1/shifts": {"event": "take", "rev": 0, "request": "a"},
          "/api/v1/convert": {"positions": [[30, 112]]}}


def test_routes_and_roles():
    known = {(method, path) for method, path, _ in CONTRACT.operations()}
    expect(known == set(ROUTES), f"the table and docs/openapi.yaml differ: {known ^ set(ROUTES)}")
    with Gate("who", "rate: {heavy_per_s: 100}\n") as gate:  # there are more routes than may be asked in a row
        tokens = [None] + [gate.token(f"t-{role}", role) for role in PASSWORDS.values()]
        gate.reload()
        for (method, path), statuses in ROUTES.items():
            for i, token in enumerate(tokens):
                answer = gate.client(token=token).ask(method, path.replace("{id}", "truck-1") + QUERIES.get(path, ""),
                                                            BODIES.get(path) if method == "POST" else None)
                expect(answer.status == statuses[i], f"{method} {path} as {i}: {answer}")
        expect(CONTRACT.seen == known, f"never asked: {known - CONTRACT.seen}")
        # With a cookie it is the same; and no role helps where a row names no such parameter.
        for user in PASSWORDS:
            status = gate.client(user).get("/api/v1/lockouts").status
            expect(status == (200 if user == "ada" else 403), (user, status))
        ada = gate.client(token=tokens[-1])
        for query in ("?role=admin", "?jurisdiction=city", "?expr=Mo&company=x", "?expr=Mo&expr=Tu", "?Expr=Mo", "?expr[]=Mo"):
            answer = ada.get("/api/v1/hours" + query)
            expect(answer.status == 400 and "pointer" in answer.json(), answer)


def test_sessions():
    with Gate("who") as gate:
        vera = Client(gate)
        expect(vera.get("/api/v1/session").status == 401, "nobody yet")
        answer = vera.sign_in("vera")
        cookie = answer.headers["set-cookie"]
        expect(re.fullmatch(r"muckwatch=[a-z2-7]{52}; Path=/; HttpOnly; SameSite=Strict", cookie), cookie)
        expect(answer.headers["cache-control"] == "no-store", answer)
        expect(answer.json()["user"] == "vera" and answer.json()["role"] == "viewer", answer)
        expect(vera.get("/api/v1/session").json()["user"] == "vera", "signed in")
        # Another name of a session, a shorter one, a longer one, one of another case, several.
        value = vera.cookie.partition("=")[2]
        for forged in (value[:-1] + ("a" if value[-1] != "a" else "b"), value[:-1], value + "a", value.upper(), "", "a" * 52):
            expect(vera.get("/api/v1/session", cookie=f"muckwatch={forged}").status == 401, forged)
        expect(vera.get("/api/v1/session", cookie=f"a=1; muckwatch={value}; b").status == 200, "among others")
        # A token that is wrong is nobody, cookie or not.
        expect(vera.get("/api/v1/session", authorization="Bearer " + "a" * 52).status == 401, "a wrong token")
        expect(vera.get("/api/v1/session", authorization="Basic dmVyYTp4").status == 401, "another scheme")
        other = gate.client("vera")
        expect(vera.ask("DELETE", "/api/v1/session").status == 204, "signed out")
        expect("Max-Age=0" in vera.ask("DELETE", "/api/v1/session").headers["set-cookie"], "the cookie is taken back")
        expect(vera.get("/api/v1/session", cookie=f"muckwatch={value}").status == 401, "it is over on this side too")
        expect(other.get("/api/v1/session").status == 200, "the other session goes on")
        # A restart signs everybody out.
        gate.process.stop()
        gate.process.start()
        expect(other.get("/api/v1/session").status == 401, "sessions do not outlive the process")


def test_put_out():
    with Gate("who") as gate:
        dan, eve, ada = gate.client("dan"), gate.client("eve"), gate.client("ada")
        token = gate.token("wall", "viewer")
        gate.reload()
        wall = gate.client(token=token)
        expect([c.get("/api/v1/session").status for c in (dan, eve, ada, wall)] == [200] * 4, "all are in")
        gate.passwd("dan", "dispatcher", "another password")
        gate.passwd("eve", "viewer", "password of eve")
        text = gate.users.read_text(encoding="utf-8")
        gate.users.write_text(re.sub(r'  "wall":\n(    .*\n)*', "", text), encoding="utf-8")
        expect([c.get("/api/v1/session").status for c in (dan, eve, ada, wall)] == [200] * 4, "nothing is read again by itself")
        gate.reload()
        expect([c.get("/api/v1/session").status for c in (dan, eve, ada, wall)] == [401, 401, 200, 401], "whoever changed is out")
        expect(Client(gate).sign_in("dan").status == 401, "the old password is")
        expect(Client(gate).sign_in("dan", "another password").status == 200, "the new one is in")
        # What is wrong is refused whole, and nothing changes.
        gate.users.write_text("users:\n  ada: {role: king}\n", encoding="utf-8")
        gate.reload()
        expect("reload_refused" in gate.process.text() and "users.yaml:2:15" in gate.process.text(), gate.process.tail())
        expect(ada.get("/api/v1/session").status == 200, "ada stays")


def at_once(count, ask):
    """The statuses of so many, in the order of their numbers. One after the other they may take longer than it takes to be let try again."""
    out = []
    threads = [threading.Thread(target=lambda: out.append(ask())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(out, key=lambda answer: answer.status)


def test_tries():
    with Gate("who") as gate:
        ada = gate.client("ada")
        answers = at_once(6, lambda: Client(gate).sign_in("vera", "wrong password"))
        expect([a.status for a in answers] == [401] * 5 + [429], answers)
        expect(1 <= int(answers[-1].headers["retry-after"]) <= 12, answers[-1])
        expect(Client(gate).sign_in("vera").status == 429, "the right one is not even looked at")
        expect(Client(gate).sign_in("dan").status == 200, "others are not locked out")
        expect([a.status for a in at_once(6, lambda: Client(gate).sign_in("nobody-there", "x"))] == [401] * 5 + [429], "a name that is not there is no other")
        locked = ada.get("/api/v1/lockouts").json()["items"]
        expect([(one["user"], one["address"]) for one in locked] == [("nobody-there", "127.0.0.1"), ("vera", "127.0.0.1")], locked)
        expect(locked[1]["count"] == 2, locked)
        expect("sign_in_locked" in gate.process.text(), "it is in the log")
        expect("password" not in gate.process.text() and "argon2" not in gate.process.text(), "no secret is")


def test_time_tells_nothing():
    """Of a name that is not there and of one that is: the time for a wrong password is the same."""
    with Gate("who", "sessions: {tries_per_min: 1000}\n") as gate:
        taken = {"vera": [], "nobody-there": []}
        for _ in range(12):
            for name, times in taken.items():
                began = time.monotonic()
                expect(Client(gate).sign_in(name, "wrong password").status == 401, name)
                times.append(time.monotonic() - began)
        known, unknown = (statistics.median(times) for times in taken.values())
        expect(1 / 3 < known / unknown < 3, f"{known:.3f} s and {unknown:.3f} s")


def test_many_sign_in():
    """Passwords are looked at beside the loop, one at a time, and only so many wait."""
    with Gate("who", "sessions: {tries_per_min: 1000}\nrate: {read_per_s: 1000}\n") as gate:
        statuses = []
        threads = [threading.Thread(target=lambda: statuses.append(Client(gate).sign_in("vera").status)) for _ in range(40)]
        for thread in threads:
            thread.start()
        asked = 0
        while any(thread.is_alive() for thread in threads):
            expect(Client(gate).get("/healthz").status == 200, "others are served")
            asked += 1
        expect(set(statuses) == {200, 503} and statuses.count(200) >= 16, statuses)
        expect(asked > 3, f"{asked} others were served meanwhile")
        # One person has twenty sessions, however often they sign in.
        page = gate.client().get("/metrics").body.decode()
        count = float(re.search(r"^muckwatch_dispatch_sessions (\S+)", page, re.M)[1])
        expect(count <= 20, count)


def test_changes_from_elsewhere():
    with Gate("who") as gate:
        dan = gate.client("dan")
        here = f"http://127.0.0.1:{gate.port}"
        target, body = "/api/v1/convert?crs=wgs84", {"positions": [[30.5, 114.3]]}
        refused = [{"origin": "http://evil.example"}, {"origin": "null"}, {"origin": f"{here}.evil.example"}, {"origin": here + "0"},
                   {"sec_fetch_site": "cross-site"}, {"origin": here, "sec_fetch_site": "same-site"}]
        for fields in refused:
            expect(dan.post(target, body, **fields).status == 403, fields)
        for kind in (None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", "application/jsonx"):
            expect(dan.post(target, body, content_type=kind).status == 415, kind)
        expect(dan.post(target, body, content_encoding="gzip").status == 415, "a bomb")
        for fields in ({}, {"origin": here, "sec_fetch_site": "same-origin"}, {"content_type": "application/json; charset=utf-8"}):
            expect(dan.post(target, body, **fields).status == 200, fields)
        expect(dan.ask("DELETE", "/api/v1/session", origin="http://evil.example").status == 403, "nor is anybody signed out")
        expect(Client(gate).post("/api/v1/session", {"user": "dan", "password": "x"}, origin="http://evil.example").status == 403, "nor in")
        expect(dan.get("/api/v1/session").status == 200, "dan is still in")


def test_too_often():
    with Gate("who", "rate: {read_per_s: 1}\n") as gate:
        token = gate.token("wall", "viewer")
        gate.reload()
        wall = gate.client(token=token)
        statuses = [wall.get("/api/v1/session").status for _ in range(40)]
        expect(statuses[:10] == [200] * 10 and 429 in statuses, statuses)
        answer = wall.get("/api/v1/session")
        expect(answer.status == 429 and int(answer.headers["retry-after"]) >= 1, answer)
        expect(gate.client("dan").get("/api/v1/session").status == 200, "others are not meant")
        expect(all(gate.client().get("/healthz").status == 200 for _ in range(100)), "nor are machines")


def test_proxy():
    with Gate("who", "http: {port: PORT, proxy: https}\n") as gate:
        client = Client(gate)
        answer = client.sign_in("ada")
        expect(answer.headers["set-cookie"].startswith("__Host-muckwatch=") and "; Secure" in answer.headers["set-cookie"], answer)
        expect(client.get("/api/v1/session").status == 200, "with its name")
        at_once(6, lambda: Client(gate).post("/api/v1/session", {"user": "vera", "password": "wrong"}, x_forwarded_for="6.6.6.6, 10.1.2.3"))
        expect(client.get("/api/v1/lockouts").json()["items"][0]["address"] == "10.1.2.3", "the proxy's word counts, not the client's")
        expect(Client(gate).post("/api/v1/session", {"user": "vera", "password": "wrong"}, x_forwarded_for="10.1.2.4").status == 401, "another")
        for field in ("x_forwarded_for", "forwarded", "x_real_ip", "via", "x_forwarded_host", "x_forwarded_proto"):
            expect(Client(gate).get("/metrics", **{field: "10.1.2.3"}).status == 401, (field, "metrics are of this machine"))
        expect(b" 401 " in gate.raw(b"GET /metrics HTTP/1.1\r\nHost: x\r\nVia: 1.1 a\r\nVia: 1.1 b\r\nConnection: close\r\n\r\n"), "two proxies")
        expect(Client(gate).get("/metrics").status == 200, "of this machine")
    with Gate("who") as gate:
        addresses = iter(range(6))
        answers = at_once(6, lambda: Client(gate).post("/api/v1/session", {"user": "vera", "password": "wrong"}, x_forwarded_for=f"10.1.2.{next(addresses)}"))
        expect(answers[-1].status == 429, "without a proxy nobody is believed")


def test_users_file():
    with Gate("who", users=False) as gate:
        mode = lambda: gate.users.stat().st_mode & 0o777  # noqa: E731
        for words, given, code in ((("passwd",), "", 64), (("passwd", "a b", "--role", "viewer"), "long enough\n", 64),
                                   (("passwd", "li"), "long enough\n", 64), (("passwd", "li", "--role", "king"), "long enough\n", 64),
                                   (("passwd", "li", "--role", "viewer"), "short\n", 65), (("passwd", "li", "--role", "viewer"), "", 65),
                                   (("passwd", "li", "--role", "viewer"), "x" * 257 + "\n", 65), (("promote", "li"), "", 64)):
            done = gate.command(*words, given=given)
            expect(done.returncode == code and done.stderr, (words, done))
        expect(gate.users.read_text() == "users: {}\n", "nothing was written")
        gate.passwd("王小明", "admin", "longer than needed")
        expect(mode() == 0o600, oct(mode()))
        text = gate.users.read_text(encoding="utf-8")
        gate.users.write_text(text.replace("role: admin", 'role: admin\n    jurisdictions: ["city/east"]'), encoding="utf-8")
        token = gate.token("王小明", "enforcer")
        text = gate.users.read_text(encoding="utf-8")
        expect("longer than" not in text and token not in text and "$argon2id$" in text and '["city/east"]' in text, text)
        gate.reload()
        answer = gate.client(token=token).get("/api/v1/session").json()
        expect((answer["user"], answer["role"], answer["jurisdictions"]) == ("王小明", "enforcer", ["city/east"]), answer)
        # Many at once: each waits for the others, none is lost.
        threads = [threading.Thread(target=gate.token, args=(f"m{i}", "viewer")) for i in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        text = gate.users.read_text(encoding="utf-8")
        expect(all(f'"m{i}"' in text for i in range(12)), text)
        expect([p.name for p in gate.place.path.glob("users.yaml*")] == ["users.yaml"], "nothing is left beside it")
        # A file that others can read is refused, and so is one that is wrong: with file and line.
        gate.users.chmod(0o644)
        done = gate.command("--check")
        expect(done.returncode == 78 and "users.yaml" in done.stderr, done)
        gate.users.chmod(0o600)
        gate.users.write_text("users:\n  li: {role: viewer, colour: red}\n", encoding="utf-8")
        done = gate.command("--check")
        expect(done.returncode == 78 and "users.yaml:2:" in done.stderr and "colour" in done.stderr, done)


def test_configuration():
    with Gate("who", users=False) as gate:
        expect(gate.command("--check").returncode == 0, "while it runs")
        good = gate.config.read_text()
        for bad, words in (("users: users.yaml\nusers: x\n", ":2:1: users: stands twice"), ("", "users is missing"),
                           ("users: none.yaml\n", "none.yaml"), (good + "insecur: true\n", "is it meant to be \"insecure\""),
                           (good + "dashboard: {dir: /nowhere}\n", "dashboard.dir"), (good + "tls: {cert: /dev/null, key: /etc/passwd}\n", "passwd"),
                           (good.replace("http: {", "http: {host: 0.0.0.0, "), "insecure")):
            gate.config.write_text(bad)
            done = gate.command("--check")
            expect(done.returncode == 78 and words in done.stderr, (bad, done.stderr))
        gate.config.write_text(good.replace(str(gate.port), str(gate.port + 1)))
        gate.reload()
        expect("http wants a new start" in gate.process.text() and gate.client().get("/healthz").status == 200, gate.process.tail())
        gate.config.write_text(good + "basemap: {raster: \"https://t.example/{z}/{x}/{y}.png\", crs: gcj02}\n")
        gate.reload()
        expect(gate.client().get("/api/v1/basemap").json() == {"kind": "raster", "url": "https://t.example/{z}/{x}/{y}.png", "crs": "gcj02"},
               "it is read again")
        page = gate.place.folder("page")
        (page / "index.html").write_text("<!doctype html>")
        gate.config.write_text(good + f"dashboard: {{dir: {page}}}\nbasemap: {{raster: \"https://t.example:81/{{z}}/{{x}}/{{y}}.png\"}}\n")
        gate.reload()
        policy = gate.client().get("/", judged=False).headers["content-security-policy"]
        expect("img-src 'self' data: blob: https://t.example:81; connect-src 'self' https://t.example:81;" in policy, policy)
        expect("t.example" not in gate.client().get("/api/v1/basemap").headers["content-security-policy"], "pages alone may ask there")


os.umask(0o022)
TESTS = [test_routes_and_roles, test_sessions, test_put_out, test_tries, test_time_tells_nothing, test_many_sign_in,
         test_changes_from_elsewhere, test_too_often, test_proxy, test_users_file, test_configuration]
run(TESTS)
