"""Who passed a place: muckctl who equals a scan of all raw lines, with a geometry of its own, on random questions; nothing is
answered that was not written down; what is damaged is named and passed over.

    python3 who.py BINARIES [unittest's own arguments]
"""
import json
import math
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import time
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1])]

from feeding import PREFIX  # noqa: E402
from kills import BINARIES, EX_CANTCREAT, EX_DATAERR, ArchiveCase  # noqa: E402
from harness.process import wait_until  # noqa: E402
from reading import Archive  # noqa: E402

QUESTIONS = int(os.environ.get("MW_WHO_QUESTIONS", "200"))
EX_USAGE, EX_NOINPUT, EX_NOPERM = 64, 66, 77
VEHICLES, HOURS, GAP_MS, MOST_MPS = 24, 3, 300_000, 70
PARKED_MS, PARKED_M = 3_900_000, 50  # two fixes with so little between them: it stood there
LAT, LON = 30.4, 112.9
BASE_MS = 1_780_000_000_000
NORTH_M, EAST_M = 110_860.0, 96_000.0  # near enough to make up tracks


def tracks(rng):
    """{vehicle: [(fix, late)]} in the order of arrival: walks with stops, gaps, jumps, late and wrong ones, sensors."""
    made = {}
    for i in range(VEHICLES):
        now, x, y, course, speed, fixes, late = BASE_MS + rng.randrange(60_000), 0.0, 0.0, rng.random() * 7, 10.0, [], []
        x, y = rng.uniform(-6000, 6000), rng.uniform(-6000, 6000)
        while now < BASE_MS + HOURS * 3_600_000:
            if rng.random() < 0.006:  # parked, and heard now and then
                for _ in range(rng.randrange(1, 5)):
                    now += rng.choice((600, 1200, 1800)) * 1000
                    fixes.append(({"time": now / 1000, "lat": round(LAT + (y + rng.uniform(-12, 12)) / NORTH_M, 7), "mode": 3,
                                   "lon": round(LON + (x + rng.uniform(-12, 12)) / EAST_M, 7), **rng.choice(({}, {"speed": 0.2}, {"speed": 6.0}))}, ""))
            step_s = rng.choice((5, 10, 10, 10, 20, 60))
            now += step_s * 1000
            if rng.random() < 0.004:
                now += rng.randrange(200, 1500) * 1000
            course += rng.uniform(-0.5, 0.5) if math.hypot(x, y) < 7000 else 0.3
            speed = max(0.0, min(25.0, speed + rng.uniform(-4, 4)))
            x, y = x + speed * step_s * math.sin(course), y + speed * step_s * math.cos(course)
            fix = {"time": now / 1000, "lat": round(LAT + y / NORTH_M, 7), "lon": round(LON + x / EAST_M, 7), "mode": 3, "speed": round(speed, 1),
                   "sensors": {"cover": rng.choice(("open", "closed")), "load": rng.choice(("empty", "loaded")), "body": "down"}}
            kind = rng.random()
            if kind < 0.01:
                fix.update(mode=1)
                del fix["lat"], fix["lon"]
            elif kind < 0.015:  # a wild one
                fix["lat"] = round(fix["lat"] + rng.uniform(-0.2, 0.2), 7)
            elif kind < 0.03:
                late.append(fix)
                continue
            fixes.append((fix, ""))
            if kind > 0.995:
                fixes.append(({**fix, "time": now / 1000 + 900}, "clock"))
            if len(late) > 5:
                fixes += [(f, "1") for f in late]
                late = []
        made[f"v{i:02}"] = fixes + [(f, "1") for f in late]
    return made


