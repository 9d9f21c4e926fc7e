"""Stopped and killed in the middle of a day, the tracker writes what an undisturbed one writes, and what replay says."""
from common import BINARIES, CITY, Stage, contract, day, expect, replay_lines, run, send, wait_taken

FIXES = day(24_000)


def trips(redis):
    return [contract.comparable(fields) for _, fields in redis.stream(contract.key("trips"))]


def play(name, disturb):
    """The streams after a day in three parts, with something done before the second and the third."""
    with Stage(name, BINARIES, CITY) as stage:
        stage.start()
        redis = stage.redis.client()
        third = len(FIXES) // 3
        for part in range(3):
            if part > 0:
                disturb(stage, part)
            send(stage, FIXES[part * third:(part + 1) * third])
            if part != 1:
                wait_taken(stage, redis, len(set(FIXES[:(part + 1) * third])))
        told = {"violations": contract.by_vehicle(contract.violations(redis)), "trips": contract.by_vehicle(trips(redis))}
        stage.tracker.stop()
        expect(not stage.tracker.reported(), f"the sanitizers report {stage.tracker.reported()}")
        open_ids = {i.decode() for i in redis.call("ZRANGE", contract.key("open"), 0, -1)}
        left = {}
        for entries in told["violations"].values():
            for e in entries:
                left[e["id"]] = e["event"]
        expect(open_ids == {i for i, event in left.items() if event != "closed"}, f"{name}: the set of open violations is wrong")
        return told


def undisturbed(stage, part):
    pass


def stopped(stage, part):
    stage.tracker.stop()
    expect(stage.tracker.child.returncode == 0, f"SIGTERM: exit {stage.tracker.child.returncode}")
    stage.tracker.start()


def killed_while_reading(stage, part):
    if part == 2:  # the second part was not waited for: this hits it in the middle
        stage.tracker.kill()
        stage.tracker.start()


def test_streams():
    with Stage("replay", BINARIES, CITY) as stage:
        said = stage.replay(replay_lines(FIXES))
    want = {"violations": contract.by_vehicle(said["violations"]), "trips": contract.by_vehicle(said["trips"])}
    expect(sum(len(v) for v in want["violations"].values()) > 20, "the day has too few violations to compare")
    for name, disturb in (("undisturbed", undisturbed), ("stopped", stopped), ("killed", killed_while_reading)):
        told = play(name, disturb)
        for stream, by_vehicle in want.items():
            for vehicle in sorted(set(by_vehicle) | set(told[stream])):
                expect(told[stream].get(vehicle) == by_vehicle.get(vehicle),
                       f"{name}: {stream} of {vehicle}:\n  {told[stream].get(vehicle)}\nreplay says\n  {by_vehicle.get(vehicle)}")


run([test_streams])
