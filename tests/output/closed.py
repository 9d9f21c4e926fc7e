"""Programs that are started with their standard streams closed: no connection gets the number of one, so nothing that is
printed or logged goes to the store or the broker; and what should have been printed ends with 74.

    closed.py PROGRAMS SOURCE
"""
import os
import pathlib
import socket
import subprocess
import sys
import tempfile

PROGRAMS, ROOT = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
sys.path.insert(0, str(ROOT / "tests"))
sys.dont_write_bytecode = True
from harness.resp import Reader, command  # noqa: E402

PATIENCE_S = 120
STREAMS = (0, 1, 2)


def start(*words):
    return subprocess.Popen(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *map(str, words)])


def expect(condition, words):
    if not condition:
        raise AssertionError(words)


def connected(listener):
    listener.settimeout(PATIENCE_S)
    connection = listener.accept()[0]
    connection.settimeout(PATIENCE_S)
    return connection


def no_connection_is_a_stream(child, what):
    for fd in STREAMS:
        try:
            opened = os.readlink(f"/proc/{child.pid}/fd/{fd}")
        except FileNotFoundError:
            opened = "nothing"
        expect(opened == "/", f"{what}: its descriptor {fd} is {opened}")


def tail(listener):
    child = start(PROGRAMS / "muckctl", "tail", "--redis", f"127.0.0.1:{listener.getsockname()[1]}", "--from-start", "--count", 1)
    store, reader = connected(listener), Reader()
    asked = reader.feed(store.recv(1 << 16))
    expect(asked and asked[0][0] == b"XREAD", f"asked {asked}")
    no_connection_is_a_stream(child, "muckctl tail")
    fields = ("event", "opened", "id", "x", "rev", "1", "kind", "spill", "severity", "minor", "vehicle", "v", "start", "1", "at", "1", "text", "spill")
    store.sendall(b"*1\r\n*2\r\n$19\r\nmuck:{0}:violations\r\n" + b"*1\r\n*2\r\n$3\r\n1-1\r\n" + command(*fields))
    code = child.wait(PATIENCE_S)
    sent = store.recv(1 << 16)
    expect(not sent, f"muckctl tail sent the store {sent}")
    expect(code == 74, f"muckctl tail onto nothing: exit {code}")


def daemon(listener, folder):
    broker = socket.create_server(("127.0.0.1", 0))
    (folder / "fences.geojson").write_text((ROOT / "packaging/fences.geojson").read_text(encoding="utf-8"), encoding="utf-8")
    config = folder / "muckwatch.yaml"
    config.write_text(f"mqtt: {{port: {broker.getsockname()[1]}}}\nredis: {{port: {listener.getsockname()[1]}}}\n"
                      "city: {timezone: Asia/Shanghai, fences: [fences.geojson]}\n", encoding="utf-8")
    child = start(PROGRAMS / "muckwatchd", "--config", config)
    store = connected(listener)
    expect(store.recv(1) == b"*", "the store is sent no command")
    no_connection_is_a_stream(child, "muckwatchd")
    child.kill()
    child.wait(PATIENCE_S)


with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0)) as server:
    tail(server)
    daemon(server, pathlib.Path(name))
