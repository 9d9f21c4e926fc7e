"""What webhooks give up, and stays to be seen; alerts that are overdue, told once."""
import time

from gate import Client, Place, expect, run, wait_until
from hooked import HOOKS, Hooked, Receiver, alert_id, certificate, violation


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


run([test_given_up, test_overdue])
