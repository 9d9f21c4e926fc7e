"""The gateway under valgrind, once plain and once by TLS: clients that come, go in the middle of everything, are dropped since they take nothing,
and are still there when it ends. Minutes long, so by hand, of a build without sanitizers:

    python3 -B tests/dispatch/leaks.py build/bench/bin [plain] [tls]
"""
import socket
import struct
import sys
import time

import gate as gates
from gate import Gate, RedisServer, expect, wait_until
from harness.place import Place
from harness.servers import Muckwatchd
from listening import add, figure, headers, key, violation
from sse import Stream

WRAPPER = ("#!/bin/sh\nexec valgrind --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=definite,indirect,possible --error-exitcode=99 "
           "--log-file={log} {program} \"$@\"\n")


def seed(redis):
    for n in range(20):
        add(redis, "violations", violation(n))
    add(redis, "shifts", [str(w) for w in ("event", "take", "rev", 1, "shift", 1, "on", "dan", "since", 1, "who", "dan", "from", "::1", "request", "q")])
    add(redis, "rulesets", ["ruleset", "ab" * 32, "received", "1777593600000", "batch", "1"])
    add(redis, "actions", [str(w) for w in ("id", "a" * 26, "action", "note", "rev", 1, "who", "dan", "from", "::1", "why", "a", "state", "open")])


def asked(ask):
    """What it answers, or False: on a busy machine a handshake may take longer than a request may."""
    try:
        return ask()
    except OSError:
        return False


def leave_rudely(gate, client):
    """In the middle of a handshake, a head, a body, an answer; with a reset."""
    token = headers(client)["Authorization"]
    pieces = [b"", b"GET /api/v1/sta", b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\nContent-Type: application/json\r\n\r\n{\"us",
              f"GET /api/v1/violations?limit=500 HTTP/1.1\r\nHost: a\r\nAuthorization: {token}\r\n\r\n".encode() * 20, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"]
    for n, piece in enumerate(pieces * 4):
        link = gate.connect()
        if gate.scheme_tls and n % 2:
            link = gate.scheme_tls.wrap_socket(link, server_hostname="127.0.0.1")
        link.sendall(piece)
        if n % 3:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        link.close()


def dropped_by_us(gate, redis, client):
    streams = [Stream(gate.port, headers(client), "?pos=1" if n % 2 else "", receive_bytes=4096, tls=gate.scheme_tls) for n in range(6)]
    for n in range(0, 2000, 100):
        redis.pipeline([("XADD", key("violations"), "*", *violation(3000 + n + i, text="x" * 900)) for i in range(100)])
    wait_until(lambda: asked(lambda: figure(gate, "streams_dropped_total") + figure(gate, "too_slow_total")) >= 1, 400, lambda: "somebody is dropped\n" + gate.process.tail(), every_s=2)
    return streams


def play(tls):
    place = Place("leaks-store")
    server = RedisServer(place).start()
    redis = server.client()
    seed(redis)
    gate = Gate("leaks", "rate: {read_per_s: 1000, heavy_per_s: 1000}\n", store=server, tls=tls)
    token = gate.token("wall", "admin")
    log = gate.place.path / "valgrind.log"
    wrapper = gate.place.file("wrapper", WRAPPER.format(log=log, program=gates.PROGRAM))
    wrapper.chmod(0o755)
    gate.process = Muckwatchd(gate.place, wrapper, gate.config, "muckwatch-dispatch", ["--log-level", "debug"])
    gate.process.start()
    client = gate.client(token=token)
    wait_until(lambda: asked(lambda: client.get("/api/v1/violations").status == 200), 400, "it is ready")
    for target in ("/api/v1/state", "/api/v1/vehicles", "/api/v1/stats?by=kind", "/healthz", "/metrics", "/nowhere", "/api/v1/shifts"):
        asked(lambda target=target: client.ask("GET", target, judged=False))
    leave_rudely(gate, client)
    kept = dropped_by_us(gate, redis, client)
    for stream in kept[:2]:
        stream.close()
    expect(Stream(gate.port, headers(client), last="0.1.0.0.0", tls=gate.scheme_tls).rest()[-1].kind == "reset", "a place that is gone")
    gate.reload()
    redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    time.sleep(3)
    more = [Stream(gate.port, headers(client), tls=gate.scheme_tls) for _ in range(3)]
    code = gate.process.stop()
    text = log.read_text()
    print(("TLS: " if tls else "plain: ") + " / ".join(line.split("== ")[1] for line in text.splitlines() if "ERROR SUMMARY" in line or " lost:" in line
                                                       or "reachable:" in line), flush=True)
    expect(code == 0 and "ERROR SUMMARY: 0 errors" in text, text[-6000:])
    for stream in kept[2:] + more:
        stream.close()
    server.end()
    gate.process.end()
    gate.place.remove()
    place.remove()


for kind in sys.argv[2:] or ("plain", "tls"):
    play(kind == "tls")
