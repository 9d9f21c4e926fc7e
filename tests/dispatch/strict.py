"""Requests that two readers may understand differently, each tried on the real thing: refused, and nothing of it is taken for a
second request."""
import json
import re
import socket

from gate import CONTRACT, Gate, expect, run, wait_until

H = b"Host: a\r\n"
END = b"\r\n"
SECOND = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
POST = b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"

REFUSED = [
    ("both lengths", POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ("both lengths, the other way", POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", 400),
    ("two lengths", POST + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\n", 400),
    ("a list of lengths", POST + b"Content-Length: 4, 4\r\n\r\n", 400),
    ("a length with a sign", POST + b"Content-Length: +4\r\n\r\n", 400),
    ("an odd coding", POST + b"Transfer-Encoding: identity\r\n\r\n", 501),
    ("a coding behind a tab", POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n", 400),
    ("two codings", POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", 400),
    ("a blank before the colon", POST + b"Transfer-Encoding : chunked\r\n\r\n", 400),
    ("chunks in HTTP/1.0", b"POST /api/v1/session HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("a folded field", b"GET /healthz HTTP/1.1\r\n" + H + b"X: a\r\n b\r\n\r\n", 400),
    ("a bare line feed", b"GET /healthz HTTP/1.1\n" + H + b"\n", 400),
    ("a bare line feed at the end", b"GET /healthz HTTP/1.1\r\n" + H + b"\n", 400),
    ("a bare return", b"GET /healthz HTTP/1.1\r\n" + H + b"X: a\rY: b\r\n\r\n", 400),
    ("a zero byte", b"GET /healthz HTTP/1.1\r\n" + H + b"X: a\0b\r\n\r\n", 400),
    ("a zero byte in the path", b"GET /healthz\0 HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("a whole address", b"GET http://a/healthz HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("an authority", b"CONNECT a:80 HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("a star", b"OPTIONS * HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("no host", b"GET /healthz HTTP/1.1\r\n\r\n", 400),
    ("two hosts", b"GET /healthz HTTP/1.1\r\n" + H + H + b"\r\n", 400),
    ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    ("HTTP/3.0", b"GET / HTTP/3.0\r\n" + H + b"\r\n", 505),
    ("no version", b"GET /healthz\r\n\r\n", 400),
    ("TLS", bytes.fromhex("160301020001000001fc0303"), 400),
    ("dots", b"GET /a/../healthz HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("encoded dots", b"GET /%2e%2e/healthz HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("dots encoded twice", b"GET /%252e%252e/healthz HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("an encoded slash", b"GET /a%2f..%2fhealthz HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("an encoded zero", b"GET /healthz%00.html HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("an encoded line", b"GET /a%0d%0aSet-Cookie:x=1 HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("an encoded line in a query", b"GET /api/v1/hours?expr=a%0d%0aX HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("no UTF-8", b"GET /%ff HTTP/1.1\r\n" + H + b"\r\n", 400),
    ("a head of 9 KB", b"GET /healthz HTTP/1.1\r\n" + H + b"X: " + b"a" * 9000 + b"\r\n\r\n", 431),
    ("a path of 9 KB", b"GET /" + b"a" * 9000, 431),
    ("100 fields", b"GET /healthz HTTP/1.1\r\n" + H + b"X: a\r\n" * 100 + b"\r\n", 431),
    ("an expectation", POST + b"Expect: miracles\r\n\r\n", 417),
    ("a body of 65 KiB", POST + b"Content-Length: 66560\r\n\r\n", 413),
    ("a body of a tebibyte", POST + b"Content-Length: 1099511627776\r\n\r\n", 413),
    ("70 KB in chunks", POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"1000\r\n" + b"a" * 4096 + b"\r\n" + b"1000\r\n" + b"a" * 4096 +
     b"\r\n" + b"ffff\r\n" + b"a" * 65535 + b"\r\n0\r\n\r\n", 413),
    ("a chunk's extension", POST + b"Transfer-Encoding: chunked\r\n\r\n1;a=b\r\n{\r\n0\r\n\r\n", 400),
    ("a chunk that is too long", POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n", 400),
    ("a trailer", POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: a\r\n\r\n", 400),
    ("a chunk's bare line feed", POST + b"Transfer-Encoding: chunked\r\n\r\n1\n{\n0\n\n", 400),
    ("a negative chunk", POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n", 400),
    ("a body where there is none", b"GET /api/v1/session HTTP/1.1\r\n" + H + b"Content-Length: 70000\r\n\r\n", 413),
]


def statuses(answer):
    """Of each answer in the bytes of a connection."""
    return [int(s) for s in re.findall(rb"(?:^|(?<=\n)|(?<=[}\n]))HTTP/1\.1 (\d+) ", answer)]


def test_refused():
    with Gate("strict", users=False) as gate:
        for words, request, status in REFUSED:
            answer = gate.raw(request + SECOND)
            expect(statuses(answer) == [status], f"{words}: {answer[:300]!r}")
            head, _, body = answer.partition(b"\r\n\r\n")
            expect(b"application/problem+json" in head and json.loads(body)["status"] == status, f"{words}: {answer!r}")
            expect(b"Set-Cookie" not in head and b"Connection: close" in head, f"{words}: {answer!r}")
            CONTRACT.judge("GET", "/api/v1/none", 404, "application/problem+json", body)
        # Nobody hears more of it in the log than a count, and libevent nothing at all.
        text = gate.process.text()
        expect("libevent" not in text and len(text.splitlines()) < 40, text)


def test_understood():
    with Gate("strict", users=False) as gate:
        # HTTP/1.0 ends with its answer; what was sent behind it is not read.
        answer = gate.raw(b"GET /healthz HTTP/1.0\r\n\r\n" + SECOND)
        expect(statuses(answer) == [200] and answer.endswith(b"alive\n"), answer)
        # Sent ahead: answered in order.
        first = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
        answer = gate.raw(first * 3 + b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n" + b"HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n" + SECOND)
        expect(statuses(answer) == [200, 200, 200, 404, 200, 200], answer)
        answer = gate.raw(first * 500 + SECOND)
        expect(statuses(answer) == [200] * 501, statuses(answer))
        # HEAD has the head of GET and no body.
        head = gate.raw(b"HEAD /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        expect(head.endswith(b"\r\n\r\n") and b"Content-Length: 6\r\n" in head, head)
        for method in (b"OPTIONS", b"TRACE", b"PATCH", b"BREW", b"POST", b"PUT", b"DELETE"):
            answer = gate.raw(method + b" /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            expect(statuses(answer) == [405] and b"Allow: GET, HEAD\r\n" in answer, answer)
            expect(b"\r\n\r\n{" in answer and method + b" /" not in answer, "a request comes back")
        answer = gate.raw(b"PATCH /api/v1/session HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        expect(b"Allow: GET, HEAD, POST, DELETE\r\n" in answer, answer)
        # A body in one piece, byte by byte, in chunks, after 100.
        body = b'{"user":"vera","password":"x"}'
        for request in (POST + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body,
                        POST + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" + body[:5] + b"\r\n%x\r\n" % (len(body) - 5) +
                        body[5:] + b"\r\n0\r\n\r\n"):
            expect(statuses(gate.raw(request)) == [401], request)
            with gate.connect() as s:
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for i in range(len(request)):
                    s.sendall(request[i:i + 1])
                expect(s.recv(65536).startswith(b"HTTP/1.1 401 "), request)
        with gate.connect() as s:
            s.sendall(POST + b"Connection: close\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
            expect(s.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n", "100")
            s.sendall(body)
            expect(s.recv(65536).startswith(b"HTTP/1.1 401 "), "after 100")
        # Not JSON, with the place; and what does not fit, with a pointer.
        for body, words in ((b'{"user":\n"vera",}', "line 2, column 8"), (b"", "not JSON"), (b"[]", "expected an object"),
                            (b'{"user":"vera"}', "/password: is missing"), (b'{"user":1,"password":""}', "/user: expected: string"),
                            (b'{"user":"a","password":"","x":1}', "/x: there is no such member"),
                            (b'{"user":"a","user":"b","password":""}', "not JSON"), (b'{"user":"' + b"a" * 70 + b'","password":""}', "too long"),
                            (b"[" * 60000, "not JSON"), (b'{"user":"\xff","password":""}', "not JSON")):
            answer = gate.raw(POST + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            expect(statuses(answer) == [400] and words.encode() in answer, (body[:50], answer))
        # Whoever hangs up in the middle leaves nothing behind.
        before = gate.process.descriptors()
        for cut in range(0, len(SECOND), 3):
            with gate.connect() as s:
                s.sendall(SECOND[:cut])
        wait_until(lambda: gate.process.descriptors() <= before, 120, "connections that ended are closed")


run([test_refused, test_understood])
