"""Webhooks to receivers that fail, are slow, say too much, send elsewhere or have a wrong certificate."""
import threading
import time

from gate import Place, expect, run, wait_until
from hooked import Hooked, Receiver, certificate, violation


def test_bad_receivers():
    """Each fails in its own way, and holds up nobody else; when it does as it should, all is told."""
    place = Place("hooks-certificates")
    files, other, elsewhere = certificate(place, "good"), certificate(place, "other"), certificate(place, "elsewhere", "hooks.example")
    mended, good, trap = threading.Event(), Receiver(files), Receiver(files)

    def until_mended(how):
        return lambda event: 204 if mended.is_set() else how
    slow = Receiver(files, until_mended(lambda handler: time.sleep(60)))
    trickles = Receiver(files, until_mended(lambda handler: [handler.wfile.write(b"H") and time.sleep(1) for _ in range(60)]))
    large = Receiver(files, until_mended(lambda handler: handler.reply(200, body=b"x" * 2_000_000)))
    fields = Receiver(files, until_mended(lambda handler: handler.reply(200, [(f"x-{i}", "y" * 5000) for i in range(40)])))
    sends = Receiver(files, until_mended(lambda handler: handler.reply(302, [("location", f"https://localhost:{trap.port}/")])))
    kept = Receiver(files, until_mended(lambda handler: handler.reply(307, [("location", f"https://localhost:{trap.port}/")])))
    wrong, misnamed = Receiver(other), Receiver(elsewhere)
    bad = {"slow": slow, "trickles": trickles, "large": large, "fields": fields, "sends": sends, "kept": kept}
    hooks = [("good", good.port, files[0]), *((n, r.port, files[0]) for n, r in bad.items()), ("wrong", wrong.port, files[0]),
             ("misnamed", misnamed.port, elsewhere[0])]
    with Hooked(hooks) as hooked:
        entries = [violation(hooked.store, n) for n in range(20)]
        wait_until(lambda: good.entries() == entries, 120, lambda: "the good one has all\n" + hooked.gate.process.tail())
        names = {*bad, "wrong", "misnamed"}
        wait_until(lambda: all(hooked.shown()[n]["lanes"][0]["failed"] >= 1 for n in names), 120, lambda: f"{hooked.shown()}", every_s=1)
        shown = hooked.shown()
        expect(all(shown[n]["told"] == 0 for n in names) and not trap.events and not wrong.events and not misnamed.events, shown)
        expect("certificate" in shown["wrong"]["reason"] and "name" in shown["misnamed"]["reason"], shown)
        expect(shown["sends"]["status"] == 302 and shown["kept"]["status"] == 307, shown)
        mended.set()
        wait_until(lambda: all(r.entries() == entries for r in bad.values()), 120,
                   lambda: f"{ {n: len(r.entries()) for n, r in bad.items()} }\n" + hooked.gate.process.tail())
        expect(not trap.events and hooked.shown()["wrong"]["told"] == 0, "nobody else was told")
    for receiver in (good, trap, wrong, misnamed, *bad.values()):
        receiver.end()
    place.remove()


run([test_bad_receivers])
