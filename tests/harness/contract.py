"""The published contract, written a second time: keys, ids of violations, what streams hold."""
import base64
import hashlib
import json

PARTITION = "muck:{0}:"
# Fields that depend on when a message came, not on what it said.
LIVE_ONLY = ("received",)


def key(name):
    return PARTITION + name


def topic(vehicle, what):
    return f"muck/v1/{vehicle}/{what}"


def violation_id(vehicle, kind, subject, start_ms):
    data = b"\0".join(part.encode() for part in (vehicle, kind, subject, str(start_ms)))
    digest = hashlib.blake2b(data, digest_size=32).digest()
    return base64.b32encode(digest).decode().lower()[:26]


def comparable(fields):
    """An entry of a stream or a line of replay as texts, without what depends on the arrival."""
    out = {}
    for name, value in fields.items():
        if name in LIVE_ONLY or name == "stream":
            continue
        if isinstance(value, bytes):
            value = value.decode()
        elif isinstance(value, float):
            value = json.dumps(value)
        out[name] = str(value)
    return out


def by_vehicle(entries):
    """Entries as lists a vehicle: order is promised per vehicle, not across vehicles."""
    out = {}
    for fields in entries:
        out.setdefault(fields["vehicle"], []).append(fields)
    return out


def violations(redis):
    """All entries of the stream, comparable, in order."""
    return [comparable(fields) for _, fields in redis.stream(key("violations"))]


def track(redis, vehicle):
    """A vehicle's track: entries of (id, fields)."""
    return redis.stream(key("track:" + vehicle))


def vehicles(redis):
    """Every vehicle that has a track."""
    head = key("track:")
    found, cursor = set(), b"0"
    while True:
        cursor, page = redis.call("SCAN", cursor, "MATCH", head.replace("{", "\\{") + "*", "COUNT", 1000)
        found.update(k.decode()[len(head):] for k in page)
        if cursor == b"0":
            return sorted(found)


def read_replay(output):
    """What muckctl replay printed, as comparable entries of one stream each."""
    streams = {}
    # Numbers stay as they are written: 12.0 and 12.00 are not the same text in Redis.
    for line in output.splitlines():
        entry = json.loads(line, parse_float=str, parse_int=str)
        streams.setdefault(entry["stream"], []).append(comparable(entry))
    return streams
