"""A client of Server-Sent Events over a plain socket: one that can be slow, go away, and come back. Standard library only."""
import json
import socket
import time


class Event:
    def __init__(self, kind, place, data):
        self.kind, self.place, self.data = kind, place, data

    def __repr__(self):
        return f"{self.kind} {self.place} {str(self.data)[:300]}"


class Stream:
    """One stream. `headers` of whoever asks: a cookie or a token."""

    def __init__(self, port, headers, query="", last=None, receive_bytes=None, tls=None):
        self.link = socket.socket()
        if receive_bytes:
            self.link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.link.settimeout(120)
        self.link.connect(("127.0.0.1", port))
        if tls:
            self.link = tls.wrap_socket(self.link, server_hostname="127.0.0.1")
        fields = {"Host": f"127.0.0.1:{port}", **headers}
        if last is not None:
            fields["Last-Event-ID"] = last
        lines = "".join(f"{k}: {v}\r\n" for k, v in fields.items())
        self.link.sendall(f"GET /api/v1/events{query} HTTP/1.1\r\n{lines}\r\n".encode())
        self.text, self.ended, self.place, self.retry = b"", False, last, None
        while b"\r\n\r\n" not in self.text:
            if not self._more():
                raise ConnectionError(f"it ended within the head: {self.text!r}")
        head, _, self.text = self.text.partition(b"\r\n\r\n")
        self.head = head.decode()
        self.status = int(self.head.split(" ", 2)[1])

    def _more(self):
        try:
            data = self.link.recv(1 << 18)
        except ConnectionError:
            data = b""
        self.ended = not data
        self.text += data
        return not self.ended

    def next(self, within_s=120):
        """The next event, or None: the stream ended."""
        until = time.monotonic() + within_s
        while True:
            block, mark, rest = self.text.partition(b"\n\n")
            if not mark:
                self.link.settimeout(max(0.01, until - time.monotonic()))
                if self.ended or not self._more():
                    return None
                continue
            self.text = rest
            fields = dict(line.split(": ", 1) for line in block.decode().split("\n"))
            if "retry" in fields:
                self.retry = int(fields["retry"])
                continue
            self.place = fields.get("id", self.place)
            return Event(fields["event"], fields.get("id"), json.loads(fields["data"]))

    def of(self, *kinds):
        """The next event of one of these kinds."""
        while (event := self.next()) is not None:
            if event.kind in kinds:
                return event
        return None

    def rest(self):
        """All until it ends."""
        return list(iter(self.next, None))

    def close(self):
        self.link.close()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
