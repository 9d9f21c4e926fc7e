"""Bad input of each sort lands in `rejects`, is acknowledged, and costs nothing else."""
import json
import pathlib
import shutil
import tempfile

import staging
from harness.process import wait_until
from staging import BASE_S, StageCase, fix

NESTED = b'{"time":1770000000,"lat":30.4,"lon":112.9,"x":' + b"[" * 2000 + b"]" * 2000 + b"}"

# What each is refused as: the tracker's word is checked for being there, not for its wording.
BAD = {
    "not JSON": b"latitude 30.4",
    "cut short": b'{"time":1770000000,"lat":30.4,"lon":1',
    "a number": b"42",
    "a text": b'"fix"',
    "empty": b"",
    "null": b"null",
    "wrong type": b'{"time":1770000000,"lat":"30.4","lon":112.9}',
    "latitude 91": b'{"time":1770000000,"lat":91,"lon":112.9}',
    "longitude 181": b'{"time":1770000000,"lat":30.4,"lon":181}',
    "NaN": b'{"time":1770000000,"lat":NaN,"lon":112.9}',
    "1e999": b'{"time":1770000000,"lat":1e999,"lon":112.9}',
    "no time": b'{"lat":30.4,"lon":112.9}',
    "no place": b'{"time":1770000000,"mode":3}',
    "1970": b'{"time":0,"lat":30.4,"lon":112.9}',
    "milliseconds": b'{"time":1770000000000,"lat":30.4,"lon":112.9}',
    "no offset": b'{"time":"2026-02-02T10:40:00","lat":30.4,"lon":112.9}',
    "sensor's type": b'{"time":1770000000,"lat":30.4,"lon":112.9,"sensors":{"cover":true}}',
    "seq without boot": b'{"time":1770000000,"lat":30.4,"lon":112.9,"seq":1}',
    "deep nesting": NESTED,
    "over 256 KiB": b'{"time":1770000000,"lat":30.4,"lon":112.9,"x":"' + b"x" * (256 * 1024) + b'"}',
    "bad UTF-8": b'{"time":1770000000,"lat":30.4,"lon":112.9,"media":["\xff"]}',
    "zero byte": b'{"time":1770000000,"lat":30.4\0,"lon":112.9}',
}


class Refused(StageCase):
    def test_each_costs_only_itself(self):
        for at, (name, payload) in enumerate(BAD.items()):
            with self.subTest(name):
                before = self.count("rejects")
                self.publish("good", fix(2 * at))
                self.publish("bad", payload)
                self.publish("good", fix(2 * at + 1))
                self.barrier()
                self.assertEqual(self.count("rejects"), before + 1)
                entry = self.rejects()[-1]
                self.assertEqual(entry["vehicle"], b"bad")
                self.assertTrue(entry["reason"])
                self.assertTrue(payload.startswith(entry.get("payload", b"")) and len(entry.get("payload", b"")) <= 256)
                self.assertTrue(payload == b"" or entry["payload"], "the first bytes are kept")
        self.assertEqual(self.count("track:bad"), 0)
        self.assertEqual([f["fix"] for f in self.track("good")], [fix(n) for n in range(2 * len(BAD))])
        refused = sum(v for k, v in self.stage.metrics().items() if k.startswith("muckwatch_refused_total"))
        self.assertEqual(refused, len(BAD))

    def test_what_a_fix_can_do_without_costs_itself(self):
        odd = [{"speed": -1}, {"track": 511}, {"alt": -9999}, {"eph": -1}, {"sats": 999}, {"mode": 9}, {"sensors": {"cover": "ajar"}},
               {"sensors": {"height_m": -1}}, {"lat": 91, "lon": 181, "mode": 1}]
        fixes = [fix(n, **fields) for n, fields in enumerate(odd)]
        for payload in fixes:
            self.publish("t", payload)
        location = {"_type": "location", "tst": BASE_S, "lat": 30.4, "lon": 112.9, "vel": -1, "cog": -1, "acc": -1}
        self.mqtt.publish("owntracks/anna/phone", json.dumps(location))
        self.barrier()
        self.assertEqual([f["fix"] for f in self.track("t")], fixes)
        self.assertEqual((self.count("track:phone"), self.rejects()), (1, []))
        counts = {k.split(chr(34))[1]: v for k, v in self.stage.metrics().items() if k.startswith("muckwatch_fields_unknown_total{")}
        self.assertEqual(counts, {"speed": 2, "track": 2, "alt": 1, "eph": 2, "sats": 1, "mode": 1, "sensors": 2, "position": 1})

    def test_one_bad_in_a_batch(self):
        good = [fix(n, boot="b", seq=n) for n in (1, 2, 4)]
        bad = b'{"time":1770000003,"lat":91,"lon":112.9,"boot":"b","seq":3}'
        self.publish("t", b"[" + b",".join([good[0], good[1], bad, good[2]]) + b"]")
        self.barrier()
        self.assertEqual([f["fix"] for f in self.track("t")], good)
        self.assertEqual([(e["vehicle"], e["payload"]) for e in self.rejects()], [(b"t", bad)])

    def test_what_follows_a_fix_is_refused_by_itself(self):
        self.publish("t", fix(1) + b"\0")
        self.publish("t", b"[" + fix(2) + b"," + fix(3))
        self.barrier()
        self.assertEqual([f["fix"] for f in self.track("t")], [fix(1), fix(2), fix(3)])
        self.assertEqual(len(self.rejects()), 2)

    def test_refused_fix_is_acknowledged(self):
        self.mqtt.subscribe("muck/v1/t/ack")
        self.publish("t", b'{"time":1770000003,"lat":91,"lon":112.9,"boot":"b","seq":1}')
        ack = self.mqtt.receive(lambda m: m.topic.endswith("/ack"))
        self.assertEqual(json.loads(ack.payload), {"boot": "b", "seq": 1})

    def test_what_is_no_error(self):
        self.publish("t", b"[]")
        self.publish("t", b"  " + fix(1) + b"\n")
        self.publish("stranger", fix(1, unknown={"a": [1, None]}))
        self.barrier()
        self.assertEqual(self.rejects(), [])
        self.assertEqual(self.count("track:t"), 1)
        self.assertEqual(self.count("track:stranger"), 1)

    def test_future_fix_is_kept_and_not_judged(self):
        self.publish("t", b'{"time":4000000000,"lat":30.5,"lon":113.0,"sensors":{"spill":true}}')
        self.publish("t", fix(1))
        self.barrier()
        self.assertEqual([f.get("late") for f in self.track("t")], [b"clock", None])
        self.assertEqual(self.violations(), [])

    def test_vehicle_ids(self):
        bad = ["a b", "x" * 65, "a@b", "é"]
        for vehicle in bad:
            self.publish(vehicle, fix(1))
        self.publish("A-z_0.9", fix(1))
        self.publish("x" * 64, fix(1))
        self.barrier()
        self.assertEqual(len(self.rejects()), len(bad))
        self.assertEqual(self.count("track:A-z_0.9"), 1)
        self.assertEqual(self.count("track:" + "x" * 64), 1)

    def test_duplicates_and_late_fixes(self):
        for payload in (fix(10), fix(10), fix(20), fix(10), fix(5), fix(5), fix(30)):
            self.publish("t", payload)
        self.barrier()
        self.assertEqual([(f["fix"], f.get("late")) for f in self.track("t")],
                         [(fix(10), None), (fix(20), None), (fix(5), b"1"), (fix(30), None)])

    def test_bad_status(self):
        for payload in (b"nonsense", b'{"online":"perhaps"}', b'{"first":-1}', b"[]"):
            self.publish("t", payload, "status")
        self.barrier()
        self.assertEqual(len(self.rejects()), 4)


