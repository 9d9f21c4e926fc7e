"""An archive's folder, read by what docs/ARCHIVE.md says and by nothing else."""
import ctypes
import hashlib
import pathlib
import sqlite3

ZSTD = ctypes.CDLL("libzstd.so.1")
ZSTD.ZSTD_createDCtx.restype = ctypes.c_void_p
for name in ("ZSTD_decompress_usingDict", "ZSTD_getFrameContentSize"):
    getattr(ZSTD, name).restype = ctypes.c_size_t
CONTEXT = ctypes.c_void_p(ZSTD.ZSTD_createDCtx())


def unpack(frame, dictionary=b""):
    size = ZSTD.ZSTD_getFrameContentSize(frame, ctypes.c_size_t(len(frame)))
    assert size < 1 << 30, "no frame"
    out = ctypes.create_string_buffer(size + 1)
    n = ZSTD.ZSTD_decompress_usingDict(CONTEXT, out, ctypes.c_size_t(size), frame, ctypes.c_size_t(len(frame)), dictionary,
                                       ctypes.c_size_t(len(dictionary)))
    assert n == size, "not a frame of this dictionary"
    return out.raw[:size]


def reads_as(frame, other, dictionary=b""):
    """Whether both are frames of the same."""
    try:
        return unpack(frame, dictionary) == unpack(other, dictionary)
    except (AssertionError, MemoryError, ValueError, OverflowError):
        return False


def numbers(data):
    """LEB128, one after the other."""
    value = shift = 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            yield value
            value = shift = 0


def unfolded(n):
    return n >> 1 ^ -(n & 1)


class Archive:
    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.city = self.open("city.db")
        self.days = sorted(p.name for p in self.path.glob("track-*.db"))

    def open(self, name):
        db = sqlite3.connect(f"file:{self.path / name}?mode=ro", uri=True, timeout=60)
        db.text_factory = bytes
        return db

    def tracks(self):
        """All lines, as {vehicle: [(life, ms, seq, batch, late, line)]}, in their order."""
        found = {}
        for name in self.days:
            db = self.open(name)
            db.execute("BEGIN")
            dictionary = db.execute("SELECT bytes FROM dictionary WHERE id = 1").fetchone()[0]
            closed = set()
            for part, vehicle, life, count, size, digest, lines, places in db.execute(
                    "SELECT part, vehicle, life, count, bytes, hash, lines, places FROM chunks"):
                closed.add((part, vehicle))
                text = unpack(lines, dictionary)
                assert len(text) == size and hashlib.blake2b(text, digest_size=32).digest() == digest, "a damaged chunk"
                rows, values = text.split(b"\n")[:-1], list(numbers(unpack(places)))
                assert len(rows) == count and len(values) == 4 * count
                batch = ms = 0
                for i, line in enumerate(rows):
                    batch += unfolded(values[4 * i])
                    ms += unfolded(values[4 * i + 1])
                    found.setdefault(vehicle.decode(), []).append((life, ms, values[4 * i + 2], batch, values[4 * i + 3], line))
            for part, body in db.execute("SELECT part, body FROM tail ORDER BY n"):
                for row in unpack(body, dictionary).split(b"\n")[:-1]:
                    vehicle, life, batch, ms, seq, late, _, line = row.split(b" ", 7)
                    if (part, vehicle) not in closed:
                        found.setdefault(vehicle.decode(), []).append(
                            (int(life), int(ms), int(seq), int(batch), int(late), line))
            db.close()
        for lines in found.values():
            lines.sort()
        return found

    def marks(self, stream):
        """Lines of a stream of marks in their order: (life, ms, seq, batch, line)."""
        return sorted(row for name in self.days for row in self.open(name).execute(
            "SELECT life, ms, seq, batch, line FROM marks WHERE stream = ?", (stream,)))

    def entries(self, stream):
        """(life, ms, seq, fields as JSON text) in their order."""
        return list(self.city.execute("SELECT life, ms, seq, fields FROM entries WHERE stream = ? ORDER BY 1, 2, 3", (stream,)))

    def state(self, name):
        return self.city.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()[0]

    def bytes(self):
        """Of all files but what SQLite keeps beside them."""
        return sum((self.path / name).stat().st_size for name in ["city.db", *self.days])
