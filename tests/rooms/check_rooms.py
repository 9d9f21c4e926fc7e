"""Rooms see only what they may use.

For each room, the compile command of one of its own files is run over a probe: the includes it may not have must fail,
those it may have must pass, so that a failure is the wall's doing and not a broken command. Also refused: includes
that climb out of the room with "../", and a room without a README.md that says in three lines what lives there, what
the room may touch and where to begin.
"""
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

# A probe for each room: what it may include, and what it may not: rooms above and beside it, and foreign headers.
THIRD_PARTY = ["<jansson.h>", "<yaml.h>", "<sodium.h>", "<mosquitto.h>", "<event2/event.h>", "<hiredis/async.h>", "<gps.h>", "<sqlite3.h>",
               "<zstd.h>", "<xlsxwriter.h>", "<geos_c.h>", "<curl/curl.h>", "<csv.h>"]
SYSTEM = ["<time.h>", "<sys/time.h>", "<sys/socket.h>", "<unistd.h>", "<pthread.h>"]
PURE = THIRD_PARTY + SYSTEM
ROOMS = {
    "geofence/ground": (["<math.h>", "<sys/mman.h>", "<muckwatch/geofence.h>"], PURE + ['"store.h"', '"buf.h"']),
    "geofence/shape": (['"metric.h"', '"store.h"'], PURE + ['"exact.h"', '"tree.h"', '"buf.h"', "<sys/mman.h>"]),
    "geofence/exact": (['"store.h"', '"metric.h"'], PURE + ['"tree.h"', '"eval.h"']),
    "geofence/index": (['"store.h"', '"pages.h"'], PURE + ['"exact.h"', '"eval.h"']),
    "geofence/eval": (['"tree.h"', '"cross.h"'], PURE + ['"buf.h"']),
    "geofence/front": (['"eval.h"', '"grow.h"'], PURE + ['"hours_parser.h"', '"buf.h"']),
    "geofence/hours": (["<muckwatch/hours.h>"], PURE + ['"store.h"', '"metric.h"']),
    "tracker/base": (["<time.h>", '"buf.h"'], THIRD_PARTY + ["<sys/socket.h>", "<muckwatch/geofence.h>", '"fix.h"']),
    "tracker/report": (['"buf.h"', '"text.h"'], PURE + ['"world.h"', '"vehicle.h"', '"json_scan.h"']),
    "tracker/world": (["<muckwatch/geofence.h>", '"names.h"'], PURE + ['"fix.h"', '"moment.h"', '"store.h"', '"config.h"']),
    "tracker/work": (['"roads.h"', '"fix.h"'], PURE + ['"vehicle.h"', '"moment.h"', '"engine.h"', '"fix_json.h"']),
    "tracker/duty": (['"work.h"', '"duty.h"'], PURE + ['"vehicle.h"', '"moment.h"', '"engine.h"', '"fix_json.h"']),
    "tracker/core": (['"world.h"', '"fix.h"'], PURE + ['"engine.h"', '"fleet.h"', '"fix_json.h"']),
    "tracker/rules": (['"moment.h"', '"rule.h"'], PURE + ['"engine.h"', '"fleet.h"', '"fix_json.h"']),
    "tracker/fleet": (['"rule.h"', '"arrival.h"'], PURE + ['"fix_json.h"', '"commit.h"', '"committer.h"']),
    "tracker/delivery": (['"heap.h"'], PURE + ['"vehicle.h"', '"fix.h"', '"commit.h"']),
    "tracker/unit": (['"fix.h"'], PURE + ['"world.h"', '"vehicle.h"', '"journal.h"']),
    "tracker/journal": (['"buf.h"', '"journal_disk.h"'], PURE + ['"fix.h"', '"sender.h"', "<fcntl.h>"]),
    "tracker/codec/json": (['"buf.h"', "<fcntl.h>"], [h for h in PURE if h != "<unistd.h>"] + ['"fix.h"', '"world.h"']),
    "tracker/codec/http": (['"buf.h"'], PURE + ['"fix.h"', '"json_scan.h"', '"world.h"']),
    "tracker/codec/wire": (['"json_scan.h"', '"fix.h"'], PURE + ['"world.h"', '"vehicle.h"', '"config.h"', '"fleet.h"']),
    "tracker/codec/config": (["<yaml.h>", '"kinds.h"', '"sampler.h"'], SYSTEM + ["<jansson.h>", "<sodium.h>", '"vehicle.h"',
                                                                             '"city_load.h"']),
    "tracker/codec/city": (["<jansson.h>", "<sodium.h>", '"config.h"'], SYSTEM + ["<yaml.h>", '"vehicle.h"', '"fix_json.h"',
                                                                               '"commit.h"']),
    "tracker/codec/store": (["<sodium.h>", '"world_load.h"', '"vehicle.h"'], SYSTEM + ["<jansson.h>", "<yaml.h>", '"fleet.h"',
                                                                                    '"fix_json.h"']),
    "tracker/import": (["<csv.h>", '"json_tree.h"', '"vehicle_id.h"'], [h for h in PURE if h != "<csv.h>"] + ['"world.h"', '"config.h"',
                                                                                                     '"fix_json.h"']),
    "tracker/cab": (['"sender.h"', '"journal.h"', '"unit_json.h"'], PURE + ['"world.h"', '"config.h"', '"mqtt.h"',
                                                                             '"journal_folder.h"', "<fcntl.h>"]),
    "tracker/late": (['"engine.h"', '"entry.h"'], PURE + ['"fix_json.h"', '"replay.h"', '"stages.h"']),
    "tracker/play": (['"fleet.h"', '"fix_json.h"', '"entry.h"'], PURE + ['"redis.h"']),
    "tracker/figures": (['"fix.h"', '"json_write.h"', "<muckwatch/zone.h>"], PURE + ['"world.h"', '"fix_json.h"', '"archive_disk.h"']),
    "tracker/archive": (["<sodium.h>", '"fix_json.h"', '"day_sum.h"'], [h for h in PURE if h != "<sodium.h>"] + ['"redis.h"', '"vehicle.h"',
                                                                                             '"engine.h"']),
    "tracker/daemon": (['"fleet.h"', '"fix_json.h"', '"commit.h"', '"committer.h"'],
                       PURE + ['"mqtt.h"', '"redis.h"', '"loop.h"', '"daemon.h"', '"replay.h"']),
    "tracker/dispatch/web": (['"json_write.h"', '"role.h"'], PURE + ['"fix.h"', '"world.h"', '"http_request.h"', "<fcntl.h>"]),
    "tracker/dispatch/people": (['"options.h"', '"web_request.h"', "<sodium.h>"],
                                [h for h in PURE if h != "<sodium.h>"] + ['"vehicle.h"', '"world_load.h"', "<fcntl.h>"]),
    "tracker/dispatch/desk": (['"json_tree.h"'], PURE + ['"world.h"', '"redis.h"', '"fix.h"', '"register.h"']),
    "tracker/dispatch/register": (['"desk.h"', '"text_fold.h"'], PURE + ['"world.h"', '"redis.h"', '"fix.h"']),
    "tracker/dispatch/shapes": (['"world.h"', '"json_write.h"', "<geos_c.h>"],
                                [h for h in PURE if h != "<geos_c.h>"] + ['"redis.h"', '"web_answer.h"', '"fix.h"']),
    "tracker/dispatch/feed": (['"scope.h"', '"register.h"', '"fleet_now.h"'], PURE + ['"redis.h"', '"loop.h"', '"web_server.h"']),
    "tracker/dispatch/hooks": (['"desk.h"', '"scope.h"', "<sodium.h>"],
                               [h for h in PURE if h != "<sodium.h>"] + ['"redis.h"', '"web_server.h"', '"register.h"', '"vehicle.h"']),
    "tracker/dispatch/fleet_now": (['"fields.h"', '"json_scan.h"'], PURE + ['"world.h"', '"redis.h"', '"fix.h"']),
    "tracker/evidence/bag": (['"sealed.h"', "<zlib.h>", "<sodium.h>"], [h for h in PURE if h not in ("<sodium.h>", "<unistd.h>")] +
                             ['"vehicle.h"', '"replay.h"', '"redis.h"', '"tlog_tree.h"']),
    "tracker/evidence/papers": (['"sealed.h"', '"ruleset.h"', '"fix_json.h"'], PURE + ['"bag.h"', '"replay.h"', '"redis.h"']),
    "tracker/evidence/report": (['"papers.h"', '"bag.h"', "<cairo.h>", "<qrencode.h>"], THIRD_PARTY + ['"redis.h"', '"replay.h"']),
    "tracker/evidence/verify": (['"bag_read.h"', '"tlog_tree.h"', '"replay.h"', "<sodium.h>"], [h for h in PURE if h != "<sodium.h>"] +
                                ['"redis.h"', '"web_server.h"']),
    "tracker/evidence/log": (["<sodium.h>", '"buf.h"'], [h for h in PURE if h != "<sodium.h>"] + ['"json_write.h"', '"archive_disk.h"', '"fix.h"']),
    "tracker/evidence/record": (["<sodium.h>", '"json_tree.h"', '"track_line.h"'], [h for h in PURE if h != "<sodium.h>"] +
                                ['"world.h"', '"redis.h"', '"archive_look.h"', '"tlog_tree.h"']),
    "tracker/io": (["<mosquitto.h>", "<event2/event.h>", "<hiredis/async.h>", '"fix.h"'], ['"world.h"', '"vehicle.h"',
                                                                                            '"commit.h"', '"muckctl.h"']),
}


