"""What the tests of webhooks share: a real receiver, and a gateway with hooks."""
import http.server
import pathlib
import ssl
import subprocess
import sys
import threading
import time

from gate import Gate, Place, RedisServer, wait_until

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
sys.path.insert(0, str(DOCS))
from webhook_consumer import Refused, verified  # noqa: E402  (the example of docs/DISPATCH.md)

SECRET = "s3cret of the hall"
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
HOOKS = "muck:{0}:hooks"


def alert_id(number):
    out = ""
    while len(out) < 26:
        out, number = LETTERS[number % 32] + out, number // 32
    return out


def violation(redis, number, at="*", partition=0, **more):
    fields = {"event": "opened", "id": alert_id(number), "rev": 1, "kind": ("speeding", "spill")[number % 2],
              "severity": ("minor", "major", "critical")[number % 3], "vehicle": f"truck-{number % 7}", "start": int(time.time() * 1000),
              "at": int(time.time() * 1000), "jurisdiction": ("city/east", "city/east/docks", "city/west")[number % 3], **more}
    return redis.call("XADD", f"muck:{{{partition}}}:violations", at, *[str(w) for pair in fields.items() for w in pair]).decode()


def certificate(place, name, host="localhost"):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", place.file(f"{name}.key"), "-out",
                    place.file(f"{name}.pem"), "-days", "2", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}"],
                   check=True, capture_output=True)
    return place.file(f"{name}.pem"), place.file(f"{name}.key")


class Receiver:
    """What somebody else's server does: takes, and answers as `answer` says of an event: a status, or a function that is given the handler."""

    def __init__(self, files, answer=lambda event: 204, port=0):
        self.events, self.refused, self.lock, self.answer = [], 0, threading.Lock(), answer
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                try:
                    event = verified(dict(self.headers), body, SECRET)
                except Refused:
                    with outer.lock:
                        outer.refused += 1
                    self.reply(401)
                    return
                assert self.headers["content-type"].startswith("application/cloudevents+json"), self.headers
                assert event["specversion"] == "1.0" and event["source"] == "/muckwatch/" + event["id"].split("/")[0] and event["subject"] == event["data"]["id"], event
                with outer.lock:
                    status = outer.answer(event)
                    if status == 204:
                        outer.events.append(event)
                if callable(status):
                    status(self)
                else:
                    self.reply(status)

            def reply(self, status, more=(), body=b""):
                self.send_response(status)
                for name, value in [*more, ("content-length", str(len(body)))]:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads, request_queue_size = True, 64

            def handle_error(self, *args):
                pass
        self.server = Server(("127.0.0.1", port), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def entries(self, partition=0):
        """Those that came, in the order they came, without what came again at once."""
        with self.lock:
            out = [e["id"].split("/")[2] for e in self.events if e["id"].startswith(f"{partition}/violations/")]
        return [e for i, e in enumerate(out) if i == 0 or e != out[i - 1]]

    def end(self):
        self.server.shutdown()
        self.server.server_close()


class Hooked:
    """A store, and a gateway with hooks. A context manager."""

    def __init__(self, hooks, more="", partitions=1, hosts=None, env=None):
        """`hooks`: (name, port, certificate, filter) each. `hosts`: of a name its host, where that is not this one."""
        self.partitions, self.env, hosts = partitions, env, hosts or {}
        self.place = Place("hooks")
        self.place.file("secret", SECRET + "\n").chmod(0o600)
        self.redis = RedisServer(self.place)
        lines = "".join(f"  {name}:\n    url: https://{hosts.get(name, 'localhost')}:{port}/hook\n    secret_file: {self.place.path}/secret\n    ca_file: {ca}\n"
                        + "".join(f"    {line}\n" for line in wish) for name, port, ca, *wish in hooks)
        self.more = f"partitions: {list(range(partitions))}\nhooks:\n{lines}{more}"

    def __enter__(self):
        self.redis.start()
        self.store = self.redis.client()
        violation(self.store, 1000)  # from before there were hooks
        self.gate = Gate("hooks", self.more, store=self.redis, env=self.env)
        self.gate.__enter__()
        self.ready()
        return self

    def ready(self):
        """Each lane has its place in the store."""
        lanes = 2 * self.more.count("url:")
        wait_until(lambda: all(sum(b"/" in f for f in self.store.call("HKEYS", HOOKS.replace("0", str(p)))) == lanes for p in range(self.partitions)), 120,
                   lambda: "all begin\n" + self.gate.process.tail())

    def __exit__(self, *how):
        self.gate.__exit__(*how)
        self.redis.end()
        if how[0] is None:
            self.place.remove()

    def shown(self):
        return {h["name"]: h for h in self.gate.client("ada").get("/api/v1/hooks").json()["items"]}
