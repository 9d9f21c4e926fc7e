#!/usr/bin/env python3
"""Adds up what gcov knows of a build, a line a folder.

    tests/coverage/lines.py BUILD [--files] [--report]

A line counts as reached when any program that it was compiled into reached it.
"""
import collections
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
WANTED = 0.90
# Their tests start servers, and are left out.
MAY_FALL_SHORT = ("tracker/io", "tracker/muckctl", "tracker/muckwatchd", "tracker/onboard", "tracker")


def notes(build):
    """gcov's answer for each object, as JSON, one after the other."""
    objects = sorted(str(path.resolve()) for path in build.rglob("*.gcno"))
    for at in range(0, len(objects), 40):
        done = subprocess.run(["gcov", "--json-format", "--stdout", *objects[at:at + 40]], cwd=build, check=True,
                              capture_output=True, text=True)
        for line in done.stdout.splitlines():
            if line.strip():
                yield json.loads(line)


def reached(build):
    """{file: {line: how often}} of the product's own files."""
    files = collections.defaultdict(lambda: collections.defaultdict(int))
    for note in notes(build):
        for entry in note["files"]:
            path = pathlib.Path(note["current_working_directory"], entry["file"]).resolve()
            if not path.is_relative_to(ROOT):
                continue
            name = str(path.relative_to(ROOT))
            if not name.startswith(("geofence/", "tracker/", "include/")):
                continue
            for line in entry["lines"]:
                files[name][line["line_number"]] += line["count"]
    return files


def main():
    options = sys.argv[2:]
    files = reached(pathlib.Path(sys.argv[1]))
    folders = collections.defaultdict(lambda: [0, 0])
    short = []
    for name, lines in sorted(files.items()):
        hit, count = sum(1 for n in lines.values() if n), len(lines)
        total = folders[str(pathlib.PurePath(name).parent)]
        total[0] += hit
        total[1] += count
        if hit < WANTED * count:
            short.append((name, hit, count))
    failed = []
    for folder, (hit, count) in sorted(folders.items()):
        exempt = any(folder == f or folder.startswith(f + "/") for f in MAY_FALL_SHORT[:-1]) or folder == "tracker"
        if hit < WANTED * count and not exempt:
            failed.append(folder)
        print(f"{folder:28} {hit:6} of {count:6}  {100 * hit / count:5.1f} %{'' if not exempt else '  (tested with servers)'}")
    if "--files" in options:
        for name, hit, count in short:
            missed = [str(n) for n, times in sorted(files[name].items()) if not times]
            print(f"  {name}: {100 * hit / count:.1f} %: lines {' '.join(missed[:40])}{' ...' if len(missed) > 40 else ''}")
    for folder in failed:
        print(f"{folder} is below {100 * WANTED:.0f} %")
    return 1 if failed or not folders else 0


if __name__ == "__main__":
    sys.exit(main())
