"""What consumers find in the store, by the contract, and what muckctl shows of it."""
import json
import subprocess
import time

import staging
from harness import contract
from harness.process import wait_until
from staging import BASE_S, BINARIES, StageCase, fix


class Watched(StageCase):
    def spill(self, vehicle="u00", begin=0):
        for n, spill in enumerate((False, True, False, False)):
            self.publish(vehicle, fix(begin + 10 * n, sensors={"spill": spill}))


class Keys(Watched):
    def test_vehicle_hash_and_position(self):
        before_ms = int(time.time() * 1000)
        self.publish("u00", fix(5, lat=30.41234567, lon=112.9, speed=10, track=359.96,
                                sensors={"cover": "open", "body": "down", "load": "loaded"}))
        self.barrier()
        vehicle = self.redis.hash(self.key("vehicle:u00"))
        received = int(vehicle.pop("received"))
        self.assertTrue(before_ms <= received <= time.time() * 1000)
        self.assertEqual(vehicle, {"time": str((BASE_S + 5) * 1000), "lat": "30.4123457", "lon": "112.9000000",
                                   "speed": "36.0", "track": "360.0", "mode": "3", "online": "1", "open": "0",
                                   "cover": "open", "body": "down", "load": "loaded", "plate": "A-000",
                                   "class": "muck_truck", "eph": "15.0", "fences": '["town"]',
                                   "sensors_at": json.dumps({n: (BASE_S + 5) * 1000 for n in ("cover", "body", "load")}, separators=(",", ":"))})
        lon, lat = self.redis.call("GEOPOS", self.key("positions"), "u00")[0]
        self.assertAlmostEqual(float(lat), 30.4123457, places=4)
        self.assertAlmostEqual(float(lon), 112.9, places=4)
        self.publish("u00", fix(6, mode=None))
        self.barrier()
        self.assertNotIn("mode", self.redis.hash(self.key("vehicle:u00")), "what does not apply is left out")

    def test_beyond_85_degrees(self):
        self.publish("north", fix(1, lat=89.5))
        self.barrier()
        self.assertEqual(self.redis.hash(self.key("vehicle:north"))["lat"], "89.5000000")
        self.assertEqual(self.redis.call("GEOPOS", self.key("positions"), "north"), [None])

    def test_track_is_as_received(self):
        odd = b' { "lon" :112.9, "lat":30.40 ,"time": 1770000001.0, "x":"\\u00e9" } '
        self.publish("t", odd)
        self.publish("t", b"[ " + fix(2) + b" ,\n" + fix(3) + b"]")
        self.barrier()
        self.assertEqual([f["fix"] for f in self.track("t")], [odd.strip(), fix(2), fix(3)])
        for fields in self.track("t"):
            self.assertEqual(set(fields), {"fix", "received", "batch"})

    def test_violation_hash_and_open_set(self):
        self.publish("u00", fix(0, sensors={"spill": False}))
        self.publish("u00", fix(10, sensors={"spill": True}))
        self.barrier()
        entry = dict(self.violations()[0])
        identifier = contract.violation_id("u00", "spill", "", (BASE_S + 10) * 1000)
        self.assertEqual((entry["id"], entry["rev"], entry["event"]), (identifier, "1", "opened"))
        self.assertEqual(self.redis.call("ZSCORE", self.key("open"), identifier), str((BASE_S + 10) * 1000).encode())
        self.assertEqual(self.redis.hash(self.key("vehicle:u00"))["open"], "1")
        self.publish("u00", fix(20, sensors={"spill": False}))
        self.publish("u00", fix(30, sensors={"spill": False}))
        self.barrier()
        self.assertEqual(self.redis.call("ZCARD", self.key("open")), 0)
        _, last = self.redis.stream(self.key("violations"))[-1]
        stands = self.redis.hash(self.key("violation:" + identifier))
        self.assertEqual(stands, {**{k: v.decode() for k, v in last.items()}, "opened_at": str((BASE_S + 10) * 1000)})
        self.assertEqual((stands["event"], stands["rev"], stands["end"]), ("closed", "2", str((BASE_S + 20) * 1000)))

    def test_what_an_entry_says(self):
        self.spill()
        self.barrier()
        for entry in self.violations():
            self.assertEqual(contract.broken_fields(entry), [])
        opened, closed = self.violations()
        who, since = "A-000", time.strftime("%H:%M:%S", time.gmtime(BASE_S + 10 + 8 * 3600))
        zh, en = opened["text"].split(" / ")
        self.assertTrue(zh.startswith(who + "：抛洒滴漏") and en.startswith(who + ": spilling its load"), opened["text"])
        self.assertIn(f"自2026年2月2日 {since}起", opened["text_zh"])
        self.assertIn(f"since 2026-02-02 {since}: spilling its load", opened["text_en"])
        self.assertTrue(opened["text_en"].endswith("; rule spill; minor."), opened["text_en"])
        self.assertIn("；已结束，历时10秒，情形消除；", closed["text_zh"])
        self.assertIn("; over after 10 s: no longer the case; ", closed["text_en"])

    def test_ruleset_is_recorded_before_it_judges(self):
        self.spill()
        self.barrier()
        rulesets = self.redis.stream(self.key("rulesets"))
        self.assertEqual(len(rulesets), 1)
        name = rulesets[0][1]["ruleset"].decode()
        self.assertEqual({v["ruleset"] for v in self.violations()}, {name})
        self.assertLess(rulesets[0][0], self.redis.stream(self.key("violations"))[0][0])
        self.assertGreater(len(self.redis.hash(f"muck:ruleset:{name}")), 0)
        batch = int(rulesets[0][1]["batch"])
        self.assertTrue(all(int(fields["batch"]) > batch for fields in self.track("u00")))
        # Told once, with the first batch; and again by whoever goes on.
        self.stage.tracker.kill()
        self.start_tracker()
        again = [f for _, f in self.redis.stream(self.key("rulesets"))]
        self.assertEqual([f["ruleset"].decode() for f in again], [name, name])
        self.assertGreater(int(again[1]["batch"]), int(self.track("u00")[-1]["batch"]))

    def test_owner(self):
        self.publish("t", fix(1))
        self.barrier()
        owner = self.redis.hash(self.key("owner"))
        self.assertTrue(owner["instance"].startswith("muckwatchd@"))
        self.assertEqual(owner["epoch"], "1")
        self.assertGreaterEqual(int(owner["batch"]), 1)
        self.assertLess(abs(time.time() * 1000 - int(owner["seen"])), 300000)

    def test_state_begins_with_a_version(self):
        self.publish("t", fix(1))
        self.barrier()
        state = self.redis.call("HGET", self.key("state"), "t")
        self.assertTrue(0 < len(state) <= 2048)
        self.assertTrue(1 <= state[0] < 32)


