"""The files of the world, changed over HTTP: judged as muckctl judges them, put in force by a real tracker; and what a hostile body
costs."""
import json
import socket
import subprocess

from gate import BINARIES, expect, run, wait_until
from harness import contract
from world_town import FENCES, FLEET, WORLD, Town, circle, collection, write_city


def check(config, *more):
    done = subprocess.run([BINARIES / "muckctl", "check", "--json", "--config", config, *more], capture_output=True, check=False)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_changed():
    with Town("changed", drives=True) as town:
        ada, store = town.ada, ("--redis", f"127.0.0.1:{town.stage.redis.port}")
        shown = ada.get(WORLD).json()
        first = shown["ruleset"]
        expect(shown["version"] == 1 and not shown["unsettled"] and shown["ruleset"] == town.in_force() == town.on_disk(), shown)
        expect([(f["name"], f["kind"]) for f in shown["files"]] == [("fences.geojson", "fences"), ("fleet.json", "fleet")], shown["files"])
        got = ada.get(WORLD + "/files/fences.geojson")
        expect(got.json() == collection(FENCES) and got.headers["etag"] == shown["etag"], got)
        for odd in ("nothing", "muckwatch.yaml", "about", "..", "1"):
            expect(ada.get(f"{WORLD}/files/{odd}").status in (400, 404), odd)
        # Without saying what is changed, or of what is no more.
        without = [f for f in FENCES if f["id"] != "closed"]
        body = {"files": {"fences.geojson": collection(without)}}
        expect(ada.ask("PUT", WORLD, body).status == 428 and town.put(body, tag="*").status == 428, "no precondition")
        stale = town.put(body, tag='"0"')
        expect(stale.status == 412 and stale.headers["etag"] == shown["etag"], stale)
        # A dry run says what muckctl says, to the byte, and changes nothing.
        other = write_city(town.home / "other", without, FLEET)
        said = check(other, "--against", town.stage.config, *store)
        dry = town.put(body, query="?dry_run=true")
        expect(dry.status == 200 and dry.json()["result"] == "dry_run" and dry.json()["against"] == said[-1]["against"], (dry, said))
        expect(dry.json()["against"]["closing"] == 1 and dry.json()["against"]["open"] == 2, dry)
        expect(dry.json()["ruleset"] == said[-2]["ruleset"] and town.on_disk() == shown["ruleset"] and town.versions() == [1], "dry")
        # In force: on the disk, in the tracker, in the answer; and what it closed is closed.
        done = town.put(body)
        expect(done.status == 200 and done.json()["result"] == "in_force" and done.json()["version"] == 2, done)
        expect(done.json()["ruleset"] == town.in_force() == town.on_disk() == dry.json()["ruleset"], done)
        wait_until(lambda: any(v["event"] == "closed" and v["reason"] == "subject_gone" for v in contract.violations(town.store)), 120, "it closed")
        expect(ada.get(WORLD + "/files/fences.geojson").json() == collection(without) and town.versions() == [1, 2], "written")
        expect(ada.get(WORLD + "/files/fences.geojson?version=1").json() == collection(FENCES), "the former is kept")
        shown = ada.get(WORLD).json()
        expect(shown["etag"] == done.json()["etag"] == done.headers["etag"] and not shown["unsettled"], (shown, done))
        expect((shown["versions"][0]["who"], shown["versions"][0]["ruleset"]) == ("ada", done.json()["ruleset"]), shown)
        # Both files as one; the second to know the same is refused; and back again.
        fleet = {**FLEET, "vehicles": FLEET["vehicles"] + [{"id": "new", "plate": "P-new", "class": "muck_truck"}]}
        both = {"files": {"fleet.json": fleet, "fences.geojson": collection([*without, circle("tip2", "disposal", 5000, 0, 50)])}}
        expect(town.put(both, tag=shown["etag"]).status == 200 and town.put(both, tag=shown["etag"]).status == 412, "one of two")
        expect(town.versions() == [1, 2, 3] and town.in_force() == town.on_disk(), "both")
        back = town.put({"version": 1})
        expect(back.status == 200 and back.json()["ruleset"] == town.in_force() == town.on_disk() == first, back)
        expect(ada.get(WORLD + "/files/fences.geojson").json() == collection(FENCES), "as it was")
        expect(town.put({"version": 99}).status == 404, "no such version")
        check_refused(town)
        # A gateway without the folder shows, and changes nothing; a tag changes with a file that is edited by hand.
        before = town.tag()
        (town.folder / "now" / "fleet.json").write_text(json.dumps(FLEET, indent=1))
        expect(town.tag() != before, "by hand")


