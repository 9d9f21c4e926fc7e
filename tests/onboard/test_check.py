"""muckwatch-onboard --check and a start say the same of what is wrong, with the same exit code, and neither waits for a file that
is none; what is right passes the one and runs in the other.

usage: test_check.py BIN_DIR"""
import os
import pathlib
import socket
import stat
import subprocess
import sys
import tempfile
import time

UNIT = pathlib.Path(sys.argv[1], "muckwatch-onboard").resolve()
PATIENCE_S = 120
EX_CANTCREAT, EX_CONFIG = 73, 78
TLS = "cafile: ca.pem, certfile: cert.pem"


def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def make_files(folder):
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "10", "-subj", "/CN=x")
    openssl(folder, "genrsa", "-out", "other.pem", "2048")
    openssl(folder, "genrsa", "-aes128", "-passout", "pass:secret", "-out", "locked.pem", "2048")
    (folder / "ca.pem").write_bytes((folder / "cert.pem").read_bytes())
    both = (folder / "key.pem").read_bytes() + (folder / "cert.pem").read_bytes()
    (folder / "both.pem").write_bytes(both)
    (folder / "open.pem").write_bytes(both)
    (folder / "nonsense").write_text("none\n", encoding="utf-8")
    (folder / "empty").touch()
    for path in folder.iterdir():
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    for name in ("cert.pem", "open.pem"):
        (folder / name).chmod(0o644)
    os.mkfifo(folder / "fifo", 0o600)
    (folder / "folder").mkdir()


def run(config, *words):
    """The exit code; None: it runs, and says so to systemd."""
    with tempfile.TemporaryDirectory(prefix="mw-") as home, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
        notices.bind(home + "/notify")
        notices.setblocking(False)
        child = subprocess.Popen([UNIT, "--config", config, *words], env={**os.environ, "NOTIFY_SOCKET": home + "/notify"},
                                 stderr=subprocess.PIPE)
        end = time.monotonic() + PATIENCE_S
        while child.poll() is None:
            try:
                if b"READY=1" in notices.recv(4096):
                    child.terminate()
                    child.communicate()
                    return None, b""
            except BlockingIOError:
                pass
            if time.monotonic() > end:
                child.kill()
                raise AssertionError(f"{words or 'a start'} neither ends nor runs: {child.communicate()[1][-500:]}")
            time.sleep(0.01)
        return child.returncode, child.communicate()[1]


def check(folder, what, want, mqtt="", more=""):
    config = folder / "onboard.yaml"
    config.write_text(f"vehicle: t\nmqtt: {{host: 127.0.0.1, port: 1, {mqtt}}}\njournal: {{dir: journal}}\n{more}\n", encoding="utf-8")
    code, said = run(config, "--check")
    if (code, bool(said)) != (want or 0, bool(want)):
        raise AssertionError(f"{what}: --check {code}, not {want or 0}: {said.decode()[-500:]}")
    code, said = run(config)
    if code != want:
        raise AssertionError(f"{what}: a start {code}, not {want}: {said.decode()[-500:]}")


with tempfile.TemporaryDirectory() as name:
    here = pathlib.Path(name)
    make_files(here)
    for mqtt in ("", "cafile: ca.pem", TLS + ", keyfile: key.pem", "cafile: ca.pem, certfile: both.pem"):
        check(here, mqtt or "no TLS", None, mqtt)
    for path in ("nonsense", "empty", "key.pem", "missing", "fifo", "folder"):
        check(here, f"cafile {path}", EX_CONFIG, f"cafile: {path}")
        check(here, f"certfile {path}", EX_CONFIG, f"cafile: ca.pem, certfile: {path}, keyfile: other.pem")
    for path in ("nonsense", "empty", "other.pem", "locked.pem", "open.pem", "missing", "fifo", "folder"):
        check(here, f"keyfile {path}", EX_CONFIG, f"{TLS}, keyfile: {path}")
    check(here, "a certificate without its key", EX_CONFIG, TLS)
    check(here, "a key beside the certificate that others can read", EX_CONFIG, "cafile: ca.pem, certfile: open.pem")
    check(here, "sensors", None, more=f"sensors: {{socket: {here}/sensors}}")
    check(here, "a socket in no folder", EX_CANTCREAT, more=f"sensors: {{socket: {here}/missing/sensors}}")
    check(here, "a socket with too long a path", EX_CANTCREAT, more=f"sensors: {{socket: {here}/{'x' * 200}}}")
    check(here, "a command of too many words", EX_CONFIG, more=f"warn: {{command: /bin/true {'x ' * 100}}}")
