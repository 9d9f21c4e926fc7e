"""A small city for a supervisor's questions: a pit, a tip, a road between them, a banned area; and who drives there."""
import json
import math

LAT, LON, START = 30.5, 104.0, 1_780_000_000


def place(east, north):
    return [round(LON + east / (111320 * math.cos(math.radians(LAT))), 7), round(LAT + north / 110850, 7)]


def circle(name, kind, east, north, radius):
    return {"type": "Feature", "id": name, "geometry": {"type": "Point", "coordinates": place(east, north)},
            "properties": {"kind": kind, "radius_m": radius}}


def line(name, kind, points, half_width):
    return {"type": "Feature", "id": name, "properties": {"kind": kind, "buffer_m": half_width},
            "geometry": {"type": "LineString", "coordinates": [place(*p) for p in points]}}


FENCES = [circle("pit", "site", 0, 0, 100), circle("tip", "disposal", 3000, 0, 100),
          circle("closed", "banned", 1500, 2000, 200), line("road", "route", [(0, 0), (3000, 0)], 50)]
FLEET = {"vehicles": [{"id": t, "plate": f"P-{t}", "class": "muck_truck"} for t in ("good", "lost", "bold")],
         "permits": [{"id": "p1", "vehicles": ["good", "lost"], "site": "pit", "disposal": ["tip"], "routes": ["road"]}]}


def write_city(folder, fences, fleet, rules=""):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "fences.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": fences}))
    (folder / "fleet.json").write_text(json.dumps(fleet))
    (folder / "muckwatch.yaml").write_text("city: {timezone: Asia/Shanghai, fences: [fences.geojson], "
                                           f"fleet: [fleet.json]}}\n{rules}")
    return folder / "muckwatch.yaml"


def fixes(*legs):
    """Fixes every 10 s at 10 m/s along legs of (points or one place to stay at, seconds, load)."""
    seconds, out = 0, []
    for points, stay_s, load in legs:
        way = []
        for (x0, y0), (x1, y1) in zip(points, points[1:]):
            steps = max(1, round(math.hypot(x1 - x0, y1 - y0) / 100))
            way += [(x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps, 10) for i in range(steps)]
        way += [(*points[-1], 0)] * (stay_s // 10)
        for east, north, speed in way:
            lon, lat = place(east, north)
            out.append(json.dumps({"time": START + seconds, "lat": lat, "lon": lon, "speed": speed,
                                   "sensors": {"load": load}}))
            seconds += 10
    return out


DRIVES = {
    "good": fixes(([(0, 0)], 60, "empty"), ([(0, 0)], 60, "loaded"), ([(0, 0), (3000, 0)], 60, "loaded"),
                  ([(3000, 0)], 60, "empty")),
    "lost": fixes(([(0, 0)], 60, "empty"), ([(0, 0)], 60, "loaded"), ([(0, 0), (0, 500), (500, 500)], 60, "loaded")),
    "bold": fixes(([(0, 0)], 60, "empty"), ([(0, 0), (1500, 2000)], 60, "empty")),
}
