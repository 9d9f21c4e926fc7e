"""Broker and store restarted, two trackers on one partition, and what the tracker refuses to run with."""
import json
import time
import unittest

import staging
from harness import contract, mqtt
from harness.process import wait_until
from harness.servers import EX_CONFIG, EX_TEMPFAIL
from staging import StageCase, fix


class Restarts(StageCase):
    options = {"broker": {"persistence": True}}

    def numbers(self, count, begin=1):
        for n in range(begin, begin + count):
            self.publish("t", fix(n, boot="b", seq=n))

    def stored(self):
        return [f["fix"] for f in self.track("t")]

    def test_broker_restarted(self):
        self.numbers(50)
        self.barrier()
        self.stage.broker.stop()
        time.sleep(0.5)
        self.stage.broker.start()
        self.mqtt.close()
        self.mqtt = self.stage.broker.client("test again")
        self.numbers(50, 51)
        self.barrier()
        self.assertEqual(self.stored(), [fix(n, boot="b", seq=n) for n in range(1, 101)])

    def test_session_is_kept_over_a_cut(self):
        """The broker keeps what came while the tracker's connection was down."""
        self.barrier()
        # Whoever takes its client id cuts it off; messages of QoS 1 then wait in the session.
        mqtt.Client(self.stage.broker.port, "muckwatchd", clean=False, session_expiry_s=604800, hold=True).close(False)
        self.numbers(20)
        self.barrier()
        self.assertEqual(len(self.stored()), 20)
        self.assertIn("session_present=1", self.stage.tracker.text())

    def test_redis_restarted(self):
        self.numbers(50)
        self.barrier()
        self.redis.close()
        self.stage.redis.stop()
        self.numbers(50, 51)
        time.sleep(0.5)
        self.stage.redis.start()
        self.redis = self.stage.redis.client()
        self.barrier()
        self.assertEqual(self.stored(), [fix(n, boot="b", seq=n) for n in range(1, 101)])

    def restart_redis(self, meanwhile=lambda: None):
        self.redis.close()
        self.stage.redis.kill()
        meanwhile()
        self.stage.redis.start()
        self.redis = self.stage.redis.client()

    def test_store_cut_within_a_commit(self):
        """What was left of the commit in its file is never applied, at the next start of the store neither."""
        fixes = [fix(n, boot="b", seq=n) for n in range(1, 21)]
        for tracker_too in (False, True):
            self.publish("t", b"[" + b",".join(fixes[:-10]) + b"]")
            self.barrier()
            self.publish("t", b"[" + b",".join(fixes[-10:]) + b"]")
            self.barrier()
            if tracker_too:
                self.stage.tracker.kill()
            self.restart_redis(lambda: self.stage.redis.cut_within_commit(0.7, containing=fixes[-1]))
            if tracker_too:
                self.stage.tracker.start()
            else:
                wait_until(lambda: "store_went_back" in self.stage.tracker.text(), 10, "the tracker has noticed")
            self.wait_listening()
            self.publish("t", b"[" + b",".join(fixes) + b"]")
            self.barrier()
            self.assertEqual(self.stored(), fixes)
            self.restart_redis()
            self.wait_listening()
            self.barrier()
            self.assertEqual(self.stored(), fixes)
            fixes = fixes + [fix(n, boot="b", seq=n) for n in range(21, 41)]

    def test_stopped_while_the_store_is_away(self):
        self.numbers(5)
        self.barrier()
        self.redis.close()
        self.stage.redis.stop()
        self.numbers(5, 6)
        time.sleep(0.3)
        self.assertEqual(self.stage.tracker.stop(), 0)  # within how long is a matter of tests/stages, whose time is made up
        self.stage.redis.start()
        self.redis = self.stage.redis.client()
        self.start_tracker()
        self.barrier()
        self.assertEqual(self.stored(), [fix(n, boot="b", seq=n) for n in range(1, 11)])

    def test_stopped_while_the_broker_is_away(self):
        self.numbers(5)
        self.barrier()
        self.stage.broker.stop()
        time.sleep(0.2)
        self.assertEqual(self.stage.tracker.stop(), 0)  # within how long is a matter of tests/stages, whose time is made up

    def test_store_emptied(self):
        self.mqtt.subscribe("muck/v1/t/ack")
        self.numbers(5)
        self.barrier()
        self.redis.call("FLUSHALL")
        self.mqtt.settle(0.3)
        self.mqtt.messages.clear()
        wait_until(lambda: self.redis.call("EXISTS", self.key("owner")), 10, "the partition is claimed again")
        self.numbers(1, 6)
        self.mqtt.receive(within_s=5)
        self.numbers(6)
        self.barrier()
        self.assertEqual(self.stored(), [fix(n, boot="b", seq=n) for n in range(1, 7)])

    def test_open_episode_goes_on_after_a_restart(self):
        self.publish("t", fix(10, sensors={"spill": True}))
        self.barrier()
        self.assertEqual(self.stage.tracker.stop(), 0)
        self.start_tracker()
        for n in (20, 30, 40):
            self.publish("t", fix(n, sensors={"spill": n < 30}))
        self.barrier()
        self.assertEqual([v["event"] for v in self.violations()], ["opened", "closed"])

    def with_version(self, version):
        """The state of a vehicle as a program of another version would have left it, then a start."""
        self.publish("t", fix(10, boot="b", seq=1, speed=10))
        self.barrier()
        self.assertEqual(self.stage.tracker.stop(), 0)
        state = self.redis.call("HGET", self.key("state"), "t")
        self.redis.call("HSET", self.key("state"), "t", bytes([version]) + state[1:])

    def test_state_of_an_earlier_version(self):
        """It costs what was known of its vehicle, not the tracker."""
        self.with_version(1)
        self.start_tracker()
        self.assertIn("state_outdated", self.stage.tracker.tail(100))
        self.publish("t", b'{"online":true,"boot":"b","first":2}', what="status")
        self.publish("t", fix(20, boot="b", seq=2, speed=10))
        self.barrier()
        self.assertEqual(len(self.track("t")), 2)
        self.assertGreater(self.redis.call("HGET", self.key("state"), "t")[0], 1)

    def lose_state(self, lose):
        """A unit of 172 fixes, all acknowledged; its state is lost; then its journal stands where the track says."""
        fixes = [fix(n, boot="b", seq=n) for n in range(1, 175)]
        self.mqtt.subscribe("muck/v1/t/ack")
        self.publish("t", b"[" + b",".join(fixes[:172]) + b"]")
        self.publish("phone", fix(1))
        self.barrier()
        self.stage.tracker.kill()
        lose()
        self.start_tracker()
        self.assertIn("journals_recalled", self.stage.tracker.text())
        self.mqtt.settle(0.3)
        self.mqtt.messages.clear()
        self.publish("t", b'{"online":true,"boot":"b","first":1}', what="status")
        self.assertEqual(json.loads(self.mqtt.receive(within_s=120).payload), {"boot": "b", "seq": 172})
        self.publish("t", b"[" + b",".join(fixes) + b"]")
        self.publish("phone", fix(1))
        self.barrier()
        self.assertEqual(self.stored(), fixes)
        self.assertEqual(len(self.track("phone")), 1)

    def test_state_is_damaged(self):
        def damage():
            for vehicle in ("t", "phone"):
                state = self.redis.call("HGET", self.key("state"), vehicle)
                self.redis.call("HSET", self.key("state"), vehicle, state[:50])
        self.lose_state(damage)

    def test_state_is_missing(self):
        self.lose_state(lambda: self.redis.call("HDEL", self.key("state"), "t", "phone"))

    def test_states_are_missing(self):
        self.lose_state(lambda: self.redis.call("DEL", self.key("state")))

    def test_state_of_a_later_version(self):
        """It is not written over: the tracker refuses the store."""
        self.with_version(31)
        kept = self.redis.call("HGETALL", self.key("state"))
        self.stage.tracker.start(ready=False)
        self.assertEqual(self.stage.tracker.wait(20), 65)
        self.assertEqual(self.redis.call("HGETALL", self.key("state")), kept)

    def test_attended_time_stands_still_while_down(self):
        """Silence while the tracker is down does not count: nobody is offline because we were."""
        self.publish("t", fix(10, speed=10))
        self.barrier()
        before = self.stage.metrics()["muckwatch_attended_seconds"]
        self.assertEqual(self.stage.tracker.stop(), 0)
        down_since = time.monotonic()
        time.sleep(2)
        self.start_tracker()
        since = self.stage.metrics()["muckwatch_attended_seconds"] - before
        self.assertLess(since, time.monotonic() - down_since - 1.5)


