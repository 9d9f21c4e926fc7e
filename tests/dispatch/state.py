"""What a page begins with, of 10,000 vehicles of which all move at once: made in slices, and of one moment all the same. Who asks meanwhile waits in
line, is answered what they may know, and may go away; others are served between the slices."""
import json
import threading

from gate import Gate, RedisServer, expect, run, wait_until
from harness.place import Place
from listening import add, figure, key, violation

VEHICLES = 10000


class Mover:
    """Entries in each of which every vehicle says the same time; none is trimmed before it is read, and none flood the gateway."""

    def __init__(self, server):
        self.redis, self.moved = server.client(), 0

    def move(self):
        self.moved += 1
        rows = [[f"truck-{n}", 30.5, 112.5, 36, 90, self.moved, 1] for n in range(VEHICLES)]
        self.redis.call("XADD", key("live"), "*", "batch", self.moved, "moves", json.dumps(rows, separators=(",", ":")))

    def asked_meanwhile(self, ask):
        """What is answered while all move, three times."""
        got = []
        thread = threading.Thread(target=lambda: got.append(ask()))
        thread.start()
        for _ in range(3):
            self.move()
        thread.join()
        return got[0]


def check_state(answer):
    expect(answer.status == 200, answer)
    state = answer.json()
    rows = state["vehicles"]["items"]
    expect([r[0] for r in rows] == sorted(f"truck-{n}" for n in range(VEHICLES)), f"{len(rows)} vehicles")
    times = {r[5] for r in rows}
    expect(len(times) == 1, f"of several moments: {sorted(times)}")
    expect(state["alerts"]["counts"]["total"] == len(state["alerts"]["items"]) == 20 and state["shift"]["on"] == "dan", state["alerts"]["counts"])
    return times.pop()


def ask_all(gate, token, count):
    out = []
    threads = [threading.Thread(target=lambda: out.append(gate.client(token=token).get("/api/v1/state", judged=False))) for _ in range(count)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        expect(gate.client().get("/healthz").status == 200, "others are served")
    return out


def test_state():
    place = Place("state-store")
    server = RedisServer(place).start()
    redis = server.client()
    for n in range(20):
        add(redis, "violations", violation(n))
    add(redis, "shifts", [str(w) for w in ("event", "take", "rev", 1, "shift", 1, "on", "dan", "since", 1, "who", "dan", "from", "::1", "request", "q")])
    add(redis, "rulesets", ["ruleset", "ab" * 32, "received", "1777593600000", "batch", "1"])
    mover = Mover(server)
    mover.move()
    redis.pipeline([("HSET", key(f"vehicle:truck-{n}"), "lat", "30.5", "lon", "112.5", "time", "1", "online", "1") for n in range(VEHICLES)])
    with Gate("state", "rate: {read_per_s: 1000, heavy_per_s: 1000}\n", store=server) as gate:
        token = gate.token("wall", "viewer")
        gate.reload()
        wall = gate.client(token=token)
        wait_until(lambda: wall.get("/api/v1/state").status == 200, 120, lambda: "it is whole\n" + gate.process.tail())
        check_state(wall.get("/api/v1/state"))
        seen = [check_state(mover.asked_meanwhile(lambda: wall.get("/api/v1/state", judged=False))) for _ in range(8)]
        wait_until(lambda: check_state(wall.get("/api/v1/state", judged=False)) == mover.moved, 120, "the last move is told")
        expect(seen == sorted(seen) and seen[0] < mover.moved, seen)
        for answer in ask_all(gate, token, 8):
            check_state(answer)
        # Those who go away before it is their turn, and a user who is put out meanwhile, keep nobody waiting.
        for _ in range(20):
            link = gate.connect()
            link.sendall(f"GET /api/v1/state HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
            link.close()
        check_state(wall.get("/api/v1/state", judged=False))
        figures = [figure(gate, f"loop_turn_{name}") for name in ("seconds_count", "longest_seconds")]
        expect(figures[0] > 100 and figures[1] > 0, figures)
        print(f"longest turn {1000 * figures[1]:.1f} ms of {figures[0]:.0f}")
    server.end()
    place.remove()


run([test_state])
