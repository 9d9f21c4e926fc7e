"""A long run in pieces: each is a whole run of its own, with a seed of its own, and is judged for itself. Those that held are
noted in a file, so that a run that was stopped goes on with the next one.
"""
import collections
import json
import os
import pathlib
import tempfile

SEEDS_APART = 100_000  # between runs of different seeds


def notes_of(options, name, faults):
    folder = pathlib.Path(os.environ.get("MW_TEST_DIR") or tempfile.gettempdir())
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}-{options.seed}-{faults}-{options.piece}-{options.offline}.json"


def play(options, name, faults, run_piece, tell):
    """`run_piece(seed, count)` gives a result; `tell(name, result)` prints it. Exit code."""
    path = notes_of(options, name, faults)
    held = {} if options.anew or not path.exists() else json.loads(path.read_text(encoding="utf-8"))
    count = -(-faults // options.piece)
    if held:
        print(f"{len(held)} of {count} pieces held before ({path})", flush=True)
    failed = []
    for number in range(count):
        if str(number) in held:
            continue
        size = min(options.piece, faults - number * options.piece)
        result = run_piece(options.seed * SEEDS_APART + number, size)
        tell(name, result)
        print(f"     piece {number + 1} of {count}: {size} faults, seed {options.seed * SEEDS_APART + number}", flush=True)
        if result["faults"]:
            failed.append(number + 1)
            continue
        held[number] = {"size": size, **{key: result[key] for key in ("totals", "figures", "seconds")}}
        path.write_text(json.dumps(held), encoding="utf-8")
    summary(held, count, failed)
    return 1 if failed else 0


def summary(held, count, failed):
    totals, kinds = collections.Counter(), collections.Counter()
    for piece in held.values():
        totals.update(piece["totals"])
        kinds.update({k: v for k, v in piece["figures"].items() if isinstance(v, int)})
    faults, seconds = sum(p["size"] for p in held.values()), sum(p["seconds"] for p in held.values())
    print(f"{len(held)} of {count} pieces held: {faults} faults in {seconds / 60:.0f} min, "
          + ", ".join(f"{name} {n}" for name, n in totals.items()))
    print("    " + ", ".join(f"{name} {n}" for name, n in sorted(kinds.items())))
    if failed:
        print(f"failed: pieces {' '.join(map(str, failed))}")
