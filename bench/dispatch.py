#!/usr/bin/env python3
"""The gateway under a load of listeners, and from a unit to a listener.

    scripts/bench dispatch [push] [--clients N] [--moving N] [--seconds S] [--gateway-kills N] [--store-kills N]
    scripts/bench dispatch alerts [--rate FIXES_A_SECOND] [--seconds S]
    scripts/bench dispatch soak [--clients N] [--seconds S]

push: the clients listen, the moving ones also to 10,000 vehicles of which 1,000 move a second, while 50 entries a second are written: for
a while in peace, with all of them coming back at once, and while gateway and store are killed. In the end each has been told of each entry
that the store has, once and in order, or it ends with 1.

alerts: muckctl simulate plays the sample day, a spill in each 20th fix, through broker, tracker and store (appendfsync always), and beside it
20 units report each second, three times that they spill, three times that they do not: from the time in such a fix, which is when it was made, to the listener.

soak: as push in peace, with the gateway's memory each tenth of the time, and the slopes of it and of what is in use of its heap over the later half. So that what grows is not what is to be
remembered, alerts are as old as memory keeps them and closed at once, and what can be gone on from (64 MiB) is full at the beginning, or it ends.
"""
import argparse
import hashlib
import json
import pathlib
import random
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BIN, CITY = ROOT / "build/bench/bin", ROOT / "fixtures/city"
LISTENERS, HEAP_TOLD = ROOT / "build/bench/bench/listeners", ROOT / "build/bench/bench/heap_told.so"
WORDS, sys.argv[1:] = sys.argv[1:], [str(BIN)]
sys.path[:0] = [str(ROOT / "tests/dispatch"), str(ROOT / "tests"), str(ROOT / "bench")]

from gate import Gate, Place, RedisServer, wait_until  # noqa: E402  (the path is set above)
from daemon_load import WORKLOADS  # noqa: E402
from late import city  # noqa: E402
from late_memory import trucks  # noqa: E402
from harness.servers import Stage  # noqa: E402

STREAMS = ("violations", "actions", "shifts", "rulesets")
USERS, A_USER, VEHICLES, EACH_S = 60, 20, 10000, 0.1
FORGOTTEN_MS, LOG_FULL = 31 * 86400000, 350000  # older than memory keeps; so many such alerts fill the log
LOG_BYTES = 64 << 20
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
SENTENCE = "渣土车 京A·12345 （绿源运输）在「东三环北路禁行区」内行驶，自 02:14 起，已超出允许时段 12 分钟，许可 P-2026-0142；" * 2


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=("push", "alerts", "soak"), default="push")
    parser.add_argument("--clients", type=int, default=None)
    parser.add_argument("--moving", type=int, default=None)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--gateway-kills", type=int, default=20)
    parser.add_argument("--store-kills", type=int, default=10)
    return parser.parse_args(WORDS)


def key(stream):
    return "muck:{0}:" + stream


def alert_id(number):
    out = ""
    while len(out) < 26:
        out = LETTERS[number % 32] + out
        number //= 32
    return out


def violation(n, age_ms=60000):
    now = int(time.time() * 1000)
    end = {"event": "closed", "end": now - age_ms + 1000} if age_ms == FORGOTTEN_MS else {"event": "opened"}
    fields = {**end, "id": alert_id(n), "rev": 1, "kind": "banned_area", "severity": ("minor", "major", "critical")[n % 3],
              "vehicle": f"truck-{n % VEHICLES}", "plate": f"京A·{n % 99999:05}", "company": f"company-{n % 40}", "start": now - age_ms, "at": now,
              "lat": "30.1234567", "lon": "112.1234567", "jurisdiction": f"city/d{n % 16}", "fence": f"ban-{n % 300}", "text": SENTENCE[:60],
              "text_zh": SENTENCE, "text_en": "Truck 京A·12345 was in a banned area, 12 min beyond what is permitted, since 02:14; permit P-2026-0142",
              "ruleset": "ab" * 32, "received": now}
    return [str(w) for pair in fields.items() for w in pair]


def row(vehicle, chance):
    return [f"truck-{vehicle}", round(30 + chance.random(), 7), round(112 + chance.random(), 7), round(60 * chance.random(), 1),
            round(360 * chance.random(), 1), int(time.time() * 1000), 19]


def told_and_closed(n):
    """Two entries of an alert that memory lets go of within a minute."""
    return [("XADD", key("violations"), "*", *violation(n, FORGOTTEN_MS)),
            ("XADD", key("actions"), "*", "id", alert_id(n), "action", "close", "rev", "1", "who", "dan", "from", "10.1.2.3", "why", "seen from the bridge",
             "state", "closed", "request", f"r{n}")]


