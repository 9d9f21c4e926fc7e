"""What late data costs, and what judging it again gives back: the sample day, were all its units to send the newest first.

    figures.py MUCKCTL [--zone SECONDS] [--every SECONDS] [--backwards] [--seeds N]

Each unit is in a dead zone for so long out of so long, at a time of its own; then it sends its newest fix, and behind it
what it stored. Printed is what of the violations of the day in order is lost, wrong (another start, end, or anything else
of it) or invented, with late data left alone and with it judged again. `offline` and wrong clocks depend on arrival and
are left out. Exits 1 if anything is lost, wrong or invented where late data is judged.
"""
import argparse
import datetime
import json
import lzma
import pathlib
import random
import subprocess
import sys
import tempfile

CITY = pathlib.Path(__file__).parents[2] / "fixtures" / "city"
CONFIG = "retention: {{track_hours: 25}}\nlate: {{horizon_h: {}}}\n"
OF_TELLING = ("event", "rev", "received", "replaces", "replaced_by", "late_data", "stream")


def milliseconds(time):
    if isinstance(time, str):
        return round(datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp() * 1000)
    return round(time * 1000)


def day():
    """The fixes by their times, without numbers: those say how they came."""
    fixes = [json.loads(line) for line in lzma.open(CITY / "day.ndjson.xz", "rt")]
    for fix in fixes:
        for key in ("boot", "seq", "received"):
            fix.pop(key, None)
    return sorted(fixes, key=lambda fix: milliseconds(fix["time"]))


def live_first(fixes, wish, chance):
    """The same as (received, fix), as it comes out of dead zones."""
    came, turn = [], 0
    by_vehicle = {}
    for fix in fixes:
        by_vehicle.setdefault(fix["vehicle"], []).append(fix)
    for of_one in by_vehicle.values():
        phase, held = chance.randrange(wish.every * 1000), []
        for i, fix in enumerate(of_one):
            now = milliseconds(fix["time"])
            if (now + phase) % (wish.every * 1000) < wish.zone * 1000 and i + 1 < len(of_one):
                held.append(fix)
                continue
            came.append((now + 1000, turn := turn + 1, fix))
            for k, stored in enumerate(reversed(held) if wish.backwards else held):
                came.append((now + 2000 + 10 * k, turn := turn + 1, stored))
            held = []
    return [(received, fix) for received, _, fix in sorted(came, key=lambda c: c[:2])]


def replay(muckctl, folder, lines, horizon_h, settled):
    config = folder / "late.yaml"
    text = (CITY / "muckwatch.yaml").read_text()
    for name in ("fences.geojson", "fleet.json", "2026.json"):
        text = text.replace(f"[{name}]", f"[{CITY / name}]")
    config.write_text(text + CONFIG.format(horizon_h))
    run = subprocess.run([muckctl, "replay", "--config", config, "--until", "2026-05-10T00:00:00Z",
                          *(["--settled"] if settled else []), "-"],
                         input="\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n", text=True, capture_output=True)
    if run.returncode != 0:
        sys.exit(run.stderr)
    return [json.loads(line) for line in run.stdout.splitlines()]


def violations(entries):
    found = {}
    for e in entries:
        if e["stream"] == "violations" and e["kind"] != "offline" and e.get("cause") != "clock":
            found[e["id"]] = {k: v for k, v in e.items() if k not in OF_TELLING and (k, v) != ("cause", "late")}
    return found


def overlap(a, b):
    return (a["vehicle"], a["kind"]) == (b["vehicle"], b["kind"]) and \
        a["start"] <= b.get("end", 1 << 62) and b["start"] <= a.get("end", 1 << 62)


def compare(right, found):
    """Lost, wrong, invented."""
    rest = [f for f in found.values() if right.get(f["id"]) != f]
    lost = wrong = 0
    for r in right.values():
        if found.get(r["id"]) == r:
            continue
        other = next((f for f in rest if f["id"] == r["id"]), None) or next((f for f in rest if overlap(f, r)), None)
        if other is None:
            lost += 1
        else:
            wrong += 1
            rest.remove(other)
    return lost, wrong, len(rest)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("muckctl", type=pathlib.Path)
    p.add_argument("--zone", type=int, action="append", help="seconds; may be given several times (300, 600)")
    p.add_argument("--every", type=int, default=1800)
    p.add_argument("--backwards", action="store_true")
    p.add_argument("--seeds", type=int, default=1)
    wish = p.parse_args()
    fixes, bad = day(), False
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        right = violations(replay(wish.muckctl, folder, fixes, 0, True))
        for zone in wish.zone or [300, 600]:
            for seed in range(wish.seeds):
                wish.zone = zone
                came = [{"received": received, **fix} for received, fix in live_first(fixes, wish, random.Random(seed))]
                newest, late = {}, 0
                for c in came:
                    now = milliseconds(c["time"])
                    late += now <= newest.get(c["vehicle"], now - 1)
                    newest[c["vehicle"]] = max(now, newest.get(c["vehicle"], now))
                off = compare(right, violations(replay(wish.muckctl, folder, came, 0, True)))
                on = compare(right, violations(replay(wish.muckctl, folder, came, 24, True)))
                told = [e for e in replay(wish.muckctl, folder, came, 24, False) if e.get("cause") == "late" or "late_data" in e]
                said = {event: sum(e.get("event") == event and e["stream"] == "violations" for e in told)
                        for event in ("opened", "updated", "closed", "withdrawn")}
                print(f"dead zones of {zone} s each {wish.every} s, seed {seed}: {late} of {len(came)} fixes late; of {len(right)} "
                      f"violations lost/wrong/invented {off[0]}/{off[1]}/{off[2]} left alone, {on[0]}/{on[1]}/{on[2]} judged again; "
                      f"corrections {said}, of trips {sum(e['stream'] == 'trips' for e in told)}", flush=True)
                bad |= on != (0, 0, 0)
    return bad


if __name__ == "__main__":
    sys.exit(main())
