"""The page over what goes wrong: the store killed and back, the gateway killed and back, its place in the streams trimmed meanwhile, a clock that is off, a session that ends.

The browser's side is outages_run.mjs; it says a word a line when it wants something of ours, and is answered when it is done.
"""
import json
import os
import subprocess
import sys

import page
from gate import BINARIES, CITY, Gate, expect, run, wait_until
from harness import contract
from harness.servers import Stage

KEPT = 1  # entries that a trimmed stream has left; more came while the gateway was away


def serve(child, stage, gate, player):
    def store_back():
        stage.redis.start()
        player.store = stage.redis.client()

    deeds = {
        "more": player.play,
        "store away": stage.redis.kill,
        "store back": store_back,
        "gateway away": gate.process.kill,
        "gateway back": gate.process.start,
        "trim": lambda: [stage.redis.client().call("XTRIM", contract.key(stream), "MAXLEN", KEPT) for stream in ("violations", "actions")],
    }
    for line in child.stdout:
        word = line.strip().removeprefix("want: ")
        if line.startswith("want: ") and word in deeds:
            deeds[word]()
        else:
            print(line, end="", flush=True)
            continue
        child.stdin.write("done\n")
        child.stdin.flush()


def outages_in_a_browser():
    served = page.page_folder()
    with Stage("dashboard-outages", BINARIES, CITY) as stage:
        stage.start()
        player = page.Player(stage)
        player.play()
        with Gate("dashboard-outages", f"dashboard: {{dir: {served}}}\n", store=stage.redis) as gate:
            wait_until(lambda: gate.client().get("/readyz", judged=False).status == 200, 120, lambda: gate.process.tail())
            told = {"port": gate.port, "browser": page.browser(), "shots": os.environ.get("MW_SHOTS", "")}
            with subprocess.Popen(["node", page.HERE / "outages_run.mjs", json.dumps(told)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
                serve(child, stage, gate, player)
            expect(child.returncode == 0, f"the browser's side ended with {child.returncode}")


if __name__ == "__main__":
    sys.exit(run([outages_in_a_browser]))
