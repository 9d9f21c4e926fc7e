"""The rules of the contract on the fixes of one vehicle, in the plainest form: whole lists instead of state, no
index, no timers. It is not the engine and shares nothing with it; it exists to show that the sample day says
what expected.ndjson claims.
"""
import math

from city_hours import is_open
from city_reader import fix_time_s, metres

GAP_S = 300
MOVING_MPS, STOPPED_MPS = 5 / 3.6, 3 / 3.6
YARDS = ("site", "disposal", "wash", "depot")


class Fix:
    def __init__(self, row):
        self.t = fix_time_s(row)
        self.received = row["received"] / 1000
        self.sensors = row.get("sensors", {})
        self.placed = row.get("mode", 3) > 1
        self.inside = set()
        if self.placed:
            self.x, self.y = metres(row["lon"], row["lat"])
            self.speed, self.eph = row["speed"], row["eph"]

    @property
    def load_known(self):
        return self.sensors.get("load") in ("empty", "loaded", "over")

    @property
    def loaded(self):
        return self.sensors.get("load") in ("loaded", "over")


def evaluated(rows):
    """What is left to judge, in order of time: no repeats, no clock from the future; what came late in its place."""
    kept, clocks, seen = [], [], set()
    for row in rows:
        key = (row["boot"], row["seq"]) if "boot" in row else (fix_time_s(row), row.get("lat"), row.get("lon"))
        if key in seen:
            continue
        seen.add(key)
        fix = Fix(row)
        if fix.t > fix.received + 300:
            clocks.append(fix)
        else:
            kept.append(fix)
    return sorted(kept, key=lambda f: f.t), clocks


def episodes(samples, confirm_fixes=1, confirm_s=0, clear_fixes=1):
    """(start, end) of what holds in (t, True/False/None) samples; None neither raises nor clears."""
    out, run, clearing, last_t = [], [], [], None
    opened = False
    for t, holds in samples:
        if holds is None:
            continue
        if last_t is not None and t - last_t > GAP_S:
            clearing = []
            run = run if opened else []
        last_t = t
        if holds:
            clearing = []
            run.append(t)
            opened = opened or len(run) >= confirm_fixes and run[-1] - run[0] >= confirm_s
        elif opened:
            clearing.append(t)
            if len(clearing) >= clear_fixes:
                out.append((run[0], clearing[0]))
                run, clearing, opened = [], [], False
        else:
            run = []
    if opened:
        out.append((run[0], None))
    return out


