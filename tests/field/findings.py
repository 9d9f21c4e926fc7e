"""What a run has found, and how it differs from what is expected.

A finding is what all entries of one id tell together: when it opened, what it is about, when it ended.
"""
import datetime
import json
import json
import re

# Of these the cab is not told: they are about the unit.
UNTOLD = {"offline", "no_fix", "tamper"}
TIMES = {"start", "opened", "end"}
TRIP_TIMES = {"loaded", "departed", "arrived", "unloaded"}
OPEN = "open"


def milliseconds(moment):
    return round(moment.timestamp() * 1000) if isinstance(moment, datetime.datetime) else moment


def told(ms):
    """A time, or whatever else it is, for people."""
    if not isinstance(ms, int) or ms < 10 ** 11:
        return str(ms)
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).isoformat(timespec="milliseconds")


class Found:
    """Entries (a list of objects as replay prints them), folded."""

    def __init__(self, entries):
        self.findings, self.trips, self.refused, self.warnings = {}, [], 0, []
        self.wrong = []
        for entry in entries:
            stream = entry["stream"]
            if stream == "violations":
                self._fold(entry)
            elif stream == "trips":
                self.trips.append(entry)
            elif stream == "rejects":
                self.refused += 1
            elif stream == "warn":
                self.warnings.append(entry)
        self._judge_warnings()

    def _fold(self, entry):
        known = self.findings.get(entry["id"])
        if not known:
            if entry["event"] != "opened":
                self.wrong.append(f"{entry['kind']} {entry['id']} begins with {entry['event']}")
            known = self.findings[entry["id"]] = {**entry, "opened": entry["at"], "end": OPEN, "revs": 0}
        elif entry["event"] == "opened":
            self.wrong.append(f"{entry['kind']} {entry['id']} is opened twice")
        known["revs"] += 1
        if entry.get("rev") != known["revs"]:
            self.wrong.append(f"{entry['kind']} {entry['id']}: rev {entry.get('rev')}, expected {known['revs']}")
        known["last"] = entry
        if entry["event"] == "closed":
            known["end"] = entry["end"]

    def _judge_warnings(self):
        """Nothing is warned of that is not found, and nothing twice; what is found is told."""
        events = {}
        for warning in self.warnings:
            events.setdefault(warning["id"], []).append(warning)
        for id, list_ in events.items():
            words = f"{list_[0]['kind']} at {told(list_[0]['at'])}"
            names = [w["event"] for w in list_]
            if id not in self.findings:
                self.wrong.append(f"the cab is warned of {words}, and nothing is found")
            elif any(names.count(name) > 1 for name in ("warning", "opened", "closed")):
                self.wrong.append(f"the cab is told more than once of {words}: {names}")
            elif "warning" in names[1:]:
                self.wrong.append(f"the cab is warned of {words} when it is found: {names}")
        for id, finding in self.findings.items():
            names = [w["event"] for w in events.get(id, [])]
            if finding["kind"] not in UNTOLD and "opened" not in names:
                self.wrong.append(f"the cab is not told of {describe(finding)}")


def describe(found):
    parts = [found["vehicle"], found["kind"], *(found[k] for k in ("fence", "permit", "reason") if k in found)]
    if "value" in found:
        parts.append(f"value {found['value']}")
    return " ".join(map(str, parts)) + f" from {told(found['start'])} opened {told(found['opened'])} to {told(found['end'])}"


def describe_trip(trip):
    return " ".join(f"{k}={told(trip[k])}" for k in ("vehicle", "permit", "site", "disposal", *sorted(TRIP_TIMES), "end_reason")
                    if k in trip)


def pieces(found):
    """All fences that a finding names. A list may be written as a list or as a text."""
    named = set()
    for entry in (found, found["last"]):
        for key in ("fence", "fences"):
            value = entry.get(key, [])
            if isinstance(value, str) and value.startswith("["):
                value = json.loads(value)
            named.update(value if isinstance(value, list) else re.split(r"[\s,;]+", str(value)))
    return named - {""}


def near(found, wanted, slack):
    if isinstance(wanted, list):
        return isinstance(found, (int, float)) and milliseconds(wanted[0]) - slack <= found <= milliseconds(wanted[1]) + slack
    wanted = milliseconds(wanted)
    if isinstance(wanted, str) or isinstance(found, str) or found is None:
        return found == wanted
    return abs(found - wanted) <= slack


def agrees(found, wanted, slack_ms):
    for key, value in wanted.items():
        if key == "pieces":
            if pieces(found) != set(value):
                return False
        elif key == "closed_or_open_after":
            if found["end"] != OPEN and found["end"] < milliseconds(value):
                return False
        elif key in TIMES | TRIP_TIMES:
            if not near(found.get(key), value, slack_ms):
                return False
        elif isinstance(value, list):
            if not isinstance(found.get(key), (int, float)) or not value[0] <= found[key] <= value[1]:
                return False
        elif found.get(key) != value:
            return False
    return True


def wish(table):
    """An expectation, in words."""
    def one(value):
        return "..".join(map(one, value)) if isinstance(value, list) else told(milliseconds(value))
    return " ".join(f"{key}={one(value)}" for key, value in table.items())


def each_vehicle(wanted):
    """One expectation for each of `vehicles = "v0..v19"`."""
    for table in wanted:
        span = table.get("vehicles")
        if not span:
            yield table
            continue
        head, low, high = re.fullmatch(r"(.*?)(\d+)\.\.\1(\d+)", span).groups()
        for number in range(int(low), int(high) + 1):
            yield {**{k: v for k, v in table.items() if k != "vehicles"}, "vehicle": f"{head}{number}"}


def pair(what, found, wanted, slack_ms, words):
    """Each expectation takes one of what was found; what is left over on either side is wrong."""
    left, wrong = list(found), []
    for table in each_vehicle(wanted):
        taken = next((f for f in left if agrees(f, table, slack_ms)), None)
        if taken is None:
            wrong.append(f"missing {what}: {wish(table)}")
        else:
            left.remove(taken)
    return wrong + [f"{what} that should not be: {words(f)}" for f in left]


def compare(wanted, found):
    slack_ms = round(wanted.get("within_s", 0) * 1000)
    wrong = pair("finding", found.findings.values(), wanted.get("findings", []), slack_ms, describe)
    if "trips" in wanted:
        wrong += pair("trip", found.trips, wanted["trips"], slack_ms, describe_trip)
    if found.refused != wanted.get("refused", 0):
        wrong.append(f"{found.refused} refused, expected {wanted.get('refused', 0)}")
    return wrong + found.wrong


def read(output):
    """Objects, one a line, or one over several lines."""
    try:
        return [json.loads(line) for line in output.splitlines()]
    except ValueError:
        return json.loads(output)