def compile_commands(path, root):
    commands = {}
    for entry in json.load(open(path)):
        relative = os.path.relpath(entry["file"], root)
        for room in ROOMS:
            if os.path.dirname(relative) == room:
                commands.setdefault(room, entry)
    return commands


def compiles(entry, include, folder):
    probe = pathlib.Path(folder) / "probe.c"
    probe.write_text(f"#include {include}\ntypedef int probe;\n")
    words = shlex.split(entry["command"])
    if os.path.basename(words[0]) == "ccache":
        words = words[1:]
    out = words.index("-o")
    words[out:out + 2] = []
    words = [w for w in words if w not in ("-c", entry["file"])]
    run = subprocess.run(words + ["-fsyntax-only", str(probe)], cwd=entry["directory"], capture_output=True, text=True)
    return run.returncode == 0, run.stderr


README_LINES = ("- **Lives here:** ", "- **May touch:** ", "- **Begin with:** ")


def readme_faults(folder, root):
    path = pathlib.Path(root, folder, "README.md")
    if not path.exists():
        return [f"{folder} is a room without a README.md"]
    text = path.read_text()
    faults = [f"{folder}/README.md lacks the line '{start}'" for start in README_LINES if f"\n{start}" not in text]
    # What a reader is sent to has to be there.
    for name in re.findall(r"`([\w/]+\.(?:[ch]|lua))`", text):
        if not any(pathlib.Path(root, at, name).exists() for at in (folder, "")):
            faults.append(f"{folder}/README.md names {name}, which is not there")
    return faults