class Judge:
    def __init__(self, city, vehicle, rows):
        self.city, self.vehicle = city, city.vehicles[vehicle]
        self.fixes, self.clocks = evaluated(rows)
        self.messages = sorted((row["received"] / 1000, fix_time_s(row)) for row in rows)
        self.placed = [f for f in self.fixes if f.placed]
        self.found, self.trips = [], []
        self.permits = [p for p in city.permits.values()
                        if vehicle in p["vehicles"] and p["status"] == "active" and p["valid_to"] >= "2026-05-09"]
        for fix in self.placed:
            fix.inside = {key for key, fence in city.fences.items() if fence.near(fix.x, fix.y)
                          and fence.outside_m(fix.x, fix.y) <= 0}
        self._drop_jumps()

    def add(self, kind, pairs, **more):
        self.found += [dict(kind=kind, vehicle=self.vehicle["id"], start=a, end=b, **more) for a, b in pairs]

    def open(self, hours, t):
        return is_open(hours, t, self.city.calendar)

    def in_kind(self, fix, *kinds):
        return [self.city.fences[key] for key in fix.inside if self.city.fences[key].kind in kinds]

    def run(self):
        self._trips()
        self._sensors()
        self._positions()
        self._hours()
        self._silence()
        return self.found

    # -------------------------------------------------------------------------------------------- receiver

    def _drop_jumps(self):
        """A jump that two more fixes confirm is a finding; frozen stretches are one as well."""
        p = self.placed
        start = 0
        for i in range(1, len(p) + 1):
            same = i < len(p) and math.hypot(p[i].x - p[start].x, p[i].y - p[start].y) <= 1 and p[i].speed > MOVING_MPS
            if not same:
                if i - start >= 6 and p[i - 1].t - p[start].t >= 60:
                    self.add("tamper", [(p[start].t, p[i].t if i < len(p) else None)], subject="frozen")
                    for fix in p[start + 1:i]:
                        fix.frozen = True
                start = i
        for i in range(1, len(p) - 2):
            def speed(a, b):
                return math.hypot(b.x - a.x, b.y - a.y) / (b.t - a.t)
            held = getattr(p[i - 1], "frozen", False)  # driven on meanwhile, nobody saw how far
            if not held and speed(p[i - 1], p[i]) > 60 and speed(p[i], p[i + 1]) < 60 and speed(p[i + 1], p[i + 2]) < 60:
                self.add("tamper", [(p[i].t, None)], subject="jump")

    # -------------------------------------------------------------------------------------------- trips

    def _trips(self):
        """Departures, permits and unloads; marks each fix with the permit of its trip."""
        trip, site, washed, arrived = None, None, False, None
        was_loaded = False
        for fix in self.fixes:
            sites = self.in_kind(fix, "site")
            if fix.placed and sites:
                if site is None:
                    site, washed, arrived = sites[0], False, fix.t
                stopped_washing = fix.speed < STOPPED_MPS and self.in_kind(fix, "wash")
                washed = washed or bool(stopped_washing) or fix.sensors.get("wash") is True
            elif fix.placed and site is not None:
                hauling = fix.loaded if "load" in fix.sensors else fix.t - arrived > 600
                if not washed:
                    self.add("unwashed_exit", [(fix.t, None)], fence=site.id)
                if hauling:
                    self.trips.append([site.id, fix.t, None, None])
                    trip = self._permit_for(site, fix.t)
                    if trip is None:
                        self.add("no_permit", [(fix.t, None)], site=site.id)
                        trip = {"routes": [], "disposal": None}
                site = None
            emptied = was_loaded and fix.sensors.get("load") == "empty"
            tipped = fix.sensors.get("body") == "raised" and "load" not in fix.sensors
            disposals = self.in_kind(fix, "disposal")
            if emptied or tipped:
                if trip and disposals and trip["disposal"] is not None and \
                        not any(d.id in trip["disposal"] for d in disposals):
                    self.add("wrong_site", [(fix.t, None)], fence=disposals[0].id)
                if trip:
                    self.trips[-1][2:] = [disposals[0].id if disposals else None, fix.t]
                trip = None
            was_loaded = fix.loaded if fix.load_known else was_loaded
            fix.trip = trip

    def _permit_for(self, site, t):
        fit = [p for p in self.permits if p["site"] == site.id]
        return min(fit, key=lambda p: (not self.open(p["hours"], t), p["id"])) if fit else None

    # -------------------------------------------------------------------------------------------- sensors

    def _sensors(self):
        fixes, limit = self.fixes, self.vehicle

        def each(kind, holds, needs=lambda f: True, **debounce):
            more = {"subject": debounce.pop("subject")} if "subject" in debounce else {}
            self.add(kind, episodes([(f.t, holds(f) if needs(f) else None) for f in fixes], **debounce), **more)
        each("spill", lambda f: f.sensors.get("spill") is True)
        each("uncovered", lambda f: f.loaded and f.sensors.get("cover") == "open" and f.speed > MOVING_MPS,
             lambda f: f.placed and f.sensors.get("cover") != "fault", confirm_s=20)
        each("overload", lambda f: f.sensors.get("load") == "over"
             or f.sensors.get("load_kg", 0) > limit.get("max_load_kg", 1e9), confirm_s=60)
        each("over_height", lambda f: f.sensors.get("height_m", 0) > limit.get("max_height_m", 1e9), confirm_s=60)
        each("tamper", lambda f: f.sensors.get("antenna") in ("cut", "short"), subject="antenna")
        each("tamper", lambda f: f.sensors.get("power") == "backup", subject="power")
        allowed = ("disposal", "site", "depot")
        each("illegal_dumping", lambda f: f.sensors.get("body") == "raised" and not self.in_kind(f, *allowed),
             lambda f: f.placed and f.sensors.get("body") != "fault", confirm_s=5)
        raised = [r for r in self.found if r["kind"] == "illegal_dumping"]
        known = [f for f in fixes if f.placed and f.load_known]
        for a, b in zip(known, known[1:]):
            if a.loaded and not b.loaded and not self.in_kind(b, "disposal") and \
                    not any(r["start"] <= b.t <= r["end"] for r in raised):
                self.add("illegal_dumping", [(b.t, None)])
            if b.loaded and not a.loaded and not self.in_kind(b, "site"):
                self.add("illegal_loading", [(b.t, None)])

    # -------------------------------------------------------------------------------------------- places

    def _positions(self):
        good = [f for f in self.placed if not getattr(f, "frozen", False)]
        self.add("off_route", episodes([(f.t, self._off_route(f)) for f in good], 3, 30, 2))
        for fence in self.city.fences.values():
            concerned = self.vehicle["class"] in fence.p.get("classes", [self.vehicle["class"]])
            if fence.kind == "banned" and fence.valid_on("2026-05-08", "2026-05-09") and concerned:
                self._banned(fence, good)
        moving = [(f.t, f.speed * 3.6 > self._speed_limit(f)[0]) for f in good]
        self.add("speeding", episodes(moving, 2, 10, 1))
        allowing = YARDS + ("area", "collection") if self.vehicle["class"] != "muck_truck" else YARDS
        self.add("overstay", episodes([(f.t, f.speed < STOPPED_MPS and not self.in_kind(f, *allowing)) for f in good],
                                      2, 1800, 1))

    def _off_route(self, fix):
        permit = fix.trip if fix.trip else (self.permits[0] if fix.loaded and self.permits else None)
        if permit is None or not permit["routes"]:
            return False
        if self.in_kind(fix, *YARDS):
            return False
        return min(self.city.fences[key].outside_m(fix.x, fix.y) for key in permit["routes"]) > fix.eph

    def _banned(self, fence, fixes):
        if any(self._leads_through(self.city.fences[key], fence) for p in self.permits for key in p["routes"]):
            return
        hours = fence.p.get("hours")
        inside = episodes(self._with_minutes(fixes, lambda f, t: fence.id in f.inside and self.open(hours, t)), 2, 10, 1)
        self.add("banned_area", inside, fence=fence.id)
        for a, b in zip(fixes, fixes[1:]):
            touched = fence.id in a.inside or fence.id in b.inside
            if b.t - a.t > GAP_S or touched or not fence.near(b.x, b.y, 400) or not self.open(hours, b.t):
                continue
            if math.hypot(b.x - a.x, b.y - a.y) / (b.t - a.t) > 60:
                continue
            steps = 200
            dx, dy, dt = b.x - a.x, b.y - a.y, b.t - a.t
            within = [k / steps for k in range(steps + 1) if fence.outside_m(a.x + dx * k / steps, a.y + dy * k / steps) < 0]
            if len(within) / steps * math.hypot(dx, dy) > max(20, b.eph):
                self.add("banned_area", [(a.t + dt * within[0], a.t + dt * within[-1])], fence=fence.id)

    @staticmethod
    def _leads_through(route, ban):
        return any(ban.outside_m(a[0] + (b[0] - a[0]) * k / 20, a[1] + (b[1] - a[1]) * k / 20) <= 0
                   for a, b in zip(route.shape, route.shape[1:]) for k in range(21))

    def _speed_limit(self, fix):
        limits = [(fence.p["speed_limit_kmh"], fence.id) for fence in self.in_kind(fix, "speed")
                  if self.open(fence.p.get("hours"), fix.t)]
        return min(limits, default=(1e9, None))

    # -------------------------------------------------------------------------------------------- clocks

    def _hours(self):
        """Moving while closed."""
        hours = [p["hours"] for p in self.permits] or \
            [f.p["hours"] for f in self.city.fences.values() if f.kind == "area"
             and self.vehicle["class"] in f.p["classes"] and f.p["company"] == self.vehicle["company"]]
        if not hours:
            return
        samples = self._with_minutes(
            self.placed, lambda f, t: f.speed > MOVING_MPS and not any(self.open(h, t) for h in hours))
        self.add("wrong_hours", episodes(samples, 1, 60, 2))

    @staticmethod
    def _with_minutes(fixes, holds):
        """Samples at the fixes and at each whole minute between them: windows end there, and what held goes on."""
        samples, last = [], None
        for f in fixes:
            if last and f.t - last.t <= GAP_S:
                samples += [(t, holds(last, t)) for t in range(int(last.t) + 1, int(f.t)) if t % 60 == 0]
            samples.append((f.t, holds(f, f.t)))
            last = f
        return samples

    def _silence(self):
        """Gaps between messages in arrival time while in service; messages without position; a wrong clock."""
        by_arrival = sorted(self.fixes + self.clocks, key=lambda f: f.received)
        for a, b in zip(by_arrival, by_arrival[1:]):
            service = a.trip is not None if a in self.fixes else False
            service = service or a.sensors.get("ignition") is True or (a.placed and a.speed > MOVING_MPS)
            if b.received - a.received > 600 and service:
                self.add("offline", [(a.t + 600, max(b.t, a.t + 600))])
        self.add("no_fix", episodes([(f.t, not f.placed) for f in self.fixes], 2, 300, 1))
        if len(self.clocks) >= 10:
            after = [f.t for f in self.fixes if f.received > self.clocks[-1].received]
            self.add("no_fix", [(self.clocks[0].received, after[0] if after else None)])
