"""muckctl import from the outside: files in and out, what is rejected, exit codes; what it writes passes muckctl check.

usage: test_muckctl_import.py MUCKCTL DATA_DIR

Recorded tables lie in DATA_DIR; those that are absent are skipped. The short tables here are made up, in the same form.
"""
import csv
import json
import os
import subprocess
import sys
import tempfile
import unittest

DATA = sys.argv.pop(2)
MUCKCTL = sys.argv.pop(1)

TAIPEI = ["--route", "路線", "--trip", "車次", "--time", "抵達時間", "--leave", "離開時間", "--lon", "經度", "--lat", "緯度", "--plate", "車號",
          "--name", "地點", "--service-days", "Mo,Tu,Th-Sa; PH off"]
TABLE = ("\ufeff路線,車次,車號,抵達時間,離開時間,地點,經度,緯度\r\n"
         "甲-1,第1車,KEA-0001,2350,2410,\"一路\r\n1號\",121.5,25.1\r\n"
         "甲-1,第1車,KEA-0001,2417,2420,二路,121.51,25.1\r\n"
         "甲-1,第1車,KEA-0002,2300,2301,三路,121.52,25.1\r\n")


def run(*arguments):
    done = subprocess.run([MUCKCTL, *arguments], capture_output=True, text=True, timeout=300, env={"LC_ALL": "C", "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")})
    return done.returncode, done.stdout, done.stderr


