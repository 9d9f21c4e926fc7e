"""Packages of the sample day: accepted as they are, by muckctl and by verify.sh with the tools it names alone; refused, with the file, whatever is done to them.

Usage: packages.py BIN PACK FLIPS [all]
"""
import hashlib
import io
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import made_cases as made  # noqa: E402

BIN, PACK, FLIPS = (pathlib.Path(a).resolve() for a in sys.argv[1:4])
ALL = sys.argv[4:] == ["all"]
CTL = BIN / "muckctl"
SCRIPT = made.ROOT / "tracker/evidence/bag/verify.sh"
TOOLS = "cat sha256sum b2sum base64 basenc basename dirname head tail wc tr sort uniq mktemp rm ls cut sed unzip openssl".split()
OTHER_SEED, THIRD_SEED = "ff" * 32, "ee" * 32
SEED = bytes(range(32)).hex()  # pack's
failures = []


def expect(what, ok, said=""):
    print(("ok      " if ok else "FAILED  ") + what, flush=True)
    if not ok:
        failures.append(what)
        print(said)


class Verifiers:
    def __init__(self, folder):
        self.path = folder / "path"
        self.path.mkdir()
        for tool in TOOLS:
            (self.path / tool).symlink_to(shutil.which(tool))

    def muckctl(self, package, *more):
        run = subprocess.run([CTL, "evidence", "verify", package, *more], capture_output=True, text=True)
        return run.returncode, run.stdout + run.stderr

    def script(self, package, *more):
        run = subprocess.run([shutil.which("dash") or "/bin/sh", SCRIPT, *more, package], capture_output=True, text=True,
                             env={"PATH": str(self.path)})
        return run.returncode, run.stdout + run.stderr


def repack(source, target, change):
    """The entries as a list of [name, bytes] through `change`, packed by somebody else's writer."""
    with zipfile.ZipFile(source) as z:
        entries = [[i.filename, z.read(i)] for i in z.infolist()]
    entries = change(entries) or entries
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in entries:
            z.writestr(name, data)
    return target


def removed(path):
    return lambda entries: [e for e in entries if not e[0].endswith("/" + path)]


def added(path, data=b"more\n"):
    return lambda entries: entries + [[entries[0][0].split("/")[0] + "/" + path, data]]


def renamed(path, new):
    return lambda entries: [[n[:-len(path)] + new if n.endswith("/" + path) else n, d] for n, d in entries]


def changed(path, old, new):
    def change(entries):
        for e in entries:
            if e[0].endswith("/" + path):
                assert old in e[1], path
                e[1] = e[1].replace(old, new)
    return change


def refused(v, what, package, file, *more):
    for name, judge in (("muckctl", lambda *a: v.muckctl(*a, "--no-replay")), ("verify.sh", v.script)):
        code, said = judge(package, *more)
        ok = code == 65 and any(line.startswith("failed") and file in line for line in said.splitlines())
        expect(f"{what}: {name} fails and names {file}", ok, f"exit {code}\n{said}")


