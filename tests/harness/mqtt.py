"""MQTT 3.1.1 and 5: packets to bytes and back, and a client that waits for answers.

Only what units and tests need: no QoS 2. Sources: OASIS MQTT 3.1.1 and 5.0.
"""
import collections
import socket
import struct
import time

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 1, 2, 3, 4, 8, 9
PINGREQ, PINGRESP, DISCONNECT = 12, 13, 14

PROPERTY_MESSAGE_EXPIRY, PROPERTY_SESSION_EXPIRY, PROPERTY_RECEIVE_MAXIMUM = 0x02, 0x11, 0x21
# Length of each property's value by its identifier (MQTT 5, table 2-4): a number, "v"ariable integer, "s"tring,
# "p"air of strings.
_PROPERTY_SIZES = {0x01: 1, 0x02: 4, 0x03: "s", 0x08: "s", 0x09: "s", 0x0B: "v", 0x11: 4, 0x12: "s", 0x13: 2, 0x15: "s",
                   0x16: "s", 0x17: 1, 0x18: 4, 0x19: 1, 0x1A: "s", 0x1C: "s", 0x1F: "s", 0x21: 2, 0x22: 2, 0x23: 2,
                   0x24: 1, 0x25: 1, 0x26: "p", 0x27: 4, 0x28: 1, 0x29: 1, 0x2A: 1}

Message = collections.namedtuple("Message", "topic payload qos retain duplicate packet_id properties")
Packet = collections.namedtuple("Packet", "type flags body")


def _varint(n):
    out = bytearray()
    while True:
        n, digit = divmod(n, 128)
        out.append(digit | (0x80 if n else 0))
        if not n:
            return bytes(out)


def _string(text):
    data = text if isinstance(text, bytes) else text.encode()
    return struct.pack("!H", len(data)) + data


def _packet(kind, flags, *parts):
    body = b"".join(parts)
    return bytes([kind << 4 | flags]) + _varint(len(body)) + body


def connect(client_id, version=4, clean=True, keepalive_s=60, session_expiry_s=0, receive_max=0, will=None, user=None,
            password=None):
    """`will` is (topic, payload, qos, retain)."""
    flags = 0x02 if clean else 0
    payload = _string(client_id)
    if will:
        flags |= 0x04 | will[2] << 3 | (0x20 if will[3] else 0)
        payload += (b"\0" if version == 5 else b"") + _string(will[0]) + _string(will[1])
    if user is not None:
        flags |= 0x80
        payload += _string(user)
    if password is not None:
        flags |= 0x40
        payload += _string(password)
    head = _string("MQTT") + bytes([version, flags]) + struct.pack("!H", keepalive_s)
    if version == 5:
        properties = b""
        if session_expiry_s:
            properties += bytes([PROPERTY_SESSION_EXPIRY]) + struct.pack("!I", session_expiry_s)
        if receive_max:
            properties += bytes([PROPERTY_RECEIVE_MAXIMUM]) + struct.pack("!H", receive_max)
        head += _varint(len(properties)) + properties
    return _packet(CONNECT, 0, head, payload)


def publish(topic, payload, qos=0, retain=False, packet_id=0, version=4, duplicate=False):
    flags = (8 if duplicate else 0) | qos << 1 | (1 if retain else 0)
    number = struct.pack("!H", packet_id) if qos else b""
    return _packet(PUBLISH, flags, _string(topic), number, b"\0" if version == 5 else b"", payload)


def subscribe(packet_id, filters, version=4):
    """`filters` are (filter, qos)."""
    wanted = b"".join(_string(name) + bytes([qos]) for name, qos in filters)
    return _packet(SUBSCRIBE, 2, struct.pack("!H", packet_id), b"\0" if version == 5 else b"", wanted)


def puback(packet_id):
    return _packet(PUBACK, 0, struct.pack("!H", packet_id))


def pingreq():
    return _packet(PINGREQ, 0)


def disconnect():
    return _packet(DISCONNECT, 0)


class Decoder:
    """Takes bytes as they come, gives whole packets."""

    def __init__(self):
        self.buffer = bytearray()

    def feed(self, data):
        self.buffer += data
        packets, at, data = [], 0, self.buffer
        while True:
            length, shift, i = 0, 0, at + 1
            while i < len(data):
                length |= (data[i] & 0x7F) << shift
                shift += 7
                i += 1
                if not data[i - 1] & 0x80:
                    break
            else:
                break
            if i + length > len(data):
                break
            packets.append(Packet(data[at] >> 4, data[at] & 15, bytes(data[i:i + length])))
            at = i + length
        del data[:at]
        return packets


def _read_varint(data, at):
    value, shift = 0, 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if not data[at - 1] & 0x80:
            return value, at


def _read_properties(data, at):
    length, at = _read_varint(data, at)
    end, found = at + length, {}
    while at < end:
        identifier, size = data[at], _PROPERTY_SIZES[data[at]]
        at += 1
        if size == "v":
            found[identifier], at = _read_varint(data, at)
            continue
        strings = {"s": 1, "p": 2}.get(size, 0)
        values = []
        for _ in range(strings):
            count = struct.unpack_from("!H", data, at)[0]
            values.append(bytes(data[at + 2:at + 2 + count]))
            at += 2 + count
        if strings:
            found[identifier] = values[0] if strings == 1 else tuple(values)
        else:
            found[identifier] = int.from_bytes(data[at:at + size], "big")
            at += size
    return found, end