def main():
    commands = compile_commands(sys.argv[1], sys.argv[2])
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        for room, (allowed, forbidden) in ROOMS.items():
            if room not in commands:
                failures.append(f"{room}: no file of it is compiled")
                continue
            for include in allowed:
                ok, words = compiles(commands[room], include, folder)
                if not ok:
                    failures.append(f"{room} must be able to include {include}:\n{words}")
            for include in forbidden:
                if compiles(commands[room], include, folder)[0]:
                    failures.append(f"{room} can include {include}")
    for folder in sorted({os.path.relpath(p.parent, sys.argv[2]) for tree in ("geofence", "tracker")
                          for p in pathlib.Path(sys.argv[2], tree).rglob("*.[ch]")}):
        if folder not in ROOMS:
            failures.append(f"{folder} is a room without a row here")
    for folder in sorted({os.path.relpath(p.parent, sys.argv[2]) for tree in ("geofence", "tracker", "programs")
                          for p in pathlib.Path(sys.argv[2], tree).rglob("*.[ch]")}):
        failures += readme_faults(folder, sys.argv[2])
    for room in ROOMS:
        for source in pathlib.Path(sys.argv[2], room).glob("*.[ch]"):
            for line in source.read_text().splitlines():
                if re.match(r'\s*#\s*include\s*"(\.\.|/)', line):
                    failures.append(f"{source}: {line.strip()}")
    print("\n".join(failures) or "every room sees only what it may use")
    sys.exit(1 if failures else 0)


main()
