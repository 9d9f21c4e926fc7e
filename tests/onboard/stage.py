"""What the integration tests of the onboard unit share: a broker, an MQTT client of our own, a tracker that follows the
contract in memory, a gpsd that drives without end. Everything has a free port and a folder of its own and is stopped
by its pid."""
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness.place import free_port


def wait_for(what, condition, seconds=20.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


def need(program):
    if shutil.which(program) is None:
        sys.exit(f"{program} is missing: scripts/deps test installs it")


class Folder:
    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="mw-onboard-")
        return self.path

    def __exit__(self, kind, *_):
        if kind is None:
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            print(f"left for a look: {self.path}", file=sys.stderr)


class Broker:
    """mosquitto on a port that stays the same over restarts; nothing persists."""

    def __init__(self, folder):
        self.port = free_port()
        self.config = os.path.join(folder, "mosquitto.conf")
        with open(self.config, "w") as f:
            f.write(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
                    "persistence false\nmax_packet_size 8192\n")
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(["mosquitto", "-c", self.config], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        def up():
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                return False
        wait_for("the broker", up)

    def kill(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)


class Client:
    """A little MQTT 3.1.1: QoS 0 out, QoS 0 and 1 in, connects again by itself."""

    def __init__(self, port, name, filters, on_message):
        self.port, self.name, self.filters, self.on_message = port, name, filters, on_message
        self.stop_wanted = False
        self.sock = None
        self.lock = threading.Lock()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        assert self.ready.wait(10), "no CONNACK"

    @staticmethod
    def text(s):
        b = s.encode()
        return struct.pack(">H", len(b)) + b

    @staticmethod
    def packet(head, body):
        n, length = len(body), b""
        while True:
            digit, n = n % 128, n // 128
            length += bytes([digit | (0x80 if n else 0)])
            if not n:
                return bytes([head]) + length + body

    def exactly(self, n):
        data = b""
        while len(data) < n:
            more = self.sock.recv(n - len(data))
            if not more:
                raise OSError("closed")
            data += more
        return data

    def read(self):
        head = self.exactly(1)[0]
        length = shift = 0
        while True:
            byte = self.exactly(1)[0]
            length |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return head, self.exactly(length)

    def connect(self):
        self.sock = socket.create_connection(("127.0.0.1", self.port), 2)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.settimeout(30)
        self.sock.sendall(self.packet(0x10, self.text("MQTT") + b"\x04\x02\x00\x00" + self.text(self.name)))
        body = struct.pack(">H", 1) + b"".join(self.text(f) + b"\x01" for f in self.filters)
        self.sock.sendall(self.packet(0x82, body))

    def run(self):
        while not self.stop_wanted:
            try:
                self.connect()
                while True:
                    head, body = self.read()
                    if head >> 4 == 9:
                        self.ready.set()
                    if head >> 4 == 3:
                        self.take(head, body)
            except OSError:
                time.sleep(0.05)

    def take(self, head, body):
        n = struct.unpack(">H", body[:2])[0]
        topic, body = body[2:2 + n].decode(), body[2 + n:]
        if head & 6:
            mid, body = body[:2], body[2:]
            with self.lock:
                self.sock.sendall(self.packet(0x40, mid))
        self.on_message(topic, body)

    def publish(self, topic, payload):
        try:
            with self.lock:
                self.sock.sendall(self.packet(0x30, self.text(topic) + payload))
        except OSError:
            pass

    def stop(self):
        self.stop_wanted = True
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.thread.join(5)


class Tracker:
    """Keeps fixes by the contract: duplicates dropped, nothing beyond a hole, ack cumulative and at most each 200 ms."""

    HOLE_S = 10

    def __init__(self, port, vehicle):
        self.vehicle = vehicle
        self.kept = []  # (boot, seq, fix) in the order in which they became durable
        self.by_number = {}
        self.boot, self.seq = None, 0
        self.skipped, self.first = [], 1
        self.hole_since = None
        self.holes = 0
        self.live, self.status, self.unnumbered = [], [], []
        self.messages = self.bytes = self.received = 0
        self.silent = False  # hears nothing and says nothing
        self.acked_at = 0.0
        self.ack_wanted = False
        self.lock = threading.RLock()
        self.client = Client(port, f"tracker-{vehicle}", [f"muck/v1/{vehicle}/{t}" for t in ("fix", "live", "status")], self.take)
        self.stop_wanted = False
        self.thread = threading.Thread(target=self.ack_loop, daemon=True)
        self.thread.start()

    def take(self, topic, payload):
        with self.lock:
            if self.silent:
                return
            data = json.loads(payload)
            if topic.endswith("/live"):
                assert "seq" not in data and "boot" not in data, data
                self.live.append((time.monotonic(), data))
            elif topic.endswith("/status"):
                self.take_status(data)
            else:
                self.messages += 1
                self.bytes += len(payload)
                for fix in data if isinstance(data, list) else [data]:
                    self.received += 1
                    self.take_fix(fix)

    def take_status(self, data):
        self.status.append(data)
        if data.get("boot") is None:
            return
        if data["boot"] != self.boot:
            self.boot, self.seq = data["boot"], 0
        self.first, self.skipped = data["first"], data["skipped"]
        self.ack_wanted = True

    def expected(self):
        seq = max(self.seq + 1, self.first)
        while True:
            ends = [b for a, b in self.skipped if a <= seq <= b]
            if not ends:
                return seq
            seq = max(ends) + 1

    def take_fix(self, fix):
        if "seq" not in fix:
            self.unnumbered.append(fix)
            return
        assert fix["boot"] == self.boot, "a boot that no status told"
        number = (fix["boot"], fix["seq"])
        self.ack_wanted = True
        if number in self.by_number:
            assert self.by_number[number] == fix, f"{number} was used for two fixes"
            return
        if fix["seq"] <= self.seq:
            # Left out, said the unit, or filling a recorded hole: late, but a fix.
            self.by_number[number] = fix
            self.kept.append(number + (fix,))
            return
        if fix["seq"] > self.expected():
            now = time.monotonic()
            self.hole_since = self.hole_since or now
            if now - self.hole_since < self.HOLE_S:
                return
            self.holes += 1
        self.hole_since = None
        self.seq = fix["seq"]
        self.by_number[number] = fix
        self.kept.append(number + (fix,))

    def ack_loop(self):
        while not self.stop_wanted:
            time.sleep(0.01)
            with self.lock:
                now = time.monotonic()
                if self.silent or not self.ack_wanted or self.boot is None or now - self.acked_at < 0.2:
                    continue
                self.ack_wanted = False
                self.acked_at = now
                ack = json.dumps({"boot": self.boot, "seq": self.seq}).encode()
            self.client.publish(f"muck/v1/{self.vehicle}/ack", ack)

    def set_back(self, count):
        """The store was restored from a copy that lacks the last `count` fixes."""
        with self.lock:
            for boot, seq, _ in self.kept[len(self.kept) - count:]:
                del self.by_number[(boot, seq)]
            del self.kept[len(self.kept) - count:]
            self.seq = self.kept[-1][1] if self.kept else 0
            self.ack_wanted = True

    def stop(self):
        self.stop_wanted = True
        self.thread.join(5)
        self.client.stop()


class Gpsd:
    """Speaks enough of gpsd's protocol to be one: a drive of `rate` reports a second, each a second after the last,
    north for `leg` seconds and back again."""

    def __init__(self, rate, begin=None, leg=10000):
        self.rate, self.driving, self.leg = rate, True, leg
        self.second = 0
        self.begin = begin or int(time.time()) - 40 * 86400
        self.port = free_port()
        self.server = socket.create_server(("127.0.0.1", self.port))
        self.stop_wanted = False
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while not self.stop_wanted:
            try:
                peer, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def tpv(self):
        self.second += 1
        at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(self.begin + self.second))
        # North at 10 m/s, turning back before the pole is near.
        step = self.second % (2 * self.leg)
        lat = 31.0 + (step if step < self.leg else 2 * self.leg - step) * 10 / 111194.93
        return {"class": "TPV", "device": "/dev/x", "mode": 3, "time": at, "lat": round(lat, 7), "lon": 121.5,
                "speed": 10.0, "track": 0.0 if step < self.leg else 180.0, "eph": 5.0, "alt": 4.0}

    def serve(self, peer):
        try:
            peer.sendall(b'{"class":"VERSION","release":"3.22","rev":"3.22","proto_major":3,"proto_minor":14}\n')
            peer.recv(200)
            while not self.stop_wanted:
                if self.driving:
                    peer.sendall(json.dumps(self.tpv(), separators=(",", ":")).encode() + b"\n")
                time.sleep(1 / self.rate)
        except OSError:
            pass
        finally:
            peer.close()

    def stop(self):
        self.stop_wanted = True
        self.server.close()


