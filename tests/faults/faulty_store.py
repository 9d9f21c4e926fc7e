"""A store that misbehaves by script: stands between tracker and Redis and answers some commands itself.

What it is armed with happens to one command. Redis behind it stays honest, so the ordinary checker says whether a false
answer was believed.

    ("error", TEXT)       answers TEXT, the command is not carried out
    ("lie", TEXT)         the command is carried out and TEXT is answered
    ("torn", N)           carried out; N bytes of the answer, then the connection is reset
    ("reset",)            not carried out; the connection is reset
    ("silent",)           not carried out; this connection never answers anything again
    ("mute",)             carried out; this connection never answers anything again
    ("bytes", DATA)       not carried out; DATA is answered
    ("garbage", DATA)     not carried out; DATA is answered, and nothing ever again on this connection
"""
import socket
import struct
import threading
import time

from harness.resp import Failure, Reader


class FaultyStore:
    def __init__(self, port, redis_port):
        self.redis_port, self.lock, self.fault, self.fired = redis_port, threading.Lock(), None, 0
        self.wanted = lambda words: True
        self.always = None  # a fault for every command
        self.connections = []
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self, fault, wanted=None):
        """`wanted` says which commands count, by their words; all by default."""
        with self.lock:
            self.fault, self.wanted, self.fired = fault, wanted or (lambda words: True), 0

    def wait_fired(self, within_s=20):
        end = time.monotonic() + within_s
        while self.fired == 0:
            if time.monotonic() > end:
                raise AssertionError(f"no command came for {self.fault}")
            time.sleep(0.005)

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(time.monotonic())
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _take(self, words):
        with self.lock:
            if self.always:
                self.fired += 1
                return self.always
            if self.fault is None or not self.wanted(words):
                return None
            fault, self.fault = self.fault, None
            self.fired += 1
            return fault

    def _serve(self, client):
        reader, server = Reader(), None
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while data := client.recv(1 << 18):
                for words, raw in reader.feed_raw(data):
                    fault = self._take(words)
                    if server is None and (fault is None or fault[0] in ("lie", "torn", "mute")):
                        server = _Upstream(self.redis_port)
                    if not self._answer(client, server, raw, fault):
                        return
        except (OSError, Failure):
            pass
        finally:
            client.close()
            if server is not None:
                server.socket.close()

    @staticmethod
    def _answer(client, server, raw, fault):
        """False when the connection is over."""
        kind = fault[0] if fault else "pass"
        if kind in ("pass", "lie", "torn", "mute"):
            answer = server.ask(raw)
        if kind == "pass":
            client.sendall(answer)
        elif kind in ("error", "lie"):
            client.sendall(b"-" + fault[1].encode() + b"\r\n")
        elif kind == "bytes":
            client.sendall(fault[1])
        elif kind in ("silent", "mute", "garbage"):
            client.sendall(fault[1] if kind == "garbage" else b"")
            while client.recv(1 << 18):
                pass
            return False
        elif kind == "torn":
            client.sendall(answer[:fault[1]])
            time.sleep(0.002)
        if kind in ("torn", "reset"):
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return False
        return True


class _Upstream:
    def __init__(self, port):
        self.socket, self.reader, self.ready = socket.create_connection(("127.0.0.1", port), 30), Reader(), []
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, raw):
        self.socket.sendall(raw)
        while not self.ready:
            data = self.socket.recv(1 << 18)
            if not data:
                raise ConnectionError
            self.ready = self.reader.feed_raw(data)
        return self.ready.pop(0)[1]


def is_commit(words):
    return len(words) > 1 and words[0].upper() == b"FCALL" and words[1].endswith(b"commit")
