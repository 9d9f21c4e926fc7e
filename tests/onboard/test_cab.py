"""What else the unit does: sensors at once, warnings to the cab, TLS with its own certificate and rights on its own
topics only, work without a journal, a stop in good order.

usage: test_cab.py BIN_DIR"""
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

from stage import Broker, Folder, Gpsd, Tracker, Unit, assert_tracker_has_the_journal, free_port, need, wait_for

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")


def with_all(test):
    def run(bin_dir):
        with Folder() as folder:
            broker, gpsd = Broker(folder), Gpsd(10)
            tracker = Tracker(broker.port, "truck-7")
            units = []
            try:
                test(bin_dir, folder, broker, gpsd, tracker, units)
                for unit in units:
                    unit.stop()
            finally:
                for unit in units:
                    if unit.process is not None and unit.process.poll() is None:
                        unit.kill()
                tracker.stop()
                gpsd.stop()
                broker.kill()
    run.__name__ = test.__name__
    return run


@with_all
def sensors_at_once(bin_dir, folder, broker, gpsd, tracker, units):
    unit = Unit(bin_dir, folder, "truck-7", broker.port, gpsd.port, "sampling: {every_s: 3600, distance_m: 0}\n")
    units.append(unit)
    unit.start()
    wait_for("the first fix", lambda: tracker.seq >= 1)
    assert "sensors" not in tracker.kept[0][2]
    unit.sensor("cover=open", "load_kg=12500", "spill=true")
    said = time.monotonic()
    # The spill at once, the cover after its debounce of one second, the load after three.
    wait_for("spill", lambda: any(f.get("sensors", {}).get("spill") for _, _, f in tracker.kept), 10)
    wait_for("cover", lambda: any(f.get("sensors", {}).get("cover") == "open" for _, _, f in tracker.kept), 10)
    assert time.monotonic() - said > 0.9
    wait_for("load", lambda: any(f.get("sensors", {}).get("load_kg") == 12500 for _, _, f in tracker.kept), 15)
    assert len(tracker.kept) == 4, tracker.kept
    assert all("lat" in f for _, _, f in tracker.kept)
    # Rubbish is refused and does no harm.
    rubbish = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    for datagram in (b"", b"{", b'{"cover":"ajar"}', b"x" * 5000, b"[]"):
        rubbish.sendto(datagram, unit.socket)
    # A receiver that falls silent: the change goes out without a position.
    gpsd.driving = False
    unit.sensor("spill=false")
    wait_for("a fix without position", lambda: "lat" not in tracker.kept[-1][2], 15)
    assert tracker.kept[-1][2]["mode"] == 1 and tracker.kept[-1][2]["sensors"]["spill"] is False


@with_all
def warnings_reach_the_cab(bin_dir, folder, broker, gpsd, tracker, units):
    shown, script = os.path.join(folder, "shown"), os.path.join(folder, "show")
    with open(script, "w") as f:
        f.write(f'#!/bin/sh\ncat >>{shown}\necho " $1" >>{shown}\n')
    os.chmod(script, 0o755)
    path = os.path.join(folder, "warn.sock")
    cab = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    cab.bind(path)
    cab.settimeout(5)
    unit = Unit(bin_dir, folder, "truck-7", broker.port, gpsd.port,
                f'warn: {{command: "{script} $(reboot);loud", socket: {path}}}\n')
    units.append(unit)
    unit.start()
    wait_for("the first fix", lambda: tracker.seq >= 1)
    warning = json.dumps({"id": "x", "kind": "speeding", "event": "opened", "text": {"zh": "超速", "en": "speeding"}})
    tracker.client.publish("muck/v1/truck-7/warn", warning.encode())
    assert cab.recv(4096).decode() == warning
    wait_for("the command", lambda: os.path.exists(shown) and open(shown).read() == warning + " $(reboot);loud\n")
    # More than can be run: dropped, and the unit lives.
    for _ in range(100):
        tracker.client.publish("muck/v1/truck-7/warn", warning.encode())
    before = tracker.seq
    wait_for("fixes", lambda: tracker.seq > before)


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def make_certificates(folder):
    def at(name):
        return os.path.join(folder, name)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test authority", "-days", "2", "-keyout",
            at("ca.key"), "-out", at("ca.pem"))
    for name, subject, extension in (("broker", "/CN=broker", "subjectAltName=IP:127.0.0.1"),
                                     ("truck-7", "/CN=truck-7", "keyUsage=digitalSignature")):
        with open(at("extension"), "w") as f:
            f.write(extension + "\n")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", subject, "-keyout", at(name + ".key"), "-out",
                at(name + ".csr"))
        openssl("x509", "-req", "-in", at(name + ".csr"), "-CA", at("ca.pem"), "-CAkey", at("ca.key"),
                "-CAcreateserial", "-days", "2", "-extfile", at("extension"), "-out", at(name + ".pem"))
    return at


