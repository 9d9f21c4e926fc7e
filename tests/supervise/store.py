"""A small city with a tracker: its ledger, the story of a violation from the stored track, and what closing a road would
close."""
import json
import pathlib
import sys
import tempfile

root = pathlib.Path(sys.argv[2])
sys.path.insert(0, str(root / "tests"))
from harness import contract  # noqa: E402
from harness.process import wait_until  # noqa: E402
from harness.servers import Stage  # noqa: E402

from town import DRIVES, FENCES, FLEET, circle, write_city  # noqa: E402

with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    write_city(folder / "city", FENCES, FLEET)
    with Stage("supervise", sys.argv[1], folder / "city") as stage:
        stage.start()
        store = ("--redis", f"127.0.0.1:{stage.redis.port}")
        unit = stage.broker.client("units")
        for vehicle, drive in DRIVES.items():
            unit.publish_all([(contract.topic(vehicle, "fix"), fix.encode()) for fix in drive])
        redis = stage.redis.client()
        wait_until(lambda: len(contract.track(redis, "bold")) == len(DRIVES["bold"]), 20, lambda: "all fixes are stored")

        trips = [json.loads(t) for t in stage.muckctl("trips", "--json", *store).stdout.splitlines()]
        assert [(t["vehicle"], t["site"], t["disposal"], t["permit"], t["end_reason"]) for t in trips] == \
            [("good", "pit", "tip", "p1", "unloaded")], trips
        assert abs(trips[0]["distance_m"] - 2900) < 5 and trips[0]["completeness"] == 1, trips
        assert "good" in stage.muckctl("trips", *store).stdout.decode()
        assert stage.muckctl("trips", "--json", "--bad", *store).stdout == b""
        assert stage.muckctl("trips", "--json", "--vehicle", "lost", *store).stdout == b""

        found = [v for v in contract.violations(redis) if v["event"] == "opened"]
        assert sorted((v["vehicle"], v["kind"]) for v in found) == [("bold", "banned_area"), ("lost", "off_route")], found
        lost = next(v for v in found if v["kind"] == "off_route")
        story = stage.muckctl("explain", lost["id"], "--config", stage.config, *store).stdout.decode()
        assert f"opened as {lost['id']}" in story and "under permit p1" in story and "still open" in story, story
        assert stage.muckctl("explain", "b" * 26, "--config", stage.config, *store, check=False).returncode == 65

        def changes(name, fences, fleet, rules=""):
            config = write_city(folder / name, fences, fleet, rules)
            return stage.muckctl("check", "--config", config, "--against", stage.config, *store).stdout.decode()

        same = changes("same", FENCES, FLEET)
        assert "\n0 differences\n" in same and "0 of 2 open violations" in same, same
        no_ban = changes("no-ban", [f for f in FENCES if f["id"] != "closed"], FLEET)
        assert "- fence closed\n" in no_ban and "closes banned_area of bold at closed, subject_gone" in no_ban, no_ban
        assert "1 of 2 open violations" in no_ban, no_ban
        words = ("check", "--json", "--config", folder / "no-ban" / "muckwatch.yaml", "--against", stage.config, *store)
        told = json.loads(stage.muckctl(*words).stdout.decode().splitlines()[-1])
        assert told["level"] == "against" and told["against"]["differences"] == 1 and told["against"]["changes"] == ["- fence closed"], told
        assert (told["against"]["open"], told["against"]["closing"], told["against"]["unread"]) == (2, 1, 0), told
        assert [(c["kind"], c["vehicle"], c["fence"], c["reason"]) for c in told["against"]["closes"]] == \
            [("banned_area", "bold", "closed", "subject_gone")], told
        unrouted = changes("unrouted", FENCES, {**FLEET, "permits": [{k: v for k, v in FLEET["permits"][0].items() if k != "routes"}]})
        assert "permit p1 has no route\n" in unrouted, unrouted
        off = changes("off", FENCES, FLEET, "rules: {off_route: {enabled: false}, common: {gap_s: 100}}\n")
        assert "~ rules.off_route.enabled: true -> false\n" in off and "rules.common.gap_s" in off, off
        assert f"closes off_route of lost under p1, subject_gone: {lost['id']}" in off, off
        more = changes("more", [*FENCES, circle("tip2", "disposal", 5000, 0, 50)],
                       {**FLEET, "permits": [{**FLEET["permits"][0], "disposal": ["tip", "tip2"]}]})
        assert "+ fence tip2\n" in more and "~ permit p1.disposal: " in more and "0 of 2" in more, more
        fault = stage.tracker.reported()
        assert not fault, fault
print("ledger, story and check against another city agree")
