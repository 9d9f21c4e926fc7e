"""--check fails on what a start fails on, with the same code and the same words, and on nothing else.

A row is a way to spoil a configuration. Neither broker nor store is there, and neither is needed for a check.
"""
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request

from common import BINARIES, CITY, expect, run, wait_until
from harness.place import Place, free_port
from harness.servers import Muckwatchd

EX_OK, EX_USAGE, EX_UNAVAILABLE, EX_CONFIG = 0, 64, 69, 78


class Case:
    """A configuration with its files, before it is spoilt."""

    def __init__(self):
        self.place = Place("check")
        for path in CITY.iterdir():
            if path.suffix in (".json", ".geojson"):
                shutil.copy(path, self.place.path)
        self.http_port = free_port()
        self.mqtt = {"host": "127.0.0.1", "port": free_port()}
        self.redis = {"host": "127.0.0.1", "port": free_port()}
        self.http = {"port": self.http_port}
        self.more, self.city, self.arguments = "", (CITY / "muckwatch.yaml").read_text(encoding="utf-8"), []
        year = time.localtime().tm_year  # the sample city knows the holidays of one
        if not (self.place.path / f"{year}.json").exists():
            self.place.file(f"{year}.json", json.dumps({"year": year, "days": []}))
            self.city = self.city.replace("calendar: [", f"calendar: [{year}.json, ")
        self.config, self.held = self.place.path / "muckwatch.yaml", []

    def secret(self, name, text="word\n", mode=0o600):
        path = self.place.file(name, text)
        path.chmod(mode)
        return name

    def write(self):
        parts = [f"{name}: {json.dumps(value)}\n" for name, value in
                 (("mqtt", self.mqtt), ("redis", self.redis), ("http", self.http))]
        self.config.write_text("".join(parts) + self.city + self.more, encoding="utf-8")


def certificate(case):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "9", "-subj",
                    "/CN=test", "-keyout", case.place.path / "key.pem", "-out", case.place.path / "ca.pem"], check=True,
                   capture_output=True)
    case.mqtt["cafile"] = "ca.pem"


def hold_port(case):
    case.held.append(socket.create_server(("127.0.0.1", case.http_port)))


def fifo(case, name):
    (case.place.path / name).unlink(missing_ok=True)
    os.mkfifo(case.place.path / name)
    return name


def without_calendar(case):
    text = case.city
    at = text.index("calendar:")
    end = text.index("]", at) + 1
    case.city = text[:at] + "calendar: []" + text[end:]


# (what, how it is spoilt, exit code, a word of the reason)
GOOD = (
    ("as it is", lambda c: None),
    ("a broker and a store that have no address", lambda c: (c.mqtt.update(host="no.invalid"), c.redis.update(host="no.invalid"))),
    ("a store's socket that is not there", lambda c: c.redis.update(unix_socket="/nowhere/redis.sock")),
    ("passwords and a certificate", lambda c: (certificate(c), c.mqtt.update(username="u", password_file=c.secret("m")),
                                               c.redis.update(username="u", password_file=c.secret("r")))),
    ("a password that the group may read", lambda c: c.mqtt.update(username="u", password_file=c.secret("m", mode=0o640))),
    ("a store that has to be durable", lambda c: c.redis.update(require_durable=True)),
    ("take over", lambda c: c.arguments.append("--take-over")),
)
BAD = (
    ("no configuration", lambda c: setattr(c, "config", c.place.path / "none.yaml"), EX_CONFIG, "none.yaml"),
    ("no YAML", lambda c: setattr(c, "more", "}{\n"), EX_CONFIG, "muckwatch.yaml:"),
    ("an unknown key", lambda c: c.mqtt.update(hots="x"), EX_CONFIG, "hots"),
    ("a port out of range", lambda c: c.mqtt.update(port=70000), EX_CONFIG, "port"),
    ("a wrong level of the log", lambda c: c.arguments.extend(["--log-level", "loud"]), EX_USAGE, "--log-level"),
    ("fences that are not there", lambda c: (c.place.path / "fences.geojson").unlink(), EX_CONFIG, "fences.geojson"),
    ("fences that are cut short", lambda c: os.truncate(c.place.path / "fences.geojson", 300), EX_CONFIG, "fences.geojson"),
    ("a fleet that is a FIFO", lambda c: fifo(c, "fleet.json"), EX_CONFIG, "fleet.json"),
    ("a cafile that is not there", lambda c: c.mqtt.update(cafile="none.pem"), EX_CONFIG, "none.pem"),
    ("a cafile that is a folder", lambda c: c.mqtt.update(cafile="."), EX_CONFIG, "/."),
    ("a cafile that is a FIFO", lambda c: c.mqtt.update(cafile=fifo(c, "ca.pem")), EX_CONFIG, "ca.pem"),
    ("a cafile without a certificate", lambda c: c.mqtt.update(cafile=c.place.file("ca.pem", "x\n").name), EX_CONFIG, "ca.pem"),
    ("a password file that is not there", lambda c: c.mqtt.update(password_file="none"), EX_CONFIG, "none"),
    ("a password that others read", lambda c: c.mqtt.update(password_file=c.secret("m", mode=0o644)), EX_CONFIG, "/m"),
    ("a password that is empty", lambda c: c.redis.update(password_file=c.secret("r", "\n")), EX_CONFIG, "/r"),
    ("a store's password that others read", lambda c: c.redis.update(password_file=c.secret("r", mode=0o644)), EX_CONFIG, "/r"),
    ("a password that is a FIFO", lambda c: c.redis.update(password_file=fifo(c, "r")), EX_CONFIG, "/r"),
    ("a client id that the library refuses", lambda c: c.mqtt.update(client_id="\x01"), EX_CONFIG, "client_id"),
    ("a user that the library refuses", lambda c: c.mqtt.update(username="\x01"), EX_CONFIG, "username"),
    ("a port that is taken", hold_port, EX_UNAVAILABLE, "http.port"),
    ("a host that is not ours", lambda c: c.http.update(host="192.0.2.1"), EX_UNAVAILABLE, "http.port"),
    ("a host that is no address", lambda c: c.http.update(host="no.invalid"), EX_UNAVAILABLE, "http.port"),
)


