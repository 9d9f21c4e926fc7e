"""Receiver logs through a real gpsd and a real broker: what arrives is what the TPV lines of the .chk files allow, by a
second writing of the sampling rules (docs/ONBOARD.md), below.

Two units with different settings hang on one gpsd, by a relay that notes what gpsd says. That is the .chk, but for one
thing: gpsd guesses the GPS era from what it has heard so far, so with an old receiver the same log gives times 1024
weeks apart from one run to the next. The rules are judged by what was really said.

usage: test_gpsd_logs.py BIN_DIR DATA_DIR"""
import calendar
import glob
import json
import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from stage import Broker, Folder, Tracker, Unit, free_port, need, wait_for

WEEKS_1024 = 1024 * 7 * 86400.0
SETTINGS = {
    "defaults": dict(every=10, turn=20, distance=200, standing=60),
    "everything": dict(every=0.1, turn=0, distance=0, standing=1),
}


def seconds(text):
    whole, _, fraction = text.rstrip("Z").partition(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + round(float("0." + (fraction or "0")), 3)


def metres(a, b):
    x = math.radians(b["lon"] - a["lon"]) * math.cos(math.radians((a["lat"] + b["lat"]) / 2))
    return 6371008.8 * math.hypot(x, math.radians(b["lat"] - a["lat"]))


def error_m(p):
    if p.get("eph", 0) > 0:
        return p["eph"]
    return math.hypot(p["epx"], p["epy"]) if "epx" in p and "epy" in p else 30.0


def jumps(a, b):
    return metres(a, b) - error_m(a) - error_m(b) > 60 * abs(b["t"] - a["t"])


def off_by_1024_weeks(a, b):
    apart = abs(a - b)
    rest = apart % WEEKS_1024
    return apart > WEEKS_1024 / 2 and min(rest, WEEKS_1024 - rest) <= 86400


def believed(reports, now):
    """The reports whose position and time are believed, in order."""
    good, backwards, there, agreeing = None, 0, None, 0
    for p in reports:
        if p.get("mode", 0) < 2 or "lat" not in p or "lon" not in p or "time" not in p:
            continue
        p = dict(p, t=seconds(p["time"]))
        if p["t"] < 1262304000 or off_by_1024_weeks(p["t"], now) or p["t"] > now + 300:
            continue
        if good and p["t"] > good["t"] and off_by_1024_weeks(p["t"], good["t"]):
            continue
        if good and p["t"] == good["t"]:
            continue
        if good and p["t"] < good["t"]:
            backwards += 1
            if backwards < 10:
                continue
        backwards = 0
        if good and p["t"] >= good["t"] and jumps(good, p):
            agreeing = agreeing + 1 if agreeing and p["t"] > there["t"] and not jumps(there, p) else 1
            there = p
            if agreeing < 3:
                continue
        agreeing = 0
        good = p
        yield p


def sampled(reports, now, every, turn, distance, standing):
    kept, still = None, False
    for p in believed(reports, now):
        was_still = still
        if "speed" in p:
            still = p["speed"] <= 1.5 if still else p["speed"] < 0.8
        else:
            still = kept is not None and metres(kept, p) < 20
        if kept is not None:
            since = p["t"] - kept["t"]
            due = since < 0 or since >= (standing if still else every) - 1e-6
            if still:
                due = due or not was_still
            else:
                due = due or (distance > 0 and metres(kept, p) >= distance)
                if turn > 0 and "track" in p and "track" in kept and p.get("speed", 0) > 2:
                    off = abs(p["track"] - kept["track"]) % 360
                    due = due or min(off, 360 - off) >= turn
            if not due:
                continue
        kept = p
        yield p


def reports_of(log):
    with open(log + ".chk", errors="replace") as f:
        return [json.loads(line) for line in f if line.startswith('{"class":"TPV"')]


def play(log, port, ended):
    """gpsfake spins for a minute after the end of the log, and it and its gpsd linger: both are stopped by session."""
    process = subprocess.Popen(["gpsfake", "-1", "-q", "-t", "-P", str(port), "-c", "0.01", log],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for(f"the end of {log}", ended, 60)
        time.sleep(0.5)
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


class Relay:
    """Between gpsd and the units: waits for all of them, asks gpsd for reports once, and notes the TPV lines."""

    def __init__(self, gpsd_port, units):
        self.gpsd_port, self.units = gpsd_port, units
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.reports = []
        self.heard = math.inf
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        peers = []
        while len(peers) < self.units:
            peer, _ = self.server.accept()
            # The unit first tries whether somebody is there, with a connection that it closes.
            peer.settimeout(10)
            try:
                if peer.recv(200):
                    peers.append(peer)
            except OSError:
                pass
        while True:
            try:
                up = socket.create_connection(("127.0.0.1", self.gpsd_port), 1)
                break
            except OSError:
                time.sleep(0.02)
        up.settimeout(None)
        up.sendall(b'?WATCH={"enable":true,"json":true};\n')
        lines = up.makefile("rb")
        try:
            for line in lines:
                if line.startswith(b'{"class":"TPV"'):
                    self.reports.append(json.loads(line))
                    self.heard = time.monotonic()
                for peer in peers:
                    peer.sendall(line)
        except OSError:
            pass


class NotAsChecked(AssertionError):
    """gpsd made other reports of the log than its .chk has. Which sentences it takes for one cycle hangs on when they come,
    so on a busy machine it happens; what the unit makes of it is judged all the same, and then the log is played again."""


def assert_as_checked(log, said):
    try:
        compare_with_check(log, said)
    except AssertionError as difference:
        raise NotAsChecked(str(difference)) from None


def compare_with_check(log, said):
    """What gpsd said is the .chk, the era of its times aside."""
    if "torture" in log:
        return  # made to be split badly on its way: what gpsd makes of it hangs on the timing
    checked = reports_of(log)
    assert len(checked) - 1 <= len(said) <= len(checked), f"{log}: gpsd said {len(said)} reports, {len(checked)} are in the .chk"
    for a, b in zip(said, checked):
        assert [a.get(k) for k in ("mode", "lat", "lon")] == [b.get(k) for k in ("mode", "lat", "lon")], (log, a, b)
        if "time" in a and "time" in b:
            apart = abs(seconds(a["time"]) - seconds(b["time"]))
            assert min(apart % WEEKS_1024, WEEKS_1024 - apart % WEEKS_1024) < 0.002, (log, a, b)


def assert_arrived(log, name, tracker, reports):
    fixes = [fix for _, _, fix in tracker.kept]
    blind = [f for f in fixes if "lat" not in f]
    assert all(f["mode"] == 1 and "lon" not in f for f in blind), blind
    got = [(seconds(f["time"]), f["lat"], f["lon"], f["mode"]) for f in fixes if "lat" in f]
    want = [(p["t"], round(p["lat"], 7), round(p["lon"], 7), p["mode"])
            for p in sampled(reports, time.time(), **SETTINGS[name])]
    close = len(got) == len(want) and all(
        g[0] == w[0] and g[3] == w[3] and abs(g[1] - w[1]) < 2e-7 and abs(g[2] - w[2]) < 2e-7
        for g, w in zip(got, want))
    assert close, f"{log} ({name}):\n got {got}\nwant {want}"
    return len(got), len(blind)


class NothingCame(AssertionError):
    """gpsd never said a word: gpsfake did not get it to run, which is no matter of ours."""


PLAYS = 4


def run_log(bin_dir, log):
    """Once through; again only for what gpsd did, never for what the unit did."""
    for _ in range(PLAYS - 1):
        try:
            return run_log_once(bin_dir, log)
        except (NothingCame, NotAsChecked) as why:
            print(f"{os.path.basename(log)} is played again: {str(why)[:200]}", flush=True)
    return run_log_once(bin_dir, log)


def run_log_once(bin_dir, log):
    with Folder() as folder:
        broker, port = Broker(folder), free_port()
        relay = Relay(port, len(SETTINGS))
        trackers, units = {}, {}
        try:
            for name, s in SETTINGS.items():
                own = os.path.join(folder, name)
                os.mkdir(own)
                trackers[name] = Tracker(broker.port, name)
                units[name] = Unit(bin_dir, own, name, broker.port, relay.port,
                                   f"sampling: {{every_s: {s['every']}, turn_deg: {s['turn']}, "
                                   f"distance_m: {s['distance']}, standing_s: {s['standing']}}}\n")
                units[name].start()
            expected = len(reports_of(log))
            # The last one may stay with gpsd when its receiver hangs up.
            try:
                play(log, port, lambda: len(relay.reports) >= expected or time.monotonic() - relay.heard > 8)
            except AssertionError as vain:
                raise vain if relay.reports else NothingCame(str(vain))
            # The receiver has hung up: who sends every second hears nothing for one, however fast the log was played.
            wait_for("who hears nothing to say so",
                     lambda: any("lat" not in fix for _, _, fix in list(trackers["everything"].kept)))
            for name, unit in units.items():
                wait_for("the last ack", lambda: trackers[name].seq >= unit.summary()["last"])
                unit.stop()
        finally:
            for name, unit in units.items():
                if unit.process is not None and unit.process.poll() is None:
                    unit.kill()
                trackers[name].stop()
            broker.kill()
        counts = {name: assert_arrived(log, name, trackers[name], relay.reports) for name in SETTINGS}
        assert_as_checked(log, relay.reports)
        return os.path.basename(log), len(relay.reports), counts


def main():
    need("mosquitto")
    need("gpsfake")
    bin_dir, data = sys.argv[1], os.path.join(sys.argv[2], "gpsd-logs")
    logs = sorted(glob.glob(os.path.join(data, "*.log")))
    if not logs:
        print(f"no recorded logs in {data}: skipped")
        sys.exit(77)
    total = blind_total = 0
    with ThreadPoolExecutor(5) as pool:
        for log, reports, counts in pool.map(lambda log: run_log(bin_dir, log), logs):
            text = ", ".join(f"{name} {fixes} fixes and {blind} without position"
                             for name, (fixes, blind) in counts.items())
            print(f"{log}: {reports} reports; {text}", flush=True)
            total += sum(fixes for fixes, _ in counts.values())
            blind_total += sum(blind for _, blind in counts.values())
    assert blind_total >= len(logs), "who sees nothing says so"
    assert total > 100, "an oracle that allows nothing shows nothing"


if __name__ == "__main__":
    main()
