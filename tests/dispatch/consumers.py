"""The examples of docs/DISPATCH.md that follow what happens: each prints every entry once and in order, over kills of the gateway and of the store,
and goes on where it was when it is started again."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

from gate import Gate, Place, RedisServer, expect, run, wait_until
from listening import add, alert_id, end_place, seed, violation, whole

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
FIRST, EACH = 100, 15


def commands(gate, place, store):
    """{name: (command, what it prints as the numbers of alerts)}"""
    events = [f"http://127.0.0.1:{gate.port}", str(place.file("token"))]

    def of_events(text):
        return [json.loads(line.partition(" ")[2])["id"] for line in text.splitlines() if line.startswith("alert ")]

    def of_store(text):
        lines = text.splitlines()
        return [lines[i + 1] for i, line in enumerate(lines[:-1]) if line == "id"]

    found = {"py": ([sys.executable, "-B", DOCS / "events_consumer.py", *events], of_events),
             "sh": ([DOCS / "events_consumer.sh", str(store.port)], of_store)}
    if shutil.which("node"):
        found["mjs"] = (["node", DOCS / "events_consumer.mjs", *events], of_events)
    return found


def ids_text(place):
    """The entry of `violations` in a place, as the store writes it."""
    one = place.split(".")[1]
    return one if "-" in one else one + "-0"


def test_examples():
    place = Place("dispatch-consumers")
    store = RedisServer(place).start()
    seed(store.client())
    with Gate("dispatch-consumers", more="rate: {read_per_s: 1000}\n", store=store, users=False) as gate:
        place.file("token", gate.token("neighbour", "viewer") + "\n")
        gate.reload()
        whole(gate, gate.client(token=place.file("token").read_text().strip()))
        examples = commands(gate, place, store)
        running, written = {}, []

        def start(name):
            with open(place.file(f"{name}.out"), "ab") as out:
                running[name] = subprocess.Popen([*examples[name][0], place.file(f"{name}.place")], stdout=out)

        def told(name):
            return examples[name][1](place.file(f"{name}.out").read_text(encoding="utf-8"))

        def write():
            for n in range(EACH):
                number = FIRST + len(written)
                add(store.client(), "violations", violation(number, plate="京A·12345"))
                written.append(alert_id(number))

        def all_told():
            wait_until(lambda: all(told(name)[-1:] == written[-1:] for name in examples), 120,
                       lambda: f"{written[-1]}: {[told(name)[-3:] for name in examples]}\n{gate.process.tail()}")

        for name in examples:
            place.file(f"{name}.place").write_text(end_place(store.client()) if name != "sh" else
                                                   store.client().call("XREVRANGE", "muck:{0}:violations", "+", "-", "COUNT", "1")[0][0].decode())
            start(name)
        try:
            write()
            all_told()
            gate.process.kill()
            write()
            gate.process.start()
            all_told()
            # A kill between a line and its place would tell that one twice, as the examples say.
            last = end_place(store.client())
            wait_until(lambda: all(place.file(f"{name}.place").read_text() in (last, ids_text(last)) for name in examples), 120, "places are kept")
            for name, child in running.items():
                child.terminate()
                child.wait(120)
            write()
            store.kill()
            store.start()
            for name in examples:
                start(name)
            all_told()
            time.sleep(0.2)
            for name in examples:
                expect(told(name) == written, f"{name}: {told(name)} is not {written}")
        finally:
            for child in running.values():
                child.kill()
                child.wait()
    store.end()
    place.remove()


os.environ.setdefault("MW_TEST_DIR", "/tmp")
run([test_examples])