def check_refused(town):
    """What makes no world, in the words and the form of muckctl."""
    before, disk = town.tag(), town.on_disk()
    ring = {"type": "Feature", "id": "torn", "properties": {"kind": "site"},
            "geometry": {"type": "Polygon", "coordinates": [[[104.0, 30.5], [104.1, 30.5], [104.1, 30.6], [104.0, 30.6]]]}}
    text = json.dumps(collection([*FENCES, ring, {**ring, "id": "odd", "properties": {"kind": "sight"}}, FENCES[0]]), indent=1)
    wrong = write_city(town.home / "wrong", FENCES, FLEET)
    (town.home / "wrong" / "fences.geojson").write_text(text)
    said = [f for f in check(wrong) if f["level"] == "error"]
    got = town.put(('{"files":{"fences.geojson":' + text + "}}").encode(), query="?dry_run=true")
    strip = lambda f: {k: v for k, v in f.items() if k not in ("file", "text")}  # noqa: E731  (the paths differ)
    expect(got.status == 422 and [strip(f) for f in got.json()["errors"]] == [strip(f) for f in said] and len(said) >= 3, (got, said))
    torn = next(f for f in got.json()["errors"] if f.get("feature") == "torn")
    expect((torn["ring"], torn["vertex"], torn["lat"], torn["lon"]) == (1, 4, 30.6, 104.0) and torn["line"] > 1 and torn["file"].endswith("fences.geojson"), torn)
    expect(all(f["line"] > 0 for f in got.json()["errors"]), got)
    for body, status in (({"files": {}}, 400), ({"files": {"x.json": {}}}, 422), ({"files": {"../x": {}}}, 400), ({"file": {}}, 400), ({}, 400),
                         ({"version": 0}, 400), ({"version": -1}, 400), ({"version": 1.5}, 400), ({"version": "1"}, 400),
                         (b'{"files":{"fleet.json":{},"fleet.json":{}}}', 400), (b'{"files":{"fleet.json":{}}', 400), (b"[]", 400), (b"", 400),
                         (b'{"files":{"fleet.json":nul}}', 400), (b'{"files":{"fleet.json":{}}} x', 400), (b'{"files":{"fleet.json":[1,2]}}', 422),
                         (b'{"files":{"fleet.json":"\xff"}}', 400), ({"files": {"fleet.json": {"vehicles": 5}}}, 422)):
        got = town.put(body, query="?dry_run=true")
        expect(got.status == status, (body, got))
    expect("line 2, column 1" in town.put(b'{"files":\n[]}').json()["detail"], "where it is no JSON")
    # Bombs: too deep, too many, too large, packed.
    expect(town.put(b'{"files":{"fleet.json":' + b"[" * 100000 + b"]" * 100000 + b"}}").status == 400, "too deep")
    expect(town.put(b'{"files":{"fleet.json":' + b'{"a":' * 100 + b"1" + b"}" * 100 + b"}}").status == 400, "too deep")
    expect(town.put(b'{"files":{"fleet.json":[0' + b",0" * 15_000_000 + b"]}}").status == 413, "too many")
    expect(town.put(b'{"files":{"fleet.json":{"vehicles":[{}' + b",{}" * 2_900_000 + b"]}}}", query="?dry_run=true").status == 422, "many wrong ones")
    expect(town.put(b'{"files":{"fleet.json":{"a":"' + b"x" * (33 << 20) + b'"}}}').status == 413, "too large")
    expect(town.put({"version": 1}, content_encoding="gzip").status == 415, "packed")
    expect(town.put({"version": 1}, origin="http://elsewhere").status == 403, "from elsewhere")
    expect(town.tag() == before and town.on_disk() == disk, "nothing has changed")


def test_large_bodies():
    """Two at a time: the third is told to come again, and small questions are answered all the while."""
    with Town("large") as town:
        head = (f"PUT {WORLD} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nIf-Match: \"0\"\r\nCookie: {town.ada.cookie}\r\n"
                f"Content-Length: {30 << 20}\r\n\r\n").encode()
        links = [town.gate.connect() for _ in range(3)]
        for link in links[:2]:
            link.sendall(head + b" " * (1 << 20))
        wait_until(lambda: town.gate.process.alive() and town.ada.get("/api/v1/session").status == 200, 120, "others are served")
        links[2].sendall(head)
        links[2].settimeout(120)
        refusal = links[2].recv(4096)
        expect(refusal.startswith(b"HTTP/1.1 503") and b"Retry-After" in refusal, refusal)
        links[0].close()

        def again():
            with town.gate.connect() as link:
                link.settimeout(1)
                link.sendall(head)
                try:
                    return not link.recv(4096)
                except socket.timeout:
                    return True  # it is read
        wait_until(again, 120, "there is room again")
        for link in links:
            link.close()


run([test_changed, test_large_bodies])
