"""A stretch of what lies behind while it is read: entries that are written meanwhile are in it; and while the archive is killed, nobody is told that there is nothing."""
import os
import threading
import time

from gate import BINARIES, CITY, Client, Gate, expect, run, wait_until
from harness import contract
from harness.servers import Stage
from seam import BEGIN_MS, END_MS, begin_archive, id_of, put, ready, wait_archived, words_of

HEAVY = "rate: {read_per_s: 1000, heavy_per_s: 1000}\n"
ROUNDS, AT_ONCE, BEHIND = 8, 5, 300


def said(n):
    return {"event": "opened", "id": id_of("v", n), "rev": 1, "kind": "spill", "severity": "major", "vehicle": "truck-1", "start": BEGIN_MS + 1000 + n, "at": BEGIN_MS + 1000 + n}


def haul(n):
    return {"trip": id_of("t", n), "vehicle": "truck-1", "departed": BEGIN_MS + 1000 + n, "arrived": BEGIN_MS + 2000 + n, "distance_m": 1000}


class Writer(threading.Thread):
    """Some 250 a second, from alert and haul `first` on; somebody acknowledges each second alert, a second after it was told."""

    def __init__(self, server, first):
        super().__init__(daemon=True)
        self.store, self.next, self.acted, self.done = server.client(), first, 0, threading.Event()

    def run(self):
        while not self.done.is_set():
            commands = []
            for n in range(self.next, self.next + AT_ONCE):
                commands += [("XADD", contract.key("violations"), "*", *words_of(said(n))), ("XADD", contract.key("trips"), "*", *words_of(haul(n)))]
                if n % 2 == 0 and n >= BEHIND:
                    done = {"id": id_of("v", n - BEHIND), "action": "acknowledge", "rev": 1, "state": "acknowledged", "who": "dan", "from": "::1", "request": f"r{n}"}
                    commands.append(("XADD", contract.key("actions"), "*", *words_of(done)))
                    self.acted += 1
            self.store.pipeline(commands)
            self.next += AT_ONCE
            time.sleep(0.02)


def counts(client, span, archived):
    page = client.get(f"/api/v1/violations?limit=1&{span}&archived={archived}").json()
    return page["counts"]["total"], page["counts"]["state"].get("acknowledged", 0)


def count_hauls(client, span, archived):
    total, cursor = 0, ""
    while cursor is not None:
        page = client.get(f"/api/v1/trips?limit=500&{span}&archived={archived}{cursor}").json()
        total += len(page["items"])
        cursor = page["next"] and "&cursor=" + page["next"]
    return total


def check_written_meanwhile(gate, stage, vera):
    written = acted = 0
    for n in range(ROUNDS):
        span = f"from={BEGIN_MS}&to={END_MS + n + 1}"  # another stretch each time: it is read anew
        writer = Writer(stage.redis, written)
        writer.start()
        wait_until(lambda: writer.next >= written + 100, 120, "writing")
        for path in ("violations", "trips"):
            expect(vera.get(f"/api/v1/{path}?limit=1&{span}&archived=true").status == 200, "while it is written")
        writer.done.set()
        writer.join()
        written, acted = writer.next, acted + writer.acted
        wait_until(lambda: counts(vera, span, "false") == (written, acted) and count_hauls(vera, span, "false") == written, 120, "it is followed")
        expect(counts(vera, span, "true") == (written, acted), (n, counts(vera, span, "true"), written, acted))
        expect(count_hauls(vera, span, "true") == written, (n, "hauls"))
    return written


def told_or_says_so(answer, whole):
    """Whoever can put the killed one's last pages in order reads all of it; else it is 503, says why, and when to ask again. Never a part of it."""
    if answer.status == 503:
        expect("archive" in answer.json()["detail"] and int(answer.headers["retry-after"]) > 0, answer)
    else:
        expect(answer.status == 200 and whole(answer), answer)


def check_killed(vera, folder, archive, written):
    """Questions for the archive never have a part of it, all else goes on; and when it is back they are answered."""
    archive.kill()
    ways = (("violations?limit=1&", lambda a: a.json()["counts"]["total"] == written), ("stats?by=kind&", lambda a: a.json()["counts"]["total"] == written),
            ("trips?limit=1&", lambda a: len(a.json()["items"]) == 1 and a.json()["next"]), ("export/violations.csv?", lambda a: a.body.count(b"\r\n") == written + 1),
            ("export/trips.csv?", lambda a: a.body.count(b"\r\n") == written + 1))
    for away in (False, True):
        if away:  # and the whole folder with it
            folder.rename(str(folder) + ".away")
        for n, (path, whole) in enumerate(ways):
            span = f"from={BEGIN_MS}&to={END_MS + 1000 * (1 + away) + n}"
            answer = vera.get(f"/api/v1/{path}{span}&archived=true")
            expect(not away or answer.status == 503, (path, answer))
            told_or_says_so(answer, whole)
            expect(vera.get(f"/api/v1/{path}{span}&archived=false").status == 200, (path, "of memory"))
        answer = vera.get(f"/api/v1/violations/{id_of('v', 999999)}")
        expect(answer.status == 503 and int(answer.headers["retry-after"]) > 0 if away else answer.status in (404, 503), ("one that nobody here knows", answer))
    (folder.parent / (folder.name + ".away")).rename(folder)
    archive.start()
    span = f"from={BEGIN_MS}&to={END_MS + 5000}"
    wait_until(lambda: vera.get(f"/api/v1/violations?limit=1&{span}&archived=true").status == 200, 120, lambda: "it is back\n" + archive.tail())
    expect(counts(vera, span, "true")[0] == written and count_hauls(vera, span, "true") == written, "all of it")
    expect(vera.get(f"/api/v1/violations/{id_of('v', 999999)}").status == 404, "nobody knows")


def test_past_live():
    with Stage("past_live", BINARIES, CITY) as stage:
        stage.start()
        store = stage.redis.client()
        folder, archive = begin_archive(stage)
        try:
            archive.start()
            put(store, [("violations", {**said(0), "id": id_of("w", 0), "start": 1000}), ("trips", {**haul(0), "trip": id_of("w", 1), "departed": 1000}),
                        ("actions", {"id": id_of("w", 0), "action": "close", "rev": 1, "state": "closed", "who": "dan", "from": "::1", "request": "r"})])
            wait_archived(store, archive)
            with Gate("past_live", HEAVY + f"archive: {{dir: {folder}}}\n", store=stage.redis) as gate:
                ready(gate)
                vera = gate.client("vera")
                written = check_written_meanwhile(gate, stage, vera)
                check_killed(vera, folder, archive, written)
        finally:
            archive.end()


os.environ.setdefault("MW_TEST_DIR", "/tmp")
if __name__ == "__main__":
    run([test_past_live])
