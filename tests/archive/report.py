"""Figures of the sample day through broker, tracker, store and archive: what muckctl report says is what Python makes of the
raw fixes and entries, by definitions written down here once more (docs/REPORT.md): while all is in the tail, once it is
closed and kept, after corrections, and made anew.

    python3 report.py BINARIES [unittest's own arguments]
"""
import concurrent.futures
import csv
import datetime
import functools
import io
import json
import math
import pathlib
import resource
import sqlite3
import sys
import unittest
import zipfile
from xml.etree import ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "integration"), str(ROOT / "tests" / "archive")]

import staging  # noqa: E402
from harness import contract  # noqa: E402
from harness.place import free_port  # noqa: E402
from harness.process import Process, wait_until  # noqa: E402

if len(sys.argv) > 1:
    staging.BINARIES = pathlib.Path(sys.argv.pop(1)).resolve()
DAYS = ("2026-05-08", "2026-05-09")
ZONE = datetime.timezone(datetime.timedelta(hours=8))
GAP_MS, MOVES_MPS, GAP_LEAST_M, SEEN = 300_000, 1.0, 100, 0.9
# What is due depends on when it is asked: here it is at once, or in weeks.
LIMITS = ("--ack", "0,20000,30000", "--close", "0,300,400")
ACK_MS = {"critical": 0, "major": 20000 * 60_000, "minor": 30000 * 60_000}
CLOSE_MS = {"critical": 0, "major": 300 * 3_600_000, "minor": 400 * 3_600_000}
SHARES = {"sealed": "uncovered", "washed": "unwashed_exit", "on_route": "off_route", "in_hours": "wrong_hours", "permitted": "no_permit"}
KEPT = ("finding_figures", "trip_figures", "track_figures", "rulesets")


@functools.cache
def start_of(day):
    return int(datetime.datetime.fromisoformat(day).replace(tzinfo=ZONE).timestamp() * 1000)


def way_m(a, b):
    """By the radii of curvature of WGS-84 in the middle."""
    lat = math.radians((a["lat"] + b["lat"]) / 2)
    e2 = 0.00669437999014
    w = 1 - e2 * math.sin(lat) ** 2
    north = math.radians(b["lat"] - a["lat"]) * 6378137 * (1 - e2) / w ** 1.5
    east = math.radians(b["lon"] - a["lon"]) * 6378137 / math.sqrt(w) * math.cos(lat)
    return math.hypot(north, east)


class Track:
    """Of one vehicle and day."""

    def __init__(self, fixes):
        self.fixes, self.valid, self.heard_ms, self.moving_ms, self.way_m, self.gap_m, self.cover = len(fixes), 0, 0, 0, 0.0, 0.0, []
        last = place = None
        for at, fix in sorted(fixes, key=lambda f: f[0]):
            known = fix.get("sensors", {}).get("cover") in ("open", "closed")
            if last and at - last[0] <= GAP_MS:
                self.heard_ms += at - last[0]
                if known and last[1]:
                    self.cover.append((last[0], at))
            last = (at, known)
            if fix.get("lat") is None or fix.get("mode", 3) not in (2, 3):
                continue
            self.valid += 1
            if place and place[0] == at:
                continue
            if place:
                self.leg(place, (at, fix))
            place = (at, fix)

    def leg(self, a, b):
        way, took = way_m(a[1], b[1]), b[0] - a[0]
        said = [f["speed"] for f in (a[1], b[1]) if f.get("speed") is not None]
        if took > GAP_MS:
            self.gap_m += way if way >= GAP_LEAST_M else 0
        elif (max(said) if said else way * 1000 / took) >= MOVES_MPS:
            self.way_m += way
            self.moving_ms += took


def time_ms(text):
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


