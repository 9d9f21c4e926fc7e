"""The sample files in packaging/ as they are installed: users, topics by user, TLS by name, a durable store on a socket."""
import hashlib
import json
import subprocess

from common import BINARIES, CITY, ROOT, contract, expect, run, wait_until
from harness import mqtt
from harness.place import Place, free_port
from harness.process import Process
from harness.servers import Muckwatchd, program

PASSWORD = "secret of a test"


def openssl(place, *words):
    subprocess.run(["openssl", *map(str, words)], cwd=place.path, check=True, capture_output=True)


def certificates(place):
    openssl(place, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-days", 2,
            "-subj", "/CN=ca")
    openssl(place, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "broker.key", "-out", "broker.csr", "-subj", "/CN=x")
    place.file("name", "subjectAltName=DNS:localhost\n")
    openssl(place, "x509", "-req", "-in", "broker.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-out",
            "broker.crt", "-days", 2, "-extfile", "name")


def sample(name, *changes):
    text = (ROOT / "packaging" / name).read_text(encoding="utf-8")
    for old, new in changes:
        expect(old in text, f"packaging/{name} has no {old}")
        text = text.replace(old, new)
    return text


def redis_server(place):
    password = hashlib.sha256(PASSWORD.encode()).hexdigest()
    config = place.file("redis.conf", sample("redis.conf", ("#user ", "user "), ("#SHA256", "#" + password),
                                             ("/run/redis/redis-server.sock", str(place.file("redis.sock")))))
    return Process("redis", place, [program("redis-server"), config, "--port", 0, "--dir", place.folder("redis")])


def broker(place, tls_port, plain_port):
    for user in ("muckwatchd", "truck-7"):
        passwords = place.file("muckwatch.passwd")
        subprocess.run(["mosquitto_passwd", *(["-c"] if not passwords.exists() else []), "-b", passwords, user, PASSWORD],
                       check=True)
    place.file("muckwatch.acl", sample("mosquitto.acl"))
    config = sample("mosquitto.conf", ("/etc/mosquitto/certs", str(place.path)), ("/etc/mosquitto", str(place.path)),
                    ("listener 8883", f"listener {tls_port}"), ("listener 1883", f"listener {plain_port}"),
                    ("/var/lib/mosquitto/", f"{place.folder('mosquitto')}/"))
    return Process("mosquitto", place, [program("mosquitto"), "-c", place.file("mosquitto.conf", config + "user root\n")])


def tracker(place, tls_port, **mqtt_options):
    place.file("password", PASSWORD + "\n")
    options = {"host": "localhost", "port": tls_port, "username": "muckwatchd", "password_file": "password", "cafile": "ca.crt"}
    options.update(mqtt_options)
    for path in (*CITY.glob("*.json"), *CITY.glob("*.geojson")):
        place.file(path.name, path.read_text(encoding="utf-8"))
    config = place.file("muckwatch.yaml", f"mqtt: {json.dumps(options)}\nredis: {{unix_socket: redis.sock, username: muckwatchd, "
                        "password_file: password, require_durable: true}\nhttp: {port: %d}\n" % free_port()
                        + (CITY / "muckwatch.yaml").read_text(encoding="utf-8"))
    return Muckwatchd(place, f"{BINARIES}/muckwatchd", config)


def command(place, *words):
    found = subprocess.run([program("redis-cli"), "-s", place.file("redis.sock"), "--user", "muckwatchd", "--pass", PASSWORD,
                            "--no-auth-warning", *words], capture_output=True, text=True, check=True)
    return found.stdout.strip()


def test_samples():
    place, tls_port, plain_port = Place("packaged"), free_port(), free_port()
    certificates(place)
    processes = [redis_server(place), broker(place, tls_port, plain_port), tracker(place, tls_port)]
    try:
        for process in processes[:2]:
            process.start()
        processes[2].start(ready=False)
        wait_until(lambda: "mqtt_connected" in processes[2].text(), 15, lambda: "it connects\n" + processes[2].tail())
        unit = mqtt.Client(plain_port, "truck-7", user="truck-7", password=PASSWORD)
        fix = json.dumps({"time": 1_770_000_000, "lat": 30.5, "lon": 113.0})
        unit.publish(contract.topic("truck-7", "fix"), fix)
        unit.publish(contract.topic("truck-8", "fix"), fix)
        wait_until(lambda: command(place, "XLEN", contract.key("track:truck-7")) == "1", 10,
                   lambda: "the fix is stored\n" + processes[2].tail())
        expect(command(place, "EXISTS", contract.key("track:truck-8")) == "0", "a unit may write for another")
        expect("store_setting" not in processes[2].text(), "the sample store is not durable")
        processes[2].stop()
        wrong = tracker(place, tls_port, host="127.0.0.1")  # the certificate is for localhost
        wrong.start(ready=False)
        processes.append(wrong)
        wait_until(lambda: "mqtt_lost" in wrong.text().rpartition("--- start")[2], 15, lambda: "it gives up\n" + wrong.tail())
        expect("mqtt_connected" not in wrong.text().rpartition("--- start")[2], "a certificate for another name is believed")
    finally:
        for process in reversed(processes):
            process.end()
    place.remove()


run([test_samples])
