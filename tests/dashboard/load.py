"""The page under load, run by hand: its figures stand in docs/TESTING.md.

    load.py BINARIES much [SECONDS]     10,000 vehicles of which 1,000 move a second, 1,000 alerts to do, 10,000 fences
    load.py BINARIES long [SECONDS]     500 vehicles, one fix per 30 s of their clock, which runs 60 times as fast; alerts that come, change and end

Moves and alerts are written into the store as the tracker does, 10 times a second; tracker and gateway are real. The browser's side is load_run.mjs.
"""
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time

import page
from gate import BINARIES, Gate, expect, wait_until
from harness import contract
from harness.place import Place
from harness.servers import Stage

WHAT, SECONDS = sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 120
VEHICLES, MOVES_A_TURN, ALERTS, FENCES, CORNERS = (10_000, 100, 1_000, 10_000, 12) if WHAT == "much" else (500, 100, 60, 300, 12)
EACH_S = 0.1
FASTER = 1 if WHAT == "much" else 60
SEVERITIES, KINDS = ("minor", "major", "critical"), ("speeding", "banned_area", "uncovered", "off_route", "illegal_dumping")
SENTENCE = "渣土车 京A·12345 （绿源运输）在「东三环北路禁行区」内行驶，自 02:14 起，已超出允许时段 12 分钟，许可 P-2026-0142；"


def alert_id(number):
    out = ""
    while len(out) < 26:
        out = "abcdefghijklmnopqrstuvwxyz234567"[number % 32] + out
        number //= 32
    return out


