"""Files of the page and of base maps, over HTTP and TLS: twins, tags, ranges, and nothing from outside the folder."""
import gzip
import os
import socket
import ssl

from gate import Client, Gate, expect, run, wait_until

MORE = "dashboard: {dir: page}\nbasemap: {tiles: tiles}\n"


def lay_out(gate):
    page, tiles = gate.place.folder("page"), gate.place.folder("tiles")
    (page / "index.html").write_text("<!doctype html>")
    (page / "app-0a1b2c3d.js").write_text("'use strict';" * 100)
    (page / "app-0a1b2c3d.js.gz").write_bytes(gzip.compress(b"'use strict';" * 100))
    (page / "style.css").write_text("body{}")
    (page / ".secret").write_text("secret")
    (page / "a").mkdir()
    (page / "a" / "b.json").write_text("{}")
    (page / "a" / ".git").mkdir()
    (page / "a" / ".git" / "config").write_text("secret")
    gate.place.file("outside.txt", "secret")
    os.symlink("../outside.txt", page / "link.txt")
    os.symlink("/etc/passwd", page / "passwd")
    os.symlink("..", page / "up")
    os.mkfifo(page / "pipe")
    (page / "empty.txt").write_text("")
    (page / "big.pmtiles").write_bytes(bytes(i % 251 for i in range(300_000)))
    (tiles / "3" / "2").mkdir(parents=True)
    (tiles / "3" / "2" / "1.pbf").write_bytes(gzip.compress(b"tile"))


def check_files(client):
    def ask(target, method="GET", **fields):
        return client.ask(method, target, judged=False, **fields)

    index = ask("/")
    expect(index.status == 200 and index.body == b"<!doctype html>" and index.headers["content-type"].startswith("text/html"), index)
    expect("default-src 'self'" in index.headers["content-security-policy"] and "unsafe" not in index.headers["content-security-policy"], index)
    expect(index.headers["cache-control"] == "no-cache", index)
    again = ask("/", if_none_match=index.headers["etag"])
    expect(again.status == 304 and again.body == b"" and again.headers["etag"] == index.headers["etag"], again)
    expect(ask("/", if_none_match='"other"').status == 200, "another tag")
    head = ask("/", "HEAD")
    expect(head.status == 200 and head.body == b"" and head.headers["content-length"] == "15", head)
    # The twin, for whoever takes it.
    plain = ask("/app-0a1b2c3d.js")
    packed = ask("/app-0a1b2c3d.js", accept_encoding="br, gzip;q=0.8")
    expect("content-encoding" not in plain.headers and packed.headers["content-encoding"] == "gzip", packed)
    expect(gzip.decompress(packed.body) == plain.body and packed.headers["vary"] == "Accept-Encoding", packed)
    expect(packed.headers["etag"] != plain.headers["etag"] and "immutable" in packed.headers["cache-control"], packed)
    expect("content-encoding" not in ask("/app-0a1b2c3d.js", accept_encoding="gzip;q=0").headers, "not wanted")
    expect("content-encoding" not in ask("/style.css", accept_encoding="gzip").headers, "there is none")
    expect(ask("/a/b.json").body == b"{}", "a folder within")
    # What is not there, and what is not for anybody.
    for target in ("/none", "/a", "/a/", "/.secret", "/a/.git/config", "/link.txt", "/passwd", "/up/outside.txt", "/pipe", "/index.html/x",
                   "/style.css/", "/" + "a" * 300, "/basemap", "/basemap/3", "/basemap/3/2", "/basemap/3/2/2.pbf", "/basemap/../outside.txt",
                   "/page/index.html", "/a/b.json/.."):
        answer = ask(target)
        expect(answer.status in (400, 404) and b"secret" not in answer.body, (target, answer))
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"):
        answer = ask("/", method)
        expect(answer.status == 405 and answer.headers["allow"] == "GET, HEAD", answer)
    tile = ask("/basemap/3/2/1.pbf")
    expect(tile.headers["content-encoding"] == "gzip" and gzip.decompress(tile.body) == b"tile", tile)
    expect(tile.headers["content-type"] == "application/x-protobuf" and "max-age" in tile.headers["cache-control"], tile)
    expect(ask("/empty.txt").body == b"", "an empty one")
    check_ranges(ask)


