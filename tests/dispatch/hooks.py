"""Webhooks to a real receiver: signed, filtered, in order and at least once, whoever is killed; and the example of the
documents."""
import json
import subprocess
import sys

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


run([test_in_order_and_once, test_example])