def city(place):
    chance = random.Random(3)
    features = []
    for n in range(FENCES):
        lon, lat, size = 112 + chance.random(), 30 + chance.random(), 0.001 + 0.003 * chance.random()
        ring = [[round(lon + size * x, 7), round(lat + size * y, 7)] for x, y in
                [(0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (3, 2), (3, 3), (2, 3), (1, 3), (0, 3), (0, 2), (0, 1), (0, 0)]]
        features.append({"type": "Feature", "id": f"fence-{n}", "properties": {"kind": ("banned", "site", "area", "depot")[n % 4], "name": f"围栏 {n}"},
                         "geometry": {"type": "Polygon", "coordinates": [ring]}})
    folder = place.folder("made")
    (folder / "fences.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    vehicles = [{"id": f"truck-{v}", "plate": f"鄂T{v:05}", "class": ("muck_truck", "muck_truck", "sweeper")[v % 3], "company": f"公司 {v % 40}"} for v in range(VEHICLES)]
    (folder / "fleet.json").write_text(json.dumps({"vehicles": vehicles}), encoding="utf-8")
    (folder / "muckwatch.yaml").write_text("city: {timezone: Asia/Shanghai, fences: [fences.geojson], fleet: [fleet.json]}\n", encoding="utf-8")
    return folder


class Feeder(threading.Thread):
    def __init__(self, stage):
        super().__init__(daemon=True)
        self.redis, self.done, self.turns, self.late_s = stage.redis.client(), threading.Event(), 0, 0.0
        self.chance, self.begun, self.alerts, self.revs = random.Random(1), time.time(), 0, {}
        self.places = [[30 + self.chance.random(), 112 + self.chance.random(), 360 * self.chance.random()] for _ in range(VEHICLES)]

    def now(self):
        return int((self.begun + FASTER * (time.time() - self.begun)) * 1000)

    def row(self, v):
        place = self.places[v]
        place[0] += 0.0004 * (self.chance.random() - 0.5)
        place[1] += 0.0004 * (self.chance.random() - 0.5)
        place[2] = (place[2] + 20 * (self.chance.random() - 0.5)) % 360
        return [f"truck-{v}", round(place[0], 7), round(place[1], 7), 36.0, round(place[2], 1), self.now(), 19]

    def alert(self, n, event):
        rev = self.revs[n] = self.revs.get(n, 0) + 1
        place, now = self.places[n % VEHICLES], self.now()
        fields = {"event": event, "id": alert_id(n), "rev": rev, "kind": KINDS[n % 5], "severity": SEVERITIES[n % 3], "vehicle": f"truck-{n % VEHICLES}", "plate": f"鄂T{n % VEHICLES:05}",
                  "company": f"公司 {n % 40}", "start": now - 60000, "at": now, "lat": f"{place[0]:.7f}", "lon": f"{place[1]:.7f}", "start_lat": f"{place[0]:.7f}", "start_lon": f"{place[1]:.7f}",
                  "jurisdiction": f"city/d{n % 16}", "fence": f"fence-{n % FENCES}", "text": SENTENCE, "text_zh": SENTENCE, "text_en": SENTENCE, "ruleset": "ab" * 32, "received": now}
        if event == "closed":
            fields["end"] = now
        return ("XADD", contract.key("violations"), "*", *[str(w) for pair in fields.items() for w in pair])

    def close(self, n):
        words = {"id": alert_id(n), "action": "close", "rev": 1, "who": "dan", "from": "10.1.2.3", "why": "seen", "state": "closed", "request": f"r{n}"}
        return ("XADD", contract.key("actions"), "*", *[str(w) for pair in words.items() for w in pair])

    def fill(self):
        for first in range(0, VEHICLES, 1000):
            self.redis.pipeline([("HSET", contract.key(f"vehicle:truck-{v}"), "lat", f"{self.places[v][0]:.7f}", "lon", f"{self.places[v][1]:.7f}", "time", str(self.now()), "online", "1",
                                  "mode", "3", "speed", "36.0") for v in range(first, min(VEHICLES, first + 1000))])
        self.redis.pipeline([self.alert(n, "opened") for n in range(ALERTS)])
        self.alerts = ALERTS

    def turn(self):
        some = self.chance.sample(range(VEHICLES), MOVES_A_TURN)
        commands = [("XADD", contract.key("live"), "MAXLEN", "~", "2000", "*", "batch", str(self.turns), "moves", json.dumps([self.row(v) for v in some], separators=(",", ":")))]
        if self.turns % 5 == 0:  # two alerts a second: one comes, the oldest ends and is closed, so there are always as many
            commands += [self.alert(self.alerts, "opened"), self.alert(self.alerts - ALERTS, "closed"), self.close(self.alerts - ALERTS)]
            self.revs.pop(self.alerts - ALERTS, None)
            self.alerts += 1
        self.redis.pipeline(commands)
        self.turns += 1

    def run(self):
        due = time.monotonic()
        while not self.done.is_set():
            self.turn()
            due += EACH_S
            self.late_s = max(self.late_s, time.monotonic() - due)
            time.sleep(max(0, due - time.monotonic()))


def main():
    served, made = page.page_folder(), Place("load-city")
    with Stage("load", BINARIES, city(made), redis={"appendfsync": "everysec"}) as stage:
        stage.start()
        feeder = Feeder(stage)
        feeder.fill()
        with Gate("load", f"dashboard: {{dir: {served}}}\n", store=stage.redis) as gate:
            wait_until(lambda: gate.client().get("/readyz", judged=False).status == 200, 600, lambda: gate.process.tail())
            feeder.start()
            told = {"port": gate.port, "browser": page.browser(), "shots": os.environ.get("MW_SHOTS", ""), "what": WHAT, "seconds": SECONDS, "vehicles": VEHICLES, "alerts": ALERTS}
            before = gate.process.cpu_s()
            with subprocess.Popen(["node", page.HERE / "load_run.mjs", json.dumps(told)], stdout=subprocess.PIPE, text=True) as child:
                for line in child.stdout:
                    print(line, end="", flush=True)
            print(f"gateway: {gate.process.cpu_s() - before:.1f} s of a processor; the feeder was {feeder.late_s:.1f} s late at worst, in {feeder.turns} turns; load {os.getloadavg()[0]:.0f}")
            feeder.done.set()
            feeder.join()
            expect(child.returncode == 0, f"the browser's side ended with {child.returncode}")
    shutil.rmtree(made.path, ignore_errors=True)


main()
