"""What the tests of the gateway share: the program with a configuration, users and a store of its own, and clients.

Every answer of a client is held to docs/openapi.yaml.
"""
import http.client
import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.dont_write_bytecode = True

from harness.place import Place, free_port  # noqa: E402
from harness.process import wait_until  # noqa: E402,F401  (used by tests)
from harness.servers import Muckwatchd, RedisServer  # noqa: E402
from openapi import Contract  # noqa: E402

BINARIES = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/asan/bin").resolve()
PROGRAM = BINARIES / "muckwatch-dispatch"
CITY = pathlib.Path(__file__).resolve().parents[2] / "fixtures/city"
CONTRACT = Contract()
PASSWORDS = {"vera": "viewer", "dan": "dispatcher", "eve": "enforcer", "ada": "admin"}


def expect(condition, words):
    if not condition:
        raise AssertionError(words)


def run(tests):
    """Runs functions one by one; the first that fails ends it with its trace."""
    for test in tests:
        print(f"{test.__name__} ...", flush=True)
        test()
    print("all went well")


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, {k.lower(): v for k, v in headers}, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:500]!r}"


class Client:
    """One user: a cookie or a token, and a connection for each question."""

    def __init__(self, gate, token=None, tls=None):
        self.gate, self.token, self.tls, self.cookie = gate, token, tls, None

    def ask(self, method, target, body=None, judged=True, **headers):
        """`headers`: with _ for -; None leaves one out that would be sent."""
        fields = {"host": f"127.0.0.1:{self.gate.port}"}
        if method not in ("GET", "HEAD", "OPTIONS"):
            fields["content-type"] = "application/json"
        if self.cookie:
            fields["cookie"] = self.cookie
        if self.token:
            fields["authorization"] = f"Bearer {self.token}"
        fields.update({key.replace("_", "-"): value for key, value in headers.items()})
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        if self.tls:
            link = http.client.HTTPSConnection("127.0.0.1", self.gate.port, timeout=120, context=self.tls)
        else:
            link = http.client.HTTPConnection("127.0.0.1", self.gate.port, timeout=120)
        try:
            link.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for key, value in fields.items():
                if value is not None:
                    link.putheader(key, value)
            if body is not None:
                link.putheader("content-length", str(len(body)))
            link.endheaders(body)
            got = link.getresponse()
            answer = Answer(got.status, got.getheaders(), got.read())
        finally:
            link.close()
        if judged:
            CONTRACT.judge(method, target, answer.status, answer.headers.get("content-type", ""), answer.body)
        for name in ("content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy"):
            expect(name in answer.headers, f"{method} {target}: no {name}")
        if "set-cookie" in answer.headers:
            self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return answer

    def get(self, target, **more):
        return self.ask("GET", target, **more)

    def post(self, target, body, **more):
        return self.ask("POST", target, body, **more)

    def sign_in(self, user, password=None):
        return self.post("/api/v1/session", {"user": user, "password": password or f"password of {user}"})


class Gate:
    """The gateway. A context manager."""

    def __init__(self, name, more="", store=None, users=True, tls=False, folders=(), env=None):
        self.place, self.port, self.store = Place(name), free_port(), store
        self.users = self.place.file("users.yaml")
        self.redis_port = store.port if store else free_port()
        for folder in folders:
            self.place.folder(folder)
        self.scheme_tls = None
        if tls:
            self.scheme_tls = self.make_certificate()
            more += "tls: {cert: cert.pem, key: key.pem}\n"
        self.config = self.place.file("dispatch.yaml",
                                      f"redis: {{port: {self.redis_port}}}\nusers: users.yaml\n"
                                      f"http: {{port: {self.port}}}\n{more}" if "http:" not in more else
                                      f"redis: {{port: {self.redis_port}}}\nusers: users.yaml\n"
                                      + more.replace("PORT", str(self.port)))
        self.users.write_text("users: {}\n", encoding="utf-8")
        self.users.chmod(0o600)
        if users:
            for user, role in PASSWORDS.items():
                self.passwd(user, role)
        self.process = Muckwatchd(self.place, PROGRAM, self.config, "muckwatch-dispatch", ["--log-level", "debug"], env)

    def make_certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.place.file("key.pem"), "-out",
                        self.place.file("cert.pem"), "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, capture_output=True)
        self.place.file("key.pem").chmod(0o600)
        return ssl.create_default_context(cafile=self.place.file("cert.pem"))

    def command(self, *words, given=""):
        return subprocess.run([PROGRAM, "--config", self.config, *words], input=given, capture_output=True, text=True, check=False,
                              timeout=120)

    def passwd(self, user, role, password=None):
        done = self.command("passwd", user, "--role", role, given=(password or f"password of {user}") + "\n")
        expect(done.returncode == 0, done.stderr)

    def token(self, user, role):
        done = self.command("token", user, "--role", role)
        expect(done.returncode == 0, done.stderr)
        return done.stdout.strip()

    def reload(self):
        count = self.process.text().count(" reload")
        self.process.signal(1)
        wait_until(lambda: self.process.text().count(" reload") > count, 120, lambda: "it is read again\n" + self.process.tail())

    def client(self, user=None, token=None):
        client = Client(self, token, self.scheme_tls)
        if user:
            answer = client.sign_in(user)
            expect(answer.status == 200, answer)
        return client

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), 120)

    def raw(self, request, read_all=True):
        """The bytes that come back until the connection ends."""
        with self.connect() as s:
            s.sendall(request)
            out = b""
            while data := s.recv(65536):
                out += data
            return out

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            code = self.process.stop()
            expect(code == 0, f"ended with {code}\n{self.process.tail()}")
            found = self.process.reported()
            expect(found is None, found)
            self.process.end()
            self.place.remove()
        else:
            self.process.end()
            print(f"kept: {self.place.path}\n{self.process.tail()}")


os.environ.setdefault("MW_TEST_DIR", "/tmp")
