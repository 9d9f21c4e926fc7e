"""A small city whose files lie in a folder of versions, with a tracker, and a gateway that may change them."""
import json
import os
import pathlib
import shutil
import subprocess
import sys

from gate import BINARIES, Client, Gate, wait_until
from harness import contract
from harness.servers import Stage

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "supervise"))
from town import DRIVES, FENCES, FLEET, circle, write_city  # noqa: E402,F401  (used by tests)

WORLD = "/api/v1/world"


def collection(features):
    return {"type": "FeatureCollection", "features": features}


class Town:
    """A tracker whose files lie in a folder of versions, and a gateway that may change them. A context manager."""

    def __init__(self, name, drives=False, config=None):
        self.home = pathlib.Path(f"/tmp/mw-town-{os.getpid()}-{name}")
        shutil.rmtree(self.home, ignore_errors=True)
        write_city(self.home, FENCES, FLEET)
        self.stage, self.drives = Stage(f"town-{name}", BINARIES, self.home), drives
        self.folder = self.stage.place.folder("city")
        (self.folder / "1").mkdir()
        for file in ("fences.geojson", "fleet.json"):
            shutil.move(self.stage.place.path / file, self.folder / "1" / file)
        (self.folder / "now").symlink_to("1")
        text = self.stage.config.read_text(encoding="utf-8").replace("[fences.", "[city/now/fences.").replace("[fleet.", "[city/now/fleet.")
        self.stage.config.write_text(text, encoding="utf-8")
        self.config = config(self.stage) if config else self.stage.config

    def __enter__(self):
        self.stage.__enter__()
        self.stage.start()
        self.store = self.stage.redis.client()
        if self.drives:
            unit = self.stage.broker.client("units")
            for vehicle, drive in DRIVES.items():
                unit.publish_all([(contract.topic(vehicle, "fix"), fix.encode()) for fix in drive])
            wait_until(lambda: len(contract.track(self.store, "bold")) == len(DRIVES["bold"]), 120, "all fixes are stored")
        self.gate = Gate("world", f"world: {{config: {self.config}, dir: {self.folder}}}\nrate: {{heavy_per_s: 1000}}\n", store=self.stage.redis)
        self.gate.__enter__()
        self.ready()
        return self

    def ready(self):
        wait_until(lambda: Client(self.gate).get("/readyz").status == 200, 120, lambda: "it is ready\n" + self.gate.process.tail())
        self.ada = self.gate.client("ada")

    def __exit__(self, *how):
        self.gate.__exit__(*how)
        self.stage.__exit__(*how)
        shutil.rmtree(self.home)

    def shown(self):
        """One question about the files is answered at a time."""
        got = []

        def told():
            got.append(self.ada.get(WORLD))
            return got[-1].status not in (429, 503)
        wait_until(told, 120, "the files are shown", every_s=0.1)
        return got[-1]

    def tag(self):
        return self.shown().headers["etag"]

    def settled(self):
        wait_until(lambda: not self.shown().json()["unsettled"], 120, lambda: "it is settled\n" + self.gate.process.tail())

    def put(self, body, tag=None, query="", **more):
        return self.ada.ask("PUT", WORLD + query, body, if_match=tag or self.tag(), **more)

    def in_force(self):
        _, fields = self.store.call("XREVRANGE", contract.key("rulesets"), "+", "-", "COUNT", "1")[0]
        return dict(zip(fields[::2], fields[1::2]))[b"ruleset"].decode()

    def on_disk(self):
        """What the files of the configuration are, as muckctl judges them."""
        done = subprocess.run([BINARIES / "muckctl", "check", "--json", "--config", self.stage.config], capture_output=True, check=True)
        return json.loads(done.stdout.splitlines()[-1])["ruleset"]

    def versions(self):
        return sorted(int(p.name) for p in self.folder.iterdir() if p.name.isdigit())
