"""Reads the files of the sample city, with geometry of its own: nothing here is shared with the generator.

Degrees become metres by a spherical map about the middle of the city, fences drawn in GCJ-02 or BD-09 are
converted back by iteration.
"""
import json
import lzma
import math
import os
from datetime import datetime

MIDDLE = (30.45, 112.95)
EARTH_M = 6371008.8


class City:
    def __init__(self, folder):
        def read(name):
            with open(os.path.join(folder, name), "rb") as source:
                data = source.read()
            return lzma.decompress(data) if name.endswith(".xz") else data
        fleet = json.loads(read("fleet.json"))
        self.vehicles = {row["id"]: row for row in fleet["vehicles"]}
        self.permits = {row["id"]: row for row in fleet["permits"]}
        self.fences = {f["id"]: Fence(f) for f in json.loads(read("fences.geojson"))["features"]}
        self.expected = [json.loads(line) for line in read("expected.ndjson").splitlines()]
        self.trips = [json.loads(line) for line in read("trips.ndjson").splitlines()]
        self.lines = [json.loads(line) for line in read("day.ndjson.xz").splitlines()]
        self.calendar = {d["date"]: d["isOffDay"] for d in json.loads(read("2026.json"))["days"]}


class Fence:
    def __init__(self, feature):
        self.id, self.p = feature["id"], feature["properties"]
        self.kind = self.p["kind"]
        crs = self.p.get("crs", "wgs84")
        g = feature["geometry"]
        flat = {"Polygon": lambda c: c[0], "LineString": lambda c: c, "Point": lambda c: [c]}[g["type"]](g["coordinates"])
        self.shape = [metres(*plain(lon, lat, crs)) for lon, lat in flat]
        self.polygon = g["type"] == "Polygon"
        self.half_m = 0.0 if self.polygon else self.p.get("buffer_m", self.p.get("radius_m"))

        xs, ys = [p[0] for p in self.shape], [p[1] for p in self.shape]
        self.box = min(xs) - self.half_m, min(ys) - self.half_m, max(xs) + self.half_m, max(ys) + self.half_m

    def near(self, x, y, within_m=1):
        """Whether the fence's box is at most within_m away; a box says enough where most fences are far."""
        return self.box[0] - within_m <= x <= self.box[2] + within_m and self.box[1] - within_m <= y <= self.box[3] + within_m

    def valid_on(self, first, last):
        """Whether the fence is valid at any time of the days from first to last."""
        return self.p.get("valid_from", first)[:10] <= last and first <= self.p.get("valid_to", last)[:10]

    def outside_m(self, x, y):
        """Distance to the fence; 0 or less inside."""
        if len(self.shape) == 1:
            return math.hypot(x - self.shape[0][0], y - self.shape[0][1]) - self.half_m
        edge = min(to_segment(x, y, a, b) for a, b in zip(self.shape, self.shape[1:]))
        if self.polygon:
            return -edge if winding(self.shape, x, y) else edge
        return edge - self.half_m


def metres(lon, lat):
    k = math.radians(1) * EARTH_M
    return (lon - MIDDLE[1]) * k * math.cos(math.radians(MIDDLE[0])), (lat - MIDDLE[0]) * k


def to_segment(x, y, a, b):
    ux, uy, wx, wy = b[0] - a[0], b[1] - a[1], x - a[0], y - a[1]
    n = ux * ux + uy * uy
    k = min(1.0, max(0.0, (ux * wx + uy * wy) / n)) if n else 0.0
    return math.hypot(wx - k * ux, wy - k * uy)


def winding(ring, x, y):
    """Non-zero winding number, by the signs of crossings."""
    turns = 0
    for (ax, ay), (bx, by) in zip(ring, ring[1:]):
        side = (bx - ax) * (y - ay) - (x - ax) * (by - ay)
        if ay <= y < by and side > 0:
            turns += 1
        elif by <= y < ay and side < 0:
            turns -= 1
    return turns != 0


def plain(lon, lat, crs):
    """Back to WGS-84. GCJ-02 by fixed-point iteration on its shift; BD-09 by undoing its twist first."""
    if crs == "bd09":
        spin = math.pi * 3000 / 180
        x, y = lon - 0.0065, lat - 0.006
        z = math.hypot(x, y) - 0.00002 * math.sin(y * spin)
        theta = math.atan2(y, x) - 0.000003 * math.cos(x * spin)
        lon, lat = z * math.cos(theta), z * math.sin(theta)
    if crs == "wgs84":
        return lon, lat
    w_lon, w_lat = lon, lat
    for _ in range(5):
        d_lon, d_lat = shift(w_lon, w_lat)
        w_lon, w_lat = lon - d_lon, lat - d_lat
    return w_lon, w_lat


def shift(lon, lat):
    """What GCJ-02 adds to a place, in degrees (Krasovsky 1940)."""
    s, pi = math.sin, math.pi
    u, v = lon - 105, lat - 35
    root = math.sqrt(abs(u))
    common = (20 * s(6 * pi * u) + 20 * s(2 * pi * u)) * 2 / 3
    north = (-100 + 2 * u + 3 * v + 0.2 * v * v + 0.1 * u * v + 0.2 * root + common
             + (20 * s(pi * v) + 40 * s(pi * v / 3)) * 2 / 3 + (160 * s(pi * v / 12) + 320 * s(pi * v / 30)) * 2 / 3)
    east = (300 + u + 2 * v + 0.1 * u * u + 0.1 * u * v + 0.1 * root + common
            + (20 * s(pi * u) + 40 * s(pi * u / 3)) * 2 / 3 + (150 * s(pi * u / 12) + 300 * s(pi * u / 30)) * 2 / 3)
    axis, ecc2 = 6378245.0, 0.00669342162296594323
    w = 1 - ecc2 * s(math.radians(lat)) ** 2
    meridian, normal = axis * (1 - ecc2) / w ** 1.5, axis / math.sqrt(w)
    return math.degrees(east / (normal * math.cos(math.radians(lat)))), math.degrees(north / meridian)


def fix_time_s(row):
    """The fix's own time in Unix seconds."""
    when = row["time"]
    return when if isinstance(when, (int, float)) else datetime.fromisoformat(when.replace("Z", "+00:00")).timestamp()