class Feeder(threading.Thread):
    """50 entries a second, and 1,000 moves, whatever becomes of the store: what it did not take is not written again."""

    def __init__(self, server, steady=False):
        super().__init__(daemon=True)
        self.steady = steady
        self.server, self.done, self.written, self.taken_s = server, threading.Event(), 0, 0.0

    def turn(self, redis, chance, n):
        commands = [("XADD", key("violations"), "*", *violation(n + i)) for i in range(0 if self.steady else 4)]
        commands += told_and_closed(n) + told_and_closed(n + 1) if self.steady else []
        commands += [] if self.steady else [("XADD", key("actions"), "*", "id", alert_id(n - 100), "action", "note", "rev", "1", "who", "dan", "from", "10.1.2.3", "why",
                         "seen from the bridge", "state", "open", "request", f"r{n}")]
        moves = json.dumps([row(v, chance) for v in chance.sample(range(VEHICLES), 100)], separators=(",", ":"))
        commands.append(("XADD", key("live"), "MAXLEN", "~", "2000", "*", "batch", str(n), "moves", moves))
        redis.pipeline(commands)
        self.written += len(commands) - 1

    def run(self):
        chance, redis, n, due = random.Random(1), None, 1000, time.monotonic()
        while not self.done.is_set():
            try:
                redis = redis or self.server.client()
                self.turn(redis, chance, n)
            except Exception:  # noqa: BLE001  (it was killed)
                redis = None
            n += 4
            due = max(due + EACH_S, time.monotonic() - 1)
            time.sleep(max(0, due - time.monotonic()))


def seed(redis):
    for n in range(900, 1000):
        redis.call("XADD", key("violations"), "*", *violation(n))
    redis.call("XADD", key("actions"), "*", "id", alert_id(900), "action", "note", "rev", "1", "who", "dan", "from", "::1", "why", "a", "state", "open")
    redis.call("XADD", key("shifts"), "*", "event", "take", "rev", "1", "shift", "1", "on", "dan", "since", "1", "who", "dan", "from", "::1", "request", "q")
    redis.call("XADD", key("rulesets"), "*", "ruleset", "ab" * 32, "received", "1777593600000", "batch", "1")
    chance = random.Random(2)
    for first in range(0, VEHICLES, 1000):
        redis.pipeline([("HSET", key(f"vehicle:truck-{v}"), "lat", f"{30 + chance.random():.7f}", "lon", f"{112 + chance.random():.7f}", "time",
                         "1777593600000", "online", "1", "mode", "3", "speed", "36.0") for v in range(first, first + 1000)])


def fill_log(redis):
    """With what is told later on as well, so that what takes the place of it is of its size."""
    for first in range(10**6, 10**6 + LOG_FULL, 1000):
        redis.pipeline([words for n in range(first, first + 1000) for words in told_and_closed(n)])


def expect_full(gate):
    """From here on the log asks for no memory that it has not had already."""
    page = gate.client().get("/metrics").body.decode()
    has = next(float(line.split()[1]) for line in page.splitlines() if line.startswith("muckwatch_dispatch_event_log_bytes "))
    if not 0.99 * LOG_BYTES <= has <= LOG_BYTES:
        raise SystemExit(f"the log has {has:.0f} bytes and is not full")


