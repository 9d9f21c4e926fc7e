"""Lists as sheets: the same rows as the list has, by the same filters and within the same scope, as CSV and as a workbook; times of the
city; nothing that a spreadsheet would run; written down before; whoever hangs up, or reads slowly, costs nobody else anything."""
import csv
import datetime
import io
import json
import os
import re
import socket
import time
import urllib.parse
import zipfile
from xml.etree import ElementTree

from gate import BINARIES, CITY, Client, Gate, expect, run, wait_until
from harness import contract
from harness.servers import Stage

ZONE = datetime.timezone(datetime.timedelta(hours=8))  # Asia/Shanghai
FIX = b'{"time":"2026-05-08T12:00:00+08:00","lat":30.45,"lon":112.95,"boot":"b","seq":1}'
FLEET = json.loads((CITY / "fleet.json").read_text(encoding="utf-8"))["vehicles"]
TRUCK = next(v for v in FLEET if v.get("company"))
OTHER = next(v for v in FLEET if v.get("company") and v["company"] != TRUCK["company"])
BASE_MS = int(time.time()) * 1000 - 86400000
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
COUNT = 2603  # two pages, and many slices
ODD = ['=HYPERLINK("http://evil","x")', "+1+1", "-2", "@SUM(A1)", "\t=1", "<script>alert(1)</script>", 'a "quote", a comma', "京A·00007"]


def id_of(number):
    out = ""
    while len(out) < 26:
        out = LETTERS[number % 32] + out
        number //= 32
    return out