class Unit:
    def __init__(self, bin_dir, folder, vehicle, mqtt_port, gpsd_port, extra=""):
        extra = extra.replace("FOLDER", os.path.join(folder, "journal"))
        self.program = os.path.join(bin_dir, "muckwatch-onboard")
        self.ctl = os.path.join(bin_dir, "muckctl")
        self.vehicle = vehicle
        self.journal_dir = os.path.join(folder, "journal")
        self.socket = os.path.join(folder, "sensors.sock")
        self.config = os.path.join(folder, "onboard.yaml")
        self.log_path = os.path.join(folder, "onboard.log")
        with open(self.config, "w") as f:
            f.write(f"vehicle: {vehicle}\nmqtt: {{host: 127.0.0.1, port: {mqtt_port}, keepalive_s: 5}}\n"
                    f"gpsd: {{host: 127.0.0.1, port: {gpsd_port}}}\n"
                    f"sensors: {{socket: {self.socket}}}\n{extra}\n")
            if "journal:" not in extra:
                f.write(f"journal: {{dir: {self.journal_dir}}}\n")
        self.process = None

    def start(self, **env):
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen([self.program, "--config", self.config], stderr=log, stdout=log, env={**os.environ, **env})
        log.close()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            code = self.process.wait(20)
            assert code == 0, f"muckwatch-onboard ended with {code}; see {self.log_path}\n{self.log()[-3000:]}"

    def log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    def sensor(self, *pairs):
        subprocess.run([self.ctl, "sensor", "--socket", self.socket, *pairs], check=True)

    def journal(self):
        out = subprocess.run([self.ctl, "journal", "--vehicle", self.vehicle, self.journal_dir], check=True,
                             capture_output=True, text=True).stdout
        return [json.loads(line) for line in out.splitlines()]

    def summary(self):
        out = subprocess.run([self.ctl, "journal", "--summary", self.journal_dir], check=True, capture_output=True,
                             text=True).stdout
        return json.loads(out)


def assert_tracker_has_the_journal(unit, tracker):
    """Every journaled fix is kept once, in order, as it was journaled."""
    journal = unit.journal()
    assert journal, "an empty journal shows nothing"
    kept = [(boot, seq) for boot, seq, _ in tracker.kept]
    assert len(kept) == len(set(kept))
    missing = [f["seq"] for f in journal if (f["boot"], f["seq"]) not in tracker.by_number]
    assert not missing, f"{len(missing)} of {len(journal)} journaled fixes are missing: {missing[:20]}"
    for fix in journal:
        sent = dict(fix)
        del sent["vehicle"]
        assert tracker.by_number[(fix["boot"], fix["seq"])] == sent
    order = [seq for _, seq, _ in tracker.kept]
    assert order == sorted(order), "out of order"
    return journal