def hostile(folder, v):
    """Archives that two readers could read in two ways."""
    def write(name, entries, **attributes):
        target = folder / f"hostile-{name}.zip"
        with zipfile.ZipFile(target, "w") as z:
            for path, data in entries:
                info = zipfile.ZipInfo(path)
                for key, value in attributes.items():
                    setattr(info, key, value)
                z.writestr(info, data)
        return target
    import warnings
    warnings.simplefilter("ignore")
    rows = {"up": [("a/../../b", b"")], "absolute": [("/etc/x", b"")], "backslash": [("a/b\\c", b"")], "twice": [("a/b", b"1"), ("a/b", b"2")],
            "case": [("a/b", b"1"), ("a/B", b"2")], "within": [("a/b", b"1"), ("a/b/c", b"2")], "control": [("a/\x1b[2J", b"")],
            "two tops": [("a/b", b""), ("c/d", b"")]}
    for name, entries in rows.items():
        code, said = v.muckctl(write(name, entries))
        expect(f"an archive with names '{name}' is refused", code == 65 and "failed      structure" in said, said)
        if name not in ("control", "backslash"):  # unzip itself takes these apart otherwise
            code, said = v.script(write(name, entries))
            expect(f"an archive with names '{name}' is refused by verify.sh", code == 65 and "failed      structure" in said, said)
    code, said = v.muckctl(write("link", [("a/b", b"/etc/passwd")], external_attr=0o120777 << 16))
    expect("a link is refused", code == 65 and "neither a file nor a folder" in said, said)
    bomb = folder / "hostile-bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as z:
        for i in range(9):
            z.writestr(f"a/{i}", bytes(128 << 20))
    code, said = v.muckctl(bomb)
    expect("more than 1 GiB is refused before it is inflated", code == 65 and "more than 1 GiB" in said, said)
    many = folder / "hostile-many.zip"
    with zipfile.ZipFile(many, "w") as z:
        for i in range(10001):
            z.writestr(f"a/{i}", b"")
    code, said = v.muckctl(many)
    expect("more than 10,000 entries are refused", code == 65 and "10,000" in said, said)
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as z:
        z.writestr("a/b", b"1")
    for name, data in (("before", b"junk" + whole.getvalue()), ("behind", whole.getvalue() + b"junk"), ("short", whole.getvalue()[:-1]), ("empty", b"")):
        target = folder / f"hostile-{name}.zip"
        target.write_bytes(data)
        code, said = v.muckctl(target)
        expect(f"an archive with bytes '{name}' is refused", code == 65 and "failed      structure" in said, said)


def altered(folder, v, package, other, key):
    new = folder / "altered.zip"
    refused(v, "a file removed", repack(package, new, removed("data/marks.jsonl")), "data/marks.jsonl", "--key", key)
    refused(v, "a file that need not be there removed", repack(package, new, removed("data/earlier.json")), "data/earlier.json", "--key", key)
    refused(v, "the record removed", repack(package, new, removed("proof/record.json")), "proof/record.json", "--key", key)
    refused(v, "the signature removed", repack(package, new, removed("tagmanifest.sig")), "tagmanifest.sig", "--key", key)
    refused(v, "a file added to data/", repack(package, new, added("data/more.txt")), "data/more.txt", "--key", key)
    refused(v, "a file added", repack(package, new, added("more.txt")), "more.txt", "--key", key)
    refused(v, "a file renamed", repack(package, new, renamed("data/earlier.json", "data/later.json")), "data/earlier.json", "--key", key)
    with zipfile.ZipFile(other) as z:
        their = {i.filename.split("/", 1)[1]: z.read(i) for i in z.infolist()}
    for path in ("data/raw.jsonl", "proof/case.tlog-proof", "tagmanifest.sig", "proof/record.json"):
        def swap(entries, path=path):
            for e in entries:
                if e[0].endswith("/" + path):
                    e[1] = their[path]
        refused(v, f"{path} of another case", repack(package, new, swap), path, "--key", key)


def signed_anew(folder, v, case, key):
    new = folder / "anew.zip"
    subprocess.run([PACK, "case", case, new, f"seed={OTHER_SEED}", "papers=0"], check=True)
    refused(v, "signed and logged anew by another key", new, "proof/pub.pem", "--key", key)
    subprocess.run([PACK, "case", case, new, f"signer={OTHER_SEED}", "papers=0"], check=True)
    refused(v, "signed by another key than the one in it", new, "tagmanifest.sig", "--key", key)
    without = folder / "without"
    shutil.copytree(case, without)
    actions = without / "data/actions.jsonl"
    actions.write_text("".join(x for x in actions.read_text().splitlines(True) if '"review"' not in x))
    subprocess.run([PACK, "case", without, new, f"seed={OTHER_SEED}", "papers=0"], check=True)
    refused(v, "a review taken out, all made anew by another key", new, "proof/pub.pem", "--key", key)
    code, said = v.muckctl(new)
    expect("without a review it is a draft", code == 66 and "DRAFT 未审核" in said, said)


