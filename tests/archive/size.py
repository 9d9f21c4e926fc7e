"""How large, how quick and how much memory at the size of a city: fixes of the sample day for so many vehicles go into a store as
fast as the archive takes them, each arriving at its own time.

    python3 size.py BINARIES [--vehicles 1000] [--hours 6] [--every 10]

It is run by hand, with an optimised build. Vehicles drive tracks of the sample day, each from another moment on; what is archived
is let go of in the store, as the tracker does.
"""
import argparse
import json
import pathlib
import re
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "integration"), str(ROOT / "tests" / "archive")]

import staging  # noqa: E402
from harness.place import Place, free_port  # noqa: E402
from harness.process import Process, wait_until  # noqa: E402
from harness.servers import RedisServer  # noqa: E402
from reading import Archive  # noqa: E402

PREFIX = "muck:{0}:"
TRIM_STEPS = 30


def parts_of_tracks():
    """Tracks of the sample day's vehicles with more than a few fixes, each fix cut where its time and number stand."""
    tracks = {}
    for vehicle, fix in staging.day_lines():
        tracks.setdefault(vehicle, []).append(fix)
    cut = re.compile(rb'^(.*?"time":")[^"]*(".*?)(?:("seq":)[0-9]+(.*))?$', re.DOTALL)
    found = []
    for fixes in tracks.values():
        cuts = [m.groups(b"") for m in map(cut.match, fixes) if m]
        if len(cuts) >= 200:
            found.append(cuts)
    return found


class Run:
    def __init__(self, options):
        self.options, self.place = options, Place("size")
        self.redis = RedisServer(self.place, appendfsync="no", extra=("--appendonly", "no")).start()
        self.folder = self.place.path / "archive"
        config = self.place.file("archive.yaml", f"redis: {{host: 127.0.0.1, port: {self.redis.port}}}\ncity: {{fences: [none]}}\n"
                                                 f"archive: {{dir: {self.folder}, http_port: {free_port()}}}\n")
        self.program = Process("archive", self.place, [pathlib.Path(options.binaries).resolve() / "muckwatch-archive", "--config", config])
        self.client = self.redis.client()
        self.fixes = self.steps = self.cpu_before = 0
        self.peak_kib = 0

    def cpu_s(self):
        fields = pathlib.Path(f"/proc/{self.program.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def look(self):
        for line in pathlib.Path(f"/proc/{self.program.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                self.peak_kib = max(self.peak_kib, int(line.split()[1]))

    def archived(self):
        return int(self.client.call("HGET", PREFIX + "archive", "batch") or -1)

    def wait(self, batch):
        wait_until(lambda: self.archived() >= batch or not self.program.alive(), 3600, lambda: "it follows\n" + self.program.tail(), every_s=0.05)
        assert self.program.alive(), self.program.tail()
        self.look()

    def written(self):
        return next(int(line.split()[1]) for line in pathlib.Path(f"/proc/{self.program.pid}/io").read_text().splitlines() if line.startswith("write_bytes"))

    def step(self, tracks, arrived_ms):
        self.steps += 1
        sends, told = [], time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(arrived_ms // 1000)).encode()
        for v in range(self.options.vehicles):
            track = tracks[v % len(tracks)]
            head, rest, seq, end = track[(v * 37 + self.steps) % len(track)]
            fix = head + told + rest + (seq + b"%d" % self.steps + end if seq else b"")
            name = b"muck:{0}:track:truck-%05d" % v
            sends.append(b"*9\r\n$4\r\nXADD\r\n$%d\r\n%s\r\n$1\r\n*\r\n$3\r\nfix\r\n$%d\r\n%s\r\n$8\r\nreceived\r\n$13\r\n%d\r\n$5\r\nbatch\r\n$%d\r\n%d\r\n"
                         % (len(name), name, len(fix), fix, arrived_ms, len(str(self.steps)), self.steps))
        sends.append(b"*4\r\n$4\r\nHSET\r\n$14\r\nmuck:{0}:owner\r\n$5\r\nbatch\r\n$%d\r\n%d\r\n" % (len(str(self.steps)), self.steps))
        self.client.socket.sendall(b"".join(sends))
        for _ in sends:
            self.client._reply()
        self.fixes += self.options.vehicles

    def trim(self):
        self.client.pipeline([("XTRIM", f"{PREFIX}track:truck-{v:05d}", "MAXLEN", 0) for v in range(self.options.vehicles)])

    def closed(self):
        return all(Archive(self.folder).open(name).execute("SELECT count(*) FROM tail").fetchone()[0] == 0 for name in Archive(self.folder).days)

    def run(self):
        o, tracks = self.options, parts_of_tracks()
        self.client.pipeline([("HSET", PREFIX + "state", f"truck-{v:05d}", "x") for v in range(o.vehicles)])
        steps = int(o.hours * 3600 / o.every)
        begun_ms = (int(time.time()) - steps * o.every) * 1000
        self.program.start()
        begun, fed = time.monotonic(), 0.0
        for n in range(steps):
            at = time.monotonic()
            self.step(tracks, begun_ms + n * o.every * 1000)
            fed += time.monotonic() - at
            if self.steps % TRIM_STEPS == 0:
                self.wait(self.steps)
                self.trim()
                if self.steps % (TRIM_STEPS * 12) == 0:
                    print(f"{self.fixes} fixes, {time.monotonic() - begun:.0f} s, {self.cpu_s():.1f} s of CPU, {self.peak_kib // 1024} MiB", file=sys.stderr, flush=True)
        self.wait(self.steps)
        elapsed, spent = time.monotonic() - begun, self.cpu_s()
        written = self.written()
        self.tell("while it was fed", spent)
        self.program.kill()
        self.program.start()
        wait_until(self.closed, 600, lambda: "all is closed\n" + self.program.tail())
        spent += self.cpu_s()
        self.program.stop()
        self.tell("all closed", spent)
        print(f"{self.fixes} fixes of {o.vehicles} vehicles in {elapsed:.0f} s ({fed:.0f} s of it feeding), {self.fixes / (elapsed - fed):.0f} a second beside feeding; {written / self.fixes:.0f} bytes a fix written; "
              f"peak {self.peak_kib // 1024} MiB; at {self.folder}")
        self.redis.end()

    def tell(self, words, spent):
        kept = Archive(self.folder)
        count = size = chunks = 0
        for name in kept.days:
            row = kept.open(name).execute("SELECT ifnull(sum(count), 0), ifnull(sum(length(lines) + length(places)), 0), count(*) FROM chunks").fetchone()
            count, size, chunks = count + row[0], size + row[1], chunks + row[2]
        files, logs = (sum(path.stat().st_size for path in self.folder.glob(which)) for which in ("*.db", "*-wal"))
        free = sum(kept.open(name).execute("PRAGMA freelist_count").fetchone()[0] * kept.open(name).execute("PRAGMA page_size").fetchone()[0] for name in kept.days)
        print(f"{words}: {count} fixes in {chunks} chunks ({count / max(chunks, 1):.0f} each), {size / max(count, 1):.1f} bytes a fix in chunks; "
              f"files {files / self.fixes:.1f} a fix, of it free pages {free / self.fixes:.1f}, and {logs >> 20} MiB of logs of writes; {spent / self.fixes * 1e6:.1f} us of CPU a fix", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries")
    parser.add_argument("--vehicles", type=int, default=1000)
    parser.add_argument("--hours", type=float, default=6)
    parser.add_argument("--every", type=int, default=10)
    run = Run(parser.parse_args())
    try:
        run.run()
    finally:
        run.program.end()
        run.redis.end()


if __name__ == "__main__":
    main()