class Poisoned(StageCase):
    def test_only_the_poisoned_vehicle_suffers(self):
        """Its track is no stream: the store refuses its part of the batch, and no other's."""
        self.redis.call("SET", self.key("track:bad"), "not a stream")
        vehicles = [f"v{n}" for n in range(20)]
        self.mqtt.subscribe("muck/v1/bad/ack")
        for n in range(1, 6):
            for vehicle in vehicles:
                self.publish(vehicle, fix(n, boot="b", seq=n), wait=False)
            self.publish("bad", fix(n, boot="b", seq=n))
        self.barrier()
        for vehicle in vehicles:
            self.assertEqual(self.count("track:" + vehicle), 5, vehicle)
        wait_until(lambda: self.count("rejects") == 5, 10, "the poisoned fixes are in rejects")
        self.assertEqual({(e["vehicle"], e["reason"]) for e in self.rejects()}, {(b"bad", b"commit")})
        wait_until(lambda: any(json.loads(m.payload)["seq"] == 5 for m in self.mqtt.messages) or self.mqtt.settle(0.1), 10,
                   "its unit is told that they are done with")
        self.assertIn("vehicle_quarantined", self.stage.tracker.text())
        self.redis.call("DEL", self.key("track:bad"))
        self.publish("bad", fix(6, boot="b", seq=6))
        self.barrier()
        self.assertEqual([f["fix"] for f in self.track("bad")], [fix(6, boot="b", seq=6)])


class MoreThanFits(StageCase):
    """1,025 fences over one place: that some are not seen is told, and what else there is is judged."""

    def setUp(self):
        city = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, city)
        for path in self.city.iterdir():
            shutil.copy(path, city)
        (city / "fences.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [
            {"type": "Feature", "id": f"d{n}", "properties": {"kind": "district", "radius_m": 500},
             "geometry": {"type": "Point", "coordinates": [112.9, 30.4]}} for n in range(1025)]}), encoding="utf-8")
        (city / "fleet.json").write_text("{}", encoding="utf-8")
        self.city = city
        super().setUp()

    def test_is_told(self):
        metric = 'muckwatch_bounds_reached_total{bound="%s"}'
        self.publish("elsewhere", fix(10, lat=10.0))
        self.barrier()
        self.assertEqual(self.stage.metrics()[metric % "fences"], 0)
        self.publish("t", fix(10, sensors={"spill": True}))
        self.barrier()
        self.assertEqual(self.stage.metrics()[metric % "fences"], 1)
        self.assertEqual(self.stage.metrics()[metric % "episodes"], 0)
        self.assertIn('bound_reached bound="fences" vehicle="t"', self.stage.tracker.text())
        self.assertEqual([v["kind"] for v in self.violations()], ["spill"])
        run = self.stage.muckctl("replay", "--config", self.stage.config, "-",
                                 input=staging.replay_lines([("t", fix(10))])[0] + b"\n")
        self.assertIn(b"at 1 judgements more fences than fit", run.stderr)


if __name__ == "__main__":
    staging.main()