class Owners(StageCase):
    def test_second_is_refused(self):
        second = self.stage.second_tracker("second", client_id="another")
        second.start(ready=False)
        self.assertEqual(second.wait(10), EX_TEMPFAIL)
        self.assertIsNone(second.reported())
        self.publish("t", fix(1))
        self.barrier()

    def test_take_over(self):
        self.publish("t", fix(1))
        self.barrier()
        second = self.stage.second_tracker("second", ["--take-over"], client_id="another")
        second.start()
        self.assertEqual(self.stage.tracker.wait(10), EX_TEMPFAIL)
        self.publish("t", fix(2))
        self.barrier()
        self.assertEqual(len(self.track("t")), 2)
        self.assertEqual(second.stop(), 0)
        self.assertIsNone(second.reported())

    def test_same_instance_takes_over_at_once(self):
        self.publish("t", fix(1))
        self.barrier()
        self.stage.tracker.kill()
        self.start_tracker()
        self.assertNotIn("partition_held", self.stage.tracker.text())
        self.assertEqual(self.redis.hash(self.key("owner"))["epoch"], "2")


class Refusals(unittest.TestCase):
    def run_with(self, appendfsync="always", durable=False, env=None):
        with staging.Stage(self.id().rsplit(".", 1)[-1], staging.BINARIES, staging.SMALL_CITY,
                           redis={"appendfsync": appendfsync}) as stage:
            if durable:
                text = stage.config.read_text()
                stage.config.write_text(text.replace(f"port: {stage.redis.port}", f"port: {stage.redis.port}, require_durable: true"))
            stage.tracker.env.update(env or {})
            stage.tracker.start(ready=False)
            end = time.monotonic() + 5
            while time.monotonic() < end and stage.tracker.alive() and "running" not in stage.tracker.text():
                time.sleep(0.02)
            alive = stage.tracker.alive() and "running" in stage.tracker.text()
            code = stage.tracker.stop() if alive else stage.tracker.wait(5)
            return alive, code, stage.tracker.text()

    def test_store_that_can_lose_is_told(self):
        alive, _, log = self.run_with("everysec")
        self.assertTrue(alive)
        self.assertIn("appendfsync", log)
        alive, _, log = self.run_with("always")
        self.assertTrue(alive)
        self.assertNotIn("appendfsync", log)

    def test_require_durable(self):
        alive, code, log = self.run_with("everysec", durable=True)
        self.assertFalse(alive)
        self.assertNotEqual(code, 0)
        self.assertIn("appendfsync", log)
        alive, code, _ = self.run_with("always", durable=True)
        self.assertTrue(alive)
        self.assertEqual(code, 0)

    def test_library_that_does_not_hold_acknowledgements(self):
        """The start-up self-test sees it."""
        alive, code, log = self.run_with(env={"LD_PRELOAD": str(staging.BINARIES / "mw_shim.so"), "MW_SHIM_ACK": "1"})
        self.assertFalse(alive)
        self.assertNotEqual(code, 0)
        self.assertIn("self_test", log)

    def test_bad_configuration(self):
        with staging.Stage("bad-config", staging.BINARIES, staging.SMALL_CITY) as stage:
            stage.config.write_text(stage.config.read_text() + "  swamp: {enabled: true}\n")
            stage.tracker.start(ready=False)
            self.assertEqual(stage.tracker.wait(10), EX_CONFIG)
            self.assertIn("swamp", stage.tracker.text())
            self.assertIn("muckwatch.yaml:", stage.tracker.text())


if __name__ == "__main__":
    staging.main()