def plane(lat, lon, lat0, lon0):
    """East and north, from positions in space, of a point as seen from another."""
    def space(lat, lon):
        a, f = 6378137.0, 1 / 298.257223563
        e2, s = f * (2 - f), math.sin(math.radians(lat))
        n = a / math.sqrt(1 - e2 * s * s)
        return (n * math.cos(math.radians(lat)) * math.cos(math.radians(lon)),
                n * math.cos(math.radians(lat)) * math.sin(math.radians(lon)), n * (1 - e2) * s)
    d = [p - q for p, q in zip(space(lat, lon), space(lat0, lon0))]
    s, c, sl, cl = math.sin(math.radians(lat0)), math.cos(math.radians(lat0)), math.sin(math.radians(lon0)), math.cos(math.radians(lon0))
    return -sl * d[0] + cl * d[1], -s * cl * d[0] - s * sl * d[1] + c * d[2]


def places(lines):
    """Where a vehicle was, by time: [(ms, lat, lon, whether it may stand)]; of one time the first."""
    fixes = [(round(json.loads(line)["time"] * 1000), n, json.loads(line)) for n, (late, line) in enumerate(lines) if late != 2]
    found = []
    for ms, _, fix in sorted(fixes, key=lambda f: f[:2]):
        if "lat" in fix and (not found or ms != found[-1][0]):
            found.append((ms, fix["lat"], fix["lon"], fix.get("speed", 0) < 1))
    return found


