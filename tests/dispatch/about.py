"""What an alert is told to have been judged by: thresholds and permits of the world it was opened under, whatever is in force since; and that it is
said where that world is not kept."""
import json
import os

from gate import expect, run, wait_until
from harness import contract
from world_town import DRIVES, FLEET, Town

TIGHTER = "rules:\n  off_route: {confirm_s: 40, major: 900}\n  banned_area: {confirm_s: 20, classes: {muck_truck: {confirm_fixes: 4, severity: major}}}\n  tamper: {jump_mps: 70}\n"
A_DAY = 86400


def about(town, alert):
    answer = town.ada.get(f"/api/v1/violations/{alert}/about")
    expect(answer.status == 200, answer)
    return answer.json()


def opened(town, kind, vehicle):
    """Its id, once the gateway has it too."""
    def found():
        ids = [v["id"] for v in contract.violations(town.store) if (v["kind"], v["vehicle"], v["event"]) == (kind, vehicle, "opened")]
        return ids[0] if ids and town.ada.get(f"/api/v1/violations/{ids[0]}").status == 200 else None
    wait_until(found, 120, lambda: f"{kind} of {vehicle}\n" + town.stage.tracker.tail())
    return found()


def figures(said):
    rule = said["rule"]
    return rule["confirm_fixes"], rule["confirm_s"], rule["severity"], rule["major"] and rule["major"]["at"], said["world"]["then"]


def drive_again(town, vehicle, drive):
    later = [{**json.loads(fix), "time": json.loads(fix)["time"] + A_DAY} for fix in DRIVES[drive]]
    unit = town.stage.broker.client("again")
    unit.publish_all([(contract.topic(vehicle, "fix"), json.dumps(fix).encode()) for fix in later])
    unit.close()


def restart(town):
    """Worlds of before are in memory no more."""
    town.gate.process.stop()
    town.gate.process.start()
    town.ready()


def check_then(town, lost, bold, first):
    said = about(town, lost)
    expect(figures(said) == (3, 30, "minor", 600, True) and said["world"]["ruleset"] == first, said)
    expect(said["rule"]["class"] == "muck_truck" and said["rule"]["clear_fixes"] == 2 and said["rule"]["gap_s"] == 300 and said["rule"]["own"] == {}, said["rule"])
    expect([(p["id"], p["status"]) for p in said["permits"]] == [("p1", "active")], said["permits"])
    expect(figures(about(town, bold)) == (2, 10, "minor", None, True) and about(town, bold)["permits"] == [], about(town, bold))


def test_then():
    with Town("about", drives=True) as town:
        lost, bold, first = opened(town, "off_route", "lost"), opened(town, "banned_area", "bold"), town.in_force()
        check_then(town, lost, bold, first)
        # Other thresholds, and the permit revoked: what was found before is not judged by them.
        with town.stage.config.open("a", encoding="utf-8") as config:
            config.write("\n" + TIGHTER)
        town.stage.tracker.signal(1)
        wait_until(lambda: town.in_force() != first, 120, lambda: "other thresholds\n" + town.stage.tracker.tail())
        done = town.put({"files": {"fleet.json": {**FLEET, "permits": [{**FLEET["permits"][0], "status": "revoked"}]}}})
        expect(done.status == 200, done)
        second = town.in_force()
        check_then(town, lost, bold, first)
        drive_again(town, "good", "bold")
        good = opened(town, "banned_area", "good")
        said = about(town, good)
        expect(figures(said) == (4, 20, "major", None, True) and said["world"]["ruleset"] == second, said)
        expect([(p["id"], p["status"]) for p in said["permits"]] == [("p1", "revoked")], said["permits"])
        restart(town)
        check_then(town, lost, bold, first)
        expect(figures(about(town, good)) == (4, 20, "major", None, True), "that in force")
        # Neither the store nor an archive has it any more, or it has become another text: as of now, and that is said.
        for lose in (("DEL", f"muck:ruleset:{first}"), ("HSET", f"muck:ruleset:{first}", "canonical", "{}")):
            town.store.call(*lose)
            restart(town)
            said = about(town, lost)
            expect(figures(said) == (3, 40, "minor", 900, False) and said["world"]["ruleset"] == second and said["permits"][0]["status"] == "revoked", said)


os.environ.setdefault("MW_TEST_DIR", "/tmp")
run([test_then])