class City:
    """The raw record, and what the city's files say. Tracks are read once: no fix comes later."""

    tracks = {}

    def __init__(self, redis):
        fleet = json.loads((staging.CITY / "fleet.json").read_text(encoding="utf-8"))
        self.company = {v["id"]: v.get("company", "") for v in fleet["vehicles"]}
        self.permits = {p["id"]: p for p in fleet["permits"]}
        self.answers = {}
        if not self.tracks:
            self.read_tracks(redis)
        self.read_entries(redis)

    def read_tracks(self, redis):
        for key in redis.call("KEYS", contract.key("track:*")):
            vehicle = key.decode().rsplit(":", 1)[-1]
            fixes = [(time_ms(f["time"]) if isinstance(f["time"], str) else int(f["time"] * 1000), f)
                     for f in (json.loads(e["fix"]) for _, e in redis.stream(key.decode()) if e.get("late") != b"clock")]
            for day in DAYS:
                of_day = [f for f in fixes if start_of(day) <= f[0] < start_of(day) + 86_400_000]
                if of_day:
                    self.tracks[vehicle, day] = Track(of_day)

    def read_entries(self, redis):
        self.told, self.findings, self.trips = {}, {}, {}
        self.actions = [(int(i.split("-")[0]), {k: v.decode() for k, v in e.items()})
                        for i, e in redis.stream(contract.key("actions"))]
        for stream, name, out in (("violations", "id", self.findings), ("trips", "trip", self.trips)):
            for at, entry in redis.stream(contract.key(stream)):
                entry = {k: v.decode() for k, v in entry.items()}
                known = out.get(entry[name])
                self.told.setdefault(entry[name], int(at.split("-")[0]))
                if not known or int(entry.get("rev", 1)) >= int(known.get("rev", 1)):
                    out[entry[name]] = entry
            for gone in [i for i, e in out.items() if e.get("event") == "withdrawn"]:
                del out[gone]

    def permit(self, entry):
        return self.permits.get(entry.get("permit") or self.trips.get(entry.get("trip"), {}).get("permit"), {})

    def key(self, by, entry, trip):
        routes = self.permit(entry).get("routes", [])
        return {"company": entry.get("company") or self.company.get(entry["vehicle"]), "vehicle": entry["vehicle"],
                "site": trip.get("site"), "disposal": trip.get("disposal"), "material": self.permit(entry).get("material"),
                "route": routes[0] if len(routes) == 1 else None, "jurisdiction": entry.get("jurisdiction"),
                "kind": entry.get("kind"), "road": entry.get("road_class")}[by] or None

    def answer(self, share, trip):
        """True, False, or None: nobody can tell."""
        if (share, trip["trip"]) not in self.answers:
            self.answers[share, trip["trip"]] = self.find_answer(share, trip)
        return self.answers[share, trip["trip"]]

    def find_answer(self, share, trip):
        if any(f.get("trip") == trip["trip"] and f["kind"] == SHARES[share] for f in self.findings.values()):
            return False
        permit, seen = self.permits.get(trip.get("permit")), float(trip.get("completeness", 0)) >= SEEN
        if share == "sealed":
            if "unloaded" not in trip:
                return None
            begin, end = int(trip["departed"]), int(trip["unloaded"])
            known = sum(max(0, min(b, end) - max(a, begin)) for day in DAYS if (trip["vehicle"], day) in self.tracks
                        for a, b in self.tracks[trip["vehicle"], day].cover)
            return True if end > begin and known >= SEEN * (end - begin) else None
        can = {"washed": bool(trip.get("site")), "on_route": bool(permit and permit.get("routes")) and seen,
               "in_hours": bool(trip.get("permit")) and seen, "permitted": bool(trip.get("permit"))}
        return True if can[share] else None

    def within(self, at, days):
        return any(start_of(d) <= int(at) < start_of(d) + 86_400_000 for d in days)

    def figures(self, by, days, only=lambda key: True):
        """The figures of the rows whose key `only` takes, as name: (value, of, unknown)."""
        tracks = [(v, d, t) for (v, d), t in self.tracks.items() if d in days and only(self.key(by, {"vehicle": v}, {}))] \
            if by in ("company", "vehicle", "all") else []
        trips = [t for t in self.trips.values() if self.within(t["departed"], days) and only(self.key(by, t, t))]
        found = [f for f in self.findings.values()
                 if self.within(f["start"], days) and only(self.key(by, f, self.trips.get(f.get("trip"), {})))]
        fleet = [v for v in self.company if only(self.key(by, {"vehicle": v}, {}))]
        return {**self.of_tracks(tracks, fleet, days), **self.of_trips(trips), **self.of_findings(found, trips)}

    def of_tracks(self, rows, fleet, days):
        total = {n: sum(getattr(t, n) for *_, t in rows) for n in ("fixes", "valid", "heard_ms", "moving_ms", "way_m", "gap_m")}
        drove = [v for v, _, t in rows if t.moving_ms > 0]
        heard_days = [d for d in days if any(day == d for _, day in self.tracks)]
        return {"vehicles": (len(set(drove)),), "vehicle_days": (len(drove),),
                "online": share(sum(v in self.company for v, *_ in rows), len(fleet) * len(heard_days)),
                "driven_h": (total["moving_ms"] / 3_600_000,), "heard_h": (total["heard_ms"] / 3_600_000,),
                "way_km": (total["way_m"] / 1000,), "valid": share(total["valid"], total["fixes"]),
                "complete": share(total["way_m"], total["way_m"] + total["gap_m"])}

    def of_trips(self, trips):
        loads = [float(t["load_kg"]) for t in trips if "load_kg" in t]
        out = {"trips": (len(trips),),
               "tonnes": (sum(loads) / 1000 if loads or not trips else None, len(loads), len(trips) - len(loads))}
        for name in SHARES:
            answers = [self.answer(name, t) for t in trips]
            out[name] = share(answers.count(True), answers.count(True) + answers.count(False), answers.count(None))
        return out

    def of_findings(self, found, trips):
        now = datetime.datetime.now().timestamp() * 1000
        by_vehicle = {}
        for f in found:
            by_vehicle[f["vehicle"]] = by_vehicle.get(f["vehicle"], 0) + 1
        out = {"findings": (len(found),), **{s: (sum(f["severity"] == s for f in found),) for s in ACK_MS},
               "per_100_trips": (100 * len(found) / len(trips) if trips else None, len(trips)),
               "repeat": (sum(n >= 3 for n in by_vehicle.values()), len(by_vehicle))}
        acks, closes = [], []
        for f in found:
            mine = [(at, a["action"]) for at, a in self.actions if a["id"] == f["id"]]
            told = self.told[f["id"]]
            acked = [at for at, a in mine if a == "acknowledge"][:1]
            ends = [(at, a) for at, a in mine if a in ("close", "reopen")][-1:]
            for waits, done, limit in ((acks, acked, ACK_MS), (closes, [at for at, a in ends if a == "close"], CLOSE_MS)):
                limit = limit[f["severity"]]
                waits.append((done[0] - told if done else None, limit, bool(done) or told + limit < now))
        for waits, mean, unit, name in ((acks, "ack_min", 60_000, "ack_on_time"), (closes, "close_h", 3_600_000, "close_on_time")):
            took = [max(w, 0) for w, *_ in waits if w is not None]
            due = sum(d for *_, d in waits)
            out[mean] = (sum(took) / len(took) / unit if took else None, len(took))
            out[name] = share(sum(w is not None and w <= limit for w, limit, _ in waits), due, len(found) - due) if self.actions \
                else (None, 0, len(found))
        return out