def openssl(folder, *words):
    subprocess.run(["openssl", *map(str, words)], check=True, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def signed_beside(folder, v, case, key):
    """A time stamp and an SM2 signature, made by OpenSSL's own commands, and both of something else."""
    package, new = folder / "plain.zip", folder / "beside.zip"
    openssl(folder, "genpkey", "-algorithm", "SM2", "-out", "sm2.key")
    openssl(folder, "pkey", "-in", "sm2.key", "-pubout", "-out", "sm2.pem")
    with_key = folder / "with_key"
    shutil.copytree(case, with_key)
    (with_key / "proof").mkdir()
    shutil.copy(folder / "sm2.pem", with_key / "proof/sm2.pem")
    subprocess.run([PACK, "case", with_key, package, "papers=0"], check=True)
    with zipfile.ZipFile(package) as z:
        (folder / "tags").write_bytes(z.read(next(n for n in z.namelist() if n.endswith("/tagmanifest-sha256.txt"))))
    (folder / "other").write_text("something else")
    (folder / "tsa.cnf").write_text("[req]\ndistinguished_name=dn\n[dn]\n[tsa]\nextendedKeyUsage=critical,timeStamping\n[t]\ndefault_tsa=t1\n[t1]\nserial=serial\n"
                                    "default_policy=1.2.3.4\ndigests=sha256\nsigner_digest=sha256\n")
    openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.pem", "-subj", "/CN=tsa", "-days", "9", "-config", "tsa.cnf", "-extensions", "tsa")
    for what in ("tags", "other"):
        openssl(folder, "pkeyutl", "-sign", "-inkey", "sm2.key", "-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678", "-in", what, "-out", f"{what}.sm2")
        openssl(folder, "ts", "-query", "-data", what, "-sha256", "-cert", "-out", "query")
        openssl(folder, "ts", "-reply", "-config", "tsa.cnf", "-section", "t1", "-queryfile", "query", "-inkey", "tsa.key", "-signer", "tsa.pem", "-out", f"{what}.tsr")

    def beside(what):
        return lambda entries: entries + [[entries[0][0].split("/")[0] + "/" + name, (folder / f"{what}{end}").read_bytes()]
                                          for name, end in (("tagmanifest.sm2.sig", ".sm2"), ("tagmanifest.tsr", ".tsr"))]
    repack(package, new, beside("tags"))
    for name, judge in (("muckctl", lambda *a: v.muckctl(*a, "--no-replay")), ("verify.sh", v.script)):
        code, said = judge(new, "--key", key, "--tsa-ca", folder / "tsa.pem")
        expect(f"{name}: a time stamp and SM2 are checked", "ok          time stamp" in said and "ok          sm2" in said and "failed" not in said, said)
        code, said = judge(new, "--key", key)
        expect(f"{name}: without the TSA's certificate its stamp is not checked", code == 66 and "not checked time stamp" in said, said)
    repack(package, new, beside("other"))
    refused(v, "a time stamp of something else", new, "tagmanifest.tsr", "--key", key, "--tsa-ca", folder / "tsa.pem")
    refused(v, "an SM2 signature of something else", new, "tagmanifest.sm2.sig", "--key", key, "--tsa-ca", folder / "tsa.pem")


def rotated(folder, v, case, key):
    """A key that handed over to the one that signed leads to it; one that did not does not."""
    package = folder / "rotated.zip"
    subprocess.run([PACK, "case", case, package, "papers=0", f"seed={OTHER_SEED}", f"first={SEED}"], check=True)
    for name, judge in (("muckctl", lambda *a: v.muckctl(*a, "--no-replay")), ("verify.sh", v.script)):
        code, said = judge(package, "--key", key)
        expect(f"{name}: a key that was rotated leads to the one that signed", "ok          key: the key given handed over" in said, said)
    subprocess.run([PACK, "case", case, package, "papers=0", f"seed={OTHER_SEED}", f"first={THIRD_SEED}"], check=True)
    refused(v, "a rotation from another key", package, "proof/pub.pem", "--key", key)

    def forge(entries):
        with zipfile.ZipFile(folder / "log.zip") as z:
            own = next(z.read(i) for i in z.infolist() if i.filename.endswith("proof/keys.txt"))
        for e in entries:
            if e[0].endswith("proof/keys.txt"):
                first, rest = e[1].split(b"\n", 1)
                e[1] = own.split(b"\n", 1)[0] + b"\n" + rest.replace(first, own.split(b"\n", 1)[0])
    refused(v, "a rotation that the old key did not sign", repack(package, folder / "forged.zip", forge), "proof/pub.pem", "--key", key)


def log_of_another(folder, v, case, key):
    """A later checkpoint, one of before, and a fork."""
    package, later, forked = folder / "log.zip", folder / "later", folder / "forked"
    subprocess.run([PACK, "case", case, package, "papers=0", "size=13", f"later={later}"], check=True)
    for name, judge in (("muckctl", v.muckctl), ("verify.sh", v.script)):
        code, said = judge(package, "--key", key, "--checkpoint", later)
        expect(f"{name}: a later checkpoint still has it", code == 0 and "still had it at 26" in said, said)
    note = later.read_text().split("\n\n", 1)[1]
    (folder / "note").write_text(note)
    for name, judge in (("muckctl", v.muckctl), ("verify.sh", v.script)):
        code, said = judge(package, "--key", key, "--checkpoint", folder / "note")
        expect(f"{name}: a later checkpoint alone is not checked", code == 66 and "give a tlog-proof" in said, said)
    subprocess.run([PACK, "case", case, folder / "x.zip", "papers=0", "size=13", "at=1778400009000", f"later={forked}"], check=True)
    refused(v, "another log's proof", package, "--checkpoint", "--key", key, "--checkpoint", forked)
    own = zipfile.ZipFile(folder / "x.zip")
    name = next(n for n in own.namelist() if n.endswith("case.tlog-proof"))
    (folder / "note").write_text(own.read(name).decode().split("\n\n", 1)[1])
    refused(v, "a fork of the log at one size", package, "forked", "--key", key, "--checkpoint", folder / "note")


def words_of(package, folder, mode="-layout"):
    """The report's text, page by page."""
    with zipfile.ZipFile(package) as z:
        name = next(n for n in z.namelist() if n.endswith("data/report.pdf"))
        (folder / "report.pdf").write_bytes(z.read(name))
        lines = z.read(name.replace("data/report.pdf", "manifest-sha256.txt")).splitlines(True)
    text = subprocess.run(["pdftotext", mode, folder / "report.pdf", "-"], capture_output=True, text=True, check=True).stdout
    digest = hashlib.sha256(b"".join(x for x in lines if not x.endswith(b"  data/report.pdf\n"))).hexdigest()
    return text.split("\f")[:-1], digest


def reported(folder, package, case):
    pages, digest = words_of(package, folder)
    rows = len((case / "data/raw.jsonl").read_text().splitlines())
    expect("each page of the report has the case, the data's hash and its number",
           all(case.name in p and digest in p and f"page {i + 1} of {len(pages)}" in p for i, p in enumerate(pages)))
    expect("the first page says what, when, where and how sure", all(w in pages[0] for w in ("偏离核准路线", "3870.4", "2026-05-08 21:38:26", "off the approved route",
                                                                                           "30.4864380", "已审核", "median")), pages[0])
    seen = sum(1 for p in pages for line in p.splitlines() if "2026-05-0" in line and len(line.split()) > 10 and line.split()[0].isdigit())
    expect("every fix is in the table", seen == rows, f"{seen} of {rows}")
    expect("nothing of a reviewed case says DRAFT", not any("DRAFT" in p for p in pages))
    unreviewed = folder / "unreviewed"
    shutil.copytree(case, unreviewed)
    actions = unreviewed / "data/actions.jsonl"
    actions.write_text("".join(x for x in actions.read_text().splitlines(True) if '"review"' not in x))
    subprocess.run([PACK, "case", unreviewed, folder / "draft.zip"], check=True, stderr=subprocess.DEVNULL)
    pages, _ = words_of(folder / "draft.zip", folder, "-raw")  # what stands aslant comes letter by letter
    expect("an unreviewed case has DRAFT across every page", all(set("DRAFT未审核") <= {x.strip() for x in p.splitlines()} for p in pages), pages[-1])
    (folder / "fonts.conf").write_text('<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>')
    run = subprocess.run([PACK, "case", case, folder / "x.zip"], capture_output=True, text=True, env={**os.environ, "FONTCONFIG_FILE": str(folder / "fonts.conf")})
    expect("without its fonts there is no report", run.returncode == 1 and "Noto Sans CJK SC" in run.stderr, run.stderr)
    one = folder / "one"
    shutil.copytree(case, one)
    raw = one / "data/raw.jsonl"
    raw.write_text(raw.read_text().splitlines(True)[0])
    subprocess.run([PACK, "case", one, folder / "one.zip"], check=True, stderr=subprocess.DEVNULL)
    expect("a case of one fix has a report", len(words_of(folder / "one.zip", folder)[0]) == 6)
    size = (folder / "report.pdf").stat().st_size
    expect("which is under 200 kB", size < 200_000, size)  # 1.9 MB with all that the installed fonts' glyphs share


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        v = Verifiers(folder)
        cases = made.tellings(CTL)
        kinds = {}
        for id_, revisions in cases.items():
            kinds.setdefault(revisions[0]["kind"], id_)
        wanted = list(cases) if ALL else [kinds[k] for k in ("off_route", "tamper", "offline")]
        packages = []
        for id_ in wanted:
            case = made.write_case(folder / id_, id_, CTL, PACK)
            package = folder / f"{id_}.zip"
            subprocess.run([PACK, "case", case, package], check=True, stderr=subprocess.DEVNULL)
            packages.append((case, package))
            if len(packages) == 1:
                with zipfile.ZipFile(package) as z:
                    (folder / "pub.pem").write_bytes(z.read(f"{id_}/proof/pub.pem"))
            key = folder / "pub.pem"
            code, said = v.muckctl(package, "--key", key)
            expect(f"{cases[id_][0]['kind']} {id_} is accepted, with replay", code == 0 and "ok          replay" in said, said)
        (case, package), (_, other) = packages[:2]
        code, said = v.script(package, "--key", key)
        expect("verify.sh accepts it", code == 0, said)
        code, said = v.muckctl(package)
        expect("without a key it says what to compare", code == 66 and "fingerprint" in said, said)
        again = folder / "again.zip"
        subprocess.run([PACK, "case", case, again], check=True, stderr=subprocess.DEVNULL, env={**os.environ, "TZ": "America/New_York", "LC_ALL": "de_DE.UTF-8"})
        expect("the same bytes in another zone and locale", again.read_bytes() == package.read_bytes())
        repack(package, again, lambda entries: None)
        code, said = v.muckctl(again, "--key", key)
        expect("unpacked and packed by others it still holds", code == 0, said)
        altered(folder, v, package, other, key)
        signed_anew(folder, v, case, key)
        log_of_another(folder, v, case, key)
        rotated(folder, v, case, key)
        signed_beside(folder, v, case, key)
        hostile(folder, v)
        reported(folder, package, case)
        small = folder / "small.zip"
        subprocess.run([PACK, "case", case, small, "papers=0"], check=True)
        run = subprocess.run([FLIPS, small, key, "64" if ALL else "1"], capture_output=True, text=True)
        expect(f"flipped bytes: {run.stdout.strip()}", run.returncode == 0, run.stderr[:3000])
    sys.exit(1 if failures else 0)


main()
