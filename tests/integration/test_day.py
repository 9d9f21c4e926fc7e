"""The sample day through broker, tracker and store: the same as muckctl replay, whatever happens in the middle."""
import json
import time
import unittest

import staging
from harness import contract
from staging import CITY, StageCase, day_lines, replay_lines

# Without hy-04: its clock is eight hours ahead for a while, so that hours of its fixes are late here, and when it was
# last heard of is a matter of arrival, to the millisecond, which a replay with one arrival for all cannot repeat.
PAIRS = [pair for pair in day_lines() if pair[0] != "hy-04"]


class DayCase(StageCase):
    city = CITY

    def play(self, pairs):
        self.mqtt.publish_all((contract.topic(vehicle, "fix"), fix) for vehicle, fix in pairs)

    def unjudged(self):
        """Vehicles with late fixes, or fixes from the future. These say when a vehicle was last heard only by the time
        at which they came, so what silence gives then is not in their bytes."""
        return {v for v in contract.vehicles(self.redis) if any("late" in f for f in self.track(v))}

    def compare(self, stream, expected, but=()):
        stored = [contract.comparable(f) for _, f in self.redis.stream(self.key(stream))]
        stored = [e for e in stored if not (e.get("kind") == "offline" and e["vehicle"] in but)]
        expected = {s: [e for e in entries if not (e.get("kind") == "offline" and e["vehicle"] in but)]
                    for s, entries in expected.items()}
        stored, wanted = contract.by_vehicle(stored), contract.by_vehicle(expected.get(stream, []))
        self.assertEqual(sorted(stored), sorted(wanted))
        for vehicle in wanted:
            for is_there, should_be in zip(stored[vehicle], wanted[vehicle]):
                self.assertEqual(is_there, should_be, f"{stream} of {vehicle}")
            self.assertEqual(len(stored[vehicle]), len(wanted[vehicle]), f"{stream} of {vehicle}")
        return sum(map(len, wanted.values()))

    def compare_all(self, expected):
        violations = self.compare("violations", expected, self.unjudged())
        trips = self.compare("trips", expected)
        self.assertGreater(violations, 50)
        self.assertGreater(trips, 100)
        self.check_entries()

    def check_entries(self):
        """Every entry has the contract's fields, and its sentence names the fence and the permit that it is about."""
        fences = json.loads((CITY / "fences.geojson").read_text(encoding="utf-8"))["features"]
        names = {f["id"]: f["properties"]["name"] for f in fences}
        for entry in contract.violations(self.redis):
            self.assertEqual(contract.broken_fields(entry), [], entry)
            for told in [names[entry["fence"]]] if "fence" in entry else []:
                self.assertIn(told, entry["text_zh"])
            self.assertIn(entry.get("permit", ""), entry["text_zh"])
            self.assertIn(entry["plate"], entry["text"])

    def recorded_lines(self):
        """The tracks of all vehicles as replay lines, with the arrival that the tracker recorded."""
        lines = []
        for vehicle in contract.vehicles(self.redis):
            if vehicle == "barrier":
                continue
            for at, (_, fields) in enumerate(contract.track(self.redis, vehicle)):
                head = b'{"vehicle":"%s","received":%s,' % (vehicle.encode(), fields["received"])
                lines.append((int(fields["received"]), vehicle, at, head + fields["fix"][1:]))
        return [line[-1] for line in sorted(lines)]


class Uninterrupted(DayCase):
    def test_stream_equals_replay(self):
        self.play(PAIRS)
        self.barrier()
        self.compare_all(self.stage.replay(replay_lines(PAIRS)))
        # And what was recorded gives the same again.
        self.compare_all(self.stage.replay(self.recorded_lines()))


class Interrupted(DayCase):
    def test_stopped_in_the_middle(self):
        third = len(PAIRS) // 3
        self.play(PAIRS[:third])
        self.assertEqual(self.stage.tracker.stop(), 0)
        self.play(PAIRS[third:2 * third])  # the broker keeps them
        self.start_tracker()
        self.play(PAIRS[2 * third:])
        self.assertEqual(self.stage.tracker.stop(), 0)
        time.sleep(0.2)
        self.start_tracker()
        self.barrier()
        self.compare_all(self.stage.replay(replay_lines(PAIRS)))

    def test_killed_in_the_middle(self):
        step = len(PAIRS) // 8
        for at in range(0, len(PAIRS), step):
            self.mqtt.publish_all(((contract.topic(v, "fix"), f) for v, f in PAIRS[at:at + step]), window=500)
            self.stage.tracker.kill()
            self.stage.tracker.start()
        self.wait_listening()
        self.barrier()
        self.compare_all(self.stage.replay(replay_lines(PAIRS)))
        self.compare_record()

    def compare_record(self):
        """The recorded track, with the marks of when nobody listened, gives the stream again: arrivals and all."""
        store = f"127.0.0.1:{self.stage.redis.port}"
        recorded = self.stage.muckctl("track", "--redis", store).stdout.splitlines()
        marks = [line for line in recorded if line.startswith(b'{"attended"')]
        self.assertGreater(len(marks), 8, "each start and stop left a mark")
        run = self.stage.muckctl("replay", "--config", self.stage.config, "--quiet", "-",
                                 input=b"\n".join(recorded) + b"\n")
        # Numbers as they are written: 12.0 and 12.00 are not the same text.
        again = [json.loads(line, parse_float=str, parse_int=str) for line in run.stdout.splitlines()]
        for stream in ("violations", "trips"):
            live = [{name: value.decode() for name, value in fields.items()}
                    for _, fields in self.redis.stream(self.key(stream))]
            wanted = [{k: v for k, v in entry.items() if k != "stream"} for entry in again if entry["stream"] == stream]
            order = lambda entry: sorted(entry.items())
            self.assertEqual(sorted(live, key=order), sorted(wanted, key=order))


if __name__ == "__main__":
    staging.main()
