"""Ready is only who was granted every subscription: a broker that refuses one, by script and as mosquitto does it."""
import contextlib
import json
import pathlib
import socket
import struct
import threading
import urllib.error
import urllib.request

from common import BINARIES, CITY, Stage, expect, run, wait_until
from harness import mqtt

FILTERS = ("muck/v1/+/fix", "muck/v1/+/status", "owntracks/+/+", "muck/v1/+/live", "$SYS/broker/publish/messages/dropped")
GRANTED_LOWER = 0  # QoS 0 where QoS 1 was asked for


class ScriptedBroker:
    """Lets everyone in, answers each subscription as `refused` says (filter to reason code), and delivers nothing."""

    def __init__(self, port):
        self.refused, self.asked = {}, []
        self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=(self.listener.accept()[0],), daemon=True).start()

    def _serve(self, client):
        decoder = mqtt.Decoder()
        with contextlib.suppress(OSError), client:
            while data := client.recv(65536):
                for packet in decoder.feed(data):
                    client.sendall(self._answer(packet))

    def _answer(self, packet):
        if packet.type == mqtt.CONNECT:
            return bytes([mqtt.CONNACK << 4, 3, 0, 0, 0])
        if packet.type == mqtt.SUBSCRIBE:
            length, at = struct.unpack_from("!H", packet.body, 3)[0], 5  # number, no properties
            name, qos = packet.body[at:at + length].decode(), packet.body[at + length] & 3
            self.asked.append(name)
            return bytes([mqtt.SUBACK << 4, 4]) + packet.body[:2] + bytes([0, self.refused.get(name, qos)])
        return bytes([mqtt.PINGRESP << 4, 0]) if packet.type == mqtt.PINGREQ else b""

    def close(self):
        self.listener.close()


def ready(stage):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{stage.http_port}/readyz", timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def wait_ready(stage, words):
    wait_until(lambda: ready(stage)[0] == 200, 120, lambda: f"{words}: {ready(stage)}\n{stage.tracker.tail()}", every_s=0.05)


def started_again(stage, broker, refused):
    stage.tracker.kill()
    broker.refused, broker.asked = refused, []
    stage.tracker.start()
    wait_until(lambda: len(broker.asked) >= len(FILTERS), 120, lambda: f"it subscribes: {broker.asked}")


def test_each_filter():
    with Stage("refused", BINARIES, CITY) as stage:
        stage.broker.kill()
        broker = ScriptedBroker(stage.broker.port)
        for name, code in (*((name, 0x87) for name in FILTERS), (FILTERS[0], 0x80), (FILTERS[1], 0x97),
                           (FILTERS[0], GRANTED_LOWER), (FILTERS[2], GRANTED_LOWER)):
            started_again(stage, broker, {name: code})
            wait_until(lambda n=name: f'mqtt_subscription_refused filter="{n}"' in stage.tracker.text().rpartition("--- start")[2], 120,
                       lambda n=name: f"the log names {n}\n" + stage.tracker.tail())
            expect(ready(stage) == (503, "not subscribed\n"), f"{name} answered with {code:#x}: {ready(stage)}")
        started_again(stage, broker, {})
        wait_ready(stage, "granted all, and not ready")
        # What is refused is asked for again, on the same connection, and what is granted is not.
        started_again(stage, broker, {FILTERS[1]: 0x87, FILTERS[3]: 0x87})
        first = len(broker.asked)
        wait_until(lambda: len(broker.asked) >= first + 2, 120, lambda: f"it asks again: {broker.asked}", every_s=0.05)
        expect(sorted(set(broker.asked[first:])) == sorted([FILTERS[1], FILTERS[3]]), f"asked again: {broker.asked[first:]}")
        expect(ready(stage)[0] == 503, "ready without two of them")
        broker.refused = {}
        wait_ready(stage, "granted when asked again, and not ready")
        expect(stage.tracker.text().rpartition("--- start")[2].count("mqtt_connected") == 2, "it took new connections for that")
        broker.close()
        stage.tracker.stop()
        expect(not stage.tracker.reported(), f"the sanitizers report {stage.tracker.reported()}")


def dynamic_security(acls):
    """mosquitto's plugin: its lists of topics for subscriptions refuse, where acl_file filters what is delivered."""
    access = {"publishClientSend": True, "publishClientReceive": True, "subscribe": True, "unsubscribe": True}
    return json.dumps({"defaultACLAccess": access, "anonymousGroup": "all", "clients": [],
                       "groups": [{"groupname": "all", "roles": [{"rolename": "some"}]}],
                       "roles": [{"rolename": "some", "acls": acls}]})


def test_mosquitto_refuses():
    plugin = next(pathlib.Path("/usr/lib").glob("*/mosquitto_dynamic_security.so"))
    with Stage("mosquitto", BINARIES, CITY, broker={"extra": (f"plugin {plugin}", "plugin_opt_config_file dynsec.json")}) as stage:
        for pattern in (FILTERS[1], FILTERS[3]):
            stage.broker.kill()
            acl = {"acltype": "subscribePattern", "topic": pattern, "priority": 1, "allow": False}
            stage.place.file("dynsec.json", dynamic_security([acl]))
            stage.broker.start()
            if not stage.tracker.alive():
                stage.tracker.start()
            stage.say("refusing " + pattern)
            wait_until(lambda p=pattern: f'mqtt_subscription_refused filter="{p}"' in stage.tracker.text(), 120,
                       lambda p=pattern: f"mosquitto refuses {p}\n" + stage.tracker.tail())
            expect(ready(stage)[0] == 503, f"ready without {pattern}")
        stage.broker.kill()
        stage.place.file("dynsec.json", dynamic_security([]))
        stage.broker.start()
        wait_ready(stage, "granted all, and not ready")


run([test_each_filter, test_mosquitto_refuses])
