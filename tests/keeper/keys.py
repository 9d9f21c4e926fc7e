"""muckctl evidence key: keys are never written over, a hand-over is signed by both, and no key is wiped that is still needed.

    python3 keys.py BINARIES
"""
import base64
import pathlib
import subprocess
import sys
import tempfile

from log_reading import Checkpoint, is_signed, new_key

BINARIES = pathlib.Path(sys.argv[1]).resolve()
ORIGIN = "city.example/evidence"


def run(folder, *words):
    return subprocess.run([BINARIES / "muckctl", "evidence", "key", *words, "--config", folder / "evidence.yaml"], capture_output=True, text=True, timeout=120, check=False)


def expect(condition, words):
    if not condition:
        sys.exit(f"failed: {words}")


def public_of(text):
    vkey = text.split("\n")[0]
    return vkey, base64.b64decode(vkey.split("+", 2)[2])[1:]


def check(folder):
    (folder / "evidence.yaml").write_text(f"archive: {{dir: a}}\nevidence_dir: e\nkey_file: key\norigin: {ORIGIN}\n", encoding="utf-8")
    (folder / "e").mkdir()
    key = folder / "key"
    made = run(folder, "init")
    expect(made.returncode == 0, made)
    old_vkey, old = public_of(made.stdout)
    expect(key.stat().st_mode & 0o777 == 0o400, "0400")
    expect("BEGIN PUBLIC KEY" in made.stdout and "PRIVATE" not in made.stdout + made.stderr, made)
    held = key.read_bytes()
    expect(run(folder, "init").returncode == 73 and key.read_bytes() == held, "an existing key stays")

    # A kill before the rename leaves the next key: the same command goes on with it.
    new_key(folder / "key.next", ORIGIN)
    next_key = (folder / "key.next").read_bytes()
    turned = run(folder, "rotate")
    expect(turned.returncode == 0, turned)
    new_vkey, new = public_of(turned.stdout)
    kept = [p for p in folder.glob("key.*")]
    expect(key.read_bytes() == next_key and len(kept) == 1 and kept[0].read_bytes() == held, kept)
    text, _, signatures = (folder / "e" / "keys" / "rotation").read_bytes().partition(b"\n\n")
    expect(text.decode().split("\n") == ["muckwatch/rotation/1", old_vkey, new_vkey], text)
    signed = [base64.b64decode(line.split()[2])[4:] for line in signatures.decode().splitlines()]
    expect(is_signed(text + b"\n", signed[0], old) and is_signed(text + b"\n", signed[1], new), "signed by both")

    old_id = kept[0].suffix[1:]
    expect(run(folder, "retire", old_id).returncode == 75 and kept[0].exists(), "the old key is needed until the new one has signed")
    expect(run(folder, "retire", "zz").returncode == 64, "an id")
    expect(run(folder, "nothing").returncode == 64, "a word")
    expect(Checkpoint and not list(folder.glob("**/.new-*")), "nothing is left")
    key.chmod(0o600)
    key.write_text("PRIVATE+KEY+nothing\n", encoding="utf-8")
    expect(run(folder, "rotate").returncode == 65, "no key")


with tempfile.TemporaryDirectory() as home:
    check(pathlib.Path(home))
print("keys are made, handed over and kept")
