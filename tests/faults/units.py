"""Fifty onboard units in one thread, each with a journal, a connection and the rules of the contract.

A unit keeps every fix until `ack` covers it, sends again from behind the last acknowledged one when it has a new
connection, when `ack` stands still while it sends, and when `ack` goes back. It counts what the broker says only to pace
itself. Some speak MQTT 3.1.1 and some 5.

For the controls a unit can be made worse: one that believes the broker (`trust="puback"`), and one that throws away what
`ack` covered and cannot send it again (`forget=True`).
"""
import collections
import json
import random
import selectors
import socket
import threading
import time

from harness import contract, mqtt
from workload import Trip

REWIND_FIRST_S, REWIND_MOST_S = 1.0, 3.0
RECONNECT_FIRST_S, RECONNECT_MOST_S = 0.05, 1.0
WINDOW_MESSAGES = 8  # unanswered by the broker
WINDOW_FIXES = 400   # beyond the last ack
FIXES_A_MESSAGE = 5


class Latencies:
    """How often it took so many milliseconds; a long run has millions."""

    def __init__(self):
        self.counts = collections.Counter()

    def add(self, seconds):
        self.counts[int(seconds * 1000)] += 1

    def most_s(self):
        return max(self.counts, default=0) / 1000

    def share_s(self, share):
        left = sum(self.counts.values()) * share
        for ms in sorted(self.counts):
            left -= self.counts[ms]
            if left <= 0:
                return ms / 1000
        return 0


class Unit:
    def __init__(self, fleet, trip, version):
        self.fleet, self.trip, self.version = fleet, trip, version
        self.random = random.Random(f"unit {trip.vehicle}")
        self.acked = self.sent = 0   # numbers
        self.lowest = 1              # still kept
        self.unanswered = collections.OrderedDict()
        self.rewinds_back = self.rewinds_still = self.connects = 0
        self.socket, self.connected, self.decoder, self.out = None, False, None, bytearray()
        self.packet_id, self.attempt, self.retry_at, self.opened_at = 0, 0, 0.0, 0.0
        self.progress_at, self.patience_s = time.monotonic(), REWIND_FIRST_S
        self.warnings, self.talked_at, self.greeted_at = 0, 0.0, 0.0
        self.away = None  # asked for by another thread: (seconds, politely, whether it forgets how far it was)

    # -- the connection

    def open(self, now):
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect_ex(("127.0.0.1", self.fleet.port))
        self.decoder, self.opened_at = mqtt.Decoder(), now
        will = (contract.topic(self.trip.vehicle, "status"), b'{"online":false}', 1, True)
        self.out = bytearray(mqtt.connect("unit-" + self.trip.vehicle, self.version, True, 60, will=will))
        self.fleet.selector.register(self.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, self)

    def close(self, now):
        if self.socket is None:
            return
        self.fleet.selector.unregister(self.socket)
        self.socket.close()
        self.socket, self.connected = None, False
        self.unanswered.clear()
        pause = min(RECONNECT_FIRST_S * 2 ** min(self.attempt, 10), RECONNECT_MOST_S)
        self.attempt += 1
        self.retry_at = now + pause * self.random.uniform(0.5, 1.0)

    def ready(self, events, now):
        try:
            if events & selectors.EVENT_READ:
                data = self.socket.recv(1 << 16)
                if not data:
                    return self.close(now)
                for packet in self.decoder.feed(data):
                    self.take(packet, now)
            if self.out:
                del self.out[:self.socket.send(self.out)]
        except BlockingIOError:
            pass
        except OSError:
            return self.close(now)
        if self.socket is not None:
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self.out else 0)
            self.fleet.selector.modify(self.socket, wanted, self)
        return None

    def take(self, packet, now):
        if packet.type == mqtt.CONNACK:
            self.greet(now)
        elif packet.type == mqtt.PUBACK:
            covered = self.unanswered.pop(int.from_bytes(packet.body[:2], "big"), None)
            if covered and self.fleet.trust == "puback" and not self.unanswered:
                self.advance(covered, now)
        elif packet.type == mqtt.PUBLISH:
            message = mqtt.read_publish(packet, self.version)
            if message.topic.endswith("/warn"):
                self.warnings += 1
                if message.qos:
                    self.out += mqtt.puback(message.packet_id)
            elif self.fleet.trust == "ack":
                self.obey(json.loads(message.payload), now)

    def greet(self, now):
        self.connected, self.attempt, self.connects = True, 0, self.connects + 1
        vehicle = self.trip.vehicle
        self.out += mqtt.subscribe(1, [(contract.topic(vehicle, "ack"), 0), (contract.topic(vehicle, "warn"), 1)],
                                   self.version)
        self.packet_id = 1
        status = {"online": True, "boot": self.trip.boot, "first": self.lowest, "agent": "fault harness"}
        self.send(contract.topic(vehicle, "status"), json.dumps(status).encode(), True)
        self.sent, self.progress_at, self.greeted_at = self.acked, now, now

    def leave(self, seconds, politely=False):
        """Its link is gone for so long. Fixes go into its journal meanwhile."""
        self.away = (seconds, politely, False)

    def die(self, seconds):
        """It starts anew, with the journal, and an older knowledge of what was acknowledged."""
        self.away = (seconds, False, True)

    def go_away(self, now):
        (seconds, politely, forgets), self.away = self.away, None
        if politely and self.connected:
            self.out += mqtt.publish(contract.topic(self.trip.vehicle, "status"), b'{"online":false}', 0, True, 0, self.version)
            self.out += mqtt.disconnect()
            self.ready(0, now)
        self.close(now)
        self.retry_at = now + seconds
        if forgets:
            self.acked = self.random.randint(max(self.lowest - 1, self.acked - 300), self.acked)
            self.sent = self.acked

    # -- what the tracker says

    def advance(self, seq, now):
        if seq > self.acked:
            for at in self.trip.made_at[self.acked:seq]:
                self.fleet.latencies.add(now - at)
                self.fleet.answers.add(now - max(at, self.greeted_at))
            self.acked, self.progress_at, self.patience_s = seq, now, REWIND_FIRST_S
            self.fleet.progressed(now)
        if self.fleet.forget:
            self.lowest = self.acked + 1

    def obey(self, ack, now):
        if ack.get("boot") != self.trip.boot:
            return
        seq = ack["seq"]
        if seq < self.acked:
            self.rewinds_back += 1
            self.acked = max(seq, self.lowest - 1)
            self.sent, self.progress_at = self.acked, now
            return
        self.advance(min(seq, len(self.trip.fixes)), now)
        self.sent = max(self.sent, self.acked)

    def watch(self, now):
        """Rewinds when the ack stands still."""
        if self.fleet.trust != "ack" or self.sent == self.acked:
            self.progress_at = now if self.sent == self.acked else self.progress_at
            return
        if now - self.progress_at > self.patience_s and not self.out:
            self.rewinds_still += 1
            self.sent, self.progress_at = self.acked, now
            self.patience_s = min(self.patience_s * 1.5, REWIND_MOST_S)

    # -- sending

    def send(self, topic, payload, retain=False, covers=None):
        self.packet_id = self.packet_id % 65535 + 1
        self.out += mqtt.publish(topic, payload, 1, retain, self.packet_id, self.version)
        self.unanswered[self.packet_id] = covers
        self.fleet.published += 1

    def push(self, now):
        """Sends what is due and allowed."""
        made = len(self.trip.fixes)
        while self.sent < made and len(self.unanswered) < WINDOW_MESSAGES and self.sent - self.acked < WINDOW_FIXES:
            last = min(made, self.sent + FIXES_A_MESSAGE)
            fixes = self.trip.fixes[self.sent:last]
            payload = fixes[0] if len(fixes) == 1 else b"[" + b",".join(fixes) + b"]"
            self.send(contract.topic(self.trip.vehicle, "fix"), payload, covers=last)
            self.sent = last
            self.talked_at = now
        if now - self.talked_at > 20:
            self.out += mqtt.pingreq()
            self.talked_at = now

    def turn(self, now):
        if self.away is not None:
            self.go_away(now)
        if self.socket is None:
            if now >= self.retry_at:
                self.open(now)
            return
        if not self.connected:
            if now - self.opened_at > 15:  # a broker that is there and says nothing
                self.close(now)
            return
        self.watch(now)
        self.push(now)
        if self.out:
            self.ready(0, now)

    def done(self):
        return self.acked >= len(self.trip.fixes)


