"""mosquitto, redis-server and muckwatchd, and the stage on which all three stand."""
import hashlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from . import contract, mqtt
from .place import Place, free_port
from .process import Died, Process, wait_until
from .resp import Failure, Redis

PACKAGING = pathlib.Path(__file__).resolve().parents[2] / "packaging"

# Exit codes of the tracker (sysexits.h).
EX_TEMPFAIL, EX_CONFIG = 75, 78


def program(name):
    """Debian keeps servers in sbin, which an ordinary user's PATH lacks."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        raise Died(f"{name} is not installed (scripts/deps test)")
    return found


class Mosquitto(Process):
    """A broker on loopback. `persistence`: whether it keeps sessions over a clean stop."""

    def __init__(self, place, persistence=False, extra=(), address="127.0.0.1"):
        self.port = free_port()
        lines = [f"listener {self.port} {address}", "allow_anonymous true", "max_inflight_messages 1000",
                 "set_tcp_nodelay true", "sys_interval 1", "log_type error", "log_type warning", "log_type notice"]
        if not any(line.startswith("max_queued_messages") for line in extra):
            lines.append("max_queued_messages 0")
        if persistence:
            lines += ["persistence true", f"persistence_location {place.folder('mosquitto')}/"]
        if os.getuid() == 0:
            lines.append("user root")
        config = place.file("mosquitto.conf", "\n".join([*lines, *extra]) + "\n")
        super().__init__("mosquitto", place, [program("mosquitto"), "-c", config])

    def start(self):
        super().start()
        wait_until(self._answers, 120, lambda: "the broker answers\n" + self.tail())
        return self

    def _answers(self):
        if not self.alive():
            raise Died("the broker ended\n" + self.tail())
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def client(self, client_id, **options):
        return mqtt.Client(self.port, client_id, **options)


class RedisServer(Process):
    """A store on loopback with an append-only file of its own."""

    tracker_user, login = "default", ()
    settings = ""   # for the tracker's configuration
    archive_settings = ""  # for the archive's
    arguments = ()  # for muckctl

    def __init__(self, place, appendfsync="always", env=None, extra=()):
        self.port, self.folder = free_port(), place.folder("redis")
        argv = [program("redis-server"), "--port", self.port, "--bind", "127.0.0.1", "--dir", self.folder, "--save", "",
                "--appendonly", "yes", "--appendfsync", appendfsync, "--maxmemory-policy", "noeviction",
                "--auto-aof-rewrite-percentage", 0, *extra]
        super().__init__("redis", place, argv, env)

    def start(self):
        try:
            super().start()
            wait_until(self._answers, 20, lambda: "Redis answers\n" + self.tail())
        except Died:
            # Killed while it began a new file after one that ends within a commit: it mends that file, ends, and comes up
            # when it is started again, as systemd does.
            if self.alive() or "the truncated file is not the last file" not in self.text().rpartition("--- start")[2]:
                raise
            super().start()
            wait_until(self._answers, 20, lambda: "Redis answers\n" + self.tail())
        return self

    def _answers(self):
        if not self.alive():
            raise Died("Redis ended\n" + self.tail())
        try:
            client = self.client()
        except (Failure, OSError):
            return False
        try:
            return client.call("PING") == b"PONG"
        except (Failure, OSError):
            return False
        finally:
            client.close()

    def client(self):
        return Redis(self.port, login=self.login)

    def cut_within_commit(self, share=0.5, containing=b""):
        """Of a store that was killed: its file ends within a command of its last commit, or of the last one before some
        bytes, as a loss of power leaves it. How many bytes are gone."""
        path = max(self.folder.glob("appendonlydir/*.incr.aof"), key=lambda p: int(p.name.split(".")[-3]))
        data = path.read_bytes()
        begin = data.rfind(b"\r\nMULTI\r\n", 0, data.rindex(containing) if containing else len(data))
        end = data.find(b"\r\nEXEC\r\n", max(begin, 0))
        if begin < 0 or end < 0:  # nothing committed, or kill -9 has done it
            return 0
        written = [at for at in range(begin, end) if data.startswith(b"\r\nXADD\r\n", at)]
        cut = written[int(share * (len(written) - 1))] + 4 if written else begin + 4
        path.write_bytes(data[:cut])
        return len(data) - cut


class PackagedRedis(RedisServer):
    """The same under packaging/redis.conf and redis.acl: nobody is `default`, and the tracker may what it may on a machine.
    The harness has a user of its own beside them. Paths are the place's, and there is no socket."""

    tracker_user, login = "muckwatchd", ("harness", "harness")

    def __init__(self, place, env=None, extra=()):
        super().__init__(place, env=env)
        secrets = {name: place.file(f"{name}.password", f"{name}\n") for name in (self.tracker_user, "archive", self.login[0])}
        for path in secrets.values():
            path.chmod(0o600)
        users = (PACKAGING / "redis.acl").read_text(encoding="utf-8")
        for name in (self.tracker_user, "archive"):
            users = users.replace(f"user {name} on ", f"user {name} on #{hashlib.sha256(name.encode()).hexdigest()} ")
        lines = [line for line in users.splitlines() if line.startswith("user ")]
        users = place.file("users.acl", "\n".join([*lines, f"user {self.login[0]} on >{self.login[1]} ~* &* +@all"]) + "\n")
        lines = [line for line in (PACKAGING / "redis.conf").read_text(encoding="utf-8").splitlines()
                 if not line.startswith(("unixsocket", "aclfile "))]
        config = place.file("redis.conf", "\n".join([*lines, f"aclfile {users}"]) + "\n")
        self.argv = [str(a) for a in (program("redis-server"), config, "--port", self.port, "--dir", self.folder, *extra)]
        self.settings = f", username: {self.tracker_user}, password_file: {secrets[self.tracker_user]}"
        self.archive_settings = f", username: archive, password_file: {secrets['archive']}"
        self.arguments = ("--username", self.login[0], "--password-file", secrets[self.login[0]])


