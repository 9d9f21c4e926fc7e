"""ack, status, warn, live and OwnTracks, as units and cabs see them."""
import json
import time

import staging
from harness import contract
from harness.process import wait_until
from staging import BASE_S, StageCase, fix


class Acknowledged(StageCase):
    def acks(self, vehicle, quiet_s=0.5):
        self.mqtt.settle(quiet_s)
        found = [json.loads(m.payload) for m in self.mqtt.messages if m.topic == f"muck/v1/{vehicle}/ack"]
        self.mqtt.messages.clear()
        return found

    def setUp(self):
        super().setUp()
        self.mqtt.subscribe("muck/v1/+/ack")


class Acks(Acknowledged):
    def test_ack_covers_what_is_stored(self):
        for n in range(1, 31):
            self.publish("t", fix(n, boot="b", seq=n))
        self.assertEqual(self.acks("t")[-1], {"boot": "b", "seq": 30})

    def test_at_most_one_in_200_ms(self):
        begun = time.monotonic()
        for n in range(1, 201):
            self.publish("t", fix(n, boot="b", seq=n))
        acks = self.acks("t")
        self.assertLessEqual(len(acks), (time.monotonic() - begun) / 0.2 + 2)
        self.assertEqual(acks[-1]["seq"], 200)
        self.assertEqual(sorted(a["seq"] for a in acks), [a["seq"] for a in acks])

    def test_no_boot_no_ack(self):
        for n in range(5):
            self.publish("t", fix(n))
        self.barrier()
        self.assertEqual(self.acks("t"), [])

    def test_duplicate_is_acknowledged_again(self):
        self.publish("t", fix(1, boot="b", seq=1))
        self.assertEqual(self.acks("t"), [{"boot": "b", "seq": 1}])
        self.publish("t", fix(1, boot="b", seq=1))
        self.assertEqual(self.acks("t"), [{"boot": "b", "seq": 1}])
        self.assertEqual(self.count("track:t"), 1)

    def test_status_is_answered(self):
        self.publish("t", fix(1, boot="b", seq=1))
        self.acks("t")
        self.publish("t", json.dumps({"online": True, "boot": "b", "first": 1, "agent": "test"}), "status", retain=True)
        self.assertEqual(self.acks("t"), [{"boot": "b", "seq": 1}])

    def test_hole_stands_still_and_is_filled(self):
        for n in (1, 2, 4, 5):
            self.publish("t", fix(n, boot="b", seq=n))
        self.assertEqual(self.acks("t")[-1], {"boot": "b", "seq": 2})
        for n in (3, 4, 5):
            self.publish("t", fix(n, boot="b", seq=n))
        self.assertEqual(self.acks("t")[-1], {"boot": "b", "seq": 5})
        self.assertEqual([f["fix"] for f in self.track("t")], [fix(n, boot="b", seq=n) for n in range(1, 6)])

    def test_first_in_status_cuts_at_once(self):
        self.publish("t", fix(1, boot="b", seq=1))
        self.publish("t", json.dumps({"online": True, "boot": "b", "first": 10}), "status")
        self.publish("t", fix(10, boot="b", seq=10))
        self.assertEqual(self.acks("t")[-1], {"boot": "b", "seq": 10})

    def test_skipped_numbers_are_no_hole(self):
        self.publish("t", fix(1, boot="b", seq=1))
        self.publish("t", json.dumps({"online": True, "boot": "b", "first": 1, "skipped": [[2, 64]]}), "status")
        self.publish("t", fix(2, boot="b", seq=65))
        self.assertEqual(self.acks("t")[-1], {"boot": "b", "seq": 65})
        self.assertNotIn("hole", self.track("t")[-1])

    def test_old_boot_is_late(self):
        self.publish("t", fix(100, boot="old", seq=1))
        self.publish("t", fix(200, boot="new", seq=1))
        self.publish("t", fix(150, boot="old", seq=2))
        self.publish("t", fix(300, boot="new", seq=2))
        self.barrier()
        self.assertEqual([f.get("late") for f in self.track("t")], [None, None, b"1", None])
        self.assertEqual(self.acks("t")[-1], {"boot": "new", "seq": 2})