@with_all
def tls_with_a_certificate(bin_dir, folder, broker, gpsd, tracker, units):
    at = make_certificates(folder)
    port = free_port()
    with open(at("acl"), "w") as f:
        f.write("".join(f"pattern write muck/v1/%u/{t}\n" for t in ("fix", "live", "status")) +
                "".join(f"pattern read muck/v1/%u/{t}\n" for t in ("ack", "warn")))
    os.chmod(at("acl"), 0o644)
    os.chmod(folder, 0o755)
    with open(broker.config, "w") as f:
        f.write(f"per_listener_settings true\nmax_queued_messages 0\npersistence false\n"
                f"listener {broker.port} 127.0.0.1\nallow_anonymous true\n"
                f"listener {port} 127.0.0.1\nallow_anonymous false\ncafile {at('ca.pem')}\n"
                f"certfile {at('broker.pem')}\nkeyfile {at('broker.key')}\nrequire_certificate true\n"
                f"use_identity_as_username true\nacl_file {at('acl')}\n" + ("user root\n" if os.getuid() == 0 else ""))
    broker.kill()
    broker.start()
    unit = Unit(bin_dir, folder, "truck-7", port, gpsd.port)
    text = open(unit.config).read().replace(
        f"port: {port},", f"port: {port}, cafile: {at('ca.pem')}, certfile: {at('truck-7.pem')}, "
                          f"keyfile: {at('truck-7.key')},")
    with open(unit.config, "w") as f:
        f.write(text)
    units.append(unit)
    unit.start()
    wait_for("fixes over TLS, acknowledged", lambda: tracker.seq >= 2, 20)
    time.sleep(0.5)
    unit.stop()
    assert unit.summary()["acked"] >= 1, "the ack did not come through"
    # Without its certificate: not let in.
    with open(unit.config, "w") as f:
        f.write(text.replace(f"certfile: {at('truck-7.pem')}, keyfile: {at('truck-7.key')},", ""))
    before = len(tracker.status)
    unit.start()
    time.sleep(2)
    assert len(tracker.status) == before


@with_all
def without_a_journal(bin_dir, folder, broker, gpsd, tracker, units):
    unit = Unit(bin_dir, folder, "truck-7", broker.port, gpsd.port,
                "sampling: {every_s: 1}\njournal: {dir: /dev/null/journal}\n")
    units.append(unit)
    unit.start()
    wait_for("fixes without numbers", lambda: len(tracker.unnumbered) > 5)
    assert "journal_not_opened" in unit.log()


@with_all
def a_full_flash(bin_dir, folder, broker, gpsd, tracker, units):
    small = os.path.join(folder, "flash")
    os.mkdir(small)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "none", small], capture_output=True).returncode != 0:
        print("  left out: this user may not mount a small volume; test_journal.c fills a volume of its own making")
        return
    gpsd.rate = 100
    unit = Unit(bin_dir, folder, "truck-7", broker.port, gpsd.port,
                f"sampling: {{every_s: 1}}\njournal: {{dir: {small}, fsync_s: 0.5}}\n")
    unit.journal_dir = small
    try:
        with open(os.path.join(small, "fill"), "wb") as f:
            f.write(b"x" * (100 << 10))
        unit.start()
        wait_for("the warning", lambda: "journal_failing" in unit.log(), 30)
        before = tracker.seq
        wait_for("fixes from memory", lambda: tracker.seq > before + 100)
        os.unlink(os.path.join(small, "fill"))
        wait_for("the journal to work again", lambda: "journal_works" in unit.log())
        gpsd.driving = False
        time.sleep(0.5)
        wait_for("the last ack", lambda: tracker.seq >= unit.summary()["last"])
        unit.stop()
        assert_tracker_has_the_journal(unit, tracker)
    finally:
        if unit.process.poll() is None:
            unit.kill()
        subprocess.run(["umount", small], check=True)


