"""The generator with the committed seed gives the committed files, byte for byte (the day: its text, since the
compressor may differ from machine to machine), and its options keep their promises."""
import lzma
import os
import subprocess
import sys
import tempfile

CITY = os.path.join(sys.argv[1], "fixtures", "city")
FILES = ["fences.geojson", "fleet.json", "expected.ndjson", "trips.ndjson", "map.svg", "day.ndjson.xz"]


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as source:
        data = source.read()
    return lzma.decompress(data) if name.endswith(".xz") else data


def generate(folder, *options):
    subprocess.run([sys.executable, "-B", os.path.join(CITY, "generate"), "--out", folder, *options], check=True,
                   stdout=subprocess.DEVNULL)


def main():
    with tempfile.TemporaryDirectory() as folder:
        generate(folder)
        for name in FILES:
            assert read(folder, name) == read(CITY, name), "%s differs: run fixtures/city/generate and look" % name
    with tempfile.TemporaryDirectory() as folder:
        generate(folder, "--seed", "7", "--vehicles", "3")
        assert read(folder, "day.ndjson.xz")[:2000] not in read(CITY, "day.ndjson.xz"), "the seed changes nothing"
    with tempfile.TemporaryDirectory() as folder:
        generate(folder, "--without-violations", "--noise-m", "15", "--outlier-rate", "0.01", "--gap-rate", "0.05",
                 "--vehicles", "30")
        assert read(folder, "expected.ndjson") == b"", "a day without violations expects none"
    with tempfile.TemporaryDirectory() as folder:
        generate(folder, "--without-violations", "--deviation")
        planted = read(folder, "expected.ndjson").decode().splitlines()
        assert len(planted) == 3 and all('"off_route"' in line for line in planted), planted
    print("ok")


main()