class GivenUp(Acknowledged):
    options = {"rules": "  common: {hole_s: 1}\n"}

    def test_hole_is_given_up_and_recorded(self):
        self.publish("t", fix(1, boot="b", seq=1))
        end = time.monotonic() + 10
        while self.count("track:t") < 2 and time.monotonic() < end:
            self.publish("t", fix(5, boot="b", seq=5))
            time.sleep(0.1)
        self.assertEqual(self.acks("t")[-1], {"boot": "b", "seq": 5})
        self.assertEqual(self.track("t")[-1]["hole"], b"2-4")
        self.publish("t", fix(3, boot="b", seq=3))  # found after all
        self.publish("t", fix(3, boot="b", seq=3))
        self.barrier()
        self.assertEqual([f.get("late") for f in self.track("t")], [None, None, b"1"])


    def send_until(self, n, seq):
        """A number beyond a hole, until `ack` says so."""
        end, said = time.monotonic() + 10, []
        while {"boot": "b", "seq": seq} not in said and time.monotonic() < end:
            self.publish("t", fix(n, boot="b", seq=n))
            said = self.acks("t", 0.2)
        self.assertEqual(said[-1], {"boot": "b", "seq": seq})

    def test_what_came_before_its_turn_is_waited_for(self):
        for n in (1, 2, 3, 5):
            self.publish("t", fix(n, boot="b", seq=n))
        self.send_until(6, 4)
        self.stage.tracker.kill()  # what is waited for is in the store
        self.start_tracker()
        for n in (5, 6):
            self.publish("t", fix(n, boot="b", seq=n))
        self.barrier()
        self.assertEqual([(json.loads(f["fix"])["seq"] if "fix" in f else None, f.get("hole"), f.get("seen"))
                          for f in self.track("t")],
                         [(1, None, None), (2, None, None), (3, None, None), (None, b"4-4", None), (5, None, None),
                          (6, None, None)])

    def test_what_does_not_come_again_is_given_up_as_seen(self):
        for n in (1, 3):
            self.publish("t", fix(n, boot="b", seq=n))
        self.send_until(4, 2)
        self.send_until(5, 5)
        self.assertEqual([(f.get("hole"), f.get("seen")) for f in self.track("t")],
                         [(None, None), (b"2-2", None), (b"3-4", b"1")])
        self.assertEqual(self.stage.metrics()["muckwatch_hole_numbers_seen_total"], 2)
        self.assertIn("hole_seen", self.stage.tracker.text())

    def test_a_new_boot_says_where_it_begins(self):
        self.publish("t", fix(1, boot="a", seq=1))
        self.publish("t", b'{"online":true,"boot":"b","first":500}', what="status")
        self.publish("t", fix(500, boot="b", seq=500))
        self.assertEqual(self.acks("t")[-1], {"boot": "b", "seq": 500})
        self.assertEqual(self.track("t")[-1]["hole"], b"1-499")


class Repeats(Acknowledged):
    def test_bytes_tell_a_repeat_from_an_addition(self):
        first, more = fix(1, sensors={"spill": False}), fix(1, sensors={"spill": True})
        self.publish("t", first)
        self.publish("t", first)
        self.publish("t", b"[" + first + b" , " + more + b"]")
        self.publish("t", more)
        self.barrier()
        self.assertEqual([f["fix"] for f in self.track("t")], [first, more])
        self.assertEqual([(v["kind"], v["event"], v["start"]) for v in self.violations()],
                         [("spill", "opened", str((BASE_S + 1) * 1000))])

    def test_a_tracker_that_was_killed_knows_them(self):
        messages = [fix(n, sensors={"spill": False, "cover": cover}) for n in range(5) for cover in ("open", "closed")]
        for message in messages:
            self.publish("t", message)
            if message in (messages[3], messages[6]):
                self.barrier()
                time.sleep(0.5)  # what is in the store is acknowledged a moment later; else the broker sends it again, in its order
                self.stage.tracker.kill()
                self.start_tracker()
                self.publish("t", message)
        self.barrier()
        self.assertEqual([f["fix"] for f in self.track("t")], messages)
        self.assertEqual({f.get("late") for f in self.track("t")}, {None})

    def test_a_counter_that_begins_again_is_tracked_without_acks(self):
        for n in range(1, 6):
            self.publish("t", fix(n, boot="b", seq=n))
        self.assertEqual(self.acks("t")[-1], {"boot": "b", "seq": 5})
        again = [fix(100 + n, boot="b", seq=n) for n in range(4)]
        again[0] = fix(100, boot="b", seq=5)
        for message in again + again:
            self.publish("t", message)
        self.barrier()
        self.assertEqual(self.acks("t"), [])
        self.assertEqual([f["fix"] for f in self.track("t")][5:], again)
        self.assertEqual(self.stage.metrics()["muckwatch_counters_restarted_total"], 1)
        self.publish("t", fix(200, boot="c", seq=1))
        self.assertEqual(self.acks("t"), [{"boot": "c", "seq": 1}])


class Status(StageCase):
    def test_retained_status_is_read_at_start(self):
        self.assertEqual(self.stage.tracker.stop(), 0)
        self.publish("t", json.dumps({"online": True, "boot": "b", "first": 1}), "status", retain=True)
        self.mqtt.subscribe("muck/v1/t/ack")
        self.start_tracker()
        ack = self.mqtt.receive(lambda m: m.topic == "muck/v1/t/ack")
        self.assertEqual(json.loads(ack.payload), {"boot": "b", "seq": 0})

    def test_will_sets_offline(self):
        self.publish("t", fix(1))
        self.barrier()
        self.assertEqual(self.redis.hash(self.key("vehicle:t"))["online"], "1")
        self.publish("t", b'{"online":false}', "status", retain=True)
        wait_until(lambda: self.redis.hash(self.key("vehicle:t"))["online"] == "0", 10, "online 0")
        self.publish("t", fix(2))
        wait_until(lambda: self.redis.hash(self.key("vehicle:t"))["online"] == "1", 10, "online 1")


