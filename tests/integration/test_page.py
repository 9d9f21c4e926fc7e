"""What a page needs of the store: what moved, the vehicle and its haul, what the cab was told, and a reload that is asked for."""
import json
import os
import pathlib
import signal
import time
import unittest

import page_drive
import staging
from harness import contract
from harness.process import wait_until
from staging import BASE_S, StageCase, fix

HERE = pathlib.Path(__file__).resolve().parent
PAGE_CITY = HERE / "page_city"
SECONDS = 120


class PageCase(StageCase):
    city = PAGE_CITY

    def vehicle(self, name="u00"):
        return self.redis.hash(self.key("vehicle:" + name))

    def haul(self, name="u00"):
        return self.redis.hash(self.key("trip:" + name))

    def stream(self, name):
        return [{k: v.decode() for k, v in fields.items()} for _, fields in self.redis.stream(self.key(name))]

    def rows(self, name):
        """Of all entries: (batch, row) of a vehicle."""
        return [(int(e["batch"]), row) for e in self.stream("live") for row in json.loads(e["moves"]) if row[0] == name]

    def send(self, fixes, name="u00"):
        for payload in fixes:
            self.publish(name, payload)
        self.barrier()

    def kill_tracker(self):
        self.stage.tracker.signal(signal.SIGKILL)
        wait_until(lambda: not self.stage.tracker.alive(), SECONDS, "it is dead")
        self.start_tracker()


class Moves(PageCase):
    def test_one_entry_a_batch(self):
        for n in range(5):
            for name in ("a", "b", "c"):
                self.publish(name, fix(10 * n, lat=30.4 + n / 1000, speed=10))
        self.barrier()
        entries = self.stream("live")
        batches = [int(e["batch"]) for e in entries]
        self.assertEqual(batches, sorted(set(batches)), "one entry a batch")
        for e in entries:
            names = [row[0] for row in json.loads(e["moves"])]
            self.assertEqual(len(names), len(set(names)), "a vehicle once")
        for name in ("a", "b", "c"):
            last = self.rows(name)[-1][1]
            stands = self.vehicle(name)
            self.assertEqual(last[1:6], [float(stands["lat"]), float(stands["lon"]), float(stands["speed"]), 0.0, int(stands["time"])])
            self.assertEqual(last[6] & 7, 7, "online, moving, placed")
            tracked = {int(f["batch"]) for f in self.track(name)}
            self.assertEqual(tracked, {batch for batch, _ in self.rows(name)} & tracked, "each batch that has a fix of it")

    def test_killed_between(self):
        """Whatever dies, each batch has its entry once, and none is of a batch that is not there."""
        for n in range(6):
            self.publish("a", fix(10 * n, speed=10))
            if n % 2:
                self.stage.tracker.signal(signal.SIGKILL)
                wait_until(lambda: not self.stage.tracker.alive(), SECONDS, "it is dead")
                self.start_tracker()
        self.barrier()
        batches = [int(e["batch"]) for e in self.stream("live")]
        self.assertEqual(batches, sorted(set(batches)))
        self.assertEqual({int(f["batch"]) for f in self.track("a")} - set(batches), set())
        self.assertLessEqual(max(batches), int(self.redis.hash(self.key("owner"))["batch"]))

    def test_live_position(self):
        self.publish("a", fix(0, speed=10))
        self.publish("a", fix(60, lat=30.41, speed=20), what="live", qos=0)
        wait_until(lambda: "live_time" in self.vehicle("a"), SECONDS, "it is shown")
        wait_until(lambda: self.rows("a")[-1][1][6] & 1024, SECONDS, "it is told")
        self.assertEqual(self.rows("a")[-1][1][1:6], [30.41, 112.9, 72.0, None, (BASE_S + 60) * 1000])
        self.publish("a", fix(30, lat=30.405, speed=10))
        self.barrier()
        self.assertIn("live_time", self.vehicle("a"), "it is newer than what is judged")
        self.publish("a", fix(60, lat=30.42, speed=10))
        self.barrier()
        self.assertEqual([n for n in self.vehicle("a") if n.startswith("live")], [])
        self.assertFalse(self.rows("a")[-1][1][6] & 1024)


