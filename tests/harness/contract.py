"""The published contract, written a second time: keys, ids of violations, what streams hold."""
import base64
import hashlib
import json

PARTITION = "muck:{0}:"
# Fields that depend on when a message came, not on what it said.
LIVE_ONLY = ("received",)
# Fields of an entry of `violations`: those that every entry has, and those that may apply.
ALWAYS = frozenset("event id rev kind severity vehicle start at repeat ruleset text text_zh text_en".split())
MAY_APPLY = frozenset("plate company end reason cause lat lon start_lat start_lon fence fences permit why near_permit "
                      "trip value limit unit error jurisdiction road_class event_code department received "
                      "replaces replaced_by late_data".split())
FENCES_NAMED = 16


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


def broken_fields(entry):
    """What an entry of `violations` has against the contract, in words; empty when nothing."""
    names = set(entry)
    broken = [f"{name} is missing" for name in ALWAYS - names] + [f"{name} is unknown"
                                                                 for name in names - ALWAYS - MAY_APPLY]
    for name in ("text", "text_zh", "text_en"):
        text = entry.get(name, "")
        if not text.isprintable() or len(text.encode()) > 2048:
            broken.append(f"{name} is no line: {text!r}")
    if ("value" in names or "limit" in names) and "unit" not in names:
        broken.append("a value without a unit")
    if "fences" in names:
        pieces = json.loads(entry["fences"])
        more = pieces.pop() if isinstance(pieces[-1], int) else 0
        if not all(isinstance(p, str) for p in pieces) or len(pieces) > FENCES_NAMED or more < 0:
            broken.append(f"fences: {entry['fences']}")
    return broken


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