class Warnings(StageCase):
    def test_opened_and_closed_reach_the_cab(self):
        self.mqtt.subscribe("muck/v1/t/warn")
        for n, spill in enumerate((False, True, False, False)):
            self.publish("t", fix(10 * n, sensors={"spill": spill}))
        opened, closed = (self.mqtt.receive(lambda m: m.topic.endswith("/warn")) for _ in range(2))
        entries = self.violations()
        for message, event, entry in ((opened, "opened", entries[0]), (closed, "closed", entries[1])):
            warning = json.loads(message.payload)
            self.assertEqual((warning["event"], warning["kind"], warning["id"]), (event, "spill", entry["id"]))
            self.assertEqual(str(warning["at"]), entry["at"])
            self.assertEqual(set(warning["text"]), {"zh", "en"})
            self.assertEqual((message.qos, message.retain), (1, False))
            self.assertLessEqual(message.properties[2], 60)


class Live(StageCase):
    def test_live_is_shown_and_not_judged(self):
        self.publish("t", fix(1))
        self.publish("t", fix(500, lat=30.5, lon=113.0, sensors={"spill": True}), "live", qos=0)
        self.publish("t", fix(2))
        self.barrier()
        wait_until(lambda: "live_time" in self.redis.hash(self.key("vehicle:t")), 10, "the live position is shown")
        vehicle = self.redis.hash(self.key("vehicle:t"))
        self.assertEqual((vehicle["live_time"], vehicle["live_lat"], vehicle["live_lon"]),
                         (str((BASE_S + 500) * 1000), "30.5000000", "113.0000000"))
        self.assertEqual(vehicle["time"], str((BASE_S + 2) * 1000))
        self.assertEqual(self.count("track:t"), 2)
        self.assertEqual(self.violations(), [])


class Retained(StageCase):
    """What the broker has remembered for years, when a tracker comes for the first time."""
    options = {"rules": "  offline: {confirm_s: 2}\n"}

    def start_tracker(self):
        phone = self.stage.broker.client("phone")
        old = {"_type": "location", "tst": BASE_S - 60_000_000, "lat": 30.4, "lon": 112.9, "vel": 22, "acc": 10}
        phone.publish("owntracks/al/retired", json.dumps(old), retain=True)
        phone.publish("owntracks/bo/broken", '{"_type":"location","tst":1}', retain=True)
        phone.publish(contract.topic("late", "fix"), b"[" + fix(5, sensors={"spill": True}) + b"," + fix(6) + b"]", retain=True)
        phone.publish(contract.topic("unit", "status"), json.dumps({"online": True, "boot": "b", "first": 1}), retain=True)
        phone.close()
        super().start_tracker()

    def test_is_shown_and_neither_judged_nor_a_sign_of_life(self):
        self.barrier()
        wait_until(lambda: "live_time" in self.redis.hash(self.key("vehicle:late")), 10, "the retained fix is shown")
        self.assertEqual(self.redis.hash(self.key("vehicle:late"))["live_time"], str((BASE_S + 6) * 1000))
        shown = self.redis.hash(self.key("vehicle:retired"))
        self.assertEqual((shown["live_time"], shown["online"]), (str((BASE_S - 60_000_000) * 1000), "0"))
        self.assertEqual((self.count("track:retired"), self.count("track:late"), self.rejects()), (0, 0, []))
        self.assertEqual(self.stage.metrics()["muckwatch_retained_total"], 3)
        # The same phone speaks: from here on it counts, though it is published retained as ever.
        now = {"_type": "location", "tst": BASE_S, "lat": 30.4, "lon": 112.9, "vel": 36, "acc": 10}
        self.mqtt.publish("owntracks/al/retired", json.dumps(now), retain=True)
        wait_until(lambda: self.violations(), 20, "the phone that spoke is silent")
        self.assertEqual([(v["vehicle"], v["kind"]) for v in self.violations()], [("retired", "offline")])
        self.assertEqual(self.count("track:retired"), 1)


class OwnTracks(StageCase):
    def test_location(self):
        location = {"_type": "location", "tst": BASE_S, "lat": 30.4, "lon": 112.9, "vel": 36, "cog": 90, "acc": 12}
        self.mqtt.publish("owntracks/anna/phone-1", json.dumps(location))
        self.mqtt.publish("owntracks/anna/phone-1", json.dumps({"_type": "lwt", "tst": BASE_S}))
        self.barrier()
        vehicle = self.redis.hash(self.key("vehicle:phone-1"))
        self.assertEqual((vehicle["time"], vehicle["lat"], vehicle["lon"], vehicle["speed"], vehicle["track"]),
                         (str(BASE_S * 1000), "30.4000000", "112.9000000", "36.0", "90.0"))
        self.assertEqual(self.count("track:phone-1"), 1)
        self.assertEqual(self.rejects(), [])


if __name__ == "__main__":
    staging.main()
