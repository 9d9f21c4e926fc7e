"""The keeper's log and register as a stranger reads them: RFC 6962 and C2SP written a second time, with openssl for the signatures."""
import base64
import hashlib
import json
import pathlib
import sqlite3
import subprocess
import tempfile

PEM_HEAD = bytes.fromhex("302a300506032b6570032100")  # an Ed25519 public key, RFC 8410


def leaf(data):
    return hashlib.sha256(b"\0" + data).digest()


def root(hashes):
    if not hashes:
        return hashlib.sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(hashes[:split]) + root(hashes[split:])).digest()


def included(hashed, index, size, proof, wanted):
    """RFC 9162, 2.1.3.2."""
    node, last = index, size - 1
    for other in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            hashed = hashlib.sha256(b"\1" + other + hashed).digest()
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            hashed = hashlib.sha256(b"\1" + hashed + other).digest()
        node, last = node >> 1, last >> 1
    return last == 0 and hashed == wanted


def new_key(path, name):
    """A signing key made by openssl, in the form of Go's checksum database, and its public half."""
    der = subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-outform", "DER"], capture_output=True, check=True).stdout
    public = subprocess.run(["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"], input=der, capture_output=True, check=True).stdout[-32:]
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + public).hexdigest()[:8]
    path.write_text(f"PRIVATE+KEY+{name}+{key_id}+{base64.b64encode(bytes([1]) + der[-32:]).decode()}\n", encoding="utf-8")
    path.chmod(0o400)
    return public


def is_signed(text, signature, public):
    with tempfile.TemporaryDirectory() as folder:
        files = [pathlib.Path(folder, name) for name in ("key", "text", "signature")]
        for file, data in zip(files, (PEM_HEAD + public, text, signature)):
            file.write_bytes(data)
        run = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", files[0], "-rawin", "-in", files[1], "-sigfile", files[2]],
                             capture_output=True, check=False)
    return run.returncode == 0


class Checkpoint:
    def __init__(self, note):
        text, _, signatures = note.partition(b"\n\n")
        self.text = text + b"\n"
        origin, size, top = text.decode().split("\n")
        self.origin, self.size, self.root = origin, int(size), base64.b64decode(top)
        self.signatures = [line.split(" ")[1:] for line in signatures.decode().splitlines()]

    def signed_by(self, public):
        key_id = hashlib.sha256(self.origin.encode() + b"\n\x01" + public).digest()[:4]
        for name, value in self.signatures:
            value = base64.b64decode(value)
            if name == self.origin and value[:4] == key_id:
                return is_signed(self.text, value[4:], public)
        return False


class Log:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.entries = self.read_entries()
        self.hashes = [leaf(e) for e in self.entries]
        self.records = [json.loads(e) for e in self.entries]

    def read_entries(self):
        data, at, found = (self.folder / "log" / "entries").read_bytes(), 0, []
        while at < len(data):
            length = int.from_bytes(data[at:at + 2], "big")
            found.append(data[at + 2:at + 2 + length])
            at += 2 + length + 32
        return found

    def checkpoints(self):
        data, found = (self.folder / "log" / "checkpoints").read_bytes(), []
        while data:
            length, _, data = data.partition(b"\n")
            found.append(Checkpoint(data[:int(length)]))
            data = data[int(length):]
        return found

    def faults(self, public):
        """What is wrong with the log, in words."""
        out, seen = [], {}
        for i, checkpoint in enumerate(self.checkpoints()):
            if checkpoint.size > len(self.hashes) or root(self.hashes[:checkpoint.size]) != checkpoint.root:
                out.append(f"checkpoint {i} of {checkpoint.size} is not of these entries")
            if not checkpoint.signed_by(public):
                out.append(f"checkpoint {i} is not signed")
            if seen.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
                out.append(f"two trees of {checkpoint.size} entries are signed")
        newest = Checkpoint((self.folder / "log" / "checkpoint").read_bytes())
        if self.tile_hashes(newest.size) != self.hashes[:newest.size]:
            out.append("the tiles are not of these entries")
        return out

    def tile_hashes(self, size):
        found = []
        for n in range(0, size, 256):
            name = f"{n // 256:03}" + (f".p/{size - n}" if size - n < 256 else "")
            data = (self.folder / "log" / "tile" / "0" / name).read_bytes()
            found += [data[i:i + 32] for i in range(0, len(data), 32)]
        return found

    def cases(self):
        return [r for r in self.records if r["record"] == "muckwatch/case/1"]


def register(folder, question, *values):
    db = sqlite3.connect(f"file:{folder}/cases.sqlite?mode=ro", uri=True)
    try:
        return db.execute(question, values).fetchall()
    finally:
        db.close()
