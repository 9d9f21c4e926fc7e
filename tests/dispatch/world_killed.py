"""A change of the world's files, and who dies, or says no, before it is settled."""
import json
import threading

from gate import expect, run, wait_until
from world_town import FENCES, FLEET, WORLD, Town, circle, collection

STEPS = 10  # of a change that lets it die: see tracker/io/version_folder.c
NAMED = 9  # from this one on the new files are in use


def change(town, step, tag):
    """Its answer; None: nobody answers any more."""
    fences = collection([*FENCES, circle(f"tip-{step}", "disposal", 5000 + 300 * step, 0, 50)])
    try:
        return town.put({"files": {"fences.geojson": fences, "fleet.json": FLEET}}, tag=tag)
    except OSError:
        return None


def test_killed():
    """Behind every step: what is in use is one or the other, the tracker has what is in use, and it goes on."""
    with Town("killed") as town:
        for step in range(1, STEPS + 2):  # the last: none is passed, and it answers
            town.gate.process.stop()
            town.gate.process.env["MW_FAILPOINT"] = f"version_step:{step}"
            town.gate.process.start()
            town.ready()
            former = town.in_force()
            said = change(town, step, town.tag())
            expect((said is None) == (step <= STEPS) and (said is None or said.status == 200), (step, said))
            if step <= STEPS:
                code = town.gate.process.wait(120)
                expect(code == 86, code)
                del town.gate.process.env["MW_FAILPOINT"]
                town.gate.process.start()
                town.ready()
            town.settled()
            expect((town.on_disk() != former) == (step >= NAMED), step)
            wait_until(lambda: town.in_force() == town.on_disk(), 120, lambda: f"{step}: what is in use is in force\n" + town.gate.process.tail())
            named = [f["id"] for f in json.loads((town.folder / "now" / "fences.geojson").read_text())["features"]]
            expect((f"tip-{step}" in named) == (step >= NAMED), (step, named))


def test_refused_by_the_tracker():
    """Its configuration is another one: the world that was judged cannot come into force, and the former files are back."""
    def other(stage):
        return stage.place.file("other.yaml", stage.config.read_text(encoding="utf-8") + "rules: {common: {gap_s: 77}}\n")
    with Town("refused", config=other) as town:
        before = town.on_disk()
        done = town.put({"files": {"fences.geojson": collection(FENCES[:2] + FENCES[3:])}})
        expect(done.status == 422 and done.json()["type"].endswith("tracker-refuses"), done)
        town.settled()
        expect(town.on_disk() == before == town.in_force() and town.shown().json()["version"] == 1, "as it was")


def test_a_tracker_that_is_away():
    with Town("away") as town:
        town.stage.tracker.kill()
        said, tag = [], town.tag()
        thread = threading.Thread(target=lambda: said.append(town.put({"files": {"fences.geojson": collection(FENCES[:2] + FENCES[3:])}}, tag=tag)))
        thread.start()
        wait_until(lambda: (town.folder / "now").readlink().name == "2", 120, "it is in use")
        again = town.ada.ask("PUT", WORLD, {"version": 1}, if_match=town.tag())
        expect(again.status == 409, again)
        town.stage.tracker.start()
        thread.join()
        expect(said[0].status in (200, 202), said)
        town.settled()
        expect(town.in_force() == town.on_disk(), "in force")


run([test_killed, test_refused_by_the_tracker, test_a_tracker_that_is_away])
