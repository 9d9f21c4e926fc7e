"""Runs one situation from the field and compares what it gives with what is expected (README.md beside this).

    python3 run_case.py EXPECTED.toml BINARIES DATA
    python3 run_case.py --fails BINARIES DATA GOOD.toml EXPECTED.toml...     each has to be told from the good one
"""
import pathlib
import sys
import tomllib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from field import findings, runs  # noqa: E402  (the path is set above)


def check(place, wanted):
    code, printed = runs.check(place, wanted)
    wrong = []
    if code != wanted.get("exit", 0):
        wrong.append(f"exit {code}, expected {wanted.get('exit', 0)}: {printed[-600:]}")
    for text in wanted.get("says", []):
        if not any(words in printed for words in (text if isinstance(text, list) else [text])):
            wrong.append(f"does not say {text!r}: {printed[-600:]}")
    return wrong + [f"says {text!r}: {printed[-600:]}" for text in wanted.get("silent_about", []) if text in printed]


def replay(place, wanted):
    fixes = wanted["fixes"] if isinstance(wanted["fixes"], list) else [wanted["fixes"]]
    return [f"{name}: {words}" for name in fixes
            for words in findings.compare(wanted, findings.Found(runs.replay(place, wanted, name)))]


def live(place, wanted):
    return runs.live(place, wanted, lambda lines: findings.compare(wanted, findings.Found(lines)))


KINDS = {"check": check, "replay": replay, "live": live}
OUTCOME = {"refused", "findings", "trips", "within_s"}
KEYS = {"check": {"config", "fences", "options", "exit", "says", "silent_about"}, "replay": OUTCOME | {"config", "fixes"},
        "live": OUTCOME | {"fixes", "retained", "pace_s", "wait_s", "track", "not_online", "reproduced"}}


def known(kind, table):
    """A slip of the pen must not look like an expectation that is met."""
    if set(table) - KEYS[kind]:
        sys.exit(f"[[{kind}]]: unknown {', '.join(set(table) - KEYS[kind])}")
    return table


def answer(place, wanted):
    """What is wrong with one whole answer."""
    return [f"{kind} {number}: {words}" for kind, judge in KINDS.items()
            for number, table in enumerate(wanted.get(kind, []), 1) for words in judge(place, known(kind, table))]


def judge(path, binaries, data):
    wanted = tomllib.loads(path.read_text(encoding="utf-8"))
    unknown = set(wanted) - {"case", "any_of", *KINDS}
    if unknown or not set(wanted) & {"any_of", *KINDS}:
        sys.exit(f"{path}: what is expected?")
    place = runs.Place(data / "field-cases" / wanted["case"]["folder"], binaries, path.stem)
    if not place.folder.is_dir():
        print(f"skipped: {place.folder} is not here")
        sys.exit(77)
    wrong = answer(place, wanted)
    answers = [answer(place, table) for table in wanted.get("any_of", [])]
    if answers and all(answers):
        wrong += [f"answer {number}: {words}" for number, list_ in enumerate(answers, 1) for words in list_]
    return wrong


def main():
    if sys.argv[1] == "--fails":
        binaries, data, good, *bad = map(pathlib.Path, sys.argv[2:])
        wrong = judge(good, binaries, data)
        taken = [str(path) for path in bad if not judge(path, binaries, data)]
        sys.exit("\n".join([*wrong, *(f"taken for good: {path}" for path in taken)]) or not bad)
    wrong = judge(pathlib.Path(sys.argv[1]), *map(pathlib.Path, sys.argv[2:4]))
    for words in wrong:
        print(words)
    sys.exit(1 if wrong else 0)


main()