class Import(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name, text=None):
        path = os.path.join(self.folder.name, name)
        if text is not None:
            with open(path, "w", encoding="utf-8", newline="") as out:
                out.write(text)
        return path

    def stops(self, table, *options):
        status, told, errors = run("import", "stops", "--fences", self.path("f.geojson"), "--fleet", self.path("d.json"),
                                   "--rejected", self.path("r.csv"), *options, table)
        return status, told, errors

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return json.load(file)

    def rejected(self):
        with open(self.path("r.csv"), encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def check(self, fleet=True):
        city = {"timezone": "Asia/Taipei", "fences": [self.path("f.geojson")], "fleet": [self.path("d.json")] if fleet else [],
                "calendar": [self.path("2026.json", '{"year": 2026, "days": []}')]}
        config = self.path("c.yaml", json.dumps({"city": city}))
        status, told, errors = run("check", "--config", config)
        self.assertEqual(status, 0, errors[-2000:])
        return told

    def test_stops(self):
        status, told, errors = self.stops(self.path("t.csv", TABLE), *TAIPEI)
        self.assertEqual((status, told, errors), (1, "2 of 3 stops in 1 duties, 1 rejected\n", ""))  # a third fell out
        self.assertEqual([(r["line"], r["reason"]) for r in self.rejected()], [("5", "time 23:00: its trip's clock goes back")])
        self.assertEqual(self.rejected()[0]["record"], "甲-1,第1車,KEA-0002,2300,2301,三路,121.52,25.1")
        self.assertEqual(self.read("d.json"), {"duties": [
            {"id": "甲-1/第1車", "type": "collection", "vehicles": ["KEA-0001"], "days": "Mo,Tu,Th-Sa; PH off",
             "points": [{"fence": "甲-1/第1車/1", "window": "23:50-24:10"}, {"fence": "甲-1/第1車/2", "window": "24:17-24:20"}]}]})
        point = self.read("f.geojson")["features"][0]
        self.assertEqual((point["id"], point["properties"], point["geometry"]["coordinates"]),
                         ("甲-1/第1車/1", {"kind": "collection", "name": "一路\r\n1號"}, [121.5, 25.1]))
        self.assertIn("fences    2: 2 collection", self.check())

    def test_day_columns(self):
        table = "r,t,x,y,mo,tu,we,th,fr,sa,su\na,18:05,121.5,25.1,Y,N,,y,1,0,N\na,18:20,121.5,25.2,Y,N,?,Y,N,N,N\n"
        status, _, _ = self.stops(self.path("t.csv", table), "--route=r", "--time=t", "--lon=x", "--lat=y", "--class=truck", "--stay=5",
                                  "--days=mo,tu,we,th,fr,sa,su", "--bbox=121,25,122,26")
        self.assertEqual(status, 1)
        duty = self.read("d.json")["duties"][0]
        self.assertEqual((duty["days"], duty["classes"], duty["points"][0]["window"]), ("Mo,Th,Fr", ["truck"], "18:05-18:10"))
        self.assertEqual(self.rejected()[0]["reason"], "days: neither Y nor N")

    def test_coordinates(self):
        table = self.path("t.csv", "r,t,x,y\na,18:05,121.5,25.1\n")
        good = ["--route=r", "--time=t", "--lon=x", "--lat=y", "--class=truck"]
        self.assertEqual(self.stops(table, *good, "--crs=gcj02")[0], 0)
        self.assertEqual(self.read("f.geojson")["features"][0]["properties"], {"kind": "collection", "crs": "gcj02"})
        self.check()
        self.assertEqual(self.stops(table, *good, "--crs=wgs84")[0], 0)
        self.assertEqual(self.read("f.geojson")["features"][0]["properties"], {"kind": "collection"})
        self.assertEqual(self.stops(table, *good, "--crs=4490")[0], 64)
        roads = self.path("r.geojson", json.dumps({"features": [{"id": 1, "geometry": {"type": "LineString", "coordinates": [[121.5, 25.1], [121.51, 25.1]]}}]}))
        self.assertEqual(self.segments(roads, "--crs=bd09")[0], 0)
        self.assertEqual(self.read("f.geojson")["features"][0]["properties"], {"kind": "sweep", "crs": "bd09"})
        self.check(fleet=False)
        self.assertEqual(self.segments(roads, "--crs=bd-09")[0], 64)

    def test_plates(self):
        fleet = self.path("v.json", json.dumps({"vehicles": [
            {"id": "kw-1", "plate": "鄂T08708"}, {"id": 7, "plate": "鄂T·08709"}, {"id": "a", "plate": "X1"}, {"id": "b", "plate": "x-1"}, {"id": "c"}]}))
        table = "r,t,x,y,p\n" + "".join(f"r{p},18:05,121.5,25.1,{p}\n" for p in ("鄂T 08708", "鄂Ｔ08709", "X1", "Y1", ""))
        options = ["--route=r", "--time=t", "--lon=x", "--lat=y", "--plate=p"]
        self.assertEqual(self.stops(self.path("t.csv", table), *options, "--vehicles", fleet)[0], 1)
        self.assertEqual(sorted(d["vehicles"] for d in self.read("d.json")["duties"]), [["7"], ["kw-1"]])
        self.assertEqual([(r["line"], r["reason"]) for r in self.rejected()],
                         [("4", "plate: not that of one vehicle of --vehicles"), ("5", "plate: not that of one vehicle of --vehicles"), ("6", "no plate")])
        self.stops(self.path("t.csv", table), *options)
        self.assertEqual(self.rejected()[0]["reason"], "plate: cannot name a vehicle ([A-Za-z0-9._-]{1,64})")
        self.assertEqual(self.stops(self.path("t.csv", table), *options, "--vehicles", self.path("t.csv"))[0], 65)
        self.assertEqual(self.stops(self.path("t.csv", table), *options, "--vehicles", self.path("none"))[0], 66)

    def test_wrong(self):
        good = ["--route=r", "--time=t", "--lon=x", "--lat=y", "--class=truck"]
        table = self.path("t.csv", "r,t,x,y\na,18:05,121.5,25.1\n")
        self.assertEqual(self.stops(table, *good)[0], 0)
        self.assertEqual(self.stops(table, *good[:3])[0], 64)
        self.assertEqual(self.stops(table, *good, "--bbox=1,2,3")[0], 64)
        self.assertEqual(self.stops(table, *good, "--days=mo,tu")[0], 64)
        self.assertEqual(self.stops(table, *good, "--service-days=Funday")[0], 64)
        self.assertEqual(self.stops(self.path("none.csv"), *good)[0], 66)
        status, _, errors = self.stops(table, *good, "--name=who")
        self.assertEqual((status, errors), (65, f'{table}:1: there is no column "who"\n'))
        self.assertEqual(self.stops(self.path("q.csv", 'r,t,x,y\na,"18:05\n'), *good)[0], 65)
        self.assertEqual(run("import", "stops", "--fences", "/nowhere/f", "--fleet", "/nowhere/d", *good, table)[0], 73)
        self.assertEqual(run("import", "tables")[0], 64)
        for page in (["import", "--help"], ["import", "--man"], ["import", "stops", "--help"], ["import", "stops", "--man"]):
            status, told, errors = run(*page)
            self.assertEqual((status, errors), (0, ""))
            self.assertIn("import", told)

    @unittest.skipUnless(os.path.exists(f"{DATA}/taipei-garbage-points/points.csv"), "no recorded table of Taipei")
    def test_taipei(self):
        status, told, _ = self.stops(f"{DATA}/taipei-garbage-points/points.csv", *TAIPEI)
        self.assertEqual((status, told), (0, "4010 of 4015 stops in 484 duties, 5 rejected\n"))
        self.assertEqual([(r["line"], r["reason"]) for r in self.rejected()],
                         [("803", "no position"), ("3060", "position: no longitude and latitude in degrees"),
                          ("3280", "position: no longitude and latitude in degrees"),
                          ("3543", "time 17:20: its trip's clock goes back"), ("3623", "time 17:00: its trip's clock goes back")])
        late = [p["window"] for d in self.read("d.json")["duties"] for p in d["points"] if p["window"][6:] >= "24:00"]
        self.assertEqual(sorted(late), ["23:50-24:10", "24:11-24:13", "24:17-24:20"])
        self.assertIn("fences    4010: 4010 collection\nvehicles  187 in", self.check())

    @unittest.skipUnless(os.path.exists(f"{DATA}/tainan-garbage-routes/routes.ndjson"), "no recorded routes of Tainan")
    def test_tainan(self):
        status, told, _ = self.stops(f"{DATA}/tainan-garbage-routes/routes.ndjson", "--list=stops", "--route=routename", "--time=time",
                                     "--lon=lon", "--lat=lat", "--days=days", "--name=name", "--class=compactor", "--bbox=119.9,22.8,120.8,23.5")
        self.assertEqual((status, told), (0, "16928 of 16967 stops in 382 duties, 39 rejected\n"))
        reasons = [r["reason"] for r in self.rejected()]
        self.assertEqual(reasons.count("no position: longitude and latitude are the same"), 3)
        self.assertEqual(reasons.count("position: off the region"), 3)
        # 24 clocks go back; 33 stops are the fewest without which none does (a program of its own says so too).
        self.assertEqual(sum(r.endswith("its trip's clock goes back") for r in reasons), 33)
        self.assertIn("fences    16928: 16928 collection", self.check())

    def segments(self, roads, *options):
        status, told, errors = run("import", "segments", "--fences", self.path("f.geojson"), "--rejected", self.path("r.csv"), *options, roads)
        return status, told, errors

    def test_segments(self):
        def road(number, way, *coordinates):
            return {"type": "Feature", "id": number, "properties": {"street": "Main", "oneway": way},
                    "geometry": {"type": "LineString", "coordinates": coordinates}}

        roads = self.path("r.geojson", json.dumps({"type": "FeatureCollection", "features": [
            road(1, "1", [121.5, 25.1], [121.51, 25.1]), road(2, None, [121.505, 25.1], [121.505, 25.11]),
            road(3, "?", [121.5, 25.2], [121.51, 25.2])]}))
        status, told, errors = self.segments(roads, "--name=street", "--oneway=oneway")
        self.assertEqual((status, told, errors), (1, "3 segments of 2 roads, 2.1 km, 1 cuts at junctions, 1 rejected\n", ""))
        self.assertEqual([(f["id"], f["properties"]) for f in self.read("f.geojson")["features"]],
                         [("1/1", {"kind": "sweep", "name": "Main", "oneway": "yes"}), ("1/2", {"kind": "sweep", "name": "Main", "oneway": "yes"}),
                          ("2", {"kind": "sweep", "name": "Main"})])
        self.assertEqual(self.rejected()[0]["reason"], "one-way: neither yes, no nor -1")
        with open(self.path("d.json"), "w", encoding="utf-8") as out:  # a duty takes them
            json.dump({"duties": [{"id": "s", "type": "sweeping", "classes": ["sweeper"], "windows": ["03:00-06:30"],
                                   "segments": [{"fence": f["id"]} for f in self.read("f.geojson")["features"]]}]}, out)
        self.assertIn("fences    3: 3 sweep", self.check())
        self.assertEqual(self.segments(roads, "--bbox=1,2,0,3")[0], 64)
        self.assertEqual(self.segments(self.path("none"))[0], 66)
        self.assertEqual(self.segments(self.path("d.json"))[0], 65)
        for page in ("--help", "--man"):
            self.assertEqual(run("import", "segments", page)[0], 0)

    @unittest.skipUnless(os.path.exists(f"{DATA}/cambridge-streets/centerlines.geojson"), "no recorded streets of Cambridge")
    def test_cambridge(self):
        status, told, _ = self.segments(f"{DATA}/cambridge-streets/centerlines.geojson", "--name=street", "--oneway=oneway")
        self.assertEqual((status, told), (0, "2649 segments of 2643 roads, 251.6 km, 5 cuts at junctions, 0 rejected\n"
                                          "128 segments are shorter than 20 m: no duty may name them\n"))
        ways = [f["properties"].get("oneway") for f in self.read("f.geojson")["features"]]
        with open(f"{DATA}/cambridge-streets/centerlines.geojson", encoding="utf-8") as file:
            said = [f["properties"]["oneway"] for f in json.load(file)["features"]]
        self.assertGreaterEqual(ways.count("yes"), said.count("1"))
        self.assertGreaterEqual(ways.count("-1"), said.count("-1"))
        self.assertIn("fences    2649: 2649 sweep", self.check(fleet=False))

    @unittest.skipUnless(os.path.exists(f"{DATA}/sf-sweeping-sides/segments.geojson"), "no recorded segments of San Francisco")
    def test_san_francisco(self):
        status, told, _ = self.segments(f"{DATA}/sf-sweeping-sides/segments.geojson", "--name=street")
        self.assertEqual((status, told), (0, "489 segments of 489 roads, 60.0 km, 0 cuts at junctions, 0 rejected\n"
                                          "1 segments are shorter than 20 m: no duty may name them\n"))
        self.assertIn("fences    489: 489 sweep", self.check(fleet=False))


if __name__ == "__main__":
    unittest.main()