class Vehicle(PageCase):
    def test_what_sensors_said(self):
        self.send([page_drive.fix(0, 30.4, 0, cover="fault", work="sweeping", power="backup", antenna="cut", load_kg=1234.5, height_m=3.75, spill=True),
                   page_drive.fix(10, 30.4, 0, ignition=False)])
        stands = self.vehicle()
        at = {n: (BASE_S + s) * 1000 for n, s in (("cover", 0), ("spill", 0), ("ignition", 10), ("work", 0), ("power", 0), ("antenna", 0),
                                                  ("load_kg", 0), ("height_m", 0))}
        self.assertEqual(json.loads(stands["sensors_at"]), {**at, "faults": ["cover"]})
        wanted = {"cover": "fault", "work": "sweeping", "power": "backup", "antenna": "cut", "load_kg": "1234.5", "height_m": "3.75", "spill": "1",
                  "ignition": "0", "class": "muck_truck", "waste": "muck", "company": "North", "eph": "4.0", "fences": '["pit","road","town"]'}
        self.assertEqual({n: stands.get(n) for n in wanted}, wanted)
        self.kill_tracker()
        self.send([page_drive.fix(4000, 30.6, 0, cover="closed")])
        self.assertEqual(json.loads(self.vehicle()["sensors_at"]), {**at, "cover": (BASE_S + 4000) * 1000})
        self.assertNotIn("fences", self.vehicle(), "it is in none")

    def test_worst(self):
        self.send([page_drive.fix(0, 30.4, 0, spill=False), page_drive.fix(10, 30.4, 0, spill=True), page_drive.fix(20, 30.4, 0, spill=True)])
        entry = self.violations()[-1]
        self.assertEqual(self.vehicle().get("worst"), entry["severity"])
        self.assertEqual(self.rows("u00")[-1][1][6] >> 11 & 3, ["minor", "major", "critical"].index(entry["severity"]) + 1)
        self.send([page_drive.fix(30 + 10 * n, 30.4, 0, spill=False) for n in range(4)])
        self.assertNotIn("worst", self.vehicle())


class Haul(PageCase):
    options = {"rules": "late: {horizon_h: 2, quiet_s: 1, max_wait_s: 3}\n"}

    def check_on(self, **wanted):
        haul = self.haul()
        self.assertEqual(haul["trip"], self.vehicle()["trip"])
        self.assertEqual({n: haul.get(n) for n in ("permit", "site", "disposal", "route")},
                         {"permit": "p1", "site": "pit", "disposal": "tip", "route": '["road"]', **wanted})
        self.assertTrue(float(haul["distance_m"]) > 500 and int(haul["loaded_at"]) <= int(haul["departed"]))
        self.assertTrue(self.rows("u00")[-1][1][6] & 512)
        return haul

    def end(self):
        self.send(page_drive.tipping())
        self.assertEqual((self.haul(), self.vehicle().get("trip")), ({}, None))
        self.assertEqual(self.count("trips"), 1)
        return self.stream("trips")[0]

    def test_while_it_runs(self):
        self.send(page_drive.loading())
        self.assertEqual(self.haul(), {})
        self.send(page_drive.leaving())
        haul = self.check_on()
        ended = self.end()
        self.assertEqual([ended[n] for n in ("trip", "permit", "site", "departed", "loaded")],
                         [haul[n] for n in ("trip", "permit", "site", "departed", "loaded_at")])

    def test_killed_on_the_way(self):
        self.send(page_drive.loading() + page_drive.leaving())
        before = self.check_on()
        self.kill_tracker()
        self.assertEqual(self.check_on(), before)
        self.send(page_drive.leaving())  # duplicates
        self.assertEqual(self.check_on(), before)
        self.end()

    def test_its_vehicle_is_in_no_file(self):
        self.send(page_drive.loading() + page_drive.leaving()[:10])
        self.check_on()
        before = self.stage.metrics()["muckwatch_reload_seconds"] if "muckwatch_reload_seconds" in self.stage.metrics() else None
        self.stage.place.file("fleet.json", '{"vehicles": [], "permits": []}')
        self.stage.tracker.signal(signal.SIGHUP)
        wait_until(lambda: '"reloaded"' in self.stage.tracker.text() or "event=reloaded" in self.stage.tracker.text() or "reloaded" in self.stage.tracker.text(),
                   SECONDS, lambda: "the reload\n" + self.stage.tracker.tail())
        self.send(page_drive.leaving()[10:])
        haul, stands = self.haul(), self.vehicle()
        self.assertEqual(haul.get("trip"), stands.get("trip"))
        self.assertNotIn("route", haul)
        self.assertEqual([n for n in ("plate", "class", "waste", "company") if n in stands], [], before)

    def test_late_data_corrects_it(self):
        """The stretch in the pit comes after the way out of it: there was no haul, and then there is."""
        self.send(page_drive.leaving()[-4:])
        self.assertEqual(self.haul(), {})
        self.send(page_drive.loading() + page_drive.leaving()[:-4])
        wait_until(lambda: self.haul() != {} or self.gone(), SECONDS, lambda: f"it is judged again {self.stream('marks')} {[(f.get('late'), f['fix'][:30]) for f in self.track('u00')][-3:]}")
        self.check_on()


