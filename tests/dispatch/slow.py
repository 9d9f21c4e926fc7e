"""Clients that hold on: a byte a second, a thousand half requests, answers that nobody takes, more connections than descriptors. Each
ends in its time, others are served meanwhile, and the log stays short."""
import re
import socket
import time

from gate import Gate, expect, run, wait_until

HALF = b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: "


def ended(s):
    """Whether the other side has closed; what it sent is thrown away."""
    s.setblocking(False)
    try:
        while True:
            if not s.recv(65536):
                return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_half_requests():
    with Gate("slow", users=False) as gate:
        halves = []
        for i in range(1000):
            s = gate.connect()
            s.sendall(HALF if i % 2 else b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n{")
            halves.append(s)
        wait_until(lambda: re.search(r"^muckwatch_dispatch_connections 1\d{3}$", gate.client().get("/metrics").body.decode(), re.M), 120,
                   "they are open")
        began = time.monotonic()
        served = 0
        # Each says a byte now and then, which gives it no more time.
        while halves:
            expect(gate.client().get("/healthz").status == 200, "others are served")
            served += 1
            for s in halves[::50]:
                try:
                    s.send(b"a")
                except OSError:
                    pass
            halves = [s for s in halves if not ended(s)]
            expect(time.monotonic() - began < 600, f"{len(halves)} are held")
            time.sleep(0.2)
        expect(served >= 5, f"{served} were served")
        page = gate.client().get("/metrics").body.decode()
        expect("muckwatch_dispatch_too_slow_total 1000" in page, page)
        expect(len(gate.process.text().splitlines()) - gate.process.text().count("debug request") < 50, gate.process.tail())


def test_not_taken():
    """An answer that nobody reads takes no memory but what is on its way."""
    with Gate("slow", "dashboard: {dir: page}\n", users=False, folders=("page",)) as gate:
        with open(gate.place.folder("page") / "big.txt", "wb") as big:
            big.truncate(1 << 30)
        before_kib = gate.process.rss_kib()
        lazy = [gate.connect() for _ in range(50)]
        for s in lazy:
            s.sendall(b"GET /big.txt HTTP/1.1\r\nHost: a\r\n\r\n")
            expect(s.recv(10) == b"HTTP/1.1 2", "it begins")
        expect(gate.client().get("/healthz").status == 200, "others are served")
        expect(gate.process.rss_kib() - before_kib < 512 << 10, f"{gate.process.rss_kib() - before_kib} KiB for answers nobody reads")
        for s in lazy:
            s.close()
        wait_until(lambda: gate.process.descriptors() < 40, 120, "their files are closed")


def test_descriptors():
    """At the end of descriptors the listener rests; who is there already is served, and newcomers after a while."""
    with Gate("slow", users=False) as gate:
        gate.process.stop()
        gate.process.argv = ["prlimit", "--nofile=160", *gate.process.argv]
        gate.process.start()
        expect("connections=32" in gate.process.text(), gate.process.tail())
        kept = gate.connect()
        kept.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        expect(kept.recv(65536).startswith(b"HTTP/1.1 200"), "served")
        crowd = [gate.connect() for _ in range(200)]
        for s in crowd:
            s.sendall(HALF)
        cpu_s = gate.process.cpu_s()
        began = time.monotonic()
        expect(gate.process.descriptors() < 160, "some are left")
        # The one that was idle went for a newcomer; the crowd ends, ten seconds at a time.
        with socket.create_connection(("127.0.0.1", gate.port), 120) as s:
            for other in crowd:
                other.close()
            s.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            expect(s.recv(65536).startswith(b"HTTP/1.1 200"), "served again")
        expect(gate.process.cpu_s() - cpu_s < max(1.0, (time.monotonic() - began) / 2), "it spins")
        expect(len(gate.process.text().splitlines()) < 60, gate.process.tail())
        kept.close()


run([test_half_requests, test_not_taken, test_descriptors])
