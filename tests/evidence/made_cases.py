"""Cases of the sample day, cut as the keeper cuts them, without its archive: the recorded lines, the engine's tellings, the world."""
import functools
import hashlib
import json
import lzma
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
CITY = ROOT / "fixtures/city"
BEFORE_MS, AFTER_MS = 600_000, 120_000


def dump(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@functools.lru_cache(maxsize=None)
def day():
    """The recorded lines, in the order of arrival: [(vehicle, received, text without vehicle and received)]"""
    rows = []
    with lzma.open(CITY / "day.ndjson.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            line = line.rstrip("\n")
            head, tail = line.split(',"received":')
            vehicle, rest = head[len('{"vehicle":"'):].split('",', 1)
            rows.append((vehicle, int(tail.rstrip("}")), "{" + rest + "}"))
    return rows


@functools.lru_cache(maxsize=None)
def tellings(muckctl):
    """{id: [revision as the stream has it: texts]}"""
    text = lzma.open(CITY / "day.ndjson.xz").read()
    out = subprocess.run([muckctl, "replay", "--quiet", "--config", CITY / "muckwatch.yaml", "-"], input=text, capture_output=True, check=True).stdout
    cases = {}
    for line in out.decode().splitlines():
        if not line.startswith('{"stream":"violations"'):
            continue
        entry = json.loads(line, parse_float=str, parse_int=str)
        del entry["stream"]
        cases.setdefault(entry["id"], []).append(entry)
    return cases


@functools.lru_cache(maxsize=None)
def world(pack):
    return subprocess.run([pack, "world", CITY / "muckwatch.yaml"], capture_output=True, check=True).stdout


def raw_lines(vehicle, from_ms, to_ms):
    lines = []
    for number, (of, received, fix) in enumerate(day()):
        if of != vehicle or not from_ms <= received <= to_ms:
            continue
        lines.append(dump({"n": number + 1, "batch": number // 50 + 1, "received": received,
                           "sha256": hashlib.sha256(fix.encode()).hexdigest(), "fix": fix}))
    return lines


def actions(id_, reviewed, at_ms):
    rows = [("acknowledge", {}), ("assign", {"to": "u-zhao"}), ("handled", {"found": "现场查实，车厢未密闭"})]
    if reviewed:
        rows.append(("review", {"verdict": "approve", "reason": "事实清楚，证据确凿"}))
    return [dump({"stream": "actions", "at": at_ms + 300_000 * i, "entry": f"{at_ms + 300_000 * i}-0",
                  "fields": {"id": id_, "action": action, "rev": str(i + 1), "who": "u-qian" if action == "review" else "u-li",
                             "from": "10.0.0.8", "why": "", **more}})
            for i, (action, more) in enumerate(rows)]


def write_case(folder, id_, muckctl, pack, reviewed=True):
    """DIR/data of one violation."""
    revisions = tellings(muckctl)[id_]
    last = revisions[-1]
    start, end = int(last["start"]), int(last.get("end", last["at"]))
    raw = raw_lines(last["vehicle"], start - BEFORE_MS, end + AFTER_MS + 900_000)
    data = folder / "data"
    data.mkdir(parents=True)

    def put(name, text):
        (data / name).write_text(text, encoding="utf-8")
    put("violation.json", dump({"id": id_, "revisions": revisions}))
    put("raw.jsonl", "".join(line + "\n" for line in raw))
    put("actions.jsonl", "".join(line + "\n" for line in actions(id_, reviewed, end + 600_000)))
    put("warnings.jsonl", "")
    put("marks.jsonl", dump({"n": 0, "batch": 0, "line": {"ruleset": last["ruleset"], "received": start - BEFORE_MS}}) + "\n" +
        dump({"n": 0, "batch": 0, "clock": {"at": start, "synchronised": True, "offset_us": 812, "maxerror_us": 15300}}) + "\n")
    (data / "world.json").write_bytes(world(pack))
    put("earlier.json", dump({"count": 0, "ids": []}))
    return folder
