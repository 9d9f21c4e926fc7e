"""The editor of fences in a browser, against the real gateway, tracker, broker and store of the sample city, whose files lie in a folder of versions.

The browser's side is fences_run.mjs; it says a word a line when it wants something of ours, and is answered when it is done.
"""
import json
import os
import shutil
import subprocess
import sys

import page  # noqa: F401  (finds the tests of the gateway)
from gate import BINARIES, CITY, Gate, expect, run, wait_until
from harness.servers import Stage


def in_versions(stage):
    """The files that make the city, where the gateway may put others in their place."""
    folder = stage.place.folder("city")
    (folder / "1").mkdir()
    for file in ("fences.geojson", "fleet.json"):
        shutil.move(stage.place.path / file, folder / "1" / file)
    (folder / "now").symlink_to("1")
    text = stage.config.read_text(encoding="utf-8").replace("[fences.", "[city/now/fences.").replace("[fleet.", "[city/now/fleet.")
    stage.config.write_text(text, encoding="utf-8")
    return folder


class OtherAdmin:
    """Somebody who changes the files by another way."""

    def __init__(self, gate):
        self.client = gate.client("ada")

    def put(self):
        tag = self.client.get("/api/v1/world").headers["etag"]
        fences = self.client.get("/api/v1/world/files/fences.geojson").json()
        next(f for f in fences["features"] if f["id"] == "ban-arcade")["properties"]["reason"] = "另一位管理员"
        answer = self.client.ask("PUT", "/api/v1/world", {"files": {"fences.geojson": fences}}, if_match=tag)
        expect(answer.status == 200, answer)


def serve(child, gate):
    for line in child.stdout:
        word = line.strip()
        if word == "want: other":
            OtherAdmin(gate).put()
        else:
            print(line, end="", flush=True)
            continue
        child.stdin.write("done\n")
        child.stdin.flush()


def fences_in_a_browser():
    served = page.page_folder()
    with Stage("dashboard-fences", BINARIES, CITY) as stage:
        folder = in_versions(stage)
        stage.start()
        more = f"dashboard: {{dir: {served}}}\nworld: {{config: {stage.config}, dir: {folder}}}\nrate: {{heavy_per_s: 1000}}\n"
        with Gate("dashboard-fences", more, store=stage.redis) as gate:
            wait_until(lambda: gate.client().get("/readyz", judged=False).status == 200, 120, lambda: gate.process.tail())
            told = {"port": gate.port, "browser": page.browser(), "shots": os.environ.get("MW_SHOTS", "")}
            with subprocess.Popen(["node", page.HERE / "fences_run.mjs", json.dumps(told)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
                serve(child, gate)
            expect(child.returncode == 0, f"the browser's side ended with {child.returncode}")


if __name__ == "__main__":
    sys.exit(run([fences_in_a_browser]))
