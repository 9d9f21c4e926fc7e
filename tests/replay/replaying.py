"""What the replay tests share: running muckctl replay and reading what it prints."""
import json
import pathlib
import subprocess
import sys


def arguments():
    """Path of muckctl, root of the sources, folder of recorded data."""
    return pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])


def recorded(folder):
    """Skips the test, with a word, where recorded input is absent."""
    if not folder.is_dir():
        print(f"skipped: {folder} is not here")
        sys.exit(77)
    return folder


def replay(muckctl, config, lines, *options):
    """Runs muckctl replay over lines of bytes; what it printed as a list of objects."""
    run = subprocess.run([muckctl, "replay", "--config", config, *options, "-"], input=b"\n".join(lines) + b"\n",
                         capture_output=True)
    if run.returncode != 0:
        sys.exit(f"muckctl replay: exit {run.returncode}\n{run.stderr.decode(errors='replace')[-4000:]}")
    return [json.loads(line) for line in run.stdout.splitlines()]


def check(condition, words):
    if not condition:
        sys.exit(f"FAILED: {words}")
