"""The pages for machines, with clients that hold on to them: many that say nothing, and one that never comes to an end."""

import socket
import time
import urllib.request

from common import CITY, Stage, BINARIES, contract, day, expect, run, send, wait_until

IDLE = 80


def page(stage, path, within_s=120):
    with urllib.request.urlopen(f"http://127.0.0.1:{stage.http_port}{path}", timeout=within_s) as answer:
        return answer.read().decode()


def raw(stage, request):
    with socket.create_connection(("127.0.0.1", stage.http_port), 60) as s:
        s.sendall(request)
        out = b""
        while data := s.recv(65536):
            out += data
        return out


def test_pages():
    with Stage("pages", BINARIES, CITY) as stage:
        stage.tracker.start()
        expect("muckwatch_fixes_taken_total" in page(stage, "/metrics"), "metrics are there")
        head = raw(stage, b"HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        expect(head.startswith(b"HTTP/1.1 200 ") and head.endswith(b"\r\n\r\n"), "HEAD has no body")
        expect(raw(stage, b"POST /metrics HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 405 "), "GET alone")
        expect(raw(stage, b"GET /nothing HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 404 "), "there is no such page")
        expect(raw(stage, b"GET /" + b"x" * 9000).startswith(b"HTTP/1.1 431 "), "a head has a bound")


def test_who_holds_on():
    fixes = day(200)
    with Stage("pages", BINARIES, CITY) as stage:
        stage.tracker.start()
        began = time.monotonic()
        idle = [socket.create_connection(("127.0.0.1", stage.http_port), 60) for _ in range(IDLE)]
        slow = socket.create_connection(("127.0.0.1", stage.http_port), 60)
        send(stage, fixes)
        redis = stage.redis.client()
        wait_until(lambda: sum(redis.call("XLEN", contract.key("track:" + v)) for v in contract.vehicles(redis)) >= len(fixes), 120,
                   lambda: "fixes are taken meanwhile\n" + stage.tracker.tail(), every_s=0.1)
        expect(stage.tracker.descriptors() < 120, f"{stage.tracker.descriptors()} descriptors are open")
        lines = len(stage.tracker.text().splitlines())
        expect(lines < 200, f"{lines} lines in the log")
        cpu_s = stage.tracker.cpu_s()
        for s in idle:
            s.close()
        # Each is let go after ten seconds in all, whatever it says: one that goes on talking is no exception.
        slow.settimeout(1)
        ended = False
        for _ in range(600):
            try:
                slow.sendall(b"X")
                ended = slow.recv(1) == b""
            except TimeoutError:
                continue
            except OSError:
                ended = True
            if ended:
                break
        expect(ended, "a slow client is held for ever")
        expect("muckwatch" in page(stage, "/metrics"), "pages are served again")
        expect(stage.tracker.cpu_s() - cpu_s < (time.monotonic() - began) / 2, "waiting clients cost the processor")


run([test_pages, test_who_holds_on])