class Warned(PageCase):
    options = {"rules": "  spill: {confirm_fixes: 1, confirm_s: 0}\n"}

    def test_sent(self):
        before_ms = int(time.time() * 1000)
        cab = self.stage.broker.client("cab")
        cab.subscribe(contract.topic("u00", "warn"))
        self.send([page_drive.fix(0, 30.4, 0, spill=False), page_drive.fix(10, 30.4, 0, spill=True)])
        told = json.loads(cab.receive(within_s=SECONDS).payload)
        cab.close()
        wait_until(lambda: self.count("warnings") > 0, SECONDS, "what became of it")
        entry = self.stream("warnings")[0]
        self.assertEqual([entry[n] for n in ("id", "kind", "event", "at")], [str(told[n]) for n in ("id", "kind", "event", "at")])
        self.assertEqual((entry["vehicle"], entry["id"]), ("u00", self.violations()[0]["id"]))
        self.assertTrue(before_ms <= int(entry["sent"]) <= time.time() * 1000)
        self.assertGreater(int(entry["batch"]), int(self.track("u00")[1]["batch"]), "behind the commit of its cause")
        self.kill_tracker()
        self.send([page_drive.fix(10, 30.4, 0, spill=True)])  # a duplicate
        time.sleep(1.5)
        self.assertEqual(len(self.stream("warnings")), 1, "once, whoever dies")
        show = lambda *words: self.stage.muckctl("warnings", "--redis", f"127.0.0.1:{self.stage.redis.port}", *words).stdout.decode()  # noqa: E731
        self.assertIn(entry["id"], show())
        self.assertNotIn(entry["id"], show("--expired"))

    @unittest.skipUnless(os.environ.get("MW_LONG_TESTS"), "takes the minute in which a broker may confirm")
    def test_nobody_was_told(self):
        """The broker is gone when what was found is durable: the connection does not know it yet, and nothing confirms it."""
        self.send([page_drive.fix(0, 30.4, 0, spill=False)])
        fixes = lambda: sum(v for k, v in self.stage.metrics().items() if k.startswith("muckwatch_fixes_total"))  # noqa: E731
        before = fixes()
        self.stage.redis.signal(signal.SIGSTOP)
        self.mqtt.publish(contract.topic("u00", "fix"), page_drive.fix(10, 30.4, 0, spill=True), wait=False)
        wait_until(lambda: fixes() > before, SECONDS, "it is read")
        self.mqtt.close(politely=False)
        self.mqtt = None
        self.stage.broker.signal(signal.SIGKILL)
        self.stage.redis.signal(signal.SIGCONT)
        wait_until(lambda: self.count("warnings") > 0, SECONDS, lambda: "what became of it\n" + self.stage.tracker.tail())
        self.assertEqual([(e["event"], e["sent"]) for e in self.stream("warnings")], [("opened", "expired")])


