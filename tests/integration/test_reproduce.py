"""A day under several worlds, reloads, restarts and kills in its middle: what was exported gives the streams again, byte
for byte, without broker and store."""
import collections
import datetime
import json
import re
import signal
import statistics
import time

import staging
from harness import contract
from harness.process import wait_until
from staging import CITY, StageCase, day_lines

PAIRS = list(day_lines())


def middle(pairs):
    """Where they mostly are: latitude and longitude."""
    places = [json.loads(fix) for _, fix in pairs[::50]]
    return (statistics.median(p["lat"] for p in places if "lat" in p),
            statistics.median(p["lon"] for p in places if "lon" in p))


def banned(name, lat, lon, size=0.02):
    ring = [[lon - size, lat - size], [lon + size, lat - size], [lon + size, lat + size], [lon - size, lat + size],
            [lon - size, lat - size]]
    return {"type": "Feature", "id": name, "properties": {"kind": "banned", "name": name},
            "geometry": {"type": "Polygon", "coordinates": [ring]}}


class Reproduce(StageCase):
    city = CITY

    def setUp(self):
        super().setUp()
        self.store = f"127.0.0.1:{self.stage.redis.port}"
        self.wanted = 0
        self.bundle = self.stage.place.path / "rulesets"

    # What changes the world, and how it gets into force.

    def edit(self, name, change):
        path = self.stage.place.path / name
        value = json.loads(path.read_text(encoding="utf-8"))
        change(value)
        path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")

    def ban(self, name, pairs):
        self.edit("fences.geojson", lambda f: f["features"].insert(0, banned(name, *middle(pairs))))

    def lift(self, name):
        self.edit("fences.geojson", lambda f: f.update(features=[x for x in f["features"] if x["id"] != name]))

    def revoke(self, share):
        """Every so-manieth permit."""
        self.edit("fleet.json", lambda f: [p.update(status="revoked") for p in f["permits"][::share]])

    def configure(self, pattern, text):
        config = self.stage.config.read_text(encoding="utf-8")
        changed = re.sub(pattern, text, config)
        self.assertNotEqual(changed, config)
        self.stage.config.write_text(changed, encoding="utf-8")

    def reload(self):
        """Does not wait: fixes keep coming meanwhile."""
        self.wanted = len(self.rulesets()) + 1
        self.stage.tracker.signal(signal.SIGHUP)

    def in_force(self):
        """The world asked for last is."""
        wait_until(lambda: len(self.rulesets()) >= self.wanted, 20,
                   lambda: "the world comes into force\n" + self.stage.tracker.tail())

    def stop_and_start(self):
        self.assertEqual(self.stage.tracker.stop(), 0)
        self.stage.tracker.start()

    def kill_and_start(self):
        self.stage.tracker.kill()
        self.stage.tracker.start()

    def play(self, pairs, actions):
        """Publishes with things done on the way, each once so many of the pairs are out."""
        actions = dict(actions)

        def messages():
            for at, (vehicle, fix) in enumerate(pairs):
                for action in actions.pop(at, ()):
                    action()
                yield contract.topic(vehicle, "fix"), fix

        self.mqtt.publish_all(messages(), window=500)
        self.assertEqual(actions, {})

    # What is exported, and what is made of it.

    def streams(self):
        return {name: contract.by_vehicle([{k: v.decode() for k, v in f.items()}
                                           for _, f in self.redis.stream(self.key(name))])
                for name in ("violations", "trips")}

    def export(self):
        self.stage.muckctl("rulesets", "--redis", self.store, "--export", self.bundle)
        return self.stage.muckctl("track", "--redis", self.store).stdout

    def replayed(self, track, *options):
        run = self.stage.muckctl("replay", *options, "--quiet", "-", input=track)
        streams = {"violations": [], "trips": []}
        for line in run.stdout.splitlines():
            entry = json.loads(line, parse_float=str, parse_int=str)  # 12.0 and 12.00 are not the same text
            if entry["stream"] in streams:
                streams[entry.pop("stream")].append(entry)
        return {name: contract.by_vehicle(entries) for name, entries in streams.items()}, run.stderr.decode()

    def rulesets(self):
        return [f["ruleset"].decode() for _, f in self.redis.stream(self.key("rulesets"))]

    def compare(self, live, again):
        for name, vehicles in live.items():
            self.assertEqual(sorted(vehicles), sorted(again[name]))
            for vehicle, entries in vehicles.items():
                for is_there, should_be in zip(again[name][vehicle], entries):
                    self.assertEqual(is_there, should_be, f"{name} of {vehicle}")
                self.assertEqual(len(again[name][vehicle]), len(entries), f"{name} of {vehicle}")

    def test_day_under_many_worlds(self):
        step = len(PAIRS) // 10
        at = lambda n: PAIRS[n * step:(n + 1) * step]
        self.play(PAIRS, {
            1 * step: [lambda: self.ban("ban-1", at(1)), self.reload],
            2 * step: [self.in_force, lambda: self.revoke(2), self.reload],
            # A standstill: what falls due in it, falls due under the world of then.
            3 * step: [self.in_force, self.barrier],
            3 * step + 1: [lambda: self.configure(r"  speeding: \{", "  speeding: {confirm_s: 3, major: 10, "),
                           self.reload],
            4 * step: [self.in_force, lambda: self.lift("ban-1"), lambda: self.ban("ban-2", at(4)), self.reload],
            5 * step: [self.in_force, lambda: self.configure("Asia/Shanghai", "Asia/Tokyo"), self.stop_and_start],
            6 * step: [self.kill_and_start],
            7 * step: [lambda: self.lift("ban-2"),
                       lambda: self.configure(r"  spill: \{", "  spill: {enabled: false, "), self.kill_and_start],
            8 * step: [lambda: self.ban("ban-1", at(8)), self.reload],
            # Two at once, and the second is the world before the first: whatever becomes of them.
            9 * step: [lambda: self.lift("ban-1"), self.reload, lambda: self.ban("ban-1", at(8)), self.reload],
        })
        self.wait_listening()
        self.barrier(120)
        live, names = self.streams(), self.rulesets()
        self.assertGreaterEqual(len(set(names)), 7)
        entries = [e for entries in live["violations"].values() for e in entries]
        self.assertGreaterEqual(len({e["ruleset"] for e in entries}), 6, "violations under many worlds")
        reasons = collections.Counter(e.get("reason") for e in entries if e["event"] == "closed")
        self.assertGreater(reasons["subject_gone"], 0)
        self.assertIn("ban-2", {e.get("fence") for e in entries})

        track = self.export()
        self.assertEqual({p.stem for p in self.bundle.iterdir()}, set(names))
        marks = [json.loads(line) for line in track.splitlines() if line.startswith(b'{"ruleset"')]
        self.assertEqual([m["ruleset"] for m in marks], names)
        self.assertEqual(sum(line.startswith(b'{"vehicle"') for line in track.splitlines()),
                         sum(len(contract.track(self.redis, v)) for v in contract.vehicles(self.redis)))
        # From here on nobody needs them.
        self.stage.redis.stop()
        self.stage.broker.stop()
        again, words = self.replayed(track, "--rulesets", self.bundle)
        self.compare(live, again)
        self.assertEqual(words, "")
        story = next(e["id"] for e in entries if e.get("fence") == "ban-1")
        told = self.stage.place.path / "track.ndjson"
        told.write_bytes(track)
        words = self.stage.muckctl("explain", story, "--rulesets", self.bundle, "--replay", told).stdout.decode()
        self.assertIn("ban-1", words)
        # By one configuration it is another day, and that is said.
        other, words = self.replayed(track, "--config", self.stage.config)
        self.assertNotEqual(other, again)
        self.assertIn("was recorded under other rulesets", words)
        self.bad_bundles(track, names)

    def bad_bundles(self, track, names):
        def fails(code, *words):
            run = self.stage.muckctl("replay", "--rulesets", self.bundle, "-", input=track, check=False)
            self.assertEqual(run.returncode, code, run.stderr)
            for word in words:
                self.assertIn(word, run.stderr.decode())

        path = self.bundle / f"{names[2]}.json"
        whole = path.read_bytes()
        path.unlink()
        fails(66, names[2], "No such file", "line ")
        path.write_bytes(whole[:-100])
        fails(66, names[2], "not whole")
        path.write_bytes((self.bundle / f"{names[1]}.json").read_bytes())
        fails(66, names[2], "that of another")
        path.write_bytes(whole)
        unmarked = b"\n".join(line for line in track.splitlines() if not line.startswith(b'{"ruleset"'))
        run = self.stage.muckctl("replay", "--rulesets", self.bundle, "-", input=unmarked, check=False)
        self.assertEqual(run.returncode, 65)
        self.assertIn("give --config", run.stderr.decode())

    def test_deadlines_between_worlds(self):
        """Vehicles fall silent all the time, and each reload or kill finds some whose time is just up: which world was
        it up under? All live on the real clock."""
        self.configure(r"  offline: \{", "  offline: {confirm_s: 0.5, ")
        self.configure("city:", "  # 0\ncity:")
        self.reload()
        begin = time.time()
        for turn in range(60):
            for vehicle in range(turn % 7, 400, 7):
                t = time.time() - begin
                moved = {"lat": 30.4 + t / 1000, "speed": 11, "sensors": {"ignition": True}}
                self.publish(f"v{vehicle}", json.dumps({"time": begin + t, "lon": 112.9, "mode": 3, **moved}).encode(), wait=False)
            self.configure(r"confirm_s: 0\.5\d*", f"confirm_s: 0.5{turn % 5}")
            if turn % 10 == 9:
                self.kill_and_start()
            else:
                self.reload()
            time.sleep(0.07)
        time.sleep(1)
        self.barrier()
        live, track = self.streams(), self.export()
        offline = [e for entries in live["violations"].values() for e in entries if e["kind"] == "offline"]
        self.assertGreater(len(offline), 500)
        self.assertEqual(len({e["ruleset"] for e in offline}), 5)
        again, _ = self.replayed(track, "--rulesets", self.bundle)
        self.compare(live, again)

    def says(self, unit, turn, now):
        """What a unit says in a turn, if anything: topic and payload. One in five is heard of by statuses, live positions,
        fixes that are refused and fixes beyond a hole; the last says nothing that is a sign of life."""
        kind, vehicle = unit % 5, f"v{unit}"
        moved = {"time": now, "lat": 30.4 + turn / 10000, "lon": 112.9, "mode": 3, "speed": 11, "sensors": {"ignition": True}}
        if (turn + unit) % 23 == 0:
            self.numbers[unit] += 1
            number = {"boot": f"b{unit}", "seq": self.numbers[unit]} if kind in (0, 2, 3) else {}
            self.last[unit] = json.dumps({**moved, **number})
            return vehicle, "fix", self.last[unit]
        if (turn + unit // 7) % 4 != 0 or turn % 40 > 28 + unit % 11:  # now and then it is silent
            return None
        if kind == 0:
            return vehicle, "status", json.dumps({"online": True, "boot": f"b{unit}", "first": 1})
        if kind == 1:
            return vehicle, "live", json.dumps(moved)
        if kind == 2:
            self.numbers[unit] += 1
            return vehicle, "fix", json.dumps({**moved, "lat": 95, "boot": f"b{unit}", "seq": self.numbers[unit]})
        if kind == 3:
            return vehicle, "fix", json.dumps({**moved, "boot": f"b{unit}", "seq": self.numbers[unit] + 5})
        return (vehicle, "fix", self.last[unit]) if unit in self.last else None

    def test_signs_of_life(self):
        """Units of which silence is held off, or ended, by what is in no track; tracker and store are killed meanwhile."""
        self.configure(r"  offline: \{", "  offline: {confirm_s: 0.7, ")
        self.configure("city:", "  # 0\ncity:")
        self.reload()
        self.in_force()
        self.numbers, self.last = collections.Counter(), {}
        for turn in range(160):
            for said in [self.says(unit, turn, time.time()) for unit in range(60)]:
                if said:
                    vehicle, what, payload = said
                    self.publish(vehicle, payload.encode(), what, qos=0 if what == "live" else 1, wait=False)
            if turn % 25 == 24:
                self.kill_and_start()
            if turn % 60 == 40:
                self.stage.redis.kill()
                self.stage.redis.start()
                self.redis = self.stage.redis.client()
            if turn % 50 == 10:
                self.configure(r"confirm_s: 0\.7\d*", f"confirm_s: 0.7{turn // 50}")
                self.stage.tracker.signal(signal.SIGHUP)
            time.sleep(0.05)
        self.wait_listening()
        time.sleep(1)
        self.barrier()
        live, track = self.streams(), self.export()
        marks = [{k.decode() if isinstance(k, bytes) else k: v for k, v in f.items()}
                 for _, f in self.redis.stream(self.key("marks"))]
        offline = [e for entries in live["violations"].values() for e in entries if e["kind"] == "offline"]
        closed = sum(e["event"] == "closed" for e in offline)
        self.assertGreater(closed, 50)
        self.assertGreater(len(marks), 50)
        for mark in marks:
            self.assertEqual(sorted(mark), ["batch", "clock", "kind", "received", "vehicle"])
            self.assertNotEqual(int(mark["vehicle"][1:]) % 5, 4, "what is repeated is no sign of life")
        # Of a vehicle one in the time it may be silent for, one for each end of a silence, and one for a world that asks.
        clocks = [int(mark["clock"]) for mark in marks]
        self.assertLess(len(marks), closed + 60 * ((max(clocks) - min(clocks)) / 700 + len(set(self.rulesets()))))
        again, _ = self.replayed(track, "--rulesets", self.bundle)
        self.compare(live, again)
        # Without them it is another day.
        silent = b"\n".join(line for line in track.splitlines() if not line.startswith(b'{"mark"'))
        self.assertNotEqual(self.replayed(silent, "--rulesets", self.bundle)[0], again)
        one = self.stage.muckctl("track", "--redis", self.store, "v0").stdout
        self.assertEqual({json.loads(line).get("vehicle", "v0") for line in one.splitlines()}, {"v0"})

    def test_part_of_the_record(self):
        """From the middle on: the world of then is named before the first fix, and it alone."""
        half = len(PAIRS) // 20
        self.play(PAIRS[:half], {half // 2: [lambda: self.ban("ban-1", PAIRS[:half]), self.reload]})
        wait_until(lambda: len(self.rulesets()) == 2, 10, "the second world is in force")
        self.barrier()
        now = self.redis.call("TIME")
        since = int(now[0]) * 1000 + int(now[1]) // 1000
        self.mqtt.publish_all((contract.topic(v, "fix"), f) for v, f in PAIRS[half:2 * half])
        self.barrier()
        stamp = datetime.datetime.fromtimestamp((since + 1) / 1000, datetime.timezone.utc)
        lines = self.stage.muckctl("track", "--redis", self.store, "--since", stamp.isoformat(timespec="milliseconds")
                                   ).stdout.splitlines()
        kinds = ["ruleset" if b'{"ruleset"' in l else "attended" if b'{"attended"' in l else "fix" for l in lines]
        self.assertEqual(kinds.count("ruleset"), 1)
        self.assertEqual(kinds[:3], ["attended", "ruleset", "fix"])
        self.assertIn(self.rulesets()[1].encode(), lines[1])

    def test_one_ruleset_of_many(self):
        names = self.rulesets()
        self.stage.muckctl("rulesets", "--redis", self.store, "--export", self.bundle, names[0])
        self.assertEqual([p.name for p in self.bundle.iterdir()], [f"{names[0]}.json"])
        shown = self.stage.muckctl("rulesets", "--redis", self.store).stdout.decode()
        self.assertRegex(shown, rf"^\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d {names[0]}\n$")
        shown = json.loads(self.stage.muckctl("rulesets", "--redis", self.store, "--json").stdout)
        self.assertEqual((shown["ruleset"], shown["batch"]), (names[0], 1))
        key = f"muck:ruleset:{names[0]}"
        text = self.redis.call("HGET", key, "canonical")
        self.redis.call("HSET", key, "canonical", text[:-1])
        run = self.stage.muckctl("rulesets", "--redis", self.store, "--export", self.bundle, check=False)
        self.assertEqual(run.returncode, 65)
        self.assertIn("damaged", run.stderr.decode())
        self.redis.call("DEL", key)
        run = self.stage.muckctl("rulesets", "--redis", self.store, "--export", self.bundle, check=False)
        self.assertEqual(run.returncode, 65)
        self.assertIn("not in the store", run.stderr.decode())
        self.redis.call("HSET", key, "canonical", text)


if __name__ == "__main__":
    staging.main()
