"""What was done: the document of a hand-over, and the duty log of a day as JSON, for a spreadsheet and to be printed, within a scope."""
import csv
import datetime
import io
import re
import time

import yaml

from gate import expect, run, wait_until
from world_town import Town

# A city in which it is not about to be midnight: what is done during the test is done on one day of it.
HOURS, CITY_ZONE = (4, "Asia/Dubai") if time.gmtime(time.time() + 8 * 3600).tm_hour == 23 else (8, "Asia/Shanghai")
ZONE = datetime.timezone(datetime.timedelta(hours=HOURS))
SCRIPT = "<script>alert(1)</script>"


def day_of(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, ZONE).strftime("%Y-%m-%d")


def action(store, at, alert, what, rev, **more):
    fields = {"id": alert, "action": what, "rev": rev, "who": "dan", "from": "127.0.0.1", "state": "open", **more}
    store.call("XADD", "muck:{0}:actions", at, *[str(w) for pair in fields.items() for w in pair])


def log(client, day, form=""):
    return client.get(f"/api/v1/duty-log?day={day}" + (f"&format={form}" if form else ""))


def in_zone(stage):
    text = stage.config.read_text(encoding="utf-8")
    expect("Asia/Shanghai" in text, text)
    stage.config.write_text(text.replace("Asia/Shanghai", CITY_ZONE), encoding="utf-8")
    return stage.config


def test_duty():
    with Town("duty", drives=True, config=in_zone) as town:
        dan, eve, now = town.gate.client("dan"), town.gate.client("eve"), int(time.time() * 1000)
        wait_until(lambda: dan.get("/api/v1/violations").json()["counts"]["total"] == 2, 120, "both are known")
        first, second = sorted(a["id"] for a in dan.get("/api/v1/violations").json()["items"])
        # Of a day of the city, from its first instant to its last: not one of UTC.
        midnight = int(datetime.datetime.fromtimestamp(now / 1000, ZONE).replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)
        yesterday, today = day_of(midnight - 1), day_of(midnight)
        for at in (midnight - 86400001, midnight - 86400000, midnight - 1):
            action(town.store, f"{at}-0", first, "note", 900, why=f"at {at}")
        rows = log(eve, yesterday).json()
        expect(rows["timezone"] == CITY_ZONE and [r["at"] for r in rows["items"]] == [midnight - 86400000, midnight - 1], rows)
        # A watch, and what is done in it.
        step = lambda who, event, rev, **more: who.post("/api/v1/shifts", {"event": event, "rev": rev, "request": f"{event}{rev}", **more})  # noqa: E731
        before = eve.get("/api/v1/shifts/hand-over").json()
        expect(before["open"]["count"] == 2 and before["done"]["count"] == 1 and before["done"]["actions"] in (1, 2), before)  # within a day
        expect(step(eve, "take", 0).status == 200, "taken")
        wait_until(lambda: eve.get("/api/v1/shifts").json()["now"]["on"] == "eve", 120, "the watch is eve's")
        expect(eve.get("/api/v1/shifts/hand-over").json()["done"]["count"] == 0, "nothing yet in this watch")
        done = dan.post(f"/api/v1/violations/{second}/actions", {"action": "acknowledge", "rev": 0, "request": "a", "why": SCRIPT})
        expect(done.status == 200, done)
        done = dan.post(f"/api/v1/violations/{second}/actions", {"action": "note", "rev": 1, "request": "b", "why": "=cmd()"})
        expect(done.status == 200, done)

        def handed():
            return eve.get("/api/v1/shifts/hand-over").json()["done"]
        wait_until(lambda: handed()["actions"] == 2, 120, lambda: f"{handed()}", every_s=0.2)
        expect([(i["id"], i["state"]) for i in handed()["items"]] == [(second, "acknowledged")] and handed()["count"] == 1, handed())
        expect(step(eve, "offer", 1, to="dan").status == 200, "offered")
        offered = eve.get("/api/v1/shifts").json()["items"][0]["document"]["done"]
        expect(offered["actions"] == 2 and offered["items"][0]["id"] == second, offered)
        # The day, in three forms.
        rows = log(eve, today).json()["items"]
        expect([(r.get("action"), r.get("event")) for r in rows] == [(None, "take"), ("acknowledge", None), ("note", None), (None, "offer")], rows)
        sheet = log(eve, today, "csv")
        expect(sheet.headers["content-disposition"] == f'attachment; filename="duty-log-{today}.csv"' and sheet.body.startswith(b"\xef\xbb\xbf"), sheet)
        cells = list(csv.DictReader(io.StringIO(sheet.body.decode("utf-8-sig"))))
        expect(len(cells) == 4 and cells[2]["why"] == "'=cmd()" and cells[1]["id"] == second, cells)
        expect(cells[0]["at"] == datetime.datetime.fromtimestamp(rows[0]["at"] / 1000, ZONE).strftime("%Y-%m-%d %H:%M:%S"), cells[0])
        page = log(eve, today, "html")
        expect(page.headers["content-type"] == "text/html; charset=utf-8" and SCRIPT.encode() not in page.body, page)
        expect(page.body.decode().count("<tr>") == 5 and "&lt;script&gt;" in page.body.decode() and re.search(CITY_ZONE, page.body.decode()), page)
        for odd in ("2026-02-30", "2026-1-001", "2026-05-01x", "aaaaaaaaaa", "-026-05-01"):
            expect(log(eve, odd).status == 400, odd)
        expect(log(eve, today, "pdf").status == 400, "no such form")
        # A scope that does not cover the alerts sees no action on them, and the watch all the same.
        people = yaml.safe_load(town.gate.users.read_text(encoding="utf-8"))
        people["users"]["vera"]["jurisdictions"] = ["elsewhere"]
        town.gate.users.write_text(yaml.safe_dump(people), encoding="utf-8")
        town.gate.reload()
        vera = town.gate.client("vera")
        expect([r.get("event") for r in log(vera, today).json()["items"]] == ["take", "offer"], "another district's")
        expect(vera.get("/api/v1/shifts/hand-over").json()["done"]["count"] == 0, "another district's")
        expect(len(town.store.call("XRANGE", "muck:{0}:audit", "-", "+")) >= 5, "it is written down who read it")


run([test_duty])