def share(n, of, unknown=0):
    return 100 * n / of if of else None, of, unknown


class Report(staging.StageCase):
    city = staging.CITY

    def begin_archive(self):
        self.folder = self.stage.place.path / "archive"
        self.config = self.stage.write_config("archive.yaml", self.stage.redis.port)
        self.config.write_text(self.config.read_text(encoding="utf-8") + f"\narchive: {{dir: {self.folder}, http_port: {free_port()}}}\n",
                               encoding="utf-8")
        self.archive = Process("archive", self.stage.place, [staging.BINARIES / "muckwatch-archive", "--config", self.config])
        self.addCleanup(self.archive.end)
        self.archive.start()

    def wait_archived(self):
        last = int(self.redis.call("HGET", self.key("owner"), "batch"))
        entries = sum(self.count(s) for s in ("violations", "trips", "actions"))

        def done():
            self.assertTrue(self.archive.alive(), self.archive.tail())
            if int(self.redis.call("HGET", self.key("archive"), "batch") or -1) < last:
                return False
            return self.ask("SELECT count(*) FROM entries WHERE stream NOT IN ('rejects', 'warnings')")[0][0] == entries
        wait_until(done, 300, lambda: "all is archived\n" + self.archive.tail())

    def ask(self, statement, name="city.db"):
        db = sqlite3.connect(f"file:{self.folder / name}?mode=ro", uri=True, timeout=60)
        rows = db.execute(statement).fetchall()
        db.close()
        return rows

    def lacking(self):
        return sum(self.ask("SELECT (SELECT count(*) FROM unsummed) + (SELECT count(*) FROM tail)", p.name)[0][0]
                   for p in self.folder.glob("track-*.db"))

    def kept(self):
        return {table: sorted(self.ask(f"SELECT * FROM {table}"), key=repr) for table in KEPT}

    def report(self, *words):
        return self.stage.muckctl("report", "--archive", self.folder, *words).stdout.decode()

    def same(self, got, expected, about):
        self.assertEqual(set(got), set(expected), about)
        for name, (value, *rest) in expected.items():
            said = got[name]
            self.assertEqual(said["value"] is None, value is None, (about, name, said, value))
            if value is not None:
                self.assertLessEqual(abs(said["value"] - value), 6e-5 + 1e-3 * abs(value) * (name in ("way_km", "complete")),
                                     (about, name, said, value))
            if rest:
                self.assertLessEqual(abs(said["of"] - rest[0]), 1e-3 * rest[0] if name == "complete" else 0, (about, name, said, rest))
            if len(rest) > 1:
                self.assertEqual(said["unknown"], rest[1], (about, name, said))

    def ask_all(self, questions):
        """Two at a time: what a report costs here is mostly reading the world, with sanitizers."""
        with concurrent.futures.ThreadPoolExecutor(2) as asking:
            return list(asking.map(lambda q: self.report("--json", "--by", q[0], *LIMITS, *q[2]), questions))

    def check(self, city, by, days, when, written):
        said = json.loads(written)
        rows = {row.pop(by): row for row in said["rows"]}
        tracks, trips = by in ("company", "vehicle"), by not in ("jurisdiction", "kind", "road")
        every = city.figures("company", days)
        for key, row in rows.items():
            expected = city.figures(by, days, lambda k, key=key: k == key)
            if not trips:
                expected["per_100_trips"] = (100 * expected["findings"][0] / every["trips"][0], every["trips"][0])
            gone = ([*city.of_tracks([], [], days)] if not tracks else []) + ([*city.of_trips([])] if not trips else [])
            self.same(row, {n: v for n, v in expected.items() if n not in gone}, (by, key, when))
        self.assertEqual(sum(r["findings"]["value"] for r in rows.values()), every["findings"][0], by)
        if trips:
            self.assertEqual(sum(r["trips"]["value"] for r in rows.values()), every["trips"][0], by)
        self.same(said["total"], every, (by, "total", when))
        return said

    def check_all(self, about, also=("site", "disposal", "material", "route", "jurisdiction", "kind", "road")):
        """By what tracks are told by and by others, of both days and of the month, which is their sum but for vehicles that are
        counted once."""
        city = City(self.redis)
        questions = [("company", DAYS, ("--month", "2026-05")), *(("company", (d,), ("--day", d)) for d in DAYS),
                     *((by, DAYS[:1], ("--day", DAYS[0])) for by in ("vehicle", *also))]
        answers = [self.check(city, *q, written) for q, written in zip(questions, self.ask_all(questions))]
        said, month, days = answers[-1], answers[0]["total"], [a["total"] for a in answers[1:3]]
        for name in ("vehicle_days", "driven_h", "heard_h", "way_km", "trips", "tonnes", "findings", "minor", "major", "critical"):
            self.assertAlmostEqual(month[name]["value"], sum(d[name]["value"] for d in days), 3, name)
        self.assertLess(month["vehicles"]["value"], sum(d["vehicles"]["value"] for d in days))
        self.assertGreater(month["sealed"]["of"], 50, about)
        self.assertGreater(month["findings"]["value"], 50, about)
        return said

    def add(self, stream, fields, entry_id="*"):
        self.redis.call("XADD", self.key(stream), entry_id, *[w for pair in fields.items() for w in pair])

    def correct(self):
        """A finding is withdrawn and another graver, a trip corrected and one withdrawn; others are worked."""
        for stream, name in (("violations", "id"), ("trips", "trip")):
            last = {}
            for _, entry in self.redis.stream(self.key(stream)):
                last[entry[name]] = {k: v.decode() for k, v in entry.items()}
            one, other, *_ = last.values()
            change = {"severity": "critical"} if stream == "violations" else {"load_kg": "12345", "site": "site-5", "disposal": "disp-2"}
            for entry, event, more in ((one, "withdrawn", {}), (other, "updated", change)):
                self.add(stream, {**entry, "event": event, "rev": str(int(entry.get("rev", 1)) + 1), "cause": "late", **more})
        worked = [(i, e) for i, e in self.redis.stream(self.key("violations"))
                  if e["event"] == b"opened"][5:40]
        at = int(worked[-1][0].split("-")[0]) + 1000
        for n, (_, entry) in enumerate(worked):
            finding = entry["id"].decode()
            for step, action in ((30_000, "acknowledge"), (90_000, "close"), (95_000, "reopen"), (99_000, "close"))[:1 + n % 4]:
                at += step * (1 + n % 3)
                self.add("actions", {"id": finding, "action": action, "rev": "1", "who": "o1"}, f"{at}-0")
        self.wait_archived()

    def check_files(self):
        zh = self.report("--day", DAYS[0], "--csv", "--lang", "zh", "--by", "vehicle")
        self.assertTrue(zh.startswith("\ufeff"), zh[:10])
        rows = list(csv.reader(io.StringIO(zh[1:], newline="")))
        self.assertEqual({len(r) for r in rows}, {len(rows[0])})
        self.assertEqual((rows[0][0], rows[-1][0]), ("车辆", "合计"))
        path = self.stage.place.path / "report.xlsx"
        self.report("--day", DAYS[0], "--xlsx", str(path), "--lang", "zh", "--by", "vehicle")
        book = zipfile.ZipFile(path)
        self.assertIsNone(book.testzip())
        space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
        cells = []
        for row in ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml")).iter(space + "row"):
            cells.append(["".join(c.itertext()) for c in row.iter(space + "c")])
        self.assertEqual(cells[0], rows[0])
        self.assertEqual([c[0] for c in cells], [r[0] for r in rows])
        for shown, written in zip(cells[1:], rows[1:]):
            for a, b in zip(shown, [w for w in written if w]):
                self.assertTrue(a == b or abs(float(a) - float(b)) <= 0.05, (a, b))
        table = self.report("--day", DAYS[0], "--lang", "en")
        self.assertIn("vehicles on duty", table)

    def test_report(self):
        self.begin_archive()
        self.mqtt.publish_all((contract.topic(v, "fix"), f) for v, f in staging.day_lines())
        self.barrier(600)
        self.wait_archived()
        self.assertGreater(self.check_all("in the tail", also=())["summed_now"], 0)  # entries are the same once tracks are closed
        self.archive.kill()
        self.archive.start()
        wait_until(lambda: self.lacking() == 0, 300, lambda: "all is kept\n" + self.archive.tail())
        said = self.check_all("kept")
        self.assertEqual(said["summed_now"], 0)
        self.correct()
        self.check_all("corrected")
        self.check_files()
        kept = self.kept()
        done = self.stage.muckctl("report", "--archive", self.folder, "--rebuild", "--config", self.config, check=False)
        self.assertEqual(done.returncode, 75, done)
        self.archive.stop()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.stage.muckctl("report", "--archive", self.folder, "--rebuild", "--config", self.config)
        after, fixes = resource.getrusage(resource.RUSAGE_CHILDREN), sum(t.fixes for t in City(self.redis).tracks.values())
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"made anew: {fixes} fixes, {spent / fixes * 1e6:.1f} us of CPU a fix, all else included", file=sys.stderr)
        self.assertEqual(self.kept(), kept)
        self.assertTrue(all(kept.values()))
        self.forget_tables(kept)

    def forget_tables(self, kept):
        """An archive from before there were figures: a report says so, and the archive makes them."""
        for path in [self.folder / "city.db", *self.folder.glob("track-*.db")]:
            db = sqlite3.connect(path)
            for table in (*KEPT, "unsummed", "sums") if path.name != "city.db" else KEPT:
                db.execute(f"DROP TABLE IF EXISTS {table}")
            db.execute("DROP TRIGGER IF EXISTS chunks_unsummed")
            db.execute("ALTER TABLE cursors DROP COLUMN added")
            if path.name == "city.db":
                db.execute("DELETE FROM state WHERE name IN ('timezone', 'day_ends_ms', 'gap_ms')")
            db.commit()
            db.close()
        done = self.stage.muckctl("report", "--archive", self.folder, "--day", DAYS[0], check=False)
        self.assertEqual((done.returncode, b"no figures" in done.stderr), (65, True), done)
        self.archive.start()

        def made():
            try:
                return self.lacking() == 0 and self.kept() == kept
            except sqlite3.OperationalError:  # no such table yet
                return False
        wait_until(made, 300, lambda: "all is kept again\n" + self.archive.tail())
        self.archive.stop()
        self.end_at_noon()

    def end_at_noon(self):
        """By another day's end all is summed anew: the sample day is one from noon to noon."""
        month = json.loads(self.report("--json", "--month", "2026-05"))["total"]
        before = self.config.read_text(encoding="utf-8")
        self.config.write_text(before.replace('day_ends: "00:00"', 'day_ends: "12:00"'), encoding="utf-8")
        self.assertNotEqual(self.config.read_text(encoding="utf-8"), before)
        for path in self.folder.glob("track-*.db"):  # nor is there anything of what chunks were summed to
            db = sqlite3.connect(path)
            db.execute("DROP TABLE sums")
            db.close()
        self.archive.start()
        wait_until(lambda: self.lacking() == 0 and self.ask("SELECT value FROM state WHERE name = 'day_ends_ms'") == [(12 * 3_600_000,)],
                   300, lambda: "all is kept by the other day\n" + self.archive.tail())
        self.archive.stop()
        whole = json.loads(self.report("--json", "--day", DAYS[0]))
        self.assertEqual((whole["day_ends_min"], whole["summed_now"]), (720, 0))
        for name in ("valid", "trips", "findings", "tonnes"):
            self.assertEqual(whole["total"][name], month[name], name)
        self.assertEqual(json.loads(self.report("--json", "--day", DAYS[1]))["total"]["trips"]["value"], 0)


if __name__ == "__main__":
    unittest.main()
