"""Webhooks beside as many receivers that hang as there may be hooks, on more streams than posts that may be under way at once; and beside one
whose name is looked up for ever."""
import os
import pathlib
import socket
import sys
import threading

from gate import Client, Place, expect, run, wait_until
from hooked import Hooked, Receiver, certificate, violation

THREADS_MAX, POSTS_MAX = 96, 64  # of web_post.h: names are looked up again below the first; those under way at once may pass it
HANG, PARTITIONS, EACH, AT_ONCE = 15, 6, 20, 4  # 15 and the good one are as many as a configuration may have; of a hook so many posts at once


class Hole:
    """Takes connections, as the kernel does, and says nothing."""

    def __init__(self):
        self.link, self.held, self.most, self.came = socket.create_server(("127.0.0.1", 0), backlog=256), [], 0, 0
        self.port = self.link.getsockname()[1]
        threading.Thread(target=self.take, daemon=True).start()

    def take(self):
        while True:
            try:
                link = self.link.accept()[0]
            except OSError:
                return
            link.setblocking(False)
            self.held = [one for one in self.held if not gone(one)] + [link]
            self.most, self.came = max(self.most, len(self.held)), self.came + 1


def gone(link):
    """Whether the other side has closed; what it sent is thrown away."""
    try:
        while link.recv(65536):
            pass
    except BlockingIOError:
        return False
    except OSError:
        pass
    link.close()
    return True


def test_all_hang():
    place = Place("hooks-certificates")
    files, holes = certificate(place, "good"), [Hole() for _ in range(HANG)]
    good = Receiver(files)
    hooks = [(f"hole-{n:02}", hole.port, files[0]) for n, hole in enumerate(holes)] + [("good", good.port, files[0])]
    with Hooked(hooks, partitions=PARTITIONS) as hooked:
        entries = {p: [violation(hooked.store, 0, partition=p)] for p in range(PARTITIONS)}
        wait_until(lambda: sum(hole.came for hole in holes) >= HANG * AT_ONCE, 120, lambda: f"{[h.came for h in holes]}\n" + hooked.gate.process.tail())
        expect(all(lane["failed"] == 0 for lane in hooked.shown()["good"]["lanes"]), "the good one is put off")
        for n in range(1, EACH):
            for p in range(PARTITIONS):
                entries[p].append(violation(hooked.store, n, partition=p))

        def has_all():
            lanes = hooked.shown()["good"]["lanes"]
            expect(all(lane["failed"] == 0 for lane in lanes), f"it is put off: {lanes}")
            return all(good.entries(p) == entries[p] for p in entries)
        wait_until(has_all, 120, lambda: f"{[len(good.entries(p)) for p in entries]} of {EACH} each\n" + hooked.gate.process.tail())
        shown = hooked.shown()["good"]
        expect(shown["told"] == PARTITIONS * EACH and shown["status"] == 204, shown)
        # Those that hang have their turn, each stream of theirs, and never more at once than is their share.
        wait_until(lambda: all(lane["failed"] >= 1 for name, hook in hooked.shown().items() if name != "good" for lane in hook["lanes"]
                               if lane["stream"] == "violations"), 120, lambda: f"{hooked.shown()['hole-00']}", every_s=1)
        expect(all(hole.most <= AT_ONCE for hole in holes), [hole.most for hole in holes])
        expect(Client(hooked.gate).get("/healthz").status == 200, "the loop turns")
    good.end()
    for hole in holes:
        hole.link.close()
    place.remove()


def test_name_server_hangs():
    """Giving a look-up up does not wait for it: the loop turns, others are told, and the gateway ends."""
    place = Place("hooks-certificates")
    files = certificate(place, "good")
    good = Receiver(files)
    shim = {"LD_PRELOAD": str(pathlib.Path(sys.argv[1]).resolve() / "mw_shim.so"), "MW_SHIM_HANGS": "hole.example"}
    with Hooked([("hole", 443, files[0]), ("good", good.port, files[0])], hosts={"hole": "hole.example"}, env=shim) as hooked:
        entries = [violation(hooked.store, n) for n in range(EACH)]
        wait_until(lambda: hooked.shown()["hole"]["lanes"][0]["failed"] >= 2, 120, lambda: f"{hooked.shown()['hole']}", every_s=0.5)
        expect("Resolving" in hooked.shown()["hole"]["reason"], hooked.shown()["hole"])
        entries += [violation(hooked.store, n) for n in range(EACH)]
        wait_until(lambda: good.entries() == entries, 120, lambda: f"{len(good.entries())} came\n" + hooked.gate.process.tail())
    good.end()
    place.remove()


def test_look_ups_are_bounded():
    """A look-up that was given up goes on in its thread. There is an end to them, and a name that is found is told meanwhile."""
    place = Place("hooks-certificates")
    files = certificate(place, "good")
    good = Receiver(files)
    names = [f"hole-{n:02}" for n in range(HANG)]
    shim = {"LD_PRELOAD": str(pathlib.Path(sys.argv[1]).resolve() / "mw_shim.so"), "MW_SHIM_HANGS": "hole.example"}
    hooks = [(name, 443, files[0]) for name in names] + [("good", good.port, files[0])]
    with Hooked(hooks, partitions=PARTITIONS, hosts={name: "hole.example" for name in names}, env=shim) as hooked:
        most, full = 0, "too many names are being looked up"

        def crowded():
            nonlocal most
            most = max(most, len(os.listdir(f"/proc/{hooked.gate.process.pid}/task")))
            shown = hooked.shown()
            return all(shown[name]["reason"] == full and shown[name]["lanes"][0]["failed"] >= 5 for name in names)
        entries = [violation(hooked.store, n, partition=p) for p in range(PARTITIONS) for n in range(2)]
        wait_until(crowded, 300, lambda: f"{most} threads, {hooked.shown()['hole-00']}\n" + hooked.gate.process.tail(), every_s=0.5)
        expect(THREADS_MAX <= most < THREADS_MAX + POSTS_MAX, most)
        later = violation(hooked.store, 2)
        wait_until(lambda: good.entries()[-1:] == [later], 120, lambda: f"{len(good.entries())} came\n" + hooked.gate.process.tail())
        wait_until(lambda: sum(len(good.entries(p)) for p in range(PARTITIONS)) == len(entries) + 1, 120, "all are told")
    good.end()
    place.remove()


run([test_all_hang, test_name_server_hangs, test_look_ups_are_bounded])
