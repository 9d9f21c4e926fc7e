"""Webhooks to a real receiver: signed, filtered, in order and at least once, whoever is killed; what is given up; alerts that are overdue, told
once; the example of the documents."""
import json
import subprocess
import sys
import time

from gate import Client, Place, expect, free_port, run, wait_until
from hooked import DOCS, HOOKS, SECRET, Hooked, Receiver, Refused, alert_id, certificate, verified, violation


def test_in_order_and_once():
    place = Place("hooks-certificates")
    files = certificate(place, "good")
    failing = [0]

    def sometimes(event):
        failing[0] += 1
        return 503 if failing[0] in (3, 4, 9) else 204
    hall, east = Receiver(files, sometimes), Receiver(files)
    with Hooked([("hall", hall.port, files[0]),
                 ("east", east.port, files[0], "severities: [critical, major]", "jurisdictions: [city/east]", "kinds: [spill]")]) as hooked:
        added = [(violation(hooked.store, n), n) for n in range(300)]
        wait_until(lambda: hall.entries() == [e for e, _ in added], 120, lambda: f"{len(hall.entries())} came\n" + hooked.gate.process.tail())
        wanted = [e for e, n in added if n % 3 == 1 and n % 2 == 1]
        wait_until(lambda: east.entries() == wanted, 120, lambda: f"{east.entries()} and not {wanted}")
        expect(hall.refused == east.refused == 0, "signatures")
        wait_until(lambda: hooked.store.call("HGET", HOOKS, "hall/violations").decode() == added[-1][0] ==
                   hooked.store.call("HGET", HOOKS, "east/violations").decode(), 120, "places are kept, also behind what is not wanted")
        # Killed time and again while events come: none is left out, and the order holds.
        for turn in range(4):
            more = [(violation(hooked.store, 300 + 40 * turn + n), 300 + 40 * turn + n) for n in range(40)]
            wait_until(lambda: hall.entries()[-1:] != added[-1:], 120, "some come")
            added += more
            wait_until(lambda: more[5 * turn][0] in hall.entries(), 120, lambda: "some come\n" + hooked.gate.process.tail())
            hooked.gate.process.kill()
            hooked.gate.process.start()
        wait_until(lambda: hall.entries()[-1] == added[-1][0], 120, lambda: "all came\n" + hooked.gate.process.tail())
        came, seen = hall.entries(), []
        for e in came:  # one that is told again is the one behind which nothing was told
            if e not in seen:
                seen.append(e)
        expect(seen == [e for e, _ in added], "in order, none left out")
        expect(len(came) - len(seen) <= 4, f"{len(came) - len(seen)} came again")
        page = Client(hooked.gate).get("/metrics").body.decode()
        expect('muckwatch_dispatch_hook_events_total{outcome="told"}' in page, page)
        expect(hooked.gate.client("eve").get("/api/v1/hooks").status == 403, "for admins")
    hall.end()
    east.end()
    place.remove()


def test_given_up():
    """What can never be taken is a dead letter at once, what fails for too long in the end; the others go on."""
    place = Place("hooks-certificates")
    files = certificate(place, "good")
    hall = Receiver(files, lambda event: 422 if event["data"]["vehicle"] == "truck-3" else 500 if event["data"]["vehicle"] == "truck-5" else 204)
    with Hooked([("hall", hall.port, files[0])], "hook_give_up_h: 0.001\n") as hooked:
        entries = [(violation(hooked.store, n), n % 7) for n in range(14)]
        wanted = [e for e, n in entries if n not in (3, 5)]
        wait_until(lambda: hall.entries() == wanted, 120, lambda: f"{hall.entries()}\n" + hooked.gate.process.tail())

        def dead():
            return [(d["entry"], d["status"]) for d in reversed(hooked.shown()["hall"]["dead"])]
        expected = [(e, {3: 422, 5: 500}[n]) for e, n in entries if n in (3, 5)]
        wait_until(lambda: dead() == expected, 120, lambda: f"{dead()} and not {expected}", every_s=0.5)
        hooked.gate.process.kill()
        hooked.gate.process.start()
        hooked.ready()
        wait_until(lambda: dead() == expected, 120, lambda: f"{dead()} behind a restart", every_s=0.5)
        page = Client(hooked.gate).get("/metrics").body.decode()
        expect("muckwatch_dispatch_hook_dead 4" in page, page)
    hall.end()
    place.remove()


def test_overdue():
    place = Place("hooks-certificates")
    files = certificate(place, "good")
    hall = Receiver(files)
    with Hooked([("hall", hall.port, files[0], "events: [overdue]")]) as hooked:
        now = int(time.time() * 1000)
        # Told an hour ago: critical ones are behind 2 minutes, major ones behind 10, minor ones (60) not yet.
        hooked.store.call("DEL", "muck:{0}:violations")
        hooked.gate.process.kill()
        for n in range(9):
            violation(hooked.store, n, at=f"{now - 3000000 + n}-0")
        violation(hooked.store, 9, at=f"{now - 3000000 + 9}-0", event="withdrawn", rev=2)
        hooked.gate.process.start()
        late = sorted(alert_id(n) for n in range(9) if n % 3 > 0)

        def told():
            with hall.lock:
                return [(e["subject"], e["type"], e["data"]["state"]) for e in hall.events]
        wait_until(lambda: sorted(s for s, _, _ in told()) == late, 120, lambda: f"{told()}\n" + hooked.gate.process.tail())
        expect({t[1:] for t in told()} == {("muckwatch.violation.overdue", "open")}, told())
        for _ in range(3):
            hooked.gate.process.kill()
            hooked.gate.process.start()
            wait_until(lambda: Client(hooked.gate).get("/metrics").body.count(b"memory_whole 1"), 120, "it has read all")
            time.sleep(3)  # two looks
        expect(hooked.store.call("XLEN", "muck:{0}:overdue") == len(late), "each is written once")
        # One that is acknowledged is not behind its next time, and is told no more; an alert that is new is told when its time comes.
        dan = hooked.gate.client("dan")
        done = dan.post(f"/api/v1/violations/{late[0]}/actions", {"action": "acknowledge", "rev": 0, "request": "a"})
        expect(done.status == 200, done)
        wait_until(lambda: not hooked.store.call("HEXISTS", HOOKS, "overdue:" + late[0]), 120, "its field goes")
        violation(hooked.store, 20, at="*", severity="critical")
        time.sleep(3)
        expect(hooked.store.call("XLEN", "muck:{0}:overdue") == len(late), "not yet")
    hall.end()
    place.remove()


def test_example():
    """The receiver of docs/DISPATCH.md, as somebody would start it."""
    place = Place("hooks-certificates")
    cert, key = certificate(place, "good")
    port = free_port()
    place.file("secret", SECRET + "\n").chmod(0o600)
    example = subprocess.Popen([sys.executable, "-B", DOCS / "webhook_consumer.py", str(port), cert, key, place.file("secret")],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        with Hooked([("hall", port, cert)]) as hooked:
            violation(hooked.store, 2)
            said = example.stdout.readline().split()
            expect(said == ["muckwatch.violation.opened", alert_id(2), "speeding", "critical", "truck-2"], said)
    finally:
        example.kill()
        example.wait()
    place.remove()
    body = json.dumps({"id": "a"}).encode()
    for headers in ({}, {"webhook-id": "a", "webhook-timestamp": "x", "webhook-signature": "v1,"},
                    {"webhook-id": "a", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}):
        try:
            verified(headers, body, SECRET, now_s=1)
            raise AssertionError(headers)
        except Refused:
            pass


run([test_in_order_and_once, test_given_up, test_overdue, test_example])
