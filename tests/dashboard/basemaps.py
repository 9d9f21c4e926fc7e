"""Base maps in a browser: a folder of tiles as scripts/basemap makes it, the same as one .pmtiles, and pictures of another server in GCJ-02."""
import http.server
import json
import os
import struct
import subprocess
import sys
import threading
import zlib

import page
import pmtiles
from fences import in_versions
from gate import BINARIES, CITY, Gate, expect, run, wait_until
from harness import contract
from harness.servers import Stage

TOWN = page.ROOT / "fixtures/basemap/town.osm.pbf"


def png(size=256):
    """Grey, with a darker frame."""
    rows = b"".join(b"\0" + bytes(90 if y in (0, size - 1) or x in (0, size - 1) else 160 for x in range(size)) for y in range(size))
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Pictures:
    """Another server."""

    def __init__(self):
        self.asked, picture, outer = [], png(), self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "image/png")
                self.send_header("Content-Length", str(len(picture)))
                self.send_header("Access-Control-Allow-Origin", "*")
                self.end_headers()
                self.wfile.write(picture)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def serve(child, gate, maps):
    for line in child.stdout:
        word = line.strip()
        if word.startswith("want: "):
            gate.config.write_text(maps["config"] + f"basemap: {json.dumps(maps[word[6:]])}\n", encoding="utf-8")
            gate.reload()
        else:
            print(line, end="", flush=True)
            continue
        child.stdin.write("done\n")
        child.stdin.flush()


def base_maps_in_a_browser():
    served, pictures = page.page_folder(), Pictures()
    with Stage("dashboard-maps", BINARIES, CITY) as stage:
        tiles = stage.place.path / "tiles"
        done = subprocess.run([page.ROOT / "scripts/basemap", TOWN, tiles], capture_output=True, text=True, check=False)
        expect(done.returncode == 0, done.stderr)
        again = subprocess.run([page.ROOT / "scripts/basemap", TOWN, tiles], capture_output=True, text=True, check=False)
        expect(again.returncode == 0 and sorted(p.name for p in stage.place.path.glob("tiles*")) == ["tiles"], again.stderr)
        pmtiles.write(tiles, stage.place.path / "town.pmtiles")
        folder = in_versions(stage)
        stage.start()
        unit = stage.broker.client("units")
        unit.publish_all([(contract.topic("hy-02", "fix"), json.dumps({"time": f"2026-05-08T12:30:0{i}.000Z", "mode": 3, "eph": 4.0, "lat": 30.45, "lon": 112.93, "speed": 0}).encode()) for i in range(3)])
        more = f"dashboard: {{dir: {served}}}\nworld: {{config: {stage.config}, dir: {folder}}}\nrate: {{heavy_per_s: 1000}}\n"
        with Gate("dashboard-maps", more, store=stage.redis) as gate:
            maps = {"config": gate.config.read_text(encoding="utf-8"), "tiles": {"tiles": str(tiles)}, "pmtiles": {"pmtiles": str(stage.place.path / "town.pmtiles")},
                    "raster": {"raster": f"http://127.0.0.1:{pictures.port}/{{z}}/{{x}}/{{y}}.png", "crs": "gcj02"}}
            wait_until(lambda: gate.client().get("/readyz", judged=False).status == 200, 120, lambda: gate.process.tail())
            told = {"port": gate.port, "browser": page.browser(), "shots": os.environ.get("MW_SHOTS", ""), "pictures": f"http://127.0.0.1:{pictures.port}/"}
            with subprocess.Popen(["node", page.HERE / "basemaps_run.mjs", json.dumps(told)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
                serve(child, gate, maps)
            expect(child.returncode == 0, f"the browser's side ended with {child.returncode}")
            expect(len(pictures.asked) > 0, "the other server was asked for pictures")


if __name__ == "__main__":
    sys.exit(run([base_maps_in_a_browser]))
