"""What scripts/bench daemon plays: traces in the sample city, as muckctl simulate takes them."""
import json
import lzma
import math
import pathlib
import random

CITY = pathlib.Path(__file__).resolve().parents[1] / "fixtures/city"
SPILL_EVERY = 20        # of a vehicle's fixes, one says that its load runs out: two entries
UNKIND_VEHICLES, UNKIND_FIXES, EVERY_S = 40, 500, 10
START_S = 1_778_212_800  # the morning of the sample day
METRE_DEG = 1 / 111_320


def day(path):
    """The sample day; it has 66 violations in 55,000 fixes, so each vehicle spills now and then."""
    counts = {}
    with lzma.open(CITY / "day.ndjson.xz", "rt", encoding="utf-8") as lines, open(path, "w", encoding="utf-8") as out:
        for line in lines:
            fix = json.loads(line)
            n = counts[fix["vehicle"]] = counts.get(fix["vehicle"], 0) + 1
            if n % SPILL_EVERY == 0:
                fix.setdefault("sensors", {})["spill"] = True
            out.write(json.dumps(fix, separators=(",", ":")) + "\n")
    return f"sample day, a spill in each {SPILL_EVERY}th fix"


def borders():
    """Rings and lines of the city's fences but the largest, as [(lat, lon)]."""
    found = []
    for feature in json.loads((CITY / "fences.geojson").read_text(encoding="utf-8"))["features"]:
        shape = feature["geometry"]
        line = {"Polygon": lambda s: s["coordinates"][0], "MultiPolygon": lambda s: s["coordinates"][0][0],
                "LineString": lambda s: s["coordinates"]}.get(shape["type"])
        if line and feature["properties"]["kind"] != "district":
            found.append([(lat, lon) for lon, lat, *_ in line(shape)])
    return found


class Offender:
    """Goes to and fro over a fence's border, and has every sensor say what is forbidden, on and off."""

    def __init__(self, place, border, vehicle):
        self.random, self.border, self.vehicle, self.at_m = random.Random(f"offender {place}"), border, vehicle, 0.0
        self.sensors = {"cover": "closed", "body": "down", "load": "empty", "spill": False, "ignition": True, "power": "main",
                        "antenna": "ok"}

    def place(self):
        """`at_m` along the border, as it is walked round and round."""
        left = self.at_m
        while True:
            for (lat, lon), (to_lat, to_lon) in zip(self.border, self.border[1:]):
                north, east = (to_lat - lat) / METRE_DEG, (to_lon - lon) / METRE_DEG * math.cos(math.radians(lat))
                length = math.hypot(north, east) or 1
                if left <= length:
                    return lat + (to_lat - lat) * left / length, lon + (to_lon - lon) * left / length
                left -= length

    def fix(self, n):
        r = self.random
        self.at_m += r.uniform(0, 150)
        lat, lon = self.place()
        for name, values, one_in in (("spill", (True, False), 3), ("cover", ("open", "closed"), 6), ("body", ("raised", "down"), 6),
                                     ("load", ("loaded", "empty", "over"), 8), ("power", ("main", "backup"), 30),
                                     ("antenna", ("ok", "cut"), 40)):
            if r.randrange(one_in) == 0:
                self.sensors[name] = r.choice(values)
        off_deg = 60 * METRE_DEG
        return {"vehicle": self.vehicle, "time": START_S + n * EVERY_S, "lat": round(lat + r.uniform(-off_deg, off_deg), 7),
                "lon": round(lon + r.uniform(-off_deg, off_deg), 7), "speed": round(r.uniform(0, 25), 1), "track": r.randrange(360),
                "eph": round(r.uniform(3, 12), 1), "mode": 3, "sats": 12, "sensors": dict(self.sensors)}


def unkind(path):
    fleet = [v["id"] for v in json.loads((CITY / "fleet.json").read_text(encoding="utf-8"))["vehicles"]]
    rings = borders()
    vehicles = [Offender(i, rings[i % len(rings)], fleet[i % len(fleet)] if i < len(fleet) else f"off-{i}")
                for i in range(UNKIND_VEHICLES)]
    with open(path, "w", encoding="utf-8") as out:
        for n in range(UNKIND_FIXES):
            for v in vehicles:
                out.write(json.dumps(v.fix(n), separators=(",", ":")) + "\n")
    return "all within 60 m of a border, every sensor on and off, dead zones of 3 min each 10 with a backlog in batches of 50"


WORKLOADS = {"day": (day, ("--batch", "1")), "unkind": (unkind, ("--batch", "50", "--dead-zones", "600/180"))}