class Muckctl(Watched):
    def ctl(self, *arguments):
        run = self.stage.muckctl(*arguments, "--json", "--redis", f"127.0.0.1:{self.stage.redis.port}")
        return [json.loads(line) for line in run.stdout.splitlines()]

    def test_violations_and_vehicles(self):
        self.spill()
        self.publish("u01", fix(10, sensors={"spill": True}))
        self.barrier()
        self.assertEqual([v["vehicle"] for v in self.ctl("violations", "--open")], ["u01"])
        self.assertEqual([v["event"] for v in self.ctl("violations", "--since", "2020-01-01T00:00:00Z")],
                         ["opened", "closed", "opened"])
        self.assertEqual(sorted(v["vehicle"] for v in self.ctl("vehicles")), ["barrier", "u00", "u01"])

    def test_tail(self):
        self.spill()
        self.barrier()
        tail = subprocess.Popen([self.stage.binaries / "muckctl", "tail", "--json", "--from-start", "--redis",
                                 f"127.0.0.1:{self.stage.redis.port}"], stdout=subprocess.PIPE)
        try:
            shown = [json.loads(tail.stdout.readline()) for _ in range(2)]
            self.spill(begin=1000)
            shown += [json.loads(tail.stdout.readline()) for _ in range(2)]
        finally:
            tail.terminate()
            tail.wait(10)
            tail.stdout.close()
        self.assertEqual([s["event"] for s in shown], ["opened", "closed"] * 2)
        self.assertEqual([s["id"] for s in shown], [v["id"] for v in self.violations()])


if __name__ == "__main__":
    staging.main()
