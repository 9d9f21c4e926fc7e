"""Faults of the network: what comes and goes between the tracker and its servers."""
import socket
import struct
import threading
import time

from harness.process import wait_until
from network import HERE, THERE, Network
from registry import scenario
from trial import Trial

NAME = "broker.muck.test"
RATE = 60  # fixes a second: what a batch costs the store has to pass through the narrowest of it


class Pages(threading.Thread):
    """Asks for a page again and again: a loop that stands still answers nobody."""

    def __init__(self, stage):
        super().__init__(daemon=True, name="pages")
        self.stage, self.running, self.answers, self.longest_s = stage, True, 0, 0.0

    def run(self):
        while self.running:
            begun = time.monotonic()
            try:
                if self.stage.page("/healthz").startswith("HTTP/1.1 200 "):
                    self.answers += 1
                    self.longest_s = max(self.longest_s, time.monotonic() - begun)
            except OSError:
                pass  # it is being started
            time.sleep(0.02)


class NameServer(threading.Thread):
    """Knows one name, and says nothing while it is dead."""

    def __init__(self):
        super().__init__(daemon=True, name="names")
        self.dead, self.asked = False, 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HERE, 53))

    def run(self):
        while True:
            try:
                question, whom = self.socket.recvfrom(512)
            except OSError:
                return
            self.asked += 1
            if self.dead:
                continue
            end = question.index(b"\0", 12) + 5
            is_address = question[end - 4:end - 2] == b"\0\1"
            head = question[:2] + struct.pack("!HHHHH", 0x8180, 1, int(is_address), 0, 0)
            address = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 0, 4) + socket.inet_aton(HERE)
            self.socket.sendto(head + question[12:end] + (address if is_address else b""), whom)


def loop_turns(t, pages, least_s):
    """The fault goes on until the tracker has answered others for a while."""
    before, begun = pages.answers, time.monotonic()
    wait_until(lambda: pages.answers >= before + 20 and time.monotonic() - begun >= least_s, 120,
               lambda: "the loop turns meanwhile\n" + t.tracker.tail(), every_s=0.05)
    t.check_alive()


def black_hole(t, net, pages):
    """What is sent is not refused and not answered, and neither is a new connection."""
    for process in (t.stage.redis, t.stage.broker):
        net.cut(process.port)
        loop_turns(t, pages, 4)
        net.heal()
        t.wait_progress()


def lossy(t, net, pages):
    for process in (t.stage.redis, t.stage.broker):
        net.thin(process.port, 0.05)
    t.wait_progress()
    loop_turns(t, pages, 4)
    net.heal()
    t.wait_progress()


def narrow(t, net, pages):
    net.narrow("1mbit")
    t.wait_progress()
    loop_turns(t, pages, 4)
    net.widen()
    t.wait_progress()


def half_open(t, net, pages):
    """The peer has died, and nobody heard of it."""
    for process in (t.stage.redis, t.stage.broker):
        net.cut(process.port)
        process.kill()
        loop_turns(t, pages, 1)
        process.start()
        net.heal()
        t.wait_progress()


def no_names(t, pages, names):
    """The broker is looked up by name, and nobody answers."""
    names.dead = True
    t.tracker.kill()
    t.fleet.mark()
    asked = names.asked
    t.tracker.start()
    wait_until(lambda: names.asked > asked, 120, "it asks for the broker's name")
    loop_turns(t, pages, 6)
    names.dead = False
    t.wait_progress()


@scenario("F10", "network: black holes, loss of 5 %, 1 Mbit/s, half-open peers, dead name server", 1, 20, own_network=True)
def network(options, count):
    everywhere = {"broker": {"persistence": True, "address": "0.0.0.0"}, "redis": {"extra": ("--bind", "0.0.0.0", "--protected-mode", "no")}}
    with Network() as net:
        names = NameServer()
        names.start()

        def move_there(t):
            net.use_resolver(t.stage.place.file("resolv.conf", f"nameserver {HERE}\n"))
            t.tracker.argv[:0] = net.there

        with Trial("F10", options, rate=RATE, hosts={"broker": NAME, "redis": HERE, "http": THERE}, prepare=move_there,
                   **everywhere) as t:
            pages = Pages(t.stage)
            pages.start()
            for _ in range(count):
                for fault in (black_hole, lossy, narrow, half_open):
                    t.stage.say(fault.__name__)
                    fault(t, net, pages)
                t.stage.say("no_names")
                no_names(t, pages, names)
            pages.running = False
            pages.join()
            t.figure("pages", pages.answers)
            t.figure("page_latest_s", round(pages.longest_s, 2))
        names.socket.close()
    return t.outcome
