"""Poison, and what there is too little of: memory and descriptors."""
import pathlib
import random
import resource
import time

import scenarios
from harness.process import wait_until
from registry import scenario
from trial import Trial

ROOT = pathlib.Path(__file__).resolve().parents[2]

# ---- poison

POISON_A_TURN = 3000
CORPORA = {"fix_json": "muck/v1/poison/fix", "fix_line": "muck/v1/poison/fix", "json_tree": "muck/v1/poison/fix",
           "status_json": "muck/v1/poison/status", "owntracks": "owntracks/user/poison", "gpsd_line": "muck/v1/poison/live"}
PIECES = (b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\u0000", b"\\ud800", b"1e999", b"-0", b"null", b"NaN", b'"time":', b'"boot":"x"',
          b'"seq":18446744073709551615', b'"seq":0', b'"lat":91', b'"sensors":{', b'"skipped":[[1,9]]', b"\0", b"\xff\xfe", b"\xed\xa0\x80")


def corpus():
    found = []
    for name, topic in CORPORA.items():
        for path in sorted((ROOT / "tests/codec/corpus" / name).iterdir()):
            found.append((topic, path.read_bytes()))
    return found


def spoilt(r, payload):
    """Some bytes of it are others, gone, there twice, or pieces of the grammar."""
    data = bytearray(payload[:4096])
    for _ in range(r.randint(1, 8)):
        at, length = r.randrange(len(data) + 1), r.randint(0, 16)
        kind = r.randrange(5)
        if kind == 0:
            data[at:at + length] = b""
        elif kind == 1:
            data[at:at] = r.choice(PIECES)
        elif kind == 2:
            data[at:at] = data[at:at + length] * r.randint(1, 4)
        elif kind == 3 and at < len(data):
            data[at] = r.randrange(256)
        else:
            data[at:at + length] = r.randbytes(length)
    return bytes(data)


@scenario("F15", f"poison: the fuzzers' corpora, and {POISON_A_TURN} spoilt payloads of one unit beside the others", 1, 34)
def poison(options, count):
    with Trial("F15", options, strangers=("poison",)) as t:
        pid, given, r = t.tracker.pid, corpus(), random.Random(f"poison {options.seed}")
        client = t.stage.broker.client("poison")
        client.publish_all(given)
        for _ in range(count):
            client.publish_all([(topic, spoilt(r, payload)) for topic, payload in (r.choice(given) for _ in range(POISON_A_TURN))])
            t.wait_progress()
        client.close()
        refused = sum(v for name, v in t.stage.metrics().items() if name.startswith("muckwatch_refused_total"))
        t.figure("payloads", len(given) + count * POISON_A_TURN)
        t.figure("refused", int(refused))
        t.require(t.tracker.alive() and t.tracker.pid == pid, "the tracker did not live through it")
        t.require(refused > len(given), f"only {refused} were refused: nothing was shown")
    return t.outcome


# ---- memory and descriptors

# No memory, nothing to listen on, no room for what the configuration names: the start says so. 0 is no end without a signal.
ENDS_WELL = (69, 70, 71, 78)


@scenario("F16", "no memory for each N-th request of the tracker, no descriptors", 30, 500)
def scarce(options, count):
    with Trial("F16", options, shim_tracker={}) as t:
        ended = {}
        for i in range(count):
            every = 1 + i * 500 // count + t.random.randrange(max(1, 500 // count))
            code = start_without(t, {"MW_SHIM_MALLOC": str(every)})
            ended[code] = ended.get(code, 0) + 1
            t.require(code in (None, *ENDS_WELL), f"each {every}th allocation refused: ended with {code}\n{t.tracker.tail()}")
        for descriptors in range(8, 40, 4 if count < 100 else 1):
            code = start_without(t, {}, ["prlimit", f"--nofile={descriptors}"])
            t.require(code in (None, *ENDS_WELL), f"with {descriptors} descriptors: ended with {code}\n{t.tracker.tail()}")
        t.figure("ends", " ".join(f"{code}:{n}" for code, n in sorted(ended.items(), key=str)))
        t.tracker.kill()
        t.restart(t.tracker)
        t.wait_progress()
        without_descriptors(t)
    return t.outcome


def start_without(t, env, words=()):
    """What it ends with, or None if it lives on for a while; then the ordinary one works on."""
    t.tracker.kill()
    t.tracker.env.update(env)
    t.tracker.argv[:0] = words
    t.tracker.start(ready=False)
    end = time.monotonic() + t.random.uniform(0.3, 1.5)
    while t.tracker.alive() and time.monotonic() < end:
        time.sleep(0.01)
    code = t.tracker.child.returncode
    t.tracker.kill()
    del t.tracker.argv[:len(words)]
    for name in env:
        t.tracker.env.pop(name)
    if t.random.random() < 0.3:
        t.tracker.start()
        t.wait_progress()
    return code


def without_descriptors(t):
    """Those it has stay, and there are no more: it cannot come back to broker and store, and says so at leisure."""
    limits = resource.prlimit(t.tracker.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(t.tracker.pid, resource.RLIMIT_NOFILE, (3, limits[1]))
    for process in (t.stage.redis, t.stage.broker):
        process.kill()
        process.start()
    scenarios.stands_still(t, "no descriptors")
    cpu_s, since, lines = t.tracker.cpu_s(), time.monotonic(), len(t.tracker.text().splitlines())
    time.sleep(3)
    busy, told = (t.tracker.cpu_s() - cpu_s) / (time.monotonic() - since), len(t.tracker.text().splitlines()) - lines
    t.require(busy < 0.9, f"without descriptors the tracker spins at {busy:.0%}")
    t.require(told < 200, f"without descriptors it logs {told} lines in 3 s")
    resource.prlimit(t.tracker.pid, resource.RLIMIT_NOFILE, limits)
    t.wait_progress()
    wait_until(lambda: "200 OK" in t.stage.page("/readyz"), 120, "it is ready again", every_s=0.1)
