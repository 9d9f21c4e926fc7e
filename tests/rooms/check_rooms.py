"""Rooms see only what they may use.

For each room, the compile command of one of its own files is run over a probe: the includes it may not have must fail,
those it may have must pass, so that a failure is the wall's doing and not a broken command. Also refused: includes
that climb out of the room with "../".
"""
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ALLOWED = {
    "geofence": ["<math.h>", "<muckwatch/geofence.h>"],
    "tracker/base": ["<time.h>", '"buf.h"'],
    "tracker/core": ['"world.h"', '"buf.h"', "<muckwatch/geofence.h>"],
    "tracker/codec": ["<jansson.h>", "<sodium.h>", "<yaml.h>", '"world.h"'],
    "tracker/daemon": ['"commit.h"', '"fleet.h"', '"committer.h"'],
    "tracker/io": ["<mosquitto.h>", "<event2/event.h>", "<hiredis/async.h>", '"fleet.h"'],
}
FORBIDDEN = {
    "geofence": ["<time.h>", "<sys/socket.h>", "<jansson.h>", "<event2/event.h>", '"buf.h"', '"fix.h"'],
    "tracker/base": ["<sys/socket.h>", "<mosquitto.h>", "<jansson.h>", "<muckwatch/geofence.h>", '"world.h"'],
    "tracker/core": ["<time.h>", "<sys/time.h>", "<sys/socket.h>", "<unistd.h>", "<sodium.h>", "<jansson.h>",
                     "<mosquitto.h>", "<hiredis/hiredis.h>", "<event2/event.h>", '"fix_json.h"', '"mqtt.h"'],
    "tracker/codec": ["<sys/socket.h>", "<time.h>", "<mosquitto.h>", "<hiredis/async.h>", "<event2/event.h>", '"mqtt.h"'],
    "tracker/daemon": ["<time.h>", "<sys/socket.h>", "<unistd.h>", "<mosquitto.h>", "<hiredis/async.h>", "<event2/event.h>",
                       "<jansson.h>", '"mqtt.h"', '"redis.h"', '"loop.h"', '"daemon.h"'],
    "tracker/io": ['"muckctl.h"'],
}


def compile_commands(path, root):
    commands = {}
    for entry in json.load(open(path)):
        relative = os.path.relpath(entry["file"], root)
        for room in ALLOWED:
            if relative.startswith(room + "/"):
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


def main():
    commands = compile_commands(sys.argv[1], sys.argv[2])
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        for room in ALLOWED:
            if room not in commands:
                failures.append(f"{room}: no file of it is compiled")
                continue
            for include in ALLOWED[room]:
                ok, words = compiles(commands[room], include, folder)
                if not ok:
                    failures.append(f"{room} must be able to include {include}:\n{words}")
            for include in FORBIDDEN[room]:
                if compiles(commands[room], include, folder)[0]:
                    failures.append(f"{room} can include {include}")
    for room in ALLOWED:
        for source in pathlib.Path(sys.argv[2], room).rglob("*.[ch]"):
            for line in source.read_text().splitlines():
                if re.match(r'\s*#\s*include\s*"(\.\.|/)', line):
                    failures.append(f"{source}: {line.strip()}")
    print("\n".join(failures) or "every room sees only what it may use")
    sys.exit(1 if failures else 0)


main()
