"""What the store has let go of comes from the archive: lists, counts, sheets, and single alerts and hauls are the same wherever the seam between the two
lies, however far the archive has come, and whoever asks; no row is missing there, and none is told twice."""
import csv
import io
import json
import os
import random
import re
import time
import urllib.parse

from gate import BINARIES, CITY, Client, Gate, expect, free_port, run, wait_until
from harness import contract
from harness.process import Process
from harness.servers import Stage

SEED = int(os.environ.get("MW_TEST_SEED", "16"))
DAY_MS = 86400_000
NOW_MS = int(time.time()) * 1000
BEGIN_MS = NOW_MS - 29 * DAY_MS  # memory lets go of what is closed and older than 30 days
END_MS = NOW_MS
FLEET = [v for v in json.loads((CITY / "fleet.json").read_text(encoding="utf-8"))["vehicles"] if v.get("company")]
FENCES = [{**f["properties"], "id": f.get("id") or f["properties"].get("id")} for f in json.loads((CITY / "fences.geojson").read_text(encoding="utf-8"))["features"]]
DISTRICT = next(f for f in FENCES if f["kind"] == "district")  # fences of this city name no jurisdiction but these
SITES = [DISTRICT["id"]] + [f["id"] for f in FENCES if f["kind"] == "site"]
COUNT = 50
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def id_of(kind, n):
    return (kind + "".join(LETTERS[n // 32 ** i % 32] for i in range(4)) + "a" * 26)[:26]


def words_of(fields):
    return [str(w) for pair in fields.items() for w in pair]


def alerts(rng):
    """Each as the entries that tell it, in their order: violations and what was done."""
    for n in range(COUNT):
        start = BEGIN_MS + rng.randrange(28 * DAY_MS)
        truck = rng.choice(FLEET)
        said = {"event": "opened", "id": id_of("v", n), "rev": 1, "kind": rng.choice(("speeding", "spill", "no_permit")), "severity": rng.choice(("minor", "major", "critical")),
                "vehicle": truck["id"], "plate": truck.get("plate", ""), "company": truck["company"], "start": start, "at": start, "jurisdiction": rng.choice(("city/east", "city/west")),
                "fence": rng.choice(SITES), "text_en": f"headline {n}"}
        entries = [("violations", said)]
        if n % 3:
            entries.append(("violations", {**said, "event": ("closed", "withdrawn")[n % 3 - 1], "rev": 2, "end": start + 60000}))
        steps = [("acknowledge", "acknowledged", {}), ("handled", "handled", {"found": "earth"}),
                 ("review", "reviewed", {"verdict": "reject", "reason": "重复"} if n % 2 else {"verdict": "approve"}), ("close", "closed", {})][:n % 5]
        for rev, (action, state, more) in enumerate(steps, 1):
            entries.insert(rng.randrange(rev, len(entries) + 1) if rev == 1 else len(entries),
                           ("actions", {"id": said["id"], "action": action, "rev": rev, "state": state, "who": rng.choice(("dan", "eve")), "from": "127.0.0.1", "request": f"r{rev}", **more}))
        yield entries


def hauls(rng):
    for n in range(COUNT):
        departed = BEGIN_MS + rng.randrange(28 * DAY_MS) // (DAY_MS // 2) * (DAY_MS // 2)  # some at once
        truck = rng.choice(FLEET)
        said = {"trip": id_of("t", n), "vehicle": truck["id"], "plate": truck.get("plate", ""), "permit": rng.choice(("p1", "p2")), "site": rng.choice(SITES), "disposal": rng.choice(SITES),
                "departed": departed, "arrived": departed + 3600_000, "distance_m": 1000 + n}
        entries = [("trips", said)]
        if n % 4 == 0:
            entries.append(("trips", {**said, "event": ("updated", "withdrawn")[n % 8 == 0], "rev": 2, "cause": "late", "distance_m": 5}))
        yield entries


def told(rng):
    """All of it in an order in which it may have been told: of each alert and haul in its own."""
    queues, order = [*alerts(rng), *hauls(rng)], []
    while queues:
        queue = rng.choice(queues)
        order.append(queue.pop(0))
        queues = [q for q in queues if q]
    return order


def put(store, entries):
    for stream, fields in entries:
        store.call("XADD", contract.key(stream), "*", *words_of(fields))


def begin_archive(stage):
    folder = stage.place.path / "archive"
    config = stage.write_config("archive.yaml", stage.redis.port)
    config.write_text(config.read_text(encoding="utf-8") + f"\narchive: {{dir: {folder}, http_port: {free_port()}}}\n", encoding="utf-8")
    return folder, Process("archive", stage.place, [BINARIES / "muckwatch-archive", "--config", config])


def ids(store, stream):
    return [i.decode() for i, _ in store.call("XRANGE", contract.key(stream), "-", "+")]


def place(entry):
    return [int(x) for x in entry.split("-")]


STREAMS = ("violations", "actions", "trips")


def wait_archived(store, archive):
    last = {s: ids(store, s)[-1] for s in STREAMS}
    wait_until(lambda: all((store.call("HGET", contract.key("archive"), "last:" + s) or b"").decode() == last[s] for s in STREAMS), 120, lambda: "archived\n" + archive.tail())
    return last


def whole(client, path, query, limit=7):
    """All pages, and what the last one says beside them."""
    items, cursor = [], ""
    while cursor is not None:
        answer = client.get(f"/api/v1/{path}?limit={limit}&{query}{cursor}")
        expect(answer.status == 200, answer)
        page = answer.json()
        items += page.pop("items")
        cursor = page["next"] and "&cursor=" + urllib.parse.quote(page["next"])
    return items, page


SPANS = [(BEGIN_MS, END_MS), (BEGIN_MS + 7 * DAY_MS, BEGIN_MS + 18 * DAY_MS), (BEGIN_MS + 12 * DAY_MS, BEGIN_MS + 12 * DAY_MS + 1)]
ASKED = [("violations", q) for q in ("order=time", "order=to_do", "kind=spill&order=time", "severity=minor&severity=major", "state=closed&state=reviewed", "condition=withdrawn", "jurisdiction=city/east",
                                     "fence=" + SITES[0])] + [("trips", q) for q in ("", "permit=p1", "site=" + SITES[0], "vehicle=" + FLEET[0]["id"])]
COUNTED = ("by=kind&on_time=true", "by=fence", "by=hour", "by=class", "by=reason", "by=vehicle")


def pictures(client, archived):
    """What is asked of the three spans, by each way of asking. The sheets go on for as long as there is anything."""
    out = {}
    for begin, end in SPANS:
        span = f"from={begin}&to={end}{archived}"
        for path, query in ASKED:
            out[(path, query, begin)] = whole(client, path, f"{query}&{span}")
        if end == begin + 1:
            continue
        for query in COUNTED:
            stats = client.get(f"/api/v1/stats?{query}&{span}").json()
            stats["items"].sort(key=lambda item: item["value"])  # of those with as many each order is right
            out[("stats", query, begin)] = stats
        for name in ("violations", "trips"):
            sheet = client.get(f"/api/v1/export/{name}.csv?lang=en&{span}")
            expect(sheet.status == 200 and "truncated" not in sheet.headers["content-disposition"], sheet)
            out[("sheet", name, begin)] = sheet.body
    return out


def ones(client, marks):
    """Of each alert and haul its own page, entries and all; of one that nobody told 404."""
    out = {}
    for n in list(range(COUNT)) + [9999]:
        for kind, path in (("v", "violations"), ("t", "trips")):
            answer = client.get(f"/api/v1/{path}/{id_of(kind, n)}")
            out[(path, n)] = (answer.status, answer.json() if answer.status == 200 else None)
    expect({out[(path, 9999)][0] for path in ("violations", "trips")} == {404}, marks)
    return out


def compare(one, other, marks):
    expect(one.keys() == other.keys(), marks)
    for key, value in one.items():
        expect(value == other[key], (marks, key, str(value)[:1500], str(other[key])[:1500]))


def scoped(gate):
    scopes = {"east": {"jurisdictions": ["city/east", DISTRICT["jurisdiction"]]}, "firm": {"companies": [FLEET[0]["company"]]}}
    for name, scope in scopes.items():
        gate.token(name, "viewer")
        text = gate.users.read_text(encoding="utf-8")
        line = "".join(f"    {key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in scope.items())
        gate.users.write_text(re.sub(rf'(  "?{name}"?:\n)', lambda m: m[1] + line, text), encoding="utf-8")
    tokens = {name: gate.token(name, "viewer") for name in (*scopes, "all")}
    gate.reload()
    return tokens


def ready(gate):
    wait_until(lambda: Client(gate).get("/readyz").status == 200, 120, lambda: "ready\n" + gate.process.tail())


def again(gate):
    gate.process.stop()
    gate.process.start()
    ready(gate)


def check_seams(gate, store, rng, reached):
    tokens = scoped(gate)
    expected, single = {}, {}
    for name, token in tokens.items():
        client = gate.client(token=token)
        expected[name], single[name] = pictures(client, "&archived=false"), ones(client, "of the store alone")
        compare(pictures(client, "&archived=true"), expected[name], (name, "nothing is trimmed"))
    items, page = expected["all"][("violations", "order=time", BEGIN_MS)]
    expect(len(items) == COUNT and page["counts"]["total"] == COUNT, len(items))
    expect(len(expected["all"][("trips", "", BEGIN_MS)][0]) == COUNT and 0 < len(expected["firm"][("trips", "", BEGIN_MS)][0]) < COUNT, "hauls")
    # The sheet of a span goes stretch by stretch; that of memory does not.
    rows = list(csv.reader(io.StringIO(expected["all"][("sheet", "violations", BEGIN_MS)].decode()[1:], newline="")))
    expect([r[-1] for r in rows[1:]] == [a["id"] for a in items], "as the list")
    for cut in (0.3, 0.7, 1.0):
        limit = None  # of an alert that the store has, it has what was done: nobody lets go of that sooner
        for stream in STREAMS:
            kept = [i for i in ids(store, stream) if place(i) <= place(reached[stream])]
            if not kept:
                continue
            last = place(kept[-1] if cut == 1.0 else rng.choice(kept[:max(1, int(len(kept) * cut))]))
            last = min(last, limit) if stream == "actions" and limit else last
            limit = last if stream == "violations" else limit
            store.call("XTRIM", contract.key(stream), "MINID", f"{last[0]}-{last[1] + 1}")
        again(gate)
        for name, token in tokens.items():
            client = gate.client(token=token)
            for archived in ("&archived=true",) if cut < 0.5 else ("",):
                compare(pictures(client, archived), expected[name], (SEED, name, cut, archived))
            compare(ones(client, (name, cut)), single[name], (SEED, name, cut))
    live = gate.client(token=tokens["all"]).get(f"/api/v1/violations?from={BEGIN_MS}&to={END_MS}&archived=false").json()
    expect(live["counts"]["total"] < COUNT, "the store alone does not have them any more")
    return tokens, expected, single


def patient(client, path):
    """A sheet that was refused is still being put away, and there are but two at a time."""
    answer = client.get(path)
    while answer.status == 503:
        time.sleep(0.1)
        answer = client.get(path)
    return answer


def check_refused(client):
    for path in ("violations", "trips", "export/trips.csv", "export/violations.xlsx"):
        for query in ("", f"from={BEGIN_MS}", "from=5&to=5", "from=5&to=4"):
            answer = patient(client, f"/api/v1/{path}?archived=true&{query}")
            expect(answer.status == 400 and answer.json()["pointer"] == "to", (path, query, answer))
    expect(client.get(f"/api/v1/trips?archived=true&from=0&to={367 * DAY_MS}").json()["pointer"] == "to", "more than a year")
    sheet = patient(client, f"/api/v1/export/trips.csv?archived=true&from=0&to={END_MS}&lang=en")
    expect(sheet.body.count(b"\r\n") == COUNT + 1, ("a sheet of all years", sheet))


def check_without(client, folder, store):
    """The archive is away: what the store has of an alert is told, what it does not have is not said not to be, and lists of now go on."""
    folder.rename(str(folder) + ".away")
    there = {dict(zip(f[::2], f[1::2]))[b"id"].decode() for _, f in store.call("XRANGE", contract.key("violations"), "-", "+")}
    for n in range(COUNT):
        answer = client.get(f"/api/v1/violations/{id_of('v', n)}")
        expect(answer.status == 200 if id_of("v", n) in there else answer.status in (200, 503), (n, answer))
        expect(answer.status == 503 or answer.json()["alert"]["id"] == id_of("v", n), answer)
    expect(client.get(f"/api/v1/trips/{id_of('t', 9999)}").status == 503, "nobody knows")
    span = f"from={BEGIN_MS}&to={END_MS}"
    for path in ("violations", "trips"):
        expect([client.get(f"/api/v1/{path}?{query}").status for query in (span, span + "&archived=false", "")] == [503, 200, 200], path)
    expect(patient_until_told(client, f"/api/v1/export/trips.csv?{span}") == 503, "a sheet")
    (folder.parent / (folder.name + ".away")).rename(folder)


def patient_until_told(client, path):
    answer = client.get(path)
    while answer.status == 503 and b"others are being exported" in answer.body:
        time.sleep(0.1)
        answer = client.get(path)
    return answer.status


def test_seam():
    rng = random.Random(SEED)
    order = told(rng)
    with Stage("seam", BINARIES, CITY) as stage:
        stage.start()
        store = stage.redis.client()
        folder, archive = begin_archive(stage)
        heavy = "rate: {read_per_s: 1000, heavy_per_s: 1000}\ndesk: {ack_min: [9000, 9000, 9000], handle_h: [900, 900, 900], close_h: [900, 900, 900]}\n"
        try:
            archive.start()
            half = len(order) // 2 + rng.randrange(-20, 20)
            put(store, order[:half])
            reached = wait_archived(store, archive)
            archive.stop()
            put(store, order[half:])
            with Gate("seam", heavy + f"archive: {{dir: {folder}}}\n", store=stage.redis) as gate:
                ready(gate)
                tokens, expected, single = check_seams(gate, store, rng, reached)
                check_refused(gate.client(token=tokens["all"]))
                check_without(gate.client(token=tokens["all"]), folder, store)
                # The archive goes on, and then the store has none of it.
                archive.start()
                wait_archived(store, archive)
                for stream in STREAMS:
                    store.call("DEL", contract.key(stream))
                again(gate)
                for name, token in tokens.items():
                    client = gate.client(token=token)
                    compare(pictures(client, ""), expected[name], (SEED, name, "the archive alone"))
                    compare(ones(client, name), single[name], (SEED, name, "the archive alone"))
                expect(gate.client(token=tokens["all"]).get(f"/api/v1/violations/{id_of('v', 3)}/explain").json()["type"].endswith(":no-story"), "nobody drove it")
                expect(gate.client(token=tokens["all"]).get("/api/v1/violations?limit=1").json()["counts"]["total"] == 0, "a list without a stretch is of memory")
        finally:
            archive.end()


os.environ.setdefault("MW_TEST_DIR", "/tmp")
if __name__ == "__main__":
    run([test_seam])