def read_publish(packet, version=4):
    data = packet.body
    length = struct.unpack_from("!H", data)[0]
    topic, at, qos = data[2:2 + length].decode(), 2 + length, packet.flags >> 1 & 3
    packet_id = 0
    if qos:
        packet_id, at = struct.unpack_from("!H", data, at)[0], at + 2
    properties = {}
    if version == 5:
        properties, at = _read_properties(data, at)
    return Message(topic, data[at:], qos, bool(packet.flags & 1), bool(packet.flags & 8), packet_id, properties)


class Refused(AssertionError):
    """The broker closed the connection or refused something."""


class Client:
    """A blocking client for tests: every call waits for its answer. Received messages gather in `messages`."""

    def __init__(self, port, client_id, version=5, clean=True, hold=False, tls=None, **options):
        """`hold`: messages of QoS 1 are not acknowledged until acknowledge() is called. `tls`: an ssl.SSLContext, for a
        broker called localhost."""
        self.version, self.hold, self.decoder = version, hold, Decoder()
        self.messages, self.answers, self.unacknowledged = collections.deque(), {}, []
        self.packet_id, self.closed = 0, False
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self.socket.sendall(connect(client_id, version, clean, **options))
        answer = self._await((CONNACK, 0))
        if answer[1] != 0:
            raise Refused(f"CONNACK {answer[1]}")
        self.session_present = bool(answer[0] & 1)

    def _next_id(self):
        self.packet_id = self.packet_id % 65535 + 1
        return self.packet_id

    def _pump(self, within_s):
        """Reads what is there, waiting at most so long for the first byte."""
        self.socket.settimeout(max(within_s, 0.0001))
        try:
            data = self.socket.recv(1 << 18)
        except (TimeoutError, BlockingIOError):
            return False
        if not data:
            self.closed = True
            raise Refused("the broker closed the connection")
        for packet in self.decoder.feed(data):
            self._take(packet)
        return True

    def _take(self, packet):
        if packet.type == PUBLISH:
            message = read_publish(packet, self.version)
            self.messages.append(message)
            if message.qos:
                self.unacknowledged.append(message.packet_id)
                if not self.hold:
                    self.acknowledge()
        elif packet.type == CONNACK:
            self.answers[CONNACK, 0] = packet.body
        elif packet.type in (PUBACK, SUBACK):
            self.answers[packet.type, struct.unpack_from("!H", packet.body)[0]] = packet.body[2:]
        elif packet.type == DISCONNECT:
            self.closed = True

    def _await(self, key, within_s=120):
        end = time.monotonic() + within_s
        while key not in self.answers:
            left = end - time.monotonic()
            if left <= 0:
                raise Refused(f"no answer of the broker within {within_s} s")
            self._pump(left)
        return self.answers.pop(key)

    def acknowledge(self):
        self.socket.settimeout(10)
        self.socket.sendall(b"".join(puback(i) for i in self.unacknowledged))
        self.unacknowledged.clear()

    def subscribe(self, *filters, qos=1):
        number = self._next_id()
        self.socket.sendall(subscribe(number, [(f, qos) for f in filters], self.version))
        answer = self._await((SUBACK, number))
        return answer[-len(filters):]

    def publish(self, topic, payload, qos=1, retain=False, wait=True):
        """Publishes, and with QoS 1 waits for the broker's answer."""
        number = self._next_id() if qos else 0
        payload = payload if isinstance(payload, bytes) else payload.encode()
        self.socket.settimeout(10)
        self.socket.sendall(publish(topic, payload, qos, retain, number, self.version))
        if qos and wait:
            self._await((PUBACK, number))

    def publish_all(self, messages, window=200):
        """Publishes (topic, payload) pairs with QoS 1, a window of them unanswered at a time."""
        open_ids = collections.deque()
        for topic, payload in messages:
            number = self._next_id()
            self.socket.settimeout(10)
            self.socket.sendall(publish(topic, payload, 1, False, number, self.version))
            open_ids.append(number)
            if len(open_ids) >= window:
                self._await((PUBACK, open_ids.popleft()))
        while open_ids:
            self._await((PUBACK, open_ids.popleft()))

    def receive(self, wanted=lambda message: True, within_s=10):
        """The first message that is wanted; others stay. None when none comes in time."""
        end = time.monotonic() + within_s
        while True:
            for message in self.messages:
                if wanted(message):
                    self.messages.remove(message)
                    return message
            left = end - time.monotonic()
            if left <= 0:
                return None
            self._pump(left)

    def settle(self, quiet_s):
        """Reads until nothing comes for so long."""
        while self._pump(quiet_s):
            pass

    def close(self, politely=True):
        try:
            if politely and not self.closed:
                self.socket.sendall(disconnect())
        except OSError:
            pass
        self.socket.close()
