"""A haul of one truck in page_city, fix by fix; and a store as it stands, to be put into another."""
import base64
import json

LAT_PIT, LAT_TIP, BASE_S = 30.4, 30.44, 1_770_000_000


def fix(s, lat, speed, **sensors):
    body = {"time": BASE_S + s, "lat": round(lat, 7), "lon": 112.9, "mode": 3, "speed": speed, "track": 0, "eph": 4}
    return json.dumps({**body, **({"sensors": sensors} if sensors else {})}).encode()


def loading(to_s=400):
    """Stands in the pit, empty and then loaded."""
    return [fix(s, LAT_PIT, 0, load="empty" if s < 200 else "loaded", cover="open" if s < 300 else "closed", ignition=True)
            for s in range(0, to_s, 10)]


def leaving(from_s=400):
    """Out of the pit and half of the way."""
    return [fix(from_s + 10 * n, LAT_PIT + 0.0012 * n, 13, load="loaded", cover="closed", body="down") for n in range(1, 17)]


def tipping(from_s=570):
    """On to the tip, and empty there."""
    way = [fix(from_s + 10 * n, LAT_PIT + 0.0192 + 0.0013 * n, 13, load="loaded") for n in range(1, 16)]
    there = [fix(from_s + 160 + 10 * n, LAT_TIP, 0, load="loaded" if n < 8 else "empty", body="raised" if 4 < n < 10 else "down")
             for n in range(40)]
    return way + there


def keep(redis):
    """All of a store's keys, as JSON holds them."""
    text = lambda b: base64.b64encode(b).decode()  # noqa: E731
    kept = {}
    for key in sorted(redis.call("KEYS", "muck:*")):
        kind = redis.call("TYPE", key).decode()
        if kind == "hash":
            flat = redis.call("HGETALL", key)
            kept[key.decode()] = ["hash", [text(b) for b in flat]]
        elif kind == "stream":
            entries = redis.call("XRANGE", key, "-", "+")
            kept[key.decode()] = ["stream", [[entry.decode(), [text(b) for b in fields]] for entry, fields in entries]]
        else:
            flat = redis.call("ZRANGE", key, 0, -1, "WITHSCORES")
            kept[key.decode()] = ["zset", [text(b) for b in flat]]
    return kept


def put_back(redis, kept):
    for key, (kind, values) in kept.items():
        if kind == "stream":
            for entry, fields in values:
                redis.call("XADD", key, entry, *map(base64.b64decode, fields))
            continue
        flat = [base64.b64decode(v) for v in values]
        if kind == "hash":
            redis.call("HSET", key, *flat)
        else:
            redis.call("ZADD", key, *[word for i in range(0, len(flat), 2) for word in (flat[i + 1], flat[i])])
