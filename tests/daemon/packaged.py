"""The files in packaging/, started as they are, under their own paths: store, broker, tracker and archive as a machine has them.

Runs in a mount and network namespace of its own (unshare -mn): /etc is an overlay that is gone afterwards, folders of
the servers are empty, and no port is anybody else's. packaging/install sets it up as the documents say; the servers'
own configurations are Debian's. Servers run as their own users, with the commands of their units.
"""
import grp
import json
import os
import pathlib
import pwd
import random
import shutil
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

if os.environ.get("MW_NAMESPACE") != "1":
    os.environ["MW_NAMESPACE"] = "1"
    ROOTLY = [] if os.getuid() == 0 else ["sudo", "--preserve-env=MW_NAMESPACE,MW_TEST_DIR,PATH"]
    WORDS = [*ROOTLY, "unshare", "-mn", "--propagation", "private", sys.executable, "-B", *sys.argv]
    os.execvp(WORDS[0], WORDS)

from common import BINARIES, ROOT, contract, expect, run, wait_until  # noqa: E402

sys.path.append(str(ROOT / "tests" / "archive"))

from harness import mqtt  # noqa: E402
from harness.place import Place  # noqa: E402
from harness.process import Process  # noqa: E402
from harness.servers import Muckwatchd, program  # noqa: E402
from reading import Archive  # noqa: E402

CREDENTIALS = pathlib.Path("/run/credentials")
STATE = pathlib.Path("/var/lib/muckwatch-archive")
STORE_SOCKET = "/run/redis/redis-server.sock"
TRACKER_USER = 61999  # as DynamicUser gives one
SECONDS = 120


def sh(*words, **options):
    return subprocess.run([str(w) for w in words], check=True, capture_output=True, text=True, **options).stdout


