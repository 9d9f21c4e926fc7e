"""What the commands print from an archive: the sample day through broker, tracker, store and archive, asked for by muckctl in
both ways. From the store and from the archive the same bytes come, from an open tail and from chunks.

    python3 asked.py BINARIES [unittest's own arguments]
"""
import collections
import datetime
import json
import math
import pathlib
import shutil
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "integration"), str(ROOT / "tests" / "archive")]

import staging  # noqa: E402
from harness import contract  # noqa: E402
from harness.place import free_port  # noqa: E402
from harness.process import Process, wait_until  # noqa: E402
from reading import Archive  # noqa: E402

if len(sys.argv) > 1:
    staging.BINARIES = pathlib.Path(sys.argv.pop(1)).resolve()
EX_USAGE, EX_DATAERR, EX_NOINPUT = 64, 65, 66
EVER = "2000-01-01T00:00:00Z"


class Asked(staging.StageCase):
    city, program_env = staging.CITY, {}

    def setUp(self):
        super().setUp()
        self.folder = self.stage.place.path / "archive"
        self.store = f"127.0.0.1:{self.stage.redis.port}"
        config = self.stage.write_config("archive.yaml", self.stage.redis.port)
        config.write_text(config.read_text(encoding="utf-8") + f"\narchive: {{dir: {self.folder}, http_port: {free_port()}}}\n", encoding="utf-8")
        self.program = Process("archive", self.stage.place, [staging.BINARIES / "muckwatch-archive", "--config", config],
                               self.program_env)
        self.addCleanup(self.program.end)
        self.program.start()

    def wait_archived(self):
        last = int(self.redis.call("HGET", self.key("owner"), "batch"))

        def done():
            self.assertTrue(self.program.alive(), self.program.tail())
            return int(self.redis.call("HGET", self.key("archive"), "batch") or -1) >= last
        wait_until(done, 300, lambda: "all is archived\n" + self.program.tail())

    def in_tails(self):
        return sum(Archive(self.folder).open(name).execute("SELECT count(*) FROM tail").fetchone()[0] for name in Archive(self.folder).days)

    def out(self, *words, code=0):
        run = self.stage.muckctl(*words, check=False)
        self.assertEqual(run.returncode, code, (words, run.stderr[-2000:]))
        self.said = run.stderr.decode()
        return run.stdout.decode()

    def both(self, *words):
        """The same from both; returned once."""
        kept = self.out(*words, "--archive", str(self.folder))
        self.assertEqual(kept, self.out(*words, "--redis", self.store), words)
        return kept

    def middle(self, track):
        """The middle half of the fixes, by the units' time, as a span, and a vehicle that was heard in it."""
        told = sorted((datetime.datetime.fromisoformat(f["time"].replace("Z", "+00:00")), f["vehicle"])
                      for f in map(json.loads, track.splitlines()) if isinstance(f.get("time"), str))
        begin, middle, end = (told[len(told) * n // 4] for n in (1, 2, 3))
        return middle[1], ("--from", begin[0].isoformat("T", "milliseconds"), "--to", end[0].isoformat("T", "milliseconds"))

    def check_equal(self):
        track = self.both("track")
        self.assertGreater(track.count("\n"), 10000)
        vehicles = sorted({json.loads(line)["vehicle"] for line in track.splitlines() if "vehicle" in line})
        self.assertGreater(len(vehicles), 5)
        self.both("track", *vehicles[3:5])
        heard, span = self.middle(track)
        self.assertGreater(self.both("track", "--vehicle", heard, *span).count("\n"), 1)
        fix = json.loads(next(line for line in track.splitlines() if '"lat"' in line))
        near = f"{fix['lat']},{fix['lon']}"
        self.assertGreater(self.both("track", "--near", near, "--radius", "500").count("\n"), 10)
        self.assertGreater(self.both("violations", "--since", EVER, "--json").count("\n"), 50)
        for words in (["--since", EVER], ["--standing"], ["--withdrawn"], ["--standing", "--vehicle", vehicles[1]], ["--open"],
                      ["--since", EVER, "--near", near, "--radius", "3000"],
                      ["--standing", "--json", *span]):
            self.both("violations", *words)
        self.assertGreater(self.both("violations", "--json", *span).count("\n"), 5)
        self.assertEqual(self.both("violations", "--json", *span), self.both("violations", "--json", "--since", EVER, *span))
        self.assertGreater(self.both("trips").count("\n"), 5)
        for words in (["--all", "--json"], ["--bad"], ["--vehicle", vehicles[1]], [*span[:2]]):
            self.both("trips", *words)
        self.both("rulesets")
        self.both("rulesets", "--json")
        last = self.out("vehicle", vehicles[0], "--track", "5", "--redis", self.store).partition("last fixes")[2]
        self.assertEqual(self.out("vehicle", vehicles[0], "--track", "5", "--archive", str(self.folder)).partition("last fixes")[2], last)
        self.check_rulesets()
        return track

    def check_rulesets(self):
        texts = []
        for i, words in enumerate((["--redis", self.store], ["--archive", str(self.folder)])):
            to = self.stage.place.path / f"rulesets{i}"
            shutil.rmtree(to, ignore_errors=True)
            self.out("rulesets", "--export", str(to), *words)
            texts.append({path.name: path.read_bytes() for path in to.iterdir()})
        self.assertEqual(texts[0], texts[1])
        self.assertTrue(texts[0])

    def told(self, printed):
        """Entries of the streams by vehicle, in their order, as the streams hold them."""
        found = collections.defaultdict(list)
        for line in printed.splitlines():
            entry = json.loads(line)
            stream = entry.pop("stream")
            if stream in ("violations", "trips"):
                found[stream, entry["vehicle"]].append(entry)
        return found

    def streams(self):
        found = collections.defaultdict(list)
        for stream in ("violations", "trips"):
            for line in self.out(stream, *(["--all"] if stream == "trips" else ["--since", EVER]), "--json", "--redis", self.store).splitlines():
                entry = json.loads(line)
                del entry["entry"]
                found[stream, entry["vehicle"]].append(entry)
        return found

    def check_replay(self, track):
        """A replay of the archive is one of the track, and says what the streams say."""
        path = self.stage.place.path / "track.ndjson"
        path.write_text(track, encoding="utf-8")
        replayed = self.out("replay", "--archive", str(self.folder), "--quiet")
        self.assertEqual(replayed, self.out("replay", "--rulesets", str(self.stage.place.path / "rulesets0"), "--quiet", str(path)))
        self.assertEqual(self.told(replayed), self.streams())
        finding = json.loads(next(line for line in replayed.splitlines() if '"speeding"' in line))
        told = self.out("explain", finding["id"], "--archive", str(self.folder))
        self.assertIn(finding["id"], told)
        self.assertEqual(told, self.out("explain", finding["id"], "--redis", self.store, "--config", str(self.stage.config)))

    def test_day(self):
        pairs = list(staging.day_lines())
        self.mqtt.publish_all((contract.topic(v, "fix"), f) for v, f in pairs)
        self.barrier(600)
        self.wait_archived()
        self.assertGreater(self.in_tails(), 0)
        track = self.both("track")
        self.both("violations", "--since", EVER, "--json")
        self.program.kill()
        self.program.start()  # which closes into chunks what it finds
        wait_until(lambda: self.in_tails() == 0, 120, lambda: "all is closed\n" + self.program.tail())
        self.assertEqual(self.check_equal(), track)
        self.check_replay(track)
        self.check_trips_near(track)
        self.check_mistakes()

    def check_trips_near(self, track):
        """Those that have a fix there while they last; and of the others some that drive past it between two fixes."""
        fixes = collections.defaultdict(list)
        for line in track.splitlines():
            if '"lat"' in line:
                fix = json.loads(line)
                fixes[fix["vehicle"]].append((self.ms(fix), fix["lat"], fix["lon"]))
        trips = [json.loads(line) for line in self.out("trips", "--json", "--redis", self.store).splitlines()]

        def own(trip):
            begin, end = (int(trip[a] if a in trip else trip[b]) for a, b in (("loaded", "departed"), ("unloaded", "arrived")))
            return [f for f in fixes[trip["vehicle"]] if begin <= f[0] <= end]
        ways = {trip["trip"]: own(trip) for trip in trips}
        for trip in trips[::len(trips) // 4]:
            way = ways[trip["trip"]]
            _, lat, lon = way[len(way) // 2]
            words = ["--near", f"{lat},{lon}", "--radius", "200", "--archive", str(self.folder)]
            found = {t["trip"] for t in map(json.loads, self.out("trips", "--json", *words).splitlines())}
            nearest = {t: min((math.hypot((a - lat) * 110_860, (b - lon) * 96_000) for _, a, b in way), default=math.inf) for t, way in ways.items()}
            self.assertLessEqual({t for t, m in nearest.items() if m < 198}, found)
            self.assertLessEqual(found, {t for t, m in nearest.items() if m < 1200})
            self.assertIn(trip["trip"], found)
            self.assertLess(len(found), len(trips))
        self.out("trips", "--near", "30.4,112.9", "--redis", self.store, code=EX_USAGE)

    @staticmethod
    def ms(fix):
        at = fix["time"]
        return round(datetime.datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp() * 1000) if isinstance(at, str) else round(at * 1000)

    def check_mistakes(self):
        folder = str(self.folder)
        self.out("track", "--archive", folder, "--redis", self.store, code=EX_USAGE)
        self.out("track", "--archive", folder, "--near", "north", code=EX_USAGE)
        self.out("replay", "--archive", folder, "track.ndjson", code=EX_USAGE)
        self.out("replay", "--archive", folder, "--from", "2031-01-01", code=EX_DATAERR)
        self.out("explain", "a" * 26, "--archive", folder, code=EX_DATAERR)
        self.out("vehicle", "nobody", "--archive", folder, code=EX_DATAERR)
        self.out("trips", "--archive", "/nowhere", code=EX_NOINPUT)
        self.assertIn("/nowhere", self.said)


if __name__ == "__main__":
    unittest.main()
