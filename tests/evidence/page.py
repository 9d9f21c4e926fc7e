"""verify.html opened from disk in Chromium: it accepts a package, refuses what was done to it with the file, and asks nobody.

Usage: page.py BIN PACK
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import made_cases as made  # noqa: E402

BIN, PACK = (pathlib.Path(a).resolve() for a in sys.argv[1:3])
HERE = pathlib.Path(__file__).resolve().parent


def repack(source, target, change):
    with zipfile.ZipFile(source) as z:
        entries = change([[i.filename, z.read(i)] for i in z.infolist()])
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in entries:
            z.writestr(name, data)
    return target


def edited(path, edit):
    return lambda entries: [[n, edit(d) if n.endswith("/" + path) else d] for n, d in entries]


def main():
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert browser, "no Chromium (scripts/deps test)"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        cases = made.tellings(BIN / "muckctl")
        id_ = next(i for i, r in cases.items() if r[0]["kind"] == "off_route")
        case = made.write_case(folder / id_, id_, BIN / "muckctl", PACK)
        package, key, later, seed = folder / "case.zip", folder / "pub.pem", folder / "later", bytes(range(32)).hex()
        subprocess.run([PACK, "case", case, package, f"later={later}"], check=True, stderr=subprocess.DEVNULL)
        with zipfile.ZipFile(package) as z:
            key.write_bytes(z.read(f"{id_}/proof/pub.pem"))

        def made_as(name_, *options):
            subprocess.run([PACK, "case", case, folder / name_, "papers=0", *options], check=True)
            return folder / name_
        flip = edited("data/raw.jsonl", lambda d: d.replace(b'speed', b'spEed', 1))
        rows = [("whole", package, None, ""), ("with a later checkpoint", package, later, ""), ("packed by others", repack(package, folder / "a.zip", list), None, ""),
                ("rotated", made_as("b.zip", "seed=" + "ff" * 32, "first=" + seed), None, ""),
                ("a byte of a fix", repack(package, folder / "c.zip", flip), None, "data/raw.jsonl"),
                ("a file removed", repack(package, folder / "d.zip", lambda e: [x for x in e if not x[0].endswith("marks.jsonl")]), None, "data/marks.jsonl"),
                ("a file added", repack(package, folder / "e.zip", lambda e: e + [[f"{id_}/more.txt", b""]]), None, "more.txt"),
                ("another's key", made_as("f.zip", "seed=" + "ff" * 32), None, "proof/pub.pem"),
                ("another's signature", made_as("g.zip", "signer=" + "ff" * 32), None, "tagmanifest.sig"),
                ("a proof of another", repack(package, folder / "h.zip", edited("proof/case.tlog-proof", lambda d: d.replace(b"index 5", b"index 6"))), None, "case.tlog-proof"),
                ("no archive", key, None, "ZIP")]
        told = {"browser": browser, "shot": os.environ.get("MW_SHOT", ""),
                "packages": [{"name": n, "files": {"package": str(p), "key": str(key), **({"checkpoint": str(c)} if c else {})}} for n, p, c, _ in rows]}
        run = subprocess.run(["node", HERE / "page_run.mjs", json.dumps(told)], capture_output=True, text=True)
        assert run.returncode == 0, run.stdout + run.stderr
        *answers, last = map(json.loads, run.stdout.splitlines())
        wrong = []
        for (what, _, _, file), answer in zip(rows, answers, strict=True):
            failed = [r for r in answer["rows"] if r[0] == "failed"]
            ok = any(file in r[2] for r in failed) if file else not failed and "通过 OK" in answer["whole"]
            print(("ok      " if ok else "FAILED  ") + what)
            wrong += [] if ok else [(what, answer)]
        unchecked = {r[1] for r in answers[0]["rows"] if r[0] == "not checked"}
        if unchecked != {"world", "replay"} or last["asked"]:
            wrong.append((unchecked, last))
        for what in wrong:
            print(what)
        sys.exit(1 if wrong else 0)


main()
