"""Recorded fleets through broker, tracker, store and archive: what muckctl prints is the same from both, a replay of the archive
is what the streams hold, and how many bytes a fix takes.

    python3 fleets.py BINARIES DATA [unittest's own arguments]

DATA is the folder of recorded input; without it the test is skipped. MW_FLEETS=all takes the larger ones as well.
"""
import json
import lzma
import os
import pathlib
import statistics
import sys
import tempfile
import unittest

DATA = pathlib.Path(sys.argv.pop(2)) if len(sys.argv) > 2 else pathlib.Path("/nowhere")
sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]

import asked  # noqa: E402
from harness import contract  # noqa: E402
from harness.process import wait_until  # noqa: E402
from reading import Archive  # noqa: E402

FLEETS = {"chicago": "chicago-plow-polls/arrivals.ndjson", "limerick": "onehz-traces/limerick-bus304.ndjson", "munich": "onehz-traces/munich-x0001-001.ndjson",
          "jersey": "jersey-city-garbage/fixes.ndjson"}
LARGE = {"jersey_arrivals": "jersey-city-garbage/arrivals.ndjson.xz"}
NAMES = {"heading": "track", "lat": "lat", "lon": "lon", "speed": "speed", "time": "time", "track": "track"}
BYTES_A_FIX, FIXES_TO_TELL = 25, 9000  # of fewer the file itself is most


def lines_of(path):
    """(vehicle, the fix) in the order in which they came."""
    data = path.read_bytes()
    for line in (lzma.decompress(data) if path.suffix == ".xz" else data).splitlines():
        said = json.loads(line)
        yield said["vehicle"], {NAMES[name]: value for name, value in said.items() if name in NAMES and value is not None}


def make_city(folder, fixes):
    """Two squares of 3 km that are banned, where the fleet is most, and one fix opens and closes."""
    features = []
    for name, share in (("middle", 0.5), ("elsewhere", 0.3)):
        lat, lon = (statistics.quantiles([fix[key] for fix in fixes if key in fix], n=10)[round(share * 10) - 1] for key in ("lat", "lon"))
        ring = [[lon + 0.02 * x, lat + 0.0135 * y] for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
        features.append({"type": "Feature", "id": name, "properties": {"kind": "banned", "name": name}, "geometry": {"type": "Polygon", "coordinates": [ring]}})
    (folder / "fences.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (folder / "muckwatch.yaml").write_text("city: {timezone: UTC, fences: [fences.geojson]}\n"
                                           "rules: {common: {edge_m: 0, eph_default_m: 0}, banned_area: {confirm_fixes: 1, confirm_s: 0, clear_fixes: 1, clear_s: 0}}\n")


class Fleet:
    """Mixed into a test case of a stage; `path` is the recorded file."""

    def setUp(self):
        self.pairs = list(lines_of(DATA / self.path))
        self.made = tempfile.TemporaryDirectory()
        self.addCleanup(self.made.cleanup)
        self.city = pathlib.Path(self.made.name)
        make_city(self.city, [fix for _, fix in self.pairs])
        super().setUp()

    def test_fleet(self):
        self.mqtt.publish_all((contract.topic(v, "fix"), json.dumps(fix, separators=(",", ":")).encode()) for v, fix in self.pairs)
        self.barrier(600)
        self.wait_archived()
        track = self.both("track")
        self.program.kill()
        self.program.start()  # which closes into chunks what it finds
        wait_until(lambda: self.in_tails() == 0, 120, lambda: "all is closed\n" + self.program.tail())
        self.assertEqual(self.both("track"), track)
        vehicle = self.pairs[len(self.pairs) // 2][0]
        self.both("track", "--vehicle", vehicle)
        self.both("violations", "--since", asked.EVER, "--json")
        self.both("trips", "--all", "--json")
        replayed = self.told(self.out("replay", "--archive", str(self.folder), "--quiet"))
        self.assertEqual(replayed, self.streams())
        self.tell(sum(map(len, replayed.values())))

    def tell(self, entries):
        kept, fixes, size, pages = Archive(self.folder), 0, 0, 0
        for name in kept.days:
            some, chunks = kept.open(name).execute("SELECT ifnull(sum(count), 0), ifnull(sum(length(lines) + length(places)), 0) FROM chunks").fetchone()
            fixes, size = fixes + some, size + chunks
            pages += kept.open(name).execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchone()[0]
        print(f"{type(self).__name__}: {len(self.pairs)} sent, {fixes} fixes kept, {entries} entries; {size / fixes:.1f} bytes a fix in chunks, "
              f"{pages / fixes:.1f} with the file", file=sys.stderr)
        self.assertGreater(entries, 0)
        if fixes > FIXES_TO_TELL:
            self.assertLessEqual(pages / fixes, BYTES_A_FIX)


def load_tests(loader, _, __):
    suite = unittest.TestSuite()
    for name, path in {**FLEETS, **(LARGE if os.environ.get("MW_FLEETS") == "all" else {})}.items():
        suite.addTests(loader.loadTestsFromTestCase(type(name, (Fleet, asked.Asked), {"path": path, "test_day": None})))
    return suite


if __name__ == "__main__":
    if not (DATA / FLEETS["jersey"]).exists():
        print(f"skipped: {DATA} is not here")
        sys.exit(77)
    unittest.main()