def own_machine(place):
    """/etc is ours to write, folders of the servers are empty, loopback is up."""
    layer = place.folder("etc")
    sh("mount", "-t", "tmpfs", "tmpfs", layer)
    for name in ("upper", "work"):
        (layer / name).mkdir()
    sh("mount", "-t", "overlay", "overlay", "-o", f"lowerdir=/etc,upperdir={layer}/upper,workdir={layer}/work", "/etc")
    sh("ip", "link", "set", "lo", "up")
    for owner in ("redis", "mosquitto"):
        for parent in ("/var/lib", "/var/log", "/run"):
            folder = pathlib.Path(parent, owner)
            folder.mkdir(parents=True, exist_ok=True)
            sh("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder)
            shutil.chown(folder, owner, owner)
    sh("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/usr/local/sbin")
    CREDENTIALS.mkdir(parents=True, exist_ok=True)
    sh("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", CREDENTIALS)


def own_folder(unit, folder):
    """As systemd makes StateDirectory for the unit's user."""
    expect(list(unit_value(unit, "StateDirectory")) == [folder.name], "the unit has its folder elsewhere")
    folder.mkdir(exist_ok=True)
    mode, user, group = (next(unit_value(unit, key)) for key in ("StateDirectoryMode", "User", "Group"))
    sh("mount", "-t", "tmpfs", "-o", f"mode={mode},uid={user_of(user)},gid={grp.getgrnam(group).gr_gid}", "tmpfs", folder)


def user_of(name):
    return pwd.getpwnam(name).pw_uid


def unit_value(unit, key):
    for line in (ROOT / "packaging" / unit).read_text(encoding="utf-8").splitlines():
        if line.startswith(key + "="):
            yield line.partition("=")[2]


def hand_over_credentials(unit, user):
    """As systemd does for LoadCredential."""
    folder = CREDENTIALS / unit
    folder.mkdir()
    for row in unit_value(unit, "LoadCredential"):
        name, _, source = row.partition(":")
        target = folder / name
        shutil.copy(source, target)
        os.chown(target, user, user)
        target.chmod(0o400)
    os.chown(folder, user, user)
    folder.chmod(0o500)


def as_user(user, group, groups):
    """A change of user takes the wish to die with the parent away, so it is said again."""
    return ["setpriv", "--reuid", str(user), "--regid", str(group), "--pdeathsig", "KILL",
            *(["--groups", groups] if groups else ["--init-groups"])]


def store(place):
    return Process("redis", place, [*as_user("redis", "redis", None), program("redis-server"), "/etc/redis/redis.conf",
                                    "--supervised", "no", "--daemonize", "no"])


def broker(place):
    return Process("mosquitto", place, [program("mosquitto"), "-c", "/etc/mosquitto/mosquitto.conf"])


class Service(Muckwatchd):
    """A program under the options that its unit says, as a user of its own in the group redis."""

    def __init__(self, place, name, unit, user):
        command = next(unit_value(unit, "ExecStart")).split()
        expect(command[0] == f"/usr/bin/{name}" and command[1] == "--config", "the unit starts something else")
        # Where the tests were built, another user may have no way to.
        installed = shutil.copy(f"{BINARIES}/{name}", f"/usr/local/sbin/{name}")
        super().__init__(place, installed, command[2], name)
        group = next(unit_value(unit, "Group"), str(user))
        self.argv = [*as_user(user, group, next(unit_value(unit, "SupplementaryGroups")).replace(" ", ",")), *self.argv]

    def start(self, ready=True):
        os.chmod(self.socket_home.name, 0o755)
        started = super().start(ready=False)
        os.chmod(self.socket_path, 0o666)
        if ready:
            self.wait_ready()
        return started


def tracker_of(place):
    return Service(place, "muckwatchd", "muckwatchd.service", TRACKER_USER)


def archive_of(place):
    """In as much of its unit's sandbox as can be had without systemd: nothing but its folder can be written to, no rights, and
    none to be gained."""
    service = Service(place, "muckwatch-archive", "muckwatch-archive.service", user_of("muckwatch-archive"))
    for row in ("ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet=", "LimitNOFILE=1024", "UMask=0027"):
        key, _, value = row.partition("=")
        expect(value in unit_value("muckwatch-archive.service", key), f"the unit does not say {row}")
    script = f"""umask 0027
        for at in $(cut -d' ' -f2 /proc/self/mounts | sort -ru); do
            case $at in {STATE} | /proc | /proc/* | /sys | /sys/* | /dev | /dev/*) ;; *) mount -o remount,bind,ro "$at" 2> /dev/null || true ;; esac
        done
        ! touch /etc/muckwatch/x 2> /dev/null || exit 99
        exec prlimit --nofile=1024 "$@"
        """
    service.argv[1:1] = ["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
    service.argv = ["unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh", *service.argv]
    service.env["ASAN_OPTIONS"] = service.env["ASAN_OPTIONS"].replace("detect_leaks=1", "detect_leaks=0")  # it would trace itself
    return service


def redis(user, *words):
    """A command as one of the users of the store; its answer, or the error's words."""
    names = {"muckwatchd": "redis", "archive": "redis-archive", "dispatch": "redis-dispatch", "evidence": "redis-evidence", "enforcement": "redis-enforcement"}
    password = pathlib.Path(f"/etc/muckwatch/{names[user]}.password").read_text(encoding="ascii").strip()
    return subprocess.run([program("redis-cli"), "-s", STORE_SOCKET, "--user", user, *map(str, words)], text=True, errors="replace",
                          capture_output=True, check=False, env={**os.environ, "REDISCLI_AUTH": password}).stdout.strip()


def track(vehicle):
    """Numbers of the fixes in its track, in order."""
    rows = redis("enforcement", "--json", "XRANGE", contract.key("track:" + vehicle), "-", "+")
    return [json.loads(dict(zip(fields[::2], fields[1::2]))["fix"])["seq"] for _, fields in json.loads(rows or "[]")]


class Unit:
    """An onboard unit: keeps each fix until the tracker has acknowledged it, whatever becomes of the link."""

    def __init__(self, vehicle, tls, fixes):
        self.vehicle, self.tls, self.fixes, self.acked, self.sent, self.client = vehicle, tls, fixes, 0, 0, None
        self.password = sh(ROOT / "packaging/add-unit", vehicle).strip()
        self.progress_s = time.monotonic()
        self.start_s = int(time.time()) - 10 * fixes - 60

    def open(self, client_id=None):
        self.client = mqtt.Client(8883, client_id or self.vehicle, tls=self.tls, user=self.vehicle, password=self.password)
        self.client.subscribe(contract.topic(self.vehicle, "ack"))
        status = {"online": True, "boot": "b1", "first": self.acked + 1}
        self.client.publish(contract.topic(self.vehicle, "status"), json.dumps(status))
        self.sent = self.acked

    def turn(self):
        """A few fixes and what was answered; after an error the link is opened anew."""
        try:
            if self.client is None:
                self.open()
            # A broker that was killed has forgotten the tracker's queue, and says yes to what nobody takes.
            if self.sent > self.acked and time.monotonic() - self.progress_s > 3:
                self.sent, self.progress_s = self.acked, time.monotonic()
            for _ in range(5):
                if self.sent < self.fixes:
                    self.sent += 1
                    fix = {"time": self.start_s + 10 * self.sent, "lat": 30.5, "lon": 113.0, "boot": "b1", "seq": self.sent}
                    self.client.publish(contract.topic(self.vehicle, "fix"), json.dumps(fix))
            while message := self.client.receive(within_s=0.001):
                ack = json.loads(message.payload)
                if ack["boot"] == "b1":
                    if ack["seq"] < self.acked:
                        self.sent = ack["seq"]
                    self.acked, self.progress_s = ack["seq"], time.monotonic()
        except (OSError, AssertionError, ssl.SSLError):
            if self.client:
                self.client.close(politely=False)
            self.client = None

    def done(self):
        return self.acked >= self.fixes


class Machine:
    def __init__(self):
        self.place = Place("packaged")
        os.chmod(self.place.path, 0o755)
        own_machine(self.place)
        self.said = sh(ROOT / "packaging/install", "localhost")
        expect("/etc/muckwatch/muckwatch.yaml" in self.said, "install tells what it writes")
        again = sh(ROOT / "packaging/install", "localhost")
        expect("wrote" not in again and "added" not in again, "a second install changes something:\n" + again)
        hand_over_credentials("muckwatchd.service", TRACKER_USER)
        hand_over_credentials("muckwatch-archive.service", user_of("muckwatch-archive"))
        own_folder("muckwatch-archive.service", STATE)
        self.tls = ssl.create_default_context(cafile="/etc/muckwatch/ca.crt")
        self.parts = [store(self.place), broker(self.place), tracker_of(self.place), archive_of(self.place)]

    def __enter__(self):
        for part in self.parts:
            part.start()
        return self

    def __exit__(self, kind, error, trace):
        for part in reversed(self.parts):
            part.end()
        reported = self.parts[2].reported() or self.parts[3].reported()
        if kind is None:
            self.place.remove()
            expect(reported is None, reported)
        else:
            for part in self.parts:
                print(part.tail())
            for log in ("/var/log/redis/redis-server.log", "/var/log/mosquitto/mosquitto.log"):
                print(log, pathlib.Path(log).read_text(encoding="utf-8")[-2000:] if os.path.exists(log) else "is not there")


def drive(units, machine, kill=None):
    """Until all is acknowledged; in between something may be killed and started again, three times each."""
    dice, kills, end = random.Random(7), [p for p in machine.parts for _ in range(3)] if kill else [], time.monotonic() + 2 * SECONDS
    dice.shuffle(kills)
    while not all(u.done() for u in units):
        expect(time.monotonic() < end, "not all is acknowledged: " + ", ".join(f"{u.vehicle} {u.acked}" for u in units))
        for unit in units:
            unit.turn()
        if kills and sum(u.acked for u in units) > len(units) * units[0].fixes * (10 - len(kills)) / 12:
            part = kills.pop()
            part.kill()
            if part is machine.parts[2]:
                part.start(ready=False)
            else:
                part.start()
        time.sleep(0.01)
    expect(not kills, "not everything was killed")


MACHINE = Machine()


def test_all_of_it_killed():
    units = [Unit(f"truck-{i}", MACHINE.tls, 600) for i in range(1, 4)]
    drive(units, MACHINE, kill=True)
    for unit in units:
        expect(track(unit.vehicle) == list(range(1, 601)), f"{unit.vehicle}: {len(track(unit.vehicle))} fixes of 600, or not in order")
    for part in MACHINE.parts[:2]:
        expect(part.starts == 4, f"{part.name} was killed {part.starts - 1} times")
    expect("store_setting" not in MACHINE.parts[2].text(), "the packaged store is not durable")
    expect("store_log_not_begun" not in MACHINE.parts[2].text(), "the tracker may not have a new log begun")


def archived(vehicle):
    """Numbers of the fixes that the archive has of it, in order."""
    return [json.loads(line)["seq"] for *_, line in Archive(STATE).tracks().get(vehicle, [])]


def wait_archived():
    last = int(redis("muckwatchd", "HGET", contract.key("owner"), "batch"))
    archive = MACHINE.parts[3]
    wait_until(lambda: int(redis("archive", "HGET", contract.key("archive"), "batch") or -1) >= last, SECONDS, lambda: "all is archived\n" + archive.tail())


def test_all_of_it_is_archived():
    """By the service as it is packaged, killed three times like the others."""
    wait_archived()
    for vehicle in ("truck-1", "truck-2", "truck-3"):
        expect(archived(vehicle) == list(range(1, 601)), f"{vehicle}: {len(archived(vehicle))} fixes of 600 are archived, or not in order")
    expect(MACHINE.parts[3].starts == 4, "the archive was not killed")
    for path in (STATE, *STATE.iterdir()):
        expect(path.stat().st_uid == user_of("muckwatch-archive") and path.stat().st_mode & 0o007 == 0, f"others may read {path}")
    ready = urllib.request.urlopen("http://127.0.0.1:9465/readyz", timeout=SECONDS).read()
    expect(ready == b"ready\n", f"the archive is not ready: {ready}")


def test_rights_of_the_archive():
    """It reads what it follows, and writes to its registration alone; each of its rights is one that it uses."""
    key = contract.key
    allowed = [("XREAD", "COUNT", 1, "STREAMS", key(name), 0) for name in ("track:truck-1", "violations", "trips", "work", "warnings", "actions", "audit", "rejects", "rulesets", "attended", "marks")]
    allowed += [("XREVRANGE", key(name), "+", "-", "COUNT", 1) for name in ("track:truck-1", "violations", "trips", "work", "warnings", "actions", "audit", "rejects", "rulesets", "attended", "marks", "past:truck-1")]
    allowed += [("HMGET", key("archive"), "archive", "turn"), ("HGET", key("owner"), "batch"), ("HLEN", key("state")), ("HKEYS", key("state")),
                ("HGET", "muck:ruleset:none", "canonical"), ("TIME",), ("PING",), ("XINFO", "STREAM", key("rulesets"))]
    for words in allowed:
        expect("NOPERM" not in redis("archive", *words), f"the archive may not {' '.join(map(str, words))}")
    words = ("HSET", key("archive"), "seen", redis("archive", "HGET", key("archive"), "seen"))
    expect(redis("archive", *words) == "0", "the archive may not register")
    forbidden = [("XADD", key(name), "*", "a", "b") for name in ("track:truck-1", "violations", "actions", "audit", "archive")]
    forbidden += [("HSET", key(name), "a", "b") for name in ("owner", "state", "vehicle:truck-1", "alert:x")]
    forbidden += [("DEL", key("archive")), ("HDEL", key("archive"), "turn"), ("XTRIM", key("track:truck-1"), "MAXLEN", 0), ("HGETALL", key("vehicle:truck-1")),
                  ("XREVRANGE", key("checkpoints"), "+", "-"), ("GET", "elsewhere"), ("KEYS", "*"), ("SCAN", 0), ("FLUSHALL",), ("CONFIG", "GET", "*"), ("ACL", "LIST"), ("SHUTDOWN",)]
    for words in forbidden:
        expect("NOPERM" in redis("archive", *words), f"the archive may {' '.join(map(str, words))}")


def test_a_clean_restart_of_the_store_keeps_all():
    redis("muckwatchd", "XADD", contract.key("violations"), "*", "id", "x")
    before = redis("muckwatchd", "XLEN", contract.key("violations"))
    MACHINE.parts[0].stop()
    MACHINE.parts[0].start()
    wait_until(lambda: redis("muckwatchd", "PING") == "PONG", SECONDS, lambda: "the store is back")
    expect(redis("muckwatchd", "XLEN", contract.key("violations")) == before, "the store refused its own log")
    expect(len(track("truck-1")) == 600, "tracks are gone")


def test_a_hostile_unit():
    """It has a user of its own and knows all names."""
    tracker, good, bad = MACHINE.parts[2], Unit("truck-4", MACHINE.tls, 300), Unit("truck-5", MACHINE.tls, 1)
    connects = tracker.text().count("mqtt_connected")
    for name in ("muckwatchd", "muckwatchd-live", "truck-4", ""):
        bad.open(client_id=name)
        for other in ("truck-4", "muckwatchd", "+", "#"):
            for what in ("fix", "status", "ack", "live", "warn"):
                try:
                    bad.client.publish(contract.topic(other, what), "[" + "1," * 1000 + "1]", wait=False)
                except (OSError, AssertionError):
                    bad.open(client_id=name)
        bad.open(client_id=name)  # a wildcard in a topic ended the link
        bad.client.subscribe("#", "muck/v1/+/fix", "$SYS/#", contract.topic("truck-4", "ack"))
        for _ in range(20):
            good.turn()
        expect(not [m for m in bad.client.messages if "truck-4" in m.topic], "it reads what is not for it")
        bad.client.close(politely=False)
    drive([good], MACHINE)
    expect(track("truck-4") == list(range(1, 301)), "fixes of another are missing")
    expect(tracker.text().count("mqtt_connected") == connects, "it threw the tracker out\n" + tracker.tail())
    with_password = lambda: mqtt.Client(8883, "x", tls=MACHINE.tls, user="truck-4", password="wrong")  # noqa: E731
    try:
        with_password()
    except mqtt.Refused:
        return
    raise AssertionError("a wrong password is accepted")


def test_no_unit_is_called_as_the_tracker():
    """A unit's client id is its name, and the broker gives up a connection for another of the same id."""
    tracker = MACHINE.parts[2]
    for line in tracker.text().splitlines():
        expect("client_id=" not in line or 'client_id="muckwatchd"' in line, f"the tracker is called otherwise: {line}")
    for name in ("muckwatchd", "muckwatchd-live"):
        done = subprocess.run([ROOT / "packaging/add-unit", name], capture_output=True, check=False)
        expect(done.returncode == 64, f"a unit may be called {name}: exit {done.returncode}")


def test_users_of_the_store():
    findings, tracks = contract.key("violations"), contract.key("track:truck-1")
    forbidden = [("XADD", findings, "*", "a", "b"), ("XADD", tracks, "*", "a", "b"), ("DEL", tracks), ("XTRIM", findings, "MAXLEN", 0),
                 ("XGROUP", "CREATE", findings, "g", "$"), ("HSET", contract.key("owner"), "batch", 1), ("FLUSHALL",),
                 ("CONFIG", "SET", "appendfsync", "no"), ("SET", "elsewhere", 1), ("ACL", "LIST"), ("KEYS", "*"), ("SHUTDOWN",)]
    for user in ("dispatch", "enforcement"):
        for words in forbidden:
            expect("NOPERM" in redis(user, *words), f"{user} may {' '.join(map(str, words))}")
        expect(redis(user, "XLEN", tracks) == "600", f"{user} may not read")
    expect("-" in redis("dispatch", "XADD", contract.key("actions"), "*", "a", "b"), "dispatch may not note what it did")
    expect("NOPERM" in redis("enforcement", "XADD", contract.key("actions"), "*", "a", "b"), "enforcement writes")
    for words in (("FLUSHALL",), ("CONFIG", "SET", "appendfsync", "no"), ("SET", "elsewhere", 1), ("ACL", "SETUSER", "x"), ("ACL", "LIST"), ("SHUTDOWN",)):
        expect("NOPERM" in redis("muckwatchd", *words), f"the tracker may {' '.join(words[:2])}")
    nobody = sh(program("redis-cli"), "-s", STORE_SOCKET, "PING")
    expect("NOAUTH" in nobody, "the store answers anybody: " + nobody)


def test_a_certificate_for_another_name():
    tracker = MACHINE.parts[2]
    tracker.stop()
    config = pathlib.Path("/etc/muckwatch/muckwatch.yaml")
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("mqtt:\n", "mqtt:\n  host: 127.0.0.1\n  port: 8883\n  cafile: ca.crt\n"), encoding="utf-8")
    tracker.start(ready=False)
    wait_until(lambda: "mqtt_lost" in tracker.text().rpartition("--- start")[2], SECONDS, lambda: "it gives up\n" + tracker.tail())
    expect("mqtt_connected" not in tracker.text().rpartition("--- start")[2], "a certificate for another name is believed")


def reads_the_archive(asked, gateway):
    """As the user that its unit names, of whose files it may write none: whether the archive runs, has stopped, or was killed."""
    archive = MACHINE.parts[3]
    wait_archived()
    redis("muckwatchd", "XTRIM", contract.key("track:truck-1"), "MAXLEN", 0)

    def read():
        status, said = asked("/api/v1/vehicles/truck-1/track")
        return status == 200 and len(json.loads(said)["time"]) == 600

    wait_until(read, SECONDS, lambda: f"it reads what is archived: {str(asked('/api/v1/vehicles/truck-1/track'))[:500]}\n" + gateway.tail(), every_s=0.5)
    expect(asked("/api/v1/trips?archived=true&from=1&to=2")[0] == 200, asked("/api/v1/trips?archived=true&from=1&to=2"))
    archive.stop()
    expect(read(), f"the archive has stopped: {asked('/api/v1/vehicles/truck-1/track')}")
    archive.start()
    expect(read(), "and runs again")
    archive.kill()
    archive.start()
    wait_until(read, SECONDS, lambda: "and was killed", every_s=0.5)


def test_the_gateway():
    """Its user alone reads who may do what, also after root has edited it; at the store it finds the tracker's world, and it reads the archive by its group."""
    user, users = pwd.getpwnam("muckwatch-dispatch"), pathlib.Path("/etc/muckwatch/users.yaml")
    hand_over_credentials("muckwatch-dispatch.service", user.pw_uid)
    gateway = Service(MACHINE.place, "muckwatch-dispatch", "muckwatch-dispatch.service", user.pw_uid)
    sh("/usr/local/sbin/muckwatch-dispatch", "--config", "/etc/muckwatch/dispatch.yaml", "passwd", "ada", "--role", "admin", input="long enough\n")
    expect((users.stat().st_uid, users.stat().st_mode & 0o777) == (user.pw_uid, 0o600), "users.yaml has become somebody else's")
    gateway.start()
    try:
        nobody, ada = urllib.request.build_opener(), urllib.request.build_opener(urllib.request.HTTPCookieProcessor())

        def asked(path, body=None, who=ada):
            request = urllib.request.Request(f"http://127.0.0.1:8080{path}", body, {"Content-Type": "application/json"} if body else {})
            try:
                with who.open(request, timeout=SECONDS) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                return error.code, error.read()
        expect(asked("/api/v1/session", b'{"user":"ada","password":"long enough"}')[0] == 200, gateway.tail())
        expect(asked("/api/v1/place?lat=30&lon=112", who=nobody)[0] == 401, "nobody is signed in")
        wait_until(lambda: asked("/readyz")[0] == 200, SECONDS, lambda: "the world is known\n" + gateway.tail(), every_s=0.2)
        reads_the_archive(asked, gateway)
    finally:
        gateway.end()


def test_units_of_systemd():
    """What systemd says of the unit files; a program that is not installed here is no fault of theirs."""
    for unit, worst in (("muckwatchd.service", 2.0), ("muckwatch-onboard.service", 2.0), ("muckwatch-archive.service", 2.0), ("muckwatch-dispatch.service", 2.0), ("muckwatch-evidence.service", 2.0)):
        path = ROOT / "packaging" / unit
        said = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True, check=False).stderr
        faults = [line for line in said.splitlines() if unit in line and "is not executable" not in line]
        expect(not faults, "\n".join(faults))
        table = subprocess.run(["systemd-analyze", "security", "--offline=true", path], capture_output=True, text=True, check=False)
        level = float(table.stdout.rsplit("level for", 1)[1].split(":")[1].split()[0])
        expect(level <= worst, f"{unit} is exposed by {level}")


with MACHINE:
    run([test_all_of_it_killed, test_all_of_it_is_archived, test_rights_of_the_archive,
         test_a_clean_restart_of_the_store_keeps_all, test_a_hostile_unit, test_no_unit_is_called_as_the_tracker,
         test_users_of_the_store, test_the_gateway, test_a_certificate_for_another_name, test_units_of_systemd])