def prepared(spoil):
    case = Case()
    spoil(case)
    case.write() if case.config.name == "muckwatch.yaml" else None
    return case


def check(case, *more):
    return subprocess.run([BINARIES / "muckwatchd", "--config", case.config, *case.arguments, "--check", *more], capture_output=True,
                          text=True, timeout=240, check=False)


def findings(text):
    """Lines of the check, without those of the log."""
    return [line for line in text.splitlines() if line.startswith("muckwatchd: ") or ": warning: " in line]


def alive(case):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{case.http_port}/healthz", timeout=60) as page:
            return page.status == 200
    except OSError:
        return False


def end(case, tracker=None):
    if tracker:
        tracker.end()
        expect(not tracker.reported(), f"the sanitizers report {tracker.reported()}")
    for held in case.held:
        held.close()
    case.place.remove()


def test_good():
    for what, spoil in GOOD:
        case = prepared(spoil)
        said = check(case)
        expect(said.returncode == EX_OK, f"{what}: --check gives {said.returncode}\n{said.stderr}")
        summary = json.loads(check(case, "--json").stdout.splitlines()[-1])
        expect(summary["level"] == "summary" and summary["errors"] == 0, f"{what}: {summary}")
        tracker = Muckwatchd(case.place, BINARIES / "muckwatchd", case.config, arguments=case.arguments)
        tracker.start(ready=False)
        wait_until(lambda c=case, t=tracker: alive(c) or not t.alive(), 120, "it starts or ends")
        expect(tracker.alive(), f"{what}: the check is content, the start ends with {tracker.child.returncode}\n{tracker.tail()}")
        end(case, tracker)


def test_bad():
    for what, spoil, code, word in BAD:
        case = prepared(spoil)
        said = check(case)
        expect("ERROR: " not in said.stderr, said.stderr)
        expect(said.returncode == code and word in said.stderr, f"{what}: --check gives {said.returncode}, not {code}\n{said.stderr}")
        tracker = Muckwatchd(case.place, BINARIES / "muckwatchd", case.config, arguments=case.arguments)
        tracker.start(ready=False)
        expect(tracker.wait(120) == code, f"{what}: the start gives {tracker.child.returncode}, not {code}\n{tracker.tail()}")
        doubts = [line for line in findings(said.stderr) if ": warning: " in line]
        told = [line for line in findings(said.stderr) if line not in doubts]
        if code != EX_USAGE:
            expect(told[:-1] and told[:-1] == findings(tracker.text())[:-1],
                   f"{what}: --check says\n  {told}\nand the start\n  {findings(tracker.text())}")
            lines = [json.loads(line) for line in check(case, "--json").stdout.splitlines()]
            errors = [line for line in lines if line["level"] == "error"]
            expect(errors and any(word in line["text"] for line in errors), f"{what}: as JSON {lines}")
            expect(lines[-1]["level"] == "summary" and lines[-1]["errors"] == len(errors), f"{what}: as JSON {lines}")
        end(case, tracker)


def test_all_is_told():
    """One round is enough to mend it."""
    def spoil(case):
        case.mqtt.update(cafile="none.pem", password_file="none")
        case.redis.update(password_file=case.secret("r", mode=0o644))
        (case.place.path / "fences.geojson").unlink()
    case = prepared(spoil)
    said = check(case).stderr
    for word in ("none.pem", "none:", "/r:", "fences.geojson"):
        expect(word in said, f"{word} is not told of\n{said}")
    end(case)


def test_year_without_holidays():
    """The one thing that a check alone fails on: a start in the new year's first night must not."""
    case = prepared(without_calendar)
    expect(check(case).returncode == EX_CONFIG, "hours name holidays that nobody knows")
    tracker = Muckwatchd(case.place, BINARIES / "muckwatchd", case.config)
    tracker.start(ready=False)
    wait_until(lambda: alive(case), 120, lambda: "it starts\n" + tracker.tail())
    end(case, tracker)


run([test_good, test_bad, test_all_is_told, test_year_without_holidays])