# What packaging/mosquitto.conf says of amounts; its listeners, users and certificates are tests/daemon/packaged.py's.
BROKER_AMOUNTS = ("max_", "queue_", "autosave_", "persistent_", "set_tcp_nodelay")


def packaged_amounts():
    lines = (PACKAGING / "mosquitto.conf").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line.startswith(BROKER_AMOUNTS) and not line.startswith("max_connections"))


class Muckwatchd(Process):
    """The tracker. It says READY=1 on a socket, as it does to systemd."""

    def __init__(self, place, binary, config, name="muckwatchd", arguments=(), env=None):
        # A socket's path has a bound of its own, far below that of a folder's.
        self.socket_home = tempfile.TemporaryDirectory(prefix="mw-")
        self.socket_path = pathlib.Path(self.socket_home.name, "notify")
        env = {"ASAN_OPTIONS": "detect_leaks=1:verify_asan_link_order=0", "UBSAN_OPTIONS": "print_stacktrace=1",
               **(env or {}), "NOTIFY_SOCKET": str(self.socket_path)}
        super().__init__(name, place, [binary, "--config", config, *arguments], env)
        self.notices = None

    def start(self, ready=True):
        self.socket_path.unlink(missing_ok=True)
        if self.notices:
            self.notices.close()
        self.notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notices.bind(str(self.socket_path))
        self.notices.setblocking(False)
        super().start()
        if ready:
            self.wait_ready()
        return self

    def wait_ready(self, within_s=120):
        wait_until(self._is_ready, within_s, lambda: "muckwatchd is ready\n" + self.tail())

    def _is_ready(self):
        if not self.alive():
            raise Died(f"muckwatchd ended with {self.child.returncode}\n{self.tail()}")
        while True:
            try:
                if b"READY=1" in self.notices.recv(4096):
                    return True
            except BlockingIOError:
                return False

    def end(self):
        super().end()
        if self.notices:
            self.notices.close()
            self.notices = None
        self.socket_home.cleanup()

    def reported(self):
        """What the sanitizers have found, or None."""
        text = self.text()
        for mark in ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer", "runtime error:", "Assertion"):
            if mark in text:
                at = text.index(mark)
                return text[max(0, at - 200):at + 3000]
        return None


