"""Follows Muckwatch's events (docs/DISPATCH.md), Python's standard library alone. `follow` is what every reader needs; below it is a program
that prints them, and that goes on where it was when it is started again. The tests run it."""
import json
import os
import random
import sys
import time
import urllib.error
import urllib.request

SILENCE_S = 25  # a beat comes each 10 s


def lines_of(base, token, place, query):
    headers = {"Authorization": f"Bearer {token}", **({"Last-Event-ID": place} if place else {})}
    with urllib.request.urlopen(urllib.request.Request(f"{base}/api/v1/events{query}", headers=headers), timeout=SILENCE_S) as stream:
        for line in stream:
            yield line.decode().rstrip("\n")


def follow(base, token, place=None, query=""):
    """(kind, place, data) for ever. Of alert, action, shift and world each comes once and in order, if `place` is that of the last one that was
    dealt with; None: from now on. After `reset` what is known has to be loaded anew: GET /api/v1/state."""
    wait_s = 1
    while True:
        try:
            event = {}
            for line in lines_of(base, token, place, query):
                name, _, value = line.partition(": ")
                event[name] = value
                if line or "data" not in event:
                    event = event if line else {}
                    continue
                wait_s = 1
                yield event["event"], event.get("id"), json.loads(event["data"])
                place, event = event.get("id", place), {}
        except urllib.error.HTTPError as refused:
            if refused.code not in (429, 503):
                raise
        except (OSError, ValueError):  # lost, or silent
            pass
        time.sleep(wait_s * (0.5 + random.random()))
        wait_s = min(2 * wait_s, 30)


def main(base, token_file, place_file):
    """A line an event; the place is kept when the line is out, so that a kill in between tells one twice and none never."""
    with open(token_file, encoding="ascii") as file:
        token = file.read().strip()
    place = None
    if os.path.exists(place_file):
        with open(place_file, encoding="ascii") as file:
            place = file.read()
    for kind, at, data in follow(base, token, place):
        print(kind, json.dumps(data, ensure_ascii=False), flush=True)
        if at is None:
            continue
        with open(place_file + ".new", "w", encoding="ascii") as file:
            file.write(at)
            file.flush()
            os.fsync(file.fileno())
        os.replace(place_file + ".new", place_file)


if __name__ == "__main__":  # events_consumer.py http://127.0.0.1:8080 TOKEN_FILE PLACE_FILE
    main(*sys.argv[1:])
