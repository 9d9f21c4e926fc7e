"""What the units journal: deterministic by seed, vehicle and number, and rich in violations.

Each vehicle wanders about a pond that is banned and a market that is banned in the morning, at all hours of a day, with
a load that runs out now and then. The fixes lie in the past, so that no clock fault makes them future ones. What `spill`
must give is said here a second time, from the contract alone; the other kinds are judged by muckctl replay.
"""
import json
import random

EVERY_MS, GAP_MS = 10_000, 300_000
# A day well before today, and each vehicle at another hour of it, so that windows' edges fall everywhere.
START_MS = 1_770_000_000_000


def vehicle_name(place):
    return f"u{place:02d}"


class Trip:
    """One vehicle's journal, as far as it has been written."""

    def __init__(self, seed, place, wrong_clock=False, gaps=False):
        """`wrong_clock`: now and then the unit's clock is 6 min ahead or 2 h behind for some fixes; `gaps`: now and then
        it says nothing for up to ten minutes."""
        self.vehicle = vehicle_name(place)
        self.random = random.Random(f"{seed}/{place}")
        self.boot = f"{self.random.getrandbits(32):08x}"
        self.time_ms = START_MS + place * 1_800_000
        self.lat, self.lon = 30.5 + self.random.uniform(-0.02, 0.02), 113.0 + self.random.uniform(-0.02, 0.02)
        self.north, self.east = self.random.choice((-1, 1)) * 6e-4, self.random.choice((-1, 1)) * 6e-4
        self.spill, self.spill_left = False, 3
        self.fixes, self.made_at, self.times_ms = [], [], []
        self.wrong_clock, self.clock_left, self.clock_ms, self.gaps = wrong_clock, 20, 0, gaps

    def write(self, now=0.0):
        """The next fix, as JSON bytes; its number is its place in `fixes`, from 1."""
        if self.wrong_clock:
            self.turn_clock()
        r = self.random
        self.lat += self.north * r.uniform(0.3, 1.7)
        self.lon += self.east * r.uniform(0.3, 1.7)
        if abs(self.lat - 30.5) > 0.03:
            self.north = -abs(self.north) if self.lat > 30.5 else abs(self.north)
        if abs(self.lon - 113.0) > 0.04:
            self.east = -abs(self.east) if self.lon > 113.0 else abs(self.east)
        self.spill_left -= 1
        if self.spill_left <= 0:
            self.spill, self.spill_left = not self.spill, r.randint(1, 4)
        fix = {"time": (self.time_ms + self.clock_ms) / 1000, "lat": round(self.lat, 7), "lon": round(self.lon, 7),
               "speed": round(r.uniform(3, 16), 2), "track": r.randint(0, 359), "eph": round(r.uniform(2, 9), 1), "mode": 3,
               "boot": self.boot, "seq": len(self.fixes) + 1, "sensors": {"spill": self.spill}}
        self.time_ms += EVERY_MS
        if self.gaps and r.randrange(40) == 0:
            self.time_ms += r.randint(20, 600) * 1000
        self.fixes.append(json.dumps(fix, separators=(",", ":")).encode())
        self.made_at.append(now)

    def turn_clock(self):
        self.clock_left -= 1
        if self.clock_left <= 0:
            self.clock_ms = self.random.choice((360_000, -7_200_000)) if self.clock_ms == 0 else 0
            self.clock_left = self.random.randint(2, 12) if self.clock_ms else self.random.randint(50, 90)

    def times(self):
        while len(self.times_ms) < len(self.fixes):
            self.times_ms.append(round(json.loads(self.fixes[len(self.times_ms)])["time"] * 1000))
        return self.times_ms

    def late(self):
        """How many fixes are older than the newest before them; one of its time is an addition to it."""
        newest, count = 0, 0
        for time_ms in self.times():
            count += time_ms < newest
            newest = max(newest, time_ms)
        return count

    def replay_lines(self, received_ms):
        """The journal as lines for muckctl replay. One arrival for all, so that no clock moves but by fixes."""
        head = f'{{"vehicle":"{self.vehicle}","received":{received_ms},'.encode()
        return [head + fix[1:] for fix in self.fixes]

    def last_ms(self):
        return max(self.times(), default=START_MS)

    def spills(self):
        """Spill as the contract says it: (event, start, at, end) in order. Opens by one fix, ends with the second
        clear one."""
        told, start, clear_from, clear = [], None, None, 0
        before = None  # time of the last fix that is not late
        counted = set()  # what it was counted as, with the additions to it, which are of its time
        for data in self.fixes:
            fix = json.loads(data)
            now, spilling = round(fix["time"] * 1000), fix["sensors"]["spill"]
            if before is not None and now < before:
                continue
            if now != before:
                counted = set()
            if before is not None and now - before > GAP_MS:
                clear, clear_from = 0, None  # counts begin again after a gap
            before = now
            if start is None:
                if spilling:
                    start, clear, clear_from = now, 0, None
                    counted.add(True)
                    told.append(("opened", start, now, None))
                continue
            if spilling:
                clear, clear_from = 0, None
                counted.add(True)
                continue
            clear_from = now if clear_from is None else clear_from
            clear += False not in counted
            if clear == 2:
                told.append(("closed", start, now, clear_from))
                start = None
            else:
                counted.add(False)
        return told