class Asked(PageCase):
    def ask(self, request, **fields):
        words = [w for pair in {"request": request, "who": "anna", **fields}.items() for w in pair]
        return self.redis.call("XADD", self.key("reload:ask"), "*", *words).decode()

    def answer(self, request):
        def found():
            return [e for e in self.stream("reload:done") if e.get("request") == request] or self.gone()
        wait_until(found, SECONDS, lambda: "an answer\n" + self.stage.tracker.tail())
        answers = found()
        self.assertEqual(len(answers), 1, answers)
        self.assertEqual(answers[0]["ruleset"], self.stream("rulesets")[-1]["ruleset"])
        return answers[0]

    def change(self, name):
        fleet = json.loads((PAGE_CITY / "fleet.json").read_text(encoding="utf-8"))
        fleet["vehicles"][0]["plate"] = name
        self.stage.place.file("fleet.json", json.dumps(fleet))

    def test_ok_and_refused(self):
        self.barrier()
        first = self.stream("rulesets")[-1]["ruleset"]
        asked = self.ask("r1")
        same = self.answer("r1")
        self.assertEqual([same[n] for n in ("ask", "who", "result", "ruleset")], [asked, "anna", "ok", first])
        self.change("B-1")
        self.ask("r2")
        other = self.answer("r2")
        self.assertEqual((other["result"], other["ruleset"] != first, "errors" in other), ("ok", True, False))
        self.change("B-2")
        self.ask("r3", expect=first)
        self.assertIn("another world", self.answer("r3")["errors"])
        self.stage.place.file("fleet.json", "{")
        self.ask("r4")
        bad = self.answer("r4")
        self.assertEqual((bad["result"], bad["ruleset"]), ("refused", other["ruleset"]))
        self.assertIn("fleet.json", bad["errors"])
        self.change("B-1")
        self.ask("r5", expect=other["ruleset"])
        self.assertEqual(self.answer("r5")["result"], "ok")
        self.redis.call("XADD", self.key("reload:ask"), "*", "who", "nobody")
        self.ask("r6")
        self.answer("r6")
        self.assertEqual(self.count("reload:ask"), 0, "what was answered is taken out")
        self.assertEqual([e["result"] for e in self.stream("reload:done")], ["ok", "ok", "refused", "refused", "ok", "refused", "ok"])

    def test_from_before_the_start(self):
        """It is not carried out: the start has read the files. Whoever named what the files give now is told that they are in force."""
        self.barrier()
        first = self.stream("rulesets")[-1]["ruleset"]
        self.stage.tracker.signal(signal.SIGKILL)
        wait_until(lambda: not self.stage.tracker.alive(), SECONDS, "it is dead")
        self.ask("old")
        self.ask("named", expect=first)
        reloads = self.stage.tracker.text().count("reload_begins")
        self.start_tracker()
        self.assertEqual(self.answer("old")["result"], "refused")
        self.assertEqual(self.answer("named")["result"], "ok")
        self.assertEqual(self.stage.tracker.text().count("reload_begins"), reloads)

    def test_killed_while_it_is_under_way(self):
        for n in range(4):
            self.ask(f"k{n}")
            wait_until(lambda n=n: self.stage.tracker.text().count("reload_asked") > n or self.count("reload:done") > n, SECONDS, "it is read")
            self.kill_tracker()
        for n in range(4):
            self.answer(f"k{n}")
        self.assertEqual(self.count("reload:ask"), 0)


class VersionBefore(PageCase):
    """A store of the version before: a haul is under way in it."""

    def start_tracker(self):
        if not self.redis.call("EXISTS", self.key("owner")):
            page_drive.put_back(self.redis, json.loads((HERE / "page_store_v6.json").read_text(encoding="utf-8")))
            self.before = self.redis.hash(self.key("vehicle:u00"))
        super().start_tracker()

    def test_goes_on(self):
        self.assertEqual(self.redis.call("HGET", self.key("state"), "u00")[:1], b"\x06")
        self.assertNotIn("outdated=1", self.stage.tracker.text())
        self.send(page_drive.tipping()[:3])
        stands, haul = self.vehicle(), self.haul()
        self.assertGreater(self.redis.call("HGET", self.key("state"), "u00")[0], 6, "written as this version does")
        self.assertEqual((stands["trip"], haul["trip"], haul["site"]), (self.before["trip"], self.before["trip"], "pit"))
        self.assertEqual(json.loads(stands["sensors_at"]), {"load": int(stands["time"])}, "what spoke before has no time")
        self.send(page_drive.tipping()[3:])
        self.assertEqual(([e["trip"] for e in self.stream("trips")], self.haul()), ([self.before["trip"]], {}))


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    staging.main()
