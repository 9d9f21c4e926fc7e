"""A folder of tiles as one .pmtiles, version 3 of the format: header, one directory, metadata, tiles. Enough for a town."""
import gzip
import json
import pathlib
import struct


def tile_id(z, x, y):
    """Its place on the Hilbert curves of all levels, one behind the other."""
    at, n = (4**z - 1) // 3, 2**z
    s = n // 2
    while s > 0:
        rx, ry = int(x & s > 0), int(y & s > 0)
        at += s * s * ((3 * rx) ^ ry)
        if ry == 0:
            if rx == 1:
                x, y = n - 1 - x, n - 1 - y
            x, y = y, x
        s //= 2
    return at


def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out + bytes([n]))


def directory(entries):
    """entries: (id, offset, length), in the order of ids."""
    out, last = varint(len(entries)), 0
    for number, _, _ in entries:
        out, last = out + varint(number - last), number
    out += b"".join(varint(1) for _ in entries)
    out += b"".join(varint(length) for _, _, length in entries)
    out += b"".join(varint(offset + 1) for _, offset, _ in entries)
    return gzip.compress(out, mtime=0)


def write(folder, target):
    told = json.loads((pathlib.Path(folder) / "metadata.json").read_text(encoding="utf-8"))
    tiles = sorted((tile_id(int(p.parts[-3]), int(p.parts[-2]), int(p.stem)), p.read_bytes()) for p in pathlib.Path(folder).glob("*/*/*.pbf"))
    entries, data = [], b""
    for number, tile in tiles:
        entries.append((number, len(data), len(tile)))
        data += tile
    root = directory(entries)
    metadata = gzip.compress(json.dumps({"vector_layers": told["vector_layers"]}).encode(), mtime=0)
    west, south, east, north = (round(v * 1e7) for v in told["bounds"])
    at_metadata = 127 + len(root)
    at_data = at_metadata + len(metadata)
    header = b"PMTiles\x03" + struct.pack("<8Q", 127, len(root), at_metadata, len(metadata), 0, 0, at_data, len(data))
    header += struct.pack("<3Q", len(tiles), len(tiles), len(tiles)) + bytes([1, 2, 2, 1, told["minzoom"], told["maxzoom"]])
    header += struct.pack("<4i", west, south, east, north) + bytes([12]) + struct.pack("<2i", (west + east) // 2, (south + north) // 2)
    assert len(header) == 127, len(header)
    pathlib.Path(target).write_bytes(header + root + metadata + data)