def scan(path, question):
    """Passes of one vehicle: [(entered, left, nearest m)]. It looks at 400 places and more of each way that comes near."""
    lat, lon, radius, begin, end = question
    points = [(ms, *plane(at, on, lat, lon), stands) for ms, at, on, stands in path if begin - PARKED_MS <= ms <= end + PARKED_MS]
    inside, found = [], []

    def put(ms, d):
        nonlocal inside
        if d <= radius and begin <= ms <= end:
            inside.append((ms, d))
        elif inside:
            found.append(inside)
            inside = []
    for i, (ms, x, y, stands) in enumerate(points):
        before = points[i - 1] if i else None
        way = math.hypot(x - before[1], y - before[2]) if before else 0
        parked = before and ms - before[0] <= PARKED_MS and way <= PARKED_M and stands and before[3]
        if before and (way <= MOST_MPS * (ms - before[0]) / 1000 if ms - before[0] <= GAP_MS else parked):
            if min(math.hypot(x, y), math.hypot(before[1], before[2])) > radius + way:
                put(ms, math.inf)
                continue
            looks = max(400, (ms - before[0]) // 1000)
            for k in range(1, looks + 1):
                s = k / looks
                put(before[0] + s * (ms - before[0]), math.hypot(before[1] + s * (x - before[1]), before[2] + s * (y - before[2])))
        else:
            put(ms, math.inf)
            put(ms, math.hypot(x, y))
    if inside:
        found.append(inside)
    return [(p[0][0], p[-1][0], min(d for _, d in p)) for p in found]


class Who(ArchiveCase):
    def fill(self):
        """In pieces, so that there are chunks and an open tail."""
        self.feeder.connect()
        self.made = tracks(random.Random(7))
        self.archive.start()
        received, batch = int(time.time() * 1000), 0
        for part in range(3):
            batch += 1
            for vehicle, fixes in self.made.items():
                size = len(fixes) // 3 + 1
                batch += 1
                self.feeder.redis.call("MULTI")
                self.feeder.redis.call("HSET", PREFIX + "owner", "batch", batch)
                self.feeder.redis.call("HSET", PREFIX + "state", vehicle, "x")
                for fix, late in fixes[part * size:(part + 1) * size]:
                    received += 1
                    self.feeder.redis.call("XADD", PREFIX + "track:" + vehicle, "*", "fix", json.dumps(fix), "received", received, "batch", batch,
                                           *(("late", late) if late else ()))
                self.feeder.redis.call("EXEC")
            self.feeder.batch = batch
            self.wait_archived()
            if part < 2:
                self.archive.kill()
                self.archive.start()  # which closes what is open
                wait_until(self.is_closed, 120, lambda: "all is closed\n" + self.archive.tail())
        self.feeder.redis.call("XADD", PREFIX + "violations", "*", "event", "opened", "id", "f" * 26, "rev", 1, "kind", "spill", "vehicle", "v03",
                               "plate", "鄂A1", "start", BASE_MS, "at", BASE_MS)
        self.feeder.redis.call("XADD", PREFIX + "trips", "*", "trip", "t" * 26, "vehicle", "v03", "loaded", BASE_MS, "departed", BASE_MS + 1,
                               "unloaded", BASE_MS + HOURS * 3_600_000, "plate", "鄂A1")
        self.feeder.redis.call("HSET", PREFIX + "owner", "batch", batch + 1)
        self.feeder.batch = batch + 1
        self.wait_archived()

    def is_closed(self):
        return all(Archive(self.folder).open(name).execute("SELECT count(*) FROM tail").fetchone()[0] == 0 for name in Archive(self.folder).days)

    def who(self, question, *words, code=0, folder=None):
        lat, lon, radius, begin, end = question
        done = subprocess.run([BINARIES / "muckctl", "who", "--archive", str(folder or self.folder), "--near", f"{lat},{lon}", "--radius", str(radius),
                               "--from", self.time(begin), "--to", self.time(end), *words], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stderr)
        self.said = done.stderr
        return done.stdout

    @staticmethod
    def time(ms):
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03}Z"

    def check(self, question, paths):
        radius, (begin, end) = question[2], question[3:]
        found = {}
        for line in self.who(question, "--json").splitlines():
            said = json.loads(line)
            found.setdefault(said["vehicle"], []).append((said["entered"], said["left"], said["nearest_m"]))
        for vehicle, path in paths.items():
            want, have = scan(path, question), found.get(vehicle, [])
            for some, others, where in ((want, have, "is missing"), (have, want, "is none")):
                for entered, left, nearest in some:
                    if nearest > 0.99 * radius - 1:
                        continue  # it hardly touches the circle: either may be right
                    same = [o for o in others if o[0] <= left + 1000 and o[1] >= entered - 1000]
                    self.assertTrue(same, (question, vehicle, (entered, left, nearest), where, want, have))
                    self.assertLess(min(abs(o[2] - nearest) for o in same), 1 + 0.01 * radius, (question, vehicle, want, have))
            sure = [w for w in want if w[2] < 0.9 * radius]
            if len(want) == len(have):
                for w, h in zip(sorted(want), sorted(have)):
                    if w in sure:
                        self.assertLess(abs(w[0] - h[0]), 2500, (question, vehicle, want, have))
                        self.assertLess(abs(w[1] - h[1]), 2500, (question, vehicle, want, have))
            self.assertTrue(all(begin <= h[0] <= h[1] <= end for h in have))
        return sum(map(len, found.values()))

    def test_equal_to_a_scan(self):
        self.fill()
        self.assertFalse(self.is_closed())
        lines = {v: [(late, line) for *_, late, line in kept] for v, kept in Archive(self.folder).tracks().items()}
        self.assertEqual(sum(map(len, lines.values())), sum(map(len, self.made.values())))
        paths = {v: places(own) for v, own in lines.items()}
        rng, passes = random.Random(11), 0
        for _ in range(QUESTIONS):
            begin = BASE_MS + rng.randrange(HOURS * 3_600_000)
            end = begin + rng.choice((60_000, 1_800_000, 3_600_000, 3 * 86_400_000))
            passes += self.check((round(LAT + rng.uniform(-5000, 5000) / NORTH_M, 6), round(LON + rng.uniform(-5000, 5000) / EAST_M, 6),
                                  rng.choice((30, 100, 300, 1000)), begin, end), paths)
        print(f"{QUESTIONS} questions, {passes} passes", file=sys.stderr)
        self.assertGreater(passes, QUESTIONS)
        self.check_what_is_said()
        self.check_without_outlines()
        self.check_audit()
        self.check_damage()

    def everything(self):
        return LAT, LON, 9000, BASE_MS, BASE_MS + HOURS * 3_600_000

    def check_what_is_said(self):
        said = [json.loads(line) for line in self.who(self.everything(), "--json", "--vehicle", "v03").splitlines()]
        self.assertTrue(said)
        self.assertTrue(all(s["findings"] == [{"id": "f" * 26, "kind": "spill"}] and s["trip"] == "t" * 26 and s["plate"] == "鄂A1" for s in said))
        fixes = {round(f["time"] * 1000): f for f, _ in self.made["v03"] if "lat" in f}
        some = [s for s in said if s["nearest_at"] in fixes]
        self.assertTrue(all(s["cover"] == fixes[s["nearest_at"]]["sensors"]["cover"] for s in some))
        features = json.loads(self.who(self.everything(), "--geojson", "--vehicle", "v03"))["features"]
        self.assertEqual([f["properties"] for f in features], said)
        self.assertEqual([f["geometry"]["coordinates"] for f in features], [[s["lon"], s["lat"]] for s in said])
        text = self.who(self.everything(), "--vehicle", "v03").splitlines()
        self.assertEqual(len(text), len(said) + 1)
        self.assertIn("spill:" + "f" * 26, text[1])

    def check_without_outlines(self):
        """A file from before there were any, or with some chunks without: the same answers."""
        copy = self.place.path / "old"
        subprocess.run([BINARIES / "muckctl", "archive", "--archive", str(self.folder), "--backup", str(copy)], check=True, stdout=subprocess.DEVNULL)
        questions = [(LAT + 0.01 * i, LON - 0.01 * i, 500, BASE_MS, BASE_MS + HOURS * 3_600_000) for i in range(-2, 3)]
        want = [self.who(q, "--json") for q in questions]
        self.assertTrue(all(want))
        for statement in ("DELETE FROM outlines WHERE id % 3 = 0", "DROP TABLE outlines"):
            db = sqlite3.connect(copy / Archive(copy).days[0])
            db.execute(statement)
            db.commit()
            db.close()
            self.assertEqual([self.who(q, "--json", folder=copy) for q in questions], want)

    def check_audit(self):
        book = self.folder / "audit.ndjson"
        before = len(book.read_text().splitlines())
        self.who(self.everything(), "--purpose", "a spill at the bridge")
        lines = book.read_text().splitlines()
        self.assertEqual(len(lines), before + 1)
        last = json.loads(lines[-1])
        self.assertEqual(list(last), ["who", "at", "what", "from", "to", "near", "purpose", "source"])
        self.assertEqual((last["what"], last["purpose"], last["from"], last["near"]), ("who", "a spill at the bridge", BASE_MS, f"{LAT},{LON},9000"))
        self.who(self.everything(), "--redis", f"127.0.0.1:{self.redis.port}", "--purpose", "again")
        self.assertEqual(len(book.read_text().splitlines()), before + 1)
        (_, stored), = self.feeder.redis.stream(PREFIX + "audit")
        self.assertEqual({k: v.decode() for k, v in stored.items()}["purpose"], "again")
        self.assertEqual(list(stored), list(last))
        book.rename(book.with_suffix(".old"))
        book.mkdir()
        self.assertEqual(self.who(self.everything(), code=EX_CANTCREAT), "")  # and nothing is answered
        book.rmdir()
        self.who((LAT, LON, 100, 2, 1), code=EX_USAGE)
        self.who(self.everything(), code=EX_NOINPUT, folder="/nowhere")

    def check_damage(self):
        """A chunk with another byte: its vehicle and span are named, all else is there."""
        copy = self.place.path / "copy"
        subprocess.run([BINARIES / "muckctl", "archive", "--archive", str(self.folder), "--backup", str(copy)], check=True, stdout=subprocess.DEVNULL)
        path = copy / Archive(copy).days[0]
        db = sqlite3.connect(path)
        chunk, vehicle, body, count = db.execute("SELECT id, vehicle, lines, count FROM chunks ORDER BY id LIMIT 1").fetchone()
        at = len(body) // 2
        db.execute("UPDATE chunks SET lines = ? WHERE id = ?", (body[:at] + bytes([body[at] ^ 1]) + body[at + 1:], chunk))
        db.commit()
        db.close()
        whole = self.track(self.folder)
        done = self.track(copy, code=EX_DATAERR)
        self.assertEqual(len(whole) - len(done), count)
        self.assertEqual(set(done) - set(whole), set())
        for word in (path.name, vehicle, f"{count} lines", "damaged"):
            self.assertIn(word, self.said)
        self.who(self.everything(), code=EX_DATAERR, folder=copy)
        self.check_places(path, copy)
        self.check_files(copy, path)

    def check_places(self, path, copy):
        """Where lines stood, which orders them: what is another is told, or makes no difference."""
        before, told = self.track(copy, code=EX_DATAERR), 0
        for at in range(1, 10):
            db = sqlite3.connect(path)
            chunk, places = db.execute("SELECT id, places FROM chunks ORDER BY id LIMIT 1 OFFSET 3").fetchone()
            place = len(places) * at // 10
            other = places[:place] + bytes([places[place] ^ 1]) + places[place + 1:]
            for body in (other, places):
                db.execute("UPDATE chunks SET places = ? WHERE id = ?", (body, chunk))
                db.commit()
                if body is other:
                    after = self.track(copy, code=EX_DATAERR)
                    told += f"chunk {chunk} is damaged" in self.said
                    self.assertTrue(f"chunk {chunk} is damaged" in self.said or sorted(after) == sorted(before))
            db.close()
        self.assertGreater(told, 3)

    def track(self, folder, *words, code=0):
        done = subprocess.run([BINARIES / "muckctl", "track", "--archive", str(folder), *words], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stderr)
        self.said = done.stderr
        return done.stdout.splitlines()

    def check_files(self, copy, day):
        """Cut, of a later version, or not to be read; and a folder in which nothing can be written."""
        for path in (copy / "city.db", day):
            whole = path.read_bytes()
            path.write_bytes(whole[:len(whole) // 3])
            self.track(copy, code=EX_DATAERR)
            self.assertIn(path.name, self.said)
            path.write_bytes(whole)
            db = sqlite3.connect(path)
            db.execute("PRAGMA user_version = 2")
            db.close()
            self.track(copy, code=EX_DATAERR)
            self.assertIn("this program knows 1", self.said)
            db = sqlite3.connect(path)
            db.execute("PRAGMA user_version = 1")
            db.close()
        if os.getuid() == 0:
            self.check_rights(copy)

    def check_rights(self, copy):
        """As another user, who may read and not write, then not even that."""
        nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]
        asked = [*nobody, str(self.place.path / "muckctl"), "track", "--archive", str(copy)]
        shutil.copy(BINARIES / "muckctl", self.place.path / "muckctl")
        for path in (self.place.path, copy):
            path.chmod(0o755)
        for path in copy.iterdir():
            if path.name.endswith(("-wal", "-shm")):
                path.unlink()
            else:
                path.chmod(0o644)
        done = subprocess.run(asked, capture_output=True, text=True, timeout=120)
        self.assertEqual((done.returncode, len(done.stdout.splitlines()) > 100), (EX_DATAERR, True), done.stderr)  # its damaged chunk
        self.assertEqual([p.name for p in copy.iterdir() if p.name.endswith(("-wal", "-shm"))], [])
        (copy / "city.db").chmod(0o600)
        done = subprocess.run(asked, capture_output=True, text=True, timeout=120)
        self.assertEqual((done.returncode, done.stdout), (EX_NOPERM, ""))
        self.assertIn("Permission denied", done.stderr)


if __name__ == "__main__":
    unittest.main()