@with_all
def a_stop_in_good_order(bin_dir, folder, broker, gpsd, tracker, units):
    unit = Unit(bin_dir, folder, "truck-7", broker.port, gpsd.port, "sampling: {every_s: 1}\n")
    units.append(unit)
    for _ in range(3):
        before = tracker.seq
        unit.start()
        wait_for("fixes", lambda: tracker.seq > before + 3)
        second = Unit(bin_dir, folder, "truck-7", broker.port, gpsd.port, "sampling: {every_s: 1}\n")
        second.log_path += ".second"
        second.start()
        assert second.process.wait(10) == 75, "two units on one journal"
        unit.stop()
        wait_for("the goodbye", lambda: tracker.status and tracker.status[-1]["online"] is False)
    summary = unit.summary()
    assert summary["skipped"] == [] and summary["first"] == 1, summary
    assert len(unit.journal()) == summary["last"]
    # Killed: the broker says it.
    unit.start()
    wait_for("the status", lambda: tracker.status[-1]["online"])
    unit.kill()
    wait_for("the will", lambda: tracker.status[-1]["online"] is False, 10)


@with_all
def an_ack_beyond_is_refused(bin_dir, folder, broker, gpsd, tracker, units):
    unit = Unit(bin_dir, folder, "truck-7", broker.port, gpsd.port, "sampling: {every_s: 1}\n")
    units.append(unit)
    unit.start()
    wait_for("fixes", lambda: tracker.seq > 5, 120)
    broker.pause()  # fixes that nobody has yet
    before = unit.summary()["last"]
    wait_for("fixes behind a dead link", lambda: unit.summary()["last"] > before + 20, 120)
    tracker.silent = True
    broker.resume()
    beyond = json.dumps({"boot": tracker.boot, "seq": before + 100_000}).encode()
    wait_for("the refusal", lambda: tracker.client.publish("muck/v1/truck-7/ack", beyond) or "ack_refused" in unit.log(), 120)
    tracker.silent = False
    unit.process.send_signal(signal.SIGUSR1)
    wait_for("the count", lambda: re.search("acks_refused=[1-9]", unit.log()), 120)
    wait_for("all that it had kept", lambda: tracker.seq > before + 20, 120)
    gpsd.driving = False
    wait_for("all", lambda: unit.summary()["last"] == tracker.seq, 120)
    assert unit.summary()["skipped"] == [], unit.summary()
    assert_tracker_has_the_journal(unit, tracker)


def notices(sock, word, count):
    """Until it was said so often."""
    heard = 0
    end = time.monotonic() + 120
    while heard < count:
        assert time.monotonic() < end, f"{heard} times {word}"
        heard += sock.recv(4096) == word
    return heard


@with_all
def the_loop_is_watched(bin_dir, folder, broker, gpsd, tracker, units):
    """As the unit file asks for: each second, with gpsd and broker, without, and with a broker that hangs."""
    with open(os.path.join(ROOT, "packaging/muckwatch-onboard.service"), encoding="utf-8") as file:
        service = dict(line.strip().split("=", 1) for line in file if "=" in line and not line.startswith("#"))
    assert service["Type"] == "notify" and 10 <= int(service["WatchdogSec"]) <= 120, service
    broker.kill()
    unit = Unit(bin_dir, folder, "truck-7", broker.port, free_port(), "sampling: {every_s: 1}\n")
    units.append(unit)
    with tempfile.TemporaryDirectory(prefix="mw-") as home, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.settimeout(120)
        sock.bind(os.path.join(home, "notify"))
        unit.start(NOTIFY_SOCKET=os.path.join(home, "notify"))
        notices(sock, b"READY=1", 1)
        notices(sock, b"WATCHDOG=1", 3)
        broker.start()
        wait_for("the status", lambda: tracker.status, 120)
        notices(sock, b"WATCHDOG=1", 3)
        broker.pause()
        notices(sock, b"WATCHDOG=1", 8)  # longer than the keep-alive
        broker.resume()
        # It is the loop that speaks: one that stands still is silent.
        unit.process.send_signal(signal.SIGSTOP)
        time.sleep(1)
        sock.setblocking(False)
        try:
            while sock.recv(4096):
                pass
        except BlockingIOError:
            pass
        sock.settimeout(3)
        try:
            raise AssertionError(f"{sock.recv(4096)} from a process that was stopped")
        except TimeoutError:
            pass
        unit.process.send_signal(signal.SIGCONT)
        sock.settimeout(120)
        notices(sock, b"WATCHDOG=1", 1)
        unit.process.terminate()
        notices(sock, b"STOPPING=1", 1)
        assert unit.process.wait(120) == 0


def main():
    need("mosquitto")
    need("openssl")
    for test in (sensors_at_once, warnings_reach_the_cab, tls_with_a_certificate, without_a_journal,
                 a_full_flash, a_stop_in_good_order, an_ack_beyond_is_refused, the_loop_is_watched):
        print(test.__name__, flush=True)
        test(sys.argv[1])


if __name__ == "__main__":
    main()