def slope_mb_h(memory, which):
    """Of the later half, by least squares; points are (s, MB of memory, MB of the heap)."""
    points = memory[len(memory) // 2:]
    mean_t, mean_m = (sum(p[i] for p in points) / len(points) for i in (0, which))
    return 3600 * sum((p[0] - mean_t) * (p[which] - mean_m) for p in points) / sum((p[0] - mean_t) ** 2 for p in points)


def heap_mb(path):
    return int(path.read_text().rpartition("\n")[0].rpartition("\n")[2]) / 2**20


def soak(listeners, processes, seconds, heap):
    memory, begun, step = [], time.monotonic(), max(1, seconds // 240)
    for _ in range(10):
        listeners.ask("mark")
        before, until = used(processes), time.monotonic() + seconds / 10
        while time.monotonic() < until:
            time.sleep(step)
            memory.append((time.monotonic() - begun, processes["gateway"].rss_kib() / 1024, heap_mb(heap)))
        print(f"{seconds / 10:.0f} s: {listeners.ask('mark')}\n  {say_used(before, used(processes), seconds / 10)}; {memory[-1][2]:.2f} MB of its heap in use", flush=True)
    print(f"over the later half: memory {slope_mb_h(memory, 1):+.2f} MB an hour, its heap {slope_mb_h(memory, 2):+.2f} MB an hour", flush=True)


def end_place(redis):
    return "0." + ".".join(redis.call("XREVRANGE", key(s), "+", "-", "COUNT", "1")[0][0].decode().removesuffix("-0") for s in STREAMS)


def expected(redis, place):
    """What each client has to say in the end: of each stream a count and a hash."""
    out = []
    for stream, last in zip(STREAMS, place.split(".")[1:]):
        count, value = 0, 14695981039346656037
        for entry, _ in redis.call("XRANGE", key(stream), "(" + last, "+"):
            for byte in entry.decode().removesuffix("-0").encode() + b"\0":
                value = (value ^ byte) * 1099511628211 % 2**64
            count += 1
        out += [str(count), f"{value:016x}"]
    return out


class Listeners:
    def __init__(self, gate, clients, moving, tokens, place):
        path = gate.place.file("tokens", "\n".join(tokens) + "\n")
        self.child = subprocess.Popen([LISTENERS, str(gate.port), str(clients), str(moving), path, place], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)

    def line(self):
        return self.child.stdout.readline().strip()

    def say(self, word):
        self.child.stdin.write(word + "\n")
        self.child.stdin.flush()

    def ask(self, word):
        self.say(word)
        return self.line()

    def end(self):
        self.say("end")
        lines = self.child.stdout.read().splitlines()
        self.child.wait()
        return [line.split() for line in lines]


def make_users(gate):
    tokens = [f"token{n:02}".ljust(52, "a") for n in range(USERS)]
    text = "users:\n"
    for n, token in enumerate(tokens):
        text += f'  "u{n}":\n    role: viewer\n    token: "{hashlib.blake2b(token.encode(), digest_size=32).hexdigest()}"\n'
    gate.users.write_text(text, encoding="utf-8")
    return tokens


def used(processes):
    return {name: (p.cpu_s(), p.rss_kib() / 1024) for name, p in processes.items()}


def say_used(before, after, seconds):
    return "; ".join(f"{name} {100 * (after[name][0] - before[name][0]) / seconds:.0f} % of a core, {after[name][1]:.0f} MB" for name in after)


def peace(listeners, processes, seconds):
    listeners.ask("mark")
    before = used(processes)
    time.sleep(seconds)
    print(f"{seconds} s in peace: {listeners.ask('mark')}", flush=True)
    print(f"  {say_used(before, used(processes), seconds)}", flush=True)


def killed(options, gate, server, feeder, listeners):
    order = ["gateway"] * options.gateway_kills + ["store"] * options.store_kills
    random.Random(3).shuffle(order)
    for who in order:
        time.sleep(2)
        if who == "gateway":
            gate.process.kill()
            gate.process.start()
        else:
            server.kill()
            time.sleep(0.2)
            server.start()
        count = feeder.written
        wait_until(lambda: feeder.written > count, 120, "writing goes on")
    print(f"{options.gateway_kills} kills of the gateway, {options.store_kills} of the store: {listeners.ask('mark')}", flush=True)


def judge(said, wanted):
    wrong = [line for line in said if line[3] != "0" or line[5] != "0" or line[14:] != wanted]
    begun = sum(int(line[9]) for line in said)
    print(f"{len(said)} clients, {begun} connections, each told of {sum(int(n) for n in wanted[::2])} entries: "
          f"{'each once and in order' if not wrong else f'{len(wrong)} WRONG, e.g. {wrong[0]} is not {wanted}'}; "
          f"{sum(int(line[11]) for line in said) / 1e6:.0f} MB, {sum(int(line[13]) for line in said)} rows of moves")
    return 1 if wrong else 0


def push(options):
    place = Place("dispatch-bench-store")
    server = RedisServer(place, appendfsync="everysec" if options.store_kills == 0 else "always").start()
    seed(server.client())
    if options.what == "soak":
        fill_log(server.client())
    heap = place.path / "heap"
    told = {"LD_PRELOAD": str(HEAP_TOLD), "MW_HEAP_TOLD": str(heap)} if options.what == "soak" else None
    gate = Gate("dispatch-bench", "rate: {read_per_s: 1000}\n", store=server, users=False, env=told)
    tokens = make_users(gate)
    with gate:
        wait_until(lambda: gate.client(token=tokens[0]).get("/api/v1/vehicles?limit=1").status in (200, 503) and
                   gate.client(token=tokens[0]).get("/api/v1/violations?limit=1").status == 200, 120, "it is whole")
        begin = end_place(server.client())
        feeder = Feeder(server, options.what == "soak")
        listeners = Listeners(gate, options.clients, options.moving, tokens, begin)
        print(f"{options.clients} clients, {options.moving} with moves: all live after {listeners.line().split()[1]} ms", flush=True)
        feeder.start()
        processes = {"gateway": gate.process, "store": server}
        if options.what == "soak":
            expect_full(gate)
            soak(listeners, processes, options.seconds, heap)
        else:
            peace(listeners, processes, options.seconds)
            print(f"all come back at once: live again after {listeners.ask('storm').split()[1]} ms", flush=True)
            time.sleep(5)
            print(f"  {listeners.ask('mark')}", flush=True)
            killed(options, gate, server, feeder, listeners)
        feeder.done.set()
        feeder.join()
        begun = time.monotonic()
        while " events 0 " not in (said := listeners.ask("mark")) + " " or not said.endswith(f"live {options.clients}"):
            time.sleep(2)
            if time.monotonic() - begun > 300:
                break
        print(f"all told {time.monotonic() - begun - 2:.0f} s after the last entry", flush=True)
        metrics = gate.client().get("/metrics").body.decode()
        print("  " + ", ".join(line.removeprefix("muckwatch_dispatch_") for line in metrics.splitlines()
                               if line.startswith(("muckwatch_dispatch_streams", "muckwatch_dispatch_pushes", "muckwatch_dispatch_events"))))
        code = judge(listeners.end(), expected(server.client(), begin))
    server.end()
    place.remove()
    return code


def alerts(options):
    trace = ROOT / "build/bench/day.ndjson"
    WORKLOADS["day"][0](trace)
    place = Place("dispatch-bench-city")
    folder, probes = city(place, next(iter(trucks(CITY, 1))), 20)
    with Stage("dispatch_bench", BIN, folder) as stage:
        stage.start()
        redis = stage.redis.client()
        for stream, words in (("actions", ["id", "x"]), ("shifts", ["event", "x"])):
            redis.call("XADD", key(stream), "*", *words)
        source = subprocess.Popen([BIN / "muckctl", "simulate", "--port", str(stage.broker.port), "--speed", "0", "--units", "1000", "--repeat",
                                   "--fixes", "1000000000", "--no-acks", "--batch", "1", "--rate", str(options.rate), trace],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        gate = Gate("dispatch-bench", "rate: {read_per_s: 1000}\n", store=stage.redis, users=False)
        tokens = make_users(gate)
        try:
            with gate:
                wait_until(lambda: all(redis.call("EXISTS", key(s)) for s in STREAMS), 120, "there are entries")
                wait_until(lambda: gate.client(token=tokens[0]).get("/api/v1/violations?limit=1").status == 200, 120, "it is whole")
                heard_alerts(options, gate, Probe(stage, probes), {"gateway": gate.process, "store": stage.redis, "tracker": stage.tracker})
        finally:
            source.kill()
            source.wait()
    place.remove()
    return 0


class Probe(threading.Thread):
    """Units whose clocks are this machine's."""

    def __init__(self, stage, vehicles):
        super().__init__(daemon=True)
        self.unit, self.vehicles, self.done = stage.broker.client("probes"), vehicles, threading.Event()

    def run(self):
        n = 0
        while not self.done.is_set():
            vehicle, seq, begun = self.vehicles[n % len(self.vehicles)], n // len(self.vehicles) + 1, time.time()
            fix = {"time": round(begun, 3), "lat": 30.5, "lon": 114.3, "speed": 10, "mode": 3, "eph": 4, "boot": "b", "seq": seq,
                   "sensors": {"spill": seq // 3 % 2 == 0}}
            self.unit.publish(f"muck/v1/{vehicle}/fix", json.dumps(fix).encode())
            n += 1
            time.sleep(max(0, 0.05 - (time.time() - begun)))


def heard_alerts(options, gate, probe, processes):
    from sse import Stream  # its place is known to the tests' folder alone
    token, late = "token00".ljust(52, "a"), []
    probe.start()
    time.sleep(5)
    before, others = used(processes), 0
    stream, until = Stream(gate.port, {"Authorization": f"Bearer {token}"}), time.monotonic() + options.seconds
    while time.monotonic() < until and (event := stream.of("alert")) is not None:
        if event.data["vehicle"] in probe.vehicles and event.data.get("kind") == "spill":
            late.append(time.time() * 1000 - event.data["at"])
        else:
            others += 1
    probe.done.set()
    late.sort()
    print(f"{options.rate} fixes/s, {options.seconds} s, {len(late)} alerts of those units and {others} others; from the fix to the listener: "
          + ", ".join(f"p{share:g} {late[min(len(late) - 1, int(len(late) * share / 100))]:.0f} ms" for share in (50, 90, 99)) + f", max {late[-1]:.0f} ms")
    print(f"  {say_used(before, used(processes), options.seconds)}")


def main():
    options = arguments()
    options.clients = options.clients or (200 if options.what == "soak" else 1000)
    options.moving = options.clients // 10 if options.moving is None else options.moving
    if options.what == "soak":
        options.store_kills = 0
    return alerts(options) if options.what == "alerts" else push(options)


if __name__ == "__main__":
    sys.exit(main())
