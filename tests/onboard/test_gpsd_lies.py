"""A gpsd that says what libgps does not come back from: the unit passes it over, goes on with what is sound, and ends when
it is told to.

usage: test_gpsd_lies.py BIN_DIR"""
import json
import sys
import time

from stage import Broker, Folder, Gpsd, Tracker, Unit, need, wait_for

VEHICLE = "truck-7"
LINES = [
    b'{"class":"DEVICES","devices":[{"class":"DEVICE"',
    b'{"class":"TPV","device":"/dev/x","mode":3,"lat":1',
    b'{"class":"TPV","device":"' + b"x" * 200 + b'","mode":0}',
    b'{"class":"DEVICES","devices":[' + b",".join([b'{"class":"DEVICE","path":"/dev/x"}'] * 5) + b"]}",
    b'{"class":"SKY","satellites":[' + b",".join([b'{"PRN":1,"used":true}'] * 300) + b"]}",
    b'{"class":"SKY","satellites":[{"PRN":1,"used":tr',
    b'{"class":"TPV","mode":"three","time":12,"lat":"north","lon":null,"speed":[1,2,3]}',
    b'{"class":"TPV","mode":3,"lat":1e999,"lon":-1e999,"time":"' + b"9" * 300 + b'"}',
    b'{"class":"TPV","mode":3,"lat":' + b"1" * 5000 + b"}",
    b"{" * 3000,
    b"[" * 3000,
    b"\x00\xff\xfe",
    b"",
    b"?POLL;",
    b'{"class":"TPV"' + b',"a":1' * 10000 + b"}",  # longer than a line may be
    b'{"class":"ERROR","message":"no"}',
]


class Liar(Gpsd):
    """One lie before each report."""

    def __init__(self):
        self.told = 0
        super().__init__(rate=20)

    def serve(self, peer):
        try:
            peer.sendall(b'{"class":"VERSION","release":"3.22","rev":"3.22","proto_major":3,"proto_minor":14}\n')
            peer.recv(200)
            while not self.stop_wanted:
                peer.sendall(LINES[self.told % len(LINES)] + b"\n")
                report = json.dumps(self.tpv(), separators=(",", ":")).encode() + b"\r\n"
                peer.sendall(report[:20])  # a report may come in pieces
                peer.sendall(report[20:])
                self.told += 1
                time.sleep(1 / self.rate)
        except OSError:
            pass
        finally:
            peer.close()


def main():
    need("mosquitto")
    with Folder() as folder:
        broker, gpsd = Broker(folder), Liar()
        tracker = Tracker(broker.port, VEHICLE)
        unit = Unit(sys.argv[1], folder, VEHICLE, broker.port, gpsd.port, "sampling: {every_s: 1, standing_s: 1}")
        unit.start()
        wait_for("each lie to be told twice", lambda: gpsd.told > 2 * len(LINES), 120)
        kept = len(tracker.kept)
        wait_for("fixes behind them", lambda: len(tracker.kept) > kept + len(LINES), 120)
        assert "gpsd_line_refused" in unit.log() and "gpsd_line_too_long" in unit.log(), unit.log()[-2000:]
        assert "gpsd_lost" not in unit.log(), unit.log()[-2000:]
        unit.stop()
        assert "ERROR" not in unit.log() and "runtime error" not in unit.log(), unit.log()[-3000:]
        tracker.stop()
        gpsd.stop()
        broker.process.kill()
        print(f"{gpsd.told} lies, {gpsd.second} reports, {len(tracker.kept)} fixes")


main()