def local(ms):
    return datetime.datetime.fromtimestamp(ms // 1000, ZONE).strftime("%Y-%m-%d %H:%M:%S")


def violation(n):
    start = BASE_MS + n * 1000
    return {"event": "opened", "id": id_of(n), "rev": 1, "kind": ("speeding", "spill")[n % 2], "severity": ("minor", "major", "critical")[n % 3],
            "vehicle": TRUCK["id"], "plate": ODD[n % len(ODD)], "company": ("green", "earth")[n // 2 % 2], "start": start, "at": start,
            "lat": "30.1000000", "lon": "112.1000000", "jurisdiction": ("city/east", "city/west")[n % 2], "value": "72.5", "limit": "60.0",
            "unit": "km/h", "text_zh": "很长的一句话" * 300, "text_en": ODD[n // 2 % len(ODD)]}


def put(store, stream, fields):
    store.call("XADD", contract.key(stream), "*", *[str(w) for pair in fields.items() for w in pair])


def rows_of(answer):
    """Of either form, the headings first."""
    expect(answer.status == 200, answer)
    if answer.headers["content-type"].startswith("text/csv"):
        text = answer.body.decode("utf-8")
        expect(text.startswith("\ufeff"), "a byte order mark")
        return [[re.sub(r"^'(?=[=+\-@\t\r])", "", cell) for cell in row] for row in csv.reader(io.StringIO(text[1:], newline=""))]
    book = zipfile.ZipFile(io.BytesIO(answer.body))
    expect(book.testzip() is None, "whole")
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    rows = []
    for row in ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml")).iter(space + "row"):
        cells = {}
        for cell in row.iter(space + "c"):
            expect(cell.find(space + "f") is None, "a formula")
            column = 0
            for letter in re.match("[A-Z]+", cell.get("r"))[0]:
                column = column * 26 + ord(letter) - 64
            text = "".join(cell.itertext())
            cells[column - 1] = re.sub(r"_x([0-9A-F]{4})_", lambda m: chr(int(m[1], 16)), text)
        rows.append([cells.get(i, "") for i in range(max(cells) + 1)])
    return rows


def same(one, other):
    def plain(cell):
        return f"{float(cell):.6f}" if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", cell) else cell
    width = len(one[0])
    return [[plain(c) for c in row] + [""] * (width - len(row)) for row in one] == [[plain(c) for c in row] + [""] * (width - len(row)) for row in other]


def audited(store):
    return [{k.decode(): v.decode() for k, v in zip(f[::2], f[1::2])} for _, f in store.call("XRANGE", contract.key("audit"), "-", "+")]


def listed(client, path, query):
    ids, cursor = [], ""
    while cursor is not None:
        page = client.get(f"/api/v1/{path}?limit=500{query}{cursor}").json()
        ids += [i.get("id") or i["trip"] for i in page["items"]]
        cursor = page["next"] and "&cursor=" + page["next"]
    return ids


def check_violations(vera, store):
    before = len(audited(store))
    sheets = [vera.get("/api/v1/export/violations" + form + "?purpose=" + urllib.parse.quote("月报")) for form in (".csv", ".xlsx")]
    notes = audited(store)[before:]
    expect([(n["who"], n["what"], n["purpose"], n["source"]) for n in notes] == [("vera", "export_violations", "月报", "127.0.0.1")] * 2, notes)
    expect(re.fullmatch(r'attachment; filename="violations-\d{4}-\d\d-\d\d\.csv"', sheets[0].headers["content-disposition"]), sheets[0].headers)
    rows, book = (rows_of(sheet) for sheet in sheets)
    expect(same(rows, book), "both say the same")
    expect(rows[0][:3] == ["开始（Asia/Shanghai）", "结束（Asia/Shanghai）", "类型"] and len(rows) == COUNT + 1, rows[0])
    at = {name: i for i, name in enumerate(rows[0])}
    expect([r[at["编号"]] for r in rows[1:]] == listed(vera, "violations", "&order=time"), "as the list has them")
    for n, row in ((COUNT - 1, rows[1]), (0, rows[-1]), (5, rows[-6])):
        said = violation(n)
        expect(row[0] == local(said["start"]) and row[at["车牌"]] == said["plate"] and row[at["说明"]] == said["text_zh"], row[:8])
        expect((row[at["状态"]], row[at["处置"]], row[at["数值"]], row[at["纬度"]]) == ("active", "open", "72.5", "30.1000000"), row)
    # As bytes: no cell begins with what a spreadsheet would run.
    raw = csv.reader(io.StringIO(sheets[0].body.decode()[1:], newline=""))
    expect(not any(cell[:1] in "=+-@\t\r" for row in raw for cell in row if cell), "a formula")
    # Other headings; the filters of the list.
    english = rows_of(vera.get("/api/v1/export/violations.csv?lang=en&kind=spill&company=green&from=%d" % (BASE_MS + 100000)))
    expect(english[0][0] == "start (Asia/Shanghai)", english[0])
    expect([r[-1] for r in english[1:]] == listed(vera, "violations", "&order=time&kind=spill&company=green&from=%d" % (BASE_MS + 100000)), "filtered")
    expect(audited(store)[-1]["asked"] == "lang=en&kind=spill&company=green&from=%d" % (BASE_MS + 100000), audited(store)[-1])
    expect(len(rows_of(vera.get("/api/v1/export/violations.xlsx?kind=none"))) == 1, "headings alone")


def check_trips(vera):
    rows, book = (rows_of(vera.get("/api/v1/export/trips" + form)) for form in (".csv", ".xlsx"))
    expect(same(rows, book) and len(rows) == 701, len(rows))
    at = {name: i for i, name in enumerate(rows[0])}
    expect([r[at["编号"]] for r in rows[1:]] == listed(vera, "trips", ""), "as the list has them")
    row = rows[-1]
    expect(row[0] == local(BASE_MS) and row[at["企业"]] == TRUCK["company"] and row[at["里程（m）"]] == "12.5" and row[at["工地"]] == "=1+1", row)
    expect(len(rows_of(vera.get("/api/v1/export/trips.csv?permit=p1"))) == 351, "filtered")


def check_track(vera, store):
    begin_s = 1_778_212_800
    for i in range(2500):
        fix = json.dumps({"time": begin_s + 10 * i, "lat": 30.5, "lon": 112.5, "speed": 10, "boot": "b", "seq": i})
        put(store, "track:" + TRUCK["id"], {"fix": fix, "received": (begin_s + 10 * i) * 1000, "batch": 1})
    query = f"?vehicle={TRUCK['id']}&from={(begin_s + 10) * 1000}"
    rows, book = (rows_of(vera.get("/api/v1/export/track" + form + query)) for form in (".csv", ".xlsx"))
    expect(same(rows, book) and len(rows) == 2500, len(rows))
    expect(rows[1][:5] == [local((begin_s + 10) * 1000), "30.5000000", "112.5000000", "36.0", ""] and rows[1][-1] == TRUCK["plate"], rows[1])
    note = audited(store)[-1]
    expect((note["what"], note["of"], note["from"]) == ("export_track", TRUCK["id"], str((begin_s + 10) * 1000)), note)


def check_scope(gate, vera):
    place = "city/east"
    for name, scope in (("east", {"jurisdictions": [place]}), ("firm", {"companies": [OTHER["company"]]})):
        gate.token(name, "viewer")
        text = gate.users.read_text(encoding="utf-8")
        line = "".join(f"    {key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in scope.items())
        gate.users.write_text(re.sub(rf'(  "?{name}"?:\n)', lambda m: m[1] + line, text), encoding="utf-8")
    tokens = {name: gate.token(name, "viewer") for name in ("east", "firm")}
    gate.reload()
    for name, token in tokens.items():
        client = gate.client(token=token)
        for path in ("violations", "trips"):
            ids = [r[-1] for r in rows_of(client.get(f"/api/v1/export/{path}.csv"))[1:]]
            expect(ids == listed(client, path, "&order=time" if path == "violations" else ""), (name, path))
            expect(len(ids) < len(listed(vera, path, "")), (name, path, len(ids)))
    firm = gate.client(token=tokens["firm"])
    expect(firm.get(f"/api/v1/export/track.csv?vehicle={TRUCK['id']}").status == 404, "another company's")
    expect(rows_of(gate.client(token=tokens["east"]).get(f"/api/v1/export/track.csv?vehicle={TRUCK['id']}"))[1:] == [], "elsewhere")


def check_refused(gate, vera):
    for path, status, pointer in (("violations.csv?x=1", 400, "x"), ("violations.csv?lang=fr", 400, "lang"), ("violations.xlsx?limit=5", 400, "limit"),
                                  ("trips.csv?severity=minor", 400, "severity"), ("track.csv", 400, "vehicle"), ("track.csv?vehicle=", 400, "vehicle"),
                                  ("track.csv?vehicle=a%20b", 404, None), ("violations.csv?from=-1", 400, "from"), ("violations.pdf", 404, None),
                                  ("violations", 404, None), ("violations.csv?purpose=" + "a" * 201, 400, "purpose")):
        answer = vera.get("/api/v1/export/" + path)
        expect(answer.status == status and answer.json().get("pointer") == pointer, (path, answer))
    expect(vera.post("/api/v1/export/violations.csv", {}).status == 405, "another method")
    expect(Client(gate).get("/api/v1/export/violations.csv").status == 401, "nobody")


def slow(gate, cookie):
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.connect(("127.0.0.1", gate.port))
    link.sendall(f"GET /api/v1/export/violations.csv HTTP/1.1\r\nHost: 127.0.0.1:{gate.port}\r\nCookie: {cookie}\r\n\r\n".encode())
    return link


def check_slow(gate, vera):
    """Whoever hangs up while it is made; sixteen that do not read; then there is room again."""
    for i in range(6):
        slow(gate, vera.cookie).close()
        time.sleep(0.05 * i)
    wait_until(lambda: vera.get("/api/v1/export/trips.csv").status == 200, 120, "there is room")
    links, until = [], time.monotonic() + 120
    while len(links) < 16 and time.monotonic() < until:  # what those who hung up asked for may still be in the making
        link = slow(gate, vera.cookie)
        while not (head := link.recv(64, socket.MSG_PEEK)):
            pass
        if head.startswith(b"HTTP/1.1 200"):
            links.append(link)
        else:
            link.close()
            time.sleep(0.1)
    expect(len(links) == 16, len(links))
    expect(vera.get("/api/v1/export/trips.csv").status == 503, "sixteen are being sent")
    expect(vera.get("/api/v1/violations").status == 200, "all else is answered")
    got = b""
    while data := links[0].recv(1 << 20):
        got += data
        if b"\r\n\r\n" in got and len(got) >= got.index(b"\r\n\r\n") + 4 + int(re.search(rb"Content-Length: (\d+)", got)[1]):
            break
    expect(got.endswith(b'"\r\n') and got.count(b"\r\n") > COUNT, "whole, however slowly")
    for link in links:
        link.close()
    wait_until(lambda: vera.get("/api/v1/export/trips.csv").status == 200, 120, "there is room again")


def test_exports():
    with Stage("exports", BINARIES, CITY) as stage:
        stage.start()
        units = stage.broker.client("units")
        units.publish_all([(contract.topic("truck-1", "fix"), FIX)])
        units.close()
        store = stage.redis.client()
        wait_until(lambda: store.call("XLEN", contract.key("rulesets")), 120, lambda: "the world is recorded\n" + stage.tracker.tail())
        for n in range(COUNT):
            put(store, "violations", violation(n))
        for n in range(700):
            put(store, "trips", {"trip": f"{n:026}", "vehicle": TRUCK["id"], "permit": f"p{n % 2}", "site": "=1+1", "departed": BASE_MS + 1000 * n, "distance_m": "12.5"})
        with Gate("exports", "rate: {read_per_s: 1000, heavy_per_s: 1000}\n", store=stage.redis) as gate:
            wait_until(lambda: Client(gate).get("/readyz").status == 200, 120, lambda: "ready\n" + gate.process.tail())
            vera = gate.client("vera")
            check_violations(vera, store)
            check_trips(vera)
            check_track(vera, store)
            check_refused(gate, vera)
            check_slow(gate, vera)
            check_scope(gate, vera)


os.environ.setdefault("MW_TEST_DIR", "/tmp")
run([test_exports])
