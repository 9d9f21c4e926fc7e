"""SIGHUP: a new world whole, or the old one."""
import json
import signal

import staging
from harness.process import wait_until
from staging import StageCase, fix

BOX = {"type": "Feature", "id": "yard", "properties": {"kind": "banned", "name": "Yard"}, "geometry": {
    "type": "Polygon", "coordinates": [[[112.89, 30.39], [112.91, 30.39], [112.91, 30.41], [112.89, 30.41], [112.89, 30.39]]]}}


class Reload(StageCase):
    options = {"rules": "  banned_area: {confirm_fixes: 1, confirm_s: 0}\n"}

    def reloads(self):
        return sum(v for k, v in self.stage.metrics().items() if k.startswith("muckwatch_reloads_total"))

    def reload(self, text):
        before = self.reloads()
        self.stage.place.file("fences.geojson", text)
        self.stage.tracker.signal(signal.SIGHUP)
        wait_until(lambda: self.reloads() > before, 10, "the reload is counted")
        self.barrier()

    def fences(self):
        return json.loads(self.stage.place.file("fences.geojson").read_text())

    def with_yard(self):
        fences = self.fences()
        fences["features"].append(BOX)
        return json.dumps(fences)

    def test_good(self):
        self.publish("t", fix(0, lat=30.3))
        self.reload(self.with_yard())
        self.assertEqual(self.violations(), [])
        self.publish("t", fix(600))
        self.barrier()
        opened = self.violations()
        self.assertEqual([(v["event"], v["fence"]) for v in opened], [("opened", "yard")])
        rulesets = [f["ruleset"].decode() for _, f in self.redis.stream(self.key("rulesets"))]
        self.assertEqual(len(set(rulesets)), 2)
        self.assertEqual(opened[0]["ruleset"], rulesets[-1])

    def test_bad_keeps_the_old(self):
        old = self.fences()
        self.reload(self.with_yard())
        for name, change in (("unclosed", lambda f: f["geometry"]["coordinates"][0].pop()),
                             ("unknown kind", lambda f: f["properties"].update(kind="swamp")),
                             ("twice", lambda f: f.update(id="pond"))):
            with self.subTest(name):
                bad = json.loads(self.with_yard())
                bad["features"] = old["features"] + [json.loads(json.dumps(BOX))]
                change(bad["features"][-1])
                self.reload(json.dumps(bad))
                self.assertIn("reload_failed", self.stage.tracker.text())
        self.reload("{")
        self.publish("t", fix(10))
        self.barrier()
        self.assertEqual([(v["event"], v["fence"]) for v in self.violations()], [("opened", "yard")])
        self.assertEqual(self.count("rulesets"), 2)

    def test_open_episode_whose_fence_is_gone(self):
        plain = json.dumps(self.fences())
        self.reload(self.with_yard())
        self.publish("t", fix(10))
        self.barrier()
        self.assertEqual(self.redis.call("ZCARD", self.key("open")), 1)
        self.reload(plain)
        self.publish("t", fix(20))
        self.barrier()
        self.assertEqual([(v["event"], v.get("reason")) for v in self.violations()],
                         [("opened", None), ("closed", "subject_gone")])
        self.assertEqual(self.redis.call("ZCARD", self.key("open")), 0)

    def test_open_episode_survives(self):
        self.reload(self.with_yard())
        self.publish("t", fix(10))
        fences = json.loads(self.with_yard())
        fences["features"] = [f for f in fences["features"] if f["id"] != "market"][:3]
        self.reload(json.dumps(fences))
        self.publish("t", fix(20))
        self.publish("t", fix(620, lat=30.3))
        self.publish("t", fix(630, lat=30.3))
        self.barrier()
        entries = self.violations()
        self.assertEqual([v["event"] for v in entries], ["opened", "closed"])
        self.assertEqual(len({v["id"] for v in entries}), 1)


if __name__ == "__main__":
    staging.main()