class Fleet(threading.Thread):
    """The units' thread. `rate` is how many fixes they journal a second, all together."""

    def __init__(self, port, seed, units=50, rate=1000, trust="ack", forget=False, wrong_clocks=False, gaps=False):
        super().__init__(daemon=True, name="fleet")
        self.port, self.rate, self.trust, self.forget = port, rate, trust, forget
        self.trips = [Trip(seed, place, wrong_clocks, gaps) for place in range(units)]
        self.selector = selectors.DefaultSelector()
        self.units = [Unit(self, trip, 5 if place % 2 else 4) for place, trip in enumerate(self.trips)]
        self.making, self.running, self.error = True, True, None
        self.published, self.latencies = 0, Latencies()  # from journaling a fix to the ack that covers it
        self.answers = Latencies()  # the same of a unit that is there: from its connection on
        self.lock, self.progress_times, self.waiting_since = threading.Lock(), [], None

    # -- for the thread that makes the faults

    def mark(self):
        """From now on, how long until any ack makes progress?"""
        with self.lock:
            self.waiting_since = time.monotonic()

    def progressed(self, now):
        with self.lock:
            if self.waiting_since is not None:
                self.progress_times.append(now - self.waiting_since)
                self.waiting_since = None

    def latency_s(self, share):
        """From journaling a fix to the ack that covers it, which waits up to 200 ms for company."""
        return self.latencies.share_s(share)

    def made(self):
        return sum(len(trip.fixes) for trip in self.trips)

    def acked(self):
        return sum(unit.acked for unit in self.units)

    def rewinds(self):
        """(because ack went back, because it stood still)"""
        return sum(u.rewinds_back for u in self.units), sum(u.rewinds_still for u in self.units)

    def finish(self, within_s):
        """No more fixes; waits until all are acknowledged. False when nothing more was for so long."""
        self.making = False
        before, end = None, time.monotonic() + within_s
        while time.monotonic() < end and self.error is None:
            if all(unit.done() for unit in self.units):
                return True
            if self.acked() != before:
                before, end = self.acked(), time.monotonic() + within_s
            time.sleep(0.02)
        return False

    def halt(self):
        self.running = False
        self.join(10)
        for unit in self.units:
            if unit.socket is not None:
                unit.socket.close()
        self.selector.close()
        if self.error is not None:
            raise self.error

    # -- the thread

    def run(self):
        try:
            self.loop()
        except Exception as error:  # told to the thread that judges
            self.error = error

    def loop(self):
        begun, owed, place = time.monotonic(), 0.0, 0
        while self.running:
            now = time.monotonic()
            if self.making:
                owed, begun = owed + (now - begun) * self.rate, now
                for _ in range(min(int(owed), 20 * len(self.trips))):
                    self.trips[place].write(now)
                    place = (place + 1) % len(self.trips)
                owed -= int(owed)
            for unit in self.units:
                unit.turn(now)
            for key, events in self.selector.select(0.005):
                if key.data.socket is not None:
                    key.data.ready(events, time.monotonic())