class Stage:
    """Broker, store and tracker in one place. A context manager: everything ends with it, and the place is kept when
    the test inside fails."""

    def __init__(self, name, binaries, city, rules="", broker=None, redis=None, tracker_env=None, redis_port=None,
                 broker_port=None, hosts=None, packaged=False):
        """`city` is a folder whose files are copied; `rules` is YAML put below its configuration; `broker` and `redis`
        are keyword arguments of the servers; `redis_port` and `broker_port` are what the tracker is told, if not the
        servers' own; `hosts` is where it finds them and is found itself (broker, redis, http), if not on loopback; `packaged`: store and
        broker under the settings of packaging/."""
        self.place, self.binaries = Place(name), pathlib.Path(binaries).resolve()
        for path in pathlib.Path(city).iterdir():
            if path.suffix in (".json", ".geojson"):
                shutil.copy(path, self.place.path)
        self.broker = Mosquitto(self.place, **(broker or {}), **({"extra": packaged_amounts()} if packaged else {}))
        self.redis = (PackagedRedis if packaged else RedisServer)(self.place, **(redis or {}))
        self.http_port = free_port()
        self.hosts = {"broker": "127.0.0.1", "redis": "127.0.0.1", "http": "127.0.0.1", **(hosts or {})}
        self.broker_port = broker_port or self.broker.port
        self.rules, self.city = rules, pathlib.Path(city)
        self.config = self.write_config("muckwatch.yaml", redis_port or self.redis.port)
        self.tracker = Muckwatchd(self.place, self.binaries / "muckwatchd", self.config, env=tracker_env)
        self.more = []

    def write_config(self, name, redis_port, client_id="muckwatchd"):
        body = (self.city / "muckwatch.yaml").read_text(encoding="utf-8")
        if "\nlate:" not in body + self.rules:  # corrections come when they come: who compares entry by entry does without
            body = "late: {horizon_h: 0}\n" + body
        return self.place.file(name, f"mqtt: {{host: {self.hosts['broker']}, port: {self.broker_port}, client_id: {client_id}}}\n"
                                     f"redis: {{host: {self.hosts['redis']}, port: {redis_port}{self.redis.settings}}}\n"
                                     f"http: {{host: {self.hosts['http']}, port: {self.http_port}}}\n"
                                     f"retention: {{track_hours: 80000, violations_days: 3650}}\n{body}{self.rules}")

    def second_tracker(self, name, arguments=(), client_id="muckwatchd"):
        config = self.write_config(f"{name}.yaml", self.redis.port, client_id)
        config.write_text(config.read_text(encoding="utf-8").replace(f"port: {self.http_port}}}", "port: 0}"), encoding="utf-8")
        tracker = Muckwatchd(self.place, self.binaries / "muckwatchd", config, name, arguments)
        self.more.append(tracker)
        return tracker

    def __enter__(self):
        self.broker.start()
        self.redis.start()
        return self

    def start(self):
        """The tracker as well. Before its first subscription the broker keeps nothing for it."""
        self.tracker.start()
        wait_until(lambda: "mqtt_subscribed" in self.tracker.text().rpartition("--- start")[2], 20,
                   lambda: "muckwatchd has subscribed\n" + self.tracker.tail())
        return self

    def processes(self):
        return [*self.more, self.tracker, self.redis, self.broker]

    def __exit__(self, kind, error, trace):
        for process in self.processes():
            process.end()
        if kind is None:
            self.place.remove()
        else:
            print(f"kept: {self.place.path}")

    def muckctl(self, *arguments, input=None, check=True):
        run = subprocess.run([self.binaries / "muckctl", *map(str, arguments)], input=input, capture_output=True,
                             timeout=120, check=False)
        if check and run.returncode != 0:
            raise AssertionError(f"muckctl {' '.join(map(str, arguments))}: exit {run.returncode}\n"
                                 f"{run.stderr.decode(errors='replace')[-3000:]}")
        return run

    def replay(self, lines):
        """What the engine makes of recorded lines, without broker and store."""
        run = self.muckctl("replay", "--config", self.config, "--quiet", "-", input=b"\n".join(lines) + b"\n")
        return contract.read_replay(run.stdout.decode())

    def page(self, path, within_s=120):
        """A page of the tracker's, head and all."""
        with socket.create_connection((self.hosts["http"], self.http_port), within_s) as http:
            http.sendall(b"GET " + path.encode() + b" HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
            data = b""
            while chunk := http.recv(1 << 16):
                data += chunk
        return data.decode()

    def metrics(self):
        """/metrics as {name with labels: number}."""
        found = {}
        for line in self.page("/metrics").partition("\r\n\r\n")[2].splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                found[name] = float(value)
        return found

    def say(self, text):
        """A word into the tracker's log, to find one's way."""
        with open(self.tracker.log, "a", encoding="utf-8") as log:
            log.write(f"--- {time.strftime('%H:%M:%S')} {text}\n")