def check_ranges(ask):
    whole = bytes(i % 251 for i in range(300_000))
    tag = ask("/big.pmtiles", "HEAD").headers["etag"]
    expect(ask("/big.pmtiles").body == whole, "all of it")
    for said, part in (("bytes=0-0", whole[:1]), ("bytes=127-16383", whole[127:16384]), ("bytes=299999-", whole[-1:]), ("bytes=-5", whole[-5:]),
                       ("bytes=-999999999", whole), ("bytes=5-99999999999", whole[5:])):
        answer = ask("/big.pmtiles", range=said)
        expect(answer.status == 206 and answer.body == part, (said, answer.status, len(answer.body)))
        first = len(whole) - len(part) if said[6] == "-" else int(said[6:].split("-")[0])
        expect(answer.headers["content-range"] == f"bytes {first}-{first + len(part) - 1}/300000", answer.headers)
    for said in ("bytes=300000-", "bytes=-0", "bytes=999999999999-"):
        answer = ask("/big.pmtiles", range=said)
        expect(answer.status == 416 and answer.headers["content-range"] == "bytes */300000", (said, answer))
    for said in ("bytes=5-4", "bytes=a-b", "bytes=0-1,5-6", "lines=0-1", "bytes=", "bytes=--1", "bytes=1-2x"):
        answer = ask("/big.pmtiles", range=said)
        expect(answer.status == 200 and answer.body == whole, (said, answer.status))
    expect(ask("/big.pmtiles", range="bytes=0-1", if_range=tag).status == 206, "the same file")
    expect(ask("/big.pmtiles", range="bytes=0-1", if_range='"other"').status == 200, "another")
    expect(ask("/style.css", range="bytes=0-1").status == 200, "ranges are for maps alone")


def test_files():
    with Gate("files", MORE, users=False, folders=("page", "tiles")) as gate:
        lay_out(gate)
        before = gate.process.descriptors()
        check_files(Client(gate))
        wait_until(lambda: gate.process.descriptors() <= before, 120, "all are closed again")
        expect(gate.client().get("/api/v1/basemap").json() == {"kind": "tiles", "url": "/basemap/{z}/{x}/{y}.pbf", "crs": "wgs84"}, "told")


def test_one_map():
    with Gate("files", "basemap: {pmtiles: map.pmtiles}\n", users=False) as gate:
        gate.place.file("map.pmtiles").write_bytes(b"PMTiles" * 100)
        answer = Client(gate).ask("GET", "/basemap/map.pmtiles", judged=False, range="bytes=0-6")
        expect(answer.status == 206 and answer.body == b"PMTiles", answer)
        for target in ("/", "/basemap/other.pmtiles", "/basemap", "/index.html"):
            expect(Client(gate).ask("GET", target, judged=False).status == 404, target)


def test_tls():
    with Gate("files", MORE + "insecure: false\n", tls=True, folders=("page", "tiles")) as gate:
        lay_out(gate)
        ada = gate.client("ada")
        expect(ada.cookie.startswith("__Host-muckwatch="), ada.cookie)
        answer = ada.get("/api/v1/session")
        expect(answer.status == 200 and "max-age" in answer.headers["strict-transport-security"], answer)
        # A page that came without TLS, be it of this host, is another origin.
        origin = f"http://127.0.0.1:{gate.port}"
        expect(ada.ask("DELETE", "/api/v1/session", origin=origin).status == 403, "not by TLS")
        expect(ada.ask("DELETE", "/api/v1/session", origin=origin.replace("http", "https")).status == 204, "by TLS")
        check_files(Client(gate, tls=gate.scheme_tls))
        # Sent ahead, over TLS.
        with gate.scheme_tls.wrap_socket(gate.connect(), server_hostname="127.0.0.1") as s:
            s.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" * 50 + b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            out = b""
            while data := s.recv(65536):
                out += data
            expect(out.count(b"HTTP/1.1 200 OK") == 51, out[-300:])
        # What does not speak it, an old version, a handshake that stops.
        for said in (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 20, b""):
            with gate.connect() as s:
                s.sendall(said)
                s.shutdown(socket.SHUT_WR)
                try:
                    data = s.recv(65536)
                except ConnectionResetError:
                    data = b""
                expect(not data.startswith(b"HTTP"), data)
        old = ssl.create_default_context(cafile=gate.place.file("cert.pem"))
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        try:
            old.wrap_socket(gate.connect(), server_hostname="127.0.0.1")
            expect(False, "TLS 1.1 is spoken")
        except (ssl.SSLError, ConnectionError):
            pass
        # Another certificate, without a restart.
        fresh = gate.make_certificate()
        gate.reload()
        expect(Client(gate, tls=fresh).get("/healthz").status == 200, "the new one is shown")


run([test_files, test_one_map, test_tls])
