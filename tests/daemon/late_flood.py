"""A late batch that has more to tell than any drive: in and out of bans that overlap, minute by minute for a day.

It is tracked, and not judged again: corrections of all of it would be a commit that keeps everybody waiting, or fits nowhere.
"""
import json
import time

from common import BINARIES, Stage, contract, expect, run, wait_until
from harness.place import Place

T, STEP_S, BANS, SECONDS = 1_778_212_800, 60, 12, 240


def city(place):
    def square(d, name):
        west, east, south, north = 112.8 - d, 112.8 + d, 30.4 - d, 30.4 + d
        return {"type": "Feature", "id": name, "properties": {"kind": "banned", "name": name, "reason": name},
                "geometry": {"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]}}
    folder = place.folder("city")
    (folder / "fences.geojson").write_text(json.dumps(
        {"type": "FeatureCollection", "features": [square(0.004 + 0.0002 * n, f"ban-{n}") for n in range(BANS)]}), encoding="utf-8")
    (folder / "fleet.json").write_text('{"vehicles":[{"id":"t1","class":"muck_truck"}]}', encoding="utf-8")
    (folder / "muckwatch.yaml").write_text("city: {timezone: UTC, fences: [fences.geojson], fleet: [fleet.json]}\n"
                                           "late: {quiet_s: 1, max_wait_s: 3}\n", encoding="utf-8")
    return folder


def fix(n, lat):
    return f'{{"time":{T + STEP_S * n},"lat":{lat},"lon":112.8}}'


def test_more_than_a_stretch_holds():
    place = Place("flood")
    with Stage("late_flood", BINARIES, city(place)) as stage:
        stage.start()
        redis, unit = stage.redis.client(), stage.broker.client("unit")
        fixes = [fix(n, "30.4" if n // 2 % 2 == 0 else "30.41") for n in range(1400)]
        payload = "[" + ",".join(fixes) + "]"
        unit.publish(contract.topic("t1", "fix"), fix(0, "30.5"))
        unit.publish(contract.topic("t1", "fix"), fix(1401, "30.5"))
        unit.publish(contract.topic("t1", "fix"), payload)
        wait_until(lambda: redis.call("XLEN", contract.key("track:t1")) >= len(fixes), SECONDS, lambda: "all of it is stored\n" + stage.tracker.tail())
        left = 'muckwatch_redos_left_total{reason="too_much"}'
        wait_until(lambda: stage.metrics().get(left, 0) == 1, SECONDS, lambda: "it is left\n" + stage.tracker.tail())
        time.sleep(3)  # for what should not come
        expect(not redis.call("EXISTS", contract.key("violations")), "some of it is told")
        expect(stage.metrics()[left] == 1, "it is tried again")
        expect(stage.tracker.starts == 1 and not stage.tracker.reported(), "the tracker ended")
        expect(b"redo" not in str(redis.stream(contract.key("marks"))).encode(), "a mark says that it was judged again")
        unit.publish(contract.topic("t1", "fix"), fix(1402, "30.5"))
        wait_until(lambda: redis.call("XLEN", contract.key("track:t1")) >= len(fixes) + 3, SECONDS, lambda: "work goes on\n" + stage.tracker.tail())
    place.remove()


def test_a_backlog_of_months():
    """Each fix passes a mark: what is kept of the vehicle has a bound all the same, twice what a horizon has and a few."""
    place = Place("months")
    with Stage("late_months", BINARIES, city(place)) as stage:
        stage.start()
        redis, unit = stage.redis.client(), stage.broker.client("unit")
        unit.publish(contract.topic("t1", "fix"), "[" + ",".join(fix(60 * n, "30.5") for n in range(3000)) + "]")
        wait_until(lambda: redis.call("XLEN", contract.key("track:t1")) == 3000, SECONDS, lambda: "all of it is stored\n" + stage.tracker.tail())
        kept = redis.call("XLEN", contract.key("past:t1"))
        expect(90 < kept <= 2 * 96 + 16, f"{kept} checkpoints")
    place.remove()


run([test_more_than_a_stretch_holds, test_a_backlog_of_months])
