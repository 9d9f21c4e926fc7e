"""Redis' protocol (RESP2): commands and replies to bytes and back, and a client that waits.

Replies are bytes, int, None, list, or Failure for an error. The Reader reads commands as well, so that a test can
stand in for the server.
"""
import socket

PAGE = 500  # entries of a stream that are asked for at once: what has come of an answer is read anew with each piece of it


class Failure(Exception):
    """An error that Redis answered."""


class Reader:
    """Takes bytes as they come, gives whole values. Values nest as deep as Redis sends them."""

    def __init__(self):
        self.buffer, self.at = bytearray(), 0

    def feed(self, data):
        """The values completed by these bytes."""
        return [value for value, _ in self.feed_raw(data)]

    def feed_raw(self, data):
        """The same as pairs of value and its bytes."""
        self.buffer += data
        values, start = [], 0
        while True:
            self.at = start
            try:
                value = self._value()
            except IndexError:
                break
            values.append((value, bytes(self.buffer[start:self.at])))
            start = self.at
        del self.buffer[:start]
        return values

    def _line(self):
        end = self.buffer.find(b"\r\n", self.at)
        if end < 0:
            raise IndexError
        line = bytes(self.buffer[self.at:end])
        self.at = end + 2
        return line

    def _value(self):
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest
        if kind == b"-":
            return Failure(rest.decode(errors="replace"))
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return self._bulk(int(rest))
        if kind == b"*":
            return None if int(rest) < 0 else [self._value() for _ in range(int(rest))]
        raise ValueError(f"not RESP: {line[:40]!r}")

    def _bulk(self, length):
        if length < 0:
            return None
        end = self.at + length
        if end + 2 > len(self.buffer):
            raise IndexError
        value = bytes(self.buffer[self.at:end])
        self.at = end + 2
        return value


def command(*words):
    """One command's bytes."""
    out = [b"*%d\r\n" % len(words)]
    for word in words:
        data = word if isinstance(word, bytes) else str(word).encode()
        out.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(out)


class Redis:
    """A blocking client."""

    def __init__(self, port, timeout_s=30, login=()):
        """`login`: user and password, where it needs any."""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout_s)
        self.reader, self.ready = Reader(), []
        if login:
            self.call("AUTH", *login)

    def _reply(self):
        while not self.ready:
            data = self.socket.recv(1 << 18)
            if not data:
                raise ConnectionError("Redis closed the connection")
            self.ready = self.reader.feed(data)
        return self.ready.pop(0)

    def read(self):
        """The next reply, to what was sent by hand."""
        reply = self._reply()
        if isinstance(reply, Failure):
            raise reply
        return reply

    def call(self, *words):
        self.socket.sendall(command(*words))
        return self.read()

    def pipeline(self, commands):
        """Replies of several commands; errors are among them, not raised."""
        self.socket.sendall(b"".join(command(*c) for c in commands))
        return [self._reply() for _ in commands]

    def hash(self, key):
        """A hash as texts."""
        flat = self.call("HGETALL", key)
        return {flat[i].decode(): flat[i + 1].decode(errors="replace") for i in range(0, len(flat), 2)}

    def stream(self, key, after="-"):
        """A stream's entries as (id, {field: bytes}), oldest first."""
        entries, start = [], after
        while True:
            page = self.call("XRANGE", key, start, "+", "COUNT", PAGE)
            for entry_id, flat in page:
                fields = {flat[i].decode(): flat[i + 1] for i in range(0, len(flat), 2)}
                entries.append((entry_id.decode(), fields))
            if len(page) < PAGE:
                return entries
            start = "(" + page[-1][0].decode()

    def close(self):
        self.socket.close()
