"""The faults of the matrix. Each function plays one row; how often comes from the column that is run."""
import os
import shutil
import signal
import time

from faulty_store import is_commit
from harness import contract, mqtt
from harness.process import wait_until
from harness.servers import EX_TEMPFAIL
from registry import scenario
from trial import Trial, set_clock

FAILPOINT_EXIT = 86
# Where tracker/base/failpoint.h is called, and how often each is passed before the crash, at most.
FAILPOINTS = (("batch_read", 40), ("commit_sent", 40), ("commit_answered", 40), ("acks_queued", 40), ("acks_sent", 40),
              ("claimed", 1), ("state_loaded", 1), ("reconnecting", 1))

# ---- kills

@scenario("F1", "kill -9 of the tracker", 40, 1000)
def kill_tracker(options, count):
    with Trial("F1", options) as t:
        for _ in range(count):
            t.between()
            t.kill(t.tracker)
        t.figure("kills", count)
    t.within(t.outcome.figures["ack_p99_s"], 2, "first durable ack after a restart, p99")
    return t.outcome


@scenario("F2", "the tracker dies at named places", 10, 200)
def die_at_places(options, count):
    with Trial("F2", options) as t:
        deaths = 0
        for name, most in FAILPOINTS:
            for _ in range(count):
                t.tracker.kill()
                t.tracker.env["MW_FAILPOINT"] = f"{name}:{t.random.randint(1, most)}"
                t.tracker.start(ready=False)
                if name == "reconnecting":
                    t.tracker.wait_ready()
                    t.wait_progress()  # connected
                    cut_link(t)
                code = t.tracker.wait(20)
                t.require(code == FAILPOINT_EXIT, f"{name}: ended with {code}")
                deaths += 1
                t.tracker.env.pop("MW_FAILPOINT")
                t.tracker.start()
                t.wait_progress()
        t.figure("deaths", deaths)
    return t.outcome


def cut_link(t):
    """Someone takes the tracker's client id, and leaves: its connection is gone, the broker is not."""
    mqtt.Client(t.stage.broker.port, "muckwatchd", clean=False, session_expiry_s=604800, hold=True).close(politely=False)


@scenario("F3", "kill -9 of Redis (appendfsync always)", 30, 500)
def kill_redis(options, count):
    with Trial("F3", options) as t:
        for _ in range(count):
            t.between(0.05, 0.6)
            t.kill(t.stage.redis, 0.4)
        t.figure("kills", count)
    return t.outcome


@scenario("F4", "kill -9 of the broker, persistence on", 15, 250)
def kill_broker_keeping(options, count):
    return kill_broker("F4", options, count, True)


@scenario("F4b", "kill -9 of the broker, persistence off", 15, 250)
def kill_broker_forgetting(options, count):
    return kill_broker("F4b", options, count, False)


def kill_broker(name, options, count, persistence):
    with Trial(name, options, broker={"persistence": persistence}) as t:
        for _ in range(count):
            t.between(0.1, 1.0)
            t.kill(t.stage.broker, 0.4)
        t.figure("kills", count)
    return t.outcome


@scenario("F5", "mixed: kill -9 and SIGSTOP of 0.5 to 6 s, of all three", 40, 600)
def mixed(options, count):
    with Trial("F5", options, rules="", broker={"persistence": True}) as t:
        kills = stops = 0
        for i in range(count):
            t.between(0.1, 0.8)
            process = t.random.choice((t.tracker, t.stage.redis, t.stage.broker))
            if t.random.random() < 0.6:
                t.kill(process, 0.3)
                kills += 1
            else:
                process.pause()
                time.sleep(t.random.uniform(0.5, 6.0))
                process.resume()
                stops += 1
            revive(t)
        t.figure("kills", kills)
        t.figure("stops", stops)
    return t.outcome


def revive(t):
    """A supervisor would start again a tracker that left by itself."""
    if not t.tracker.alive():
        t.require(t.tracker.child.returncode in (0, EX_TEMPFAIL), f"the tracker left with {t.tracker.child.returncode}")
        t.tracker.start()


# ---- a store that goes back, or is full

def aof_folder(t):
    return t.stage.redis.folder / "appendonlydir"


@scenario("F6", "the store goes back: everysec with slow syncs, restored backups, emptied", 12, 100)
def roll_back(options, count):
    with Trial("F6", options, redis={"appendfsync": "everysec"}, shim_redis={}) as t:
        slow_disk(t, 300)
        restored = 0
        for i in range(count):
            t.between(0.5, 1.5)
            if i % 3 == 2:
                backup = back_up(t)
                t.between(0.5, 1.5)
                t.stage.redis.kill()
                restored += 1
                if restored % 2:
                    t.tracker.kill()  # it does not see the store go back: units must find out all the same
                restore(t, backup)
                t.stage.redis.start()
                if not t.tracker.alive():
                    t.tracker.start()
            else:
                t.kill(t.stage.redis, 0.2)
            t.wait_progress()
        redis = t.stage.redis.client()
        redis.call("FLUSHALL")
        redis.close()
        t.wait_progress()
        t.figure("kills", count)
        t.figure("restored", restored)
    if sum(u.rewinds_back for u in t.fleet.units) == 0:
        t.outcome.faults.append("no ack went back: nothing was lost by the store, so nothing was shown")
    return t.outcome


def back_up(t):
    """A backup of one moment."""
    backup = t.stage.place.path / "backup"
    t.stage.redis.pause()
    shutil.rmtree(backup, ignore_errors=True)
    shutil.copytree(aof_folder(t), backup)
    t.stage.redis.resume()
    return backup


def restore(t, backup):
    """Of a store that does not run."""
    shutil.rmtree(aof_folder(t))
    shutil.copytree(backup, aof_folder(t))


def slow_disk(t, slow_ms):
    """Turns the shim's disk on, from the next start of Redis on; starts it again."""
    folder = t.stage.place.folder("disk")
    t.stage.redis.env["MW_SHIM_DISK"] = str(folder)
    if slow_ms:
        (folder / "slow_ms").write_text(str(slow_ms), encoding="ascii")
    t.stage.redis.kill()
    t.stage.redis.start()
    return folder


def lose_power(t, folder):
    """kill -9, and what was not synced never reached the disk."""
    t.stage.redis.kill()
    cut = 0
    for path in aof_folder(t).glob("*.incr.aof"):
        note = folder / f"{path.name}.synced"
        safe = int(note.read_text(encoding="ascii")) if note.exists() else 0
        cut += max(0, path.stat().st_size - safe)
        os.truncate(path, min(safe, path.stat().st_size))
    t.stage.redis.start()
    return cut


@scenario("F7", "loss of power at the store (appendfsync always)", 6, 100)
def power_loss(options, count):
    with Trial("F7", options, shim_redis={}) as t:
        folder, cut = slow_disk(t, 0), 0
        for _ in range(count):
            t.between(0.3, 1.2)
            cut += lose_power(t, folder)
            t.wait_progress()
        t.figure("cuts", count)
        t.figure("bytes_cut", cut)
    return t.outcome


@scenario("F7b", "loss of power within a commit: the file ends in the middle of it", 8, 100)
def torn_commit(options, count):
    with Trial("F7b", options) as t:
        cut = 0
        for i in range(count):
            t.between(0.3, 1.2)
            t.stage.redis.kill()
            if i % 3 == 1:
                t.tracker.kill()
            cut += t.stage.redis.cut_within_commit(t.random.random())
            t.stage.redis.start()
            if not t.tracker.alive():
                t.tracker.start()
            t.wait_progress()
        t.kill(t.stage.redis)  # what was left of the last cut would show now
        t.wait_progress()
        t.figure("cuts", count)
        t.figure("bytes_cut", cut)
    return t.outcome


@scenario("F8", "no room, broken syncs, memory limit", 1, 20)
def store_full(options, count):
    with Trial("F8", options, shim_redis={}) as t:
        folder = slow_disk(t, 0)
        for _ in range(count):
            for name in ("full", "broken"):
                t.between(0.2, 0.6)
                (folder / name).write_text("", encoding="ascii")
                t.stage.redis.wait(15)  # with appendfsync always Redis ends itself
                stands_still(t, name)
                (folder / name).unlink()
                t.stage.redis.start()
                t.wait_progress()
            t.between(0.2, 0.6)
            redis = t.stage.redis.client()
            redis.call("CONFIG", "SET", "maxmemory", "1mb")
            time.sleep(0.3)
            stands_still(t, "maxmemory")
            redis.call("CONFIG", "SET", "maxmemory", "0")
            redis.close()
            t.wait_progress()
        alarmed = "refused" in t.tracker.text() or "OOM" in t.tracker.text()
        t.require(alarmed, "the log says nothing of a store without memory")
    return t.outcome


def stands_still(t, words):
    """No ack while nothing can be stored."""
    time.sleep(0.3)  # acks of what was stored before are on their way
    before = t.fleet.acked()
    time.sleep(1.0)
    t.require(t.fleet.acked() == before, f"{words}: acknowledged {t.fleet.acked() - before} fixes that cannot be stored")


@scenario("F9", "answers of the store: errors, lies, torn, reset, silence", 1, 10)
def scripted_store(options, count):
    errors = ("MISCONF Redis is configured to save RDB snapshots", "OOM command not allowed when used memory > 'maxmemory'.",
              "LOADING Redis is loading the dataset in memory", "READONLY You can't write against a read only replica.",
              "NOSCRIPT No matching script.", "MOVED 3999 127.0.0.1:1", "ASK 3999 127.0.0.1:1",
              "TRYAGAIN Multiple keys request during rehashing of slot", "CLUSTERDOWN The cluster is down",
              "MASTERDOWN Link with MASTER is down", "BUSY Redis is busy running a script.", "NOREPLICAS Not enough good replicas",
              "ERR Function not found", "DENIED Redis is running in protected mode", "ERR unknown command 'FCALL'",
              "NOPERM this user has no permissions to run the 'fcall' command", "ERR wrong number of arguments for 'fcall' command")
    faults = [("error", e) for e in errors] + [("lie", e) for e in errors]
    faults += [("torn", n) for n in range(0, 26)] + [("reset",)] * 3 + [("silent",), ("mute",)]
    faults += [("bytes", b) for b in (b"$-1\r\n", b"*0\r\n", b"*-1\r\n", b"+OK\r\n", b":1\r\n", b"*1\r\n$7\r\napplied\r\n"[:12],
                                      b"nonsense\r\n", b"*2\r\n$7\r\nunheard\r\n:1\r\n", b"\x00\xff\x00\xff\r\n",
                                      b"HTTP/1.1 400 Bad Request\r\n\r\n")]
    with Trial("F9", options, faulty=True) as t:
        for _ in range(count):
            played = faults + [("garbage", some_garbage(t.random)) for _ in range(6)]
            t.random.shuffle(played)
            for fault in played:
                t.stage.say(f"the store's next answer: {fault}")
                t.store.arm(fault, is_commit)
                t.store.wait_fired()
                t.wait_progress()
        library_lost(t)
        loading_at_start(t)
        t.figure("faults", count * (len(faults) + 6) + 2)
    return t.outcome


def some_garbage(r):
    """Pieces of the protocol in any order; no long lengths, for which hiredis 0.14 would take memory at once."""
    pieces = (b"*", b"$", b":", b"+", b"-", b"\r\n", b"\r", b"0", b"1", b"3", b"-1", b"fenced", b"ERR ", b"x", b"\0")
    return b"".join(r.choice(pieces) for _ in range(r.randint(1, 24)))


def library_lost(t):
    redis = t.stage.redis.client()
    redis.call("FUNCTION", "FLUSH")
    redis.close()
    t.wait_progress()


def loading_at_start(t):
    t.tracker.kill()
    t.store.always = ("error", "LOADING Redis is loading the dataset in memory")
    t.tracker.start(ready=False)
    time.sleep(1.0)
    before = t.fleet.acked()
    t.store.always = None
    t.tracker.wait_ready()
    t.require(t.fleet.acked() >= before, "acknowledged backwards by a store that is loading")
    t.wait_progress()


@scenario("F9b", "rights taken away in mid-write, tracker or store killed meanwhile", 12, 150)
def rights_lost(options, count):
    with Trial("F9b", options) as t:
        redis = t.stage.redis.client()
        for i in range(count):
            t.between(0.2, 0.6)
            lost = t.random.choice(("geoadd", "zadd", "hset", "hdel", "xadd", "zrem"))
            redis.call("ACL", "SETUSER", "default", "-" + lost)
            t.between(0.1, 1.0)
            if i % 3 == 1:
                t.tracker.kill()
                t.fleet.mark()
                t.tracker.start(ready=False)  # it cannot claim before what broke is written
                t.between(0.1, 1.0)
            if i % 3 == 2:
                t.stage.redis.kill()
                t.stage.redis.start()  # with the rights of its configuration
                redis = t.stage.redis.client()
            redis.call("ACL", "SETUSER", "default", "+@all")
            t.wait_progress()
        t.figure("broken", t.tracker.text().count("BROKEN"))
        t.require(t.stage.metrics()["muckwatch_quarantined_total"] == 0, "a store without rights costs a vehicle its fixes")
        redis.close()
    return t.outcome


@scenario("F9c", "a stream that has come to its last id, seen and not to be seen, in mid-load", 4, 60)
def streams_at_their_end(options, count):
    """Seen, it costs its own vehicle alone. Where its last entry is gone nobody can look: the commit breaks in its middle, is
    held, and finished when the stream is mended."""
    with Trial("F9c", options, strangers=("stranger",)) as t:
        redis = t.stage.redis.client()
        stranger = t.stage.broker.client("stranger")
        for i in range(count):
            t.between(0.3, 0.8)
            end_stream(redis, "track:stranger")
            for n in range(4):
                stranger.publish(contract.topic("stranger", "fix"), t.fleet.trips[0].fixes[n])
            t.wait_progress()
            redis.call("DEL", contract.key("track:stranger"))
            name = t.random.choice([f"track:{trip.vehicle}" for trip in t.fleet.trips] + ["violations"] * 10)
            break_within(t, redis, name, killed=(None, t.tracker, t.stage.redis)[i % 3])
            redis = t.stage.redis.client()
        t.figure("broken", t.tracker.text().count("BROKEN"))
        t.require(t.tracker.text().count("BROKEN") >= count, "no commit broke: the fault did not happen")
        redis.close()
        stranger.close()
    return t.outcome


LAST_ID = "18446744073709551615-18446744073709551615"


def end_stream(redis, name):
    return redis.call("XADD", contract.key(name), LAST_ID, "x", "y")


def break_within(t, redis, name, killed=None):
    """Nothing more can be put into a stream, and no entry of it says so, until it is mended; meanwhile one is killed."""
    before = t.tracker.text().count("BROKEN")
    end_stream(redis, name)
    redis.call("XDEL", contract.key(name), LAST_ID)
    wait_until(lambda: t.tracker.text().count("BROKEN") > before, 120, lambda: f"a commit breaks at {name}\n" + t.tracker.tail())
    if killed:
        killed.kill()
        t.fleet.mark()
        killed.start(**({"ready": False} if killed is t.tracker else {}))
        t.between(0.1, 0.6)
        redis = t.stage.redis.client()
    last = redis.call("XREVRANGE", contract.key(name), "+", "-", "COUNT", 1)
    redis.call("XSETID", contract.key(name), last[0][0] if last else "0-1", "ENTRIESADDED", redis.call("XLEN", contract.key(name)),
               "MAXDELETEDID", "0-0")
    redis.close()
    t.wait_progress()


# ---- outages and floods

@scenario("F11", "Redis away for longer than the keepalive", 1, 10)
def long_outage(options, count):
    with Trial("F11", options, rate=300, faulty=True) as t:
        for _ in range(count):
            t.between(1, 2)
            before, since = t.tracker.rss_kib(), time.monotonic()
            t.stage.redis.kill()
            t.store.always = ("reset",)
            most = before
            while time.monotonic() - since < options.outage_s:
                time.sleep(0.5)
                t.check_alive()
                most = max(most, t.tracker.rss_kib())
            attempts = sum(1 for at in t.store.connections if at > since)
            t.stage.redis.start()
            t.store.always = None
            t.wait_progress()
            t.require(most - before <= 64 * 1024, f"memory grew by {(most - before) // 1024} MB")
            t.require(attempts <= options.outage_s + 6, f"{attempts} connections in {options.outage_s} s")
            t.figure("rss_growth_mb", round((most - before) / 1024, 1))
            t.figure("connections", attempts)
    return t.outcome


@scenario("F12", "the broker's queue holds 100, the subscriber pauses", 1, 10)
def queue_overflow(options, count):
    with Trial("F12", options, rate=1500, rules="", broker={"extra": ("max_queued_messages 100",)}) as t:
        for _ in range(count):
            t.between(0.5, 1)
            t.tracker.pause()
            time.sleep(4)
            t.tracker.resume()
            t.wait_progress()
        watcher = t.stage.broker.client("watcher")
        watcher.subscribe("$SYS/broker/publish/messages/dropped", qos=0)
        message = watcher.receive(within_s=5)
        dropped = int(message.payload) if message else 0
        watcher.close()
        t.figure("dropped", dropped)
        t.require(dropped > 0, "the broker dropped nothing: the fault did not happen")
        time.sleep(2.5)  # the broker tells its counters once a second
        metrics = t.stage.metrics()
        told = [v for name, v in metrics.items() if "broker" in name and "drop" in name]
        t.require(any(v > 0 for v in told), "no metric tells what the broker dropped")
    return t.outcome


@scenario("F13", "a flood of live positions beside the fixes", 1, 10)
def flood(options, count):
    with Trial("F13", options, rate=300) as t:
        live = b'{"time":1770000000,"lat":30.5,"lon":113.0,"mode":3}'
        packets = b"".join(mqtt.publish(contract.topic(f"u{n % 50:02d}", "live"), live) for n in range(500))
        sent = 0
        for _ in range(count):
            client = t.stage.broker.client("flood", version=4)
            end = time.monotonic() + options.flood_s
            while time.monotonic() < end:
                client.socket.settimeout(30)
                client.socket.sendall(packets)
                sent += 500
            client.close()
            t.wait_progress()
        t.figure("live_sent", sent)
        t.figure("live_rate", int(sent / options.flood_s / count))
        metrics = t.stage.metrics()
        t.require(metrics.get("muckwatch_live_total", 0) > 0, "no metric counts live positions")
        p99_s = t.fleet.latency_s(0.99)
        t.within(p99_s, 1, "from fix to ack under the flood, p99")
    return t.outcome


# ---- clocks, signals, sessions

@scenario("F14", "clocks jump: +1 h and -2 h at the store, at the tracker, at units", 1, 10)
def clocks(options, count):
    with Trial("F14", options, shim_tracker={}, shim_redis={}, wrong_clocks=True) as t:
        files = {}
        for process in (t.tracker, t.stage.redis):
            files[process.name] = t.stage.place.file(f"clock-{process.name}")
            set_clock(files[process.name], 0)
            process.env["MW_SHIM_CLOCK"] = str(files[process.name])
            process.kill()
        t.stage.redis.start()
        t.tracker.start()
        for _ in range(count):
            for name in files:
                for shift_s in (3600, 0, -7200, 0):
                    t.between(0.2, 0.5)
                    set_clock(files[name], shift_s)
                    t.wait_progress()
                    cpu, since = t.tracker.cpu_s(), time.monotonic()
                    time.sleep(0.5)
                    busy = (t.tracker.cpu_s() - cpu) / (time.monotonic() - since)
                    t.require(busy < 0.9, f"the tracker spins at {busy:.0%} after {name}'s clock jumped to {shift_s} s")
                    t.kill(t.tracker)  # also across a restart
                    t.wait_progress()
    return t.outcome


@scenario("F17", "SIGTERM and SIGHUP under load", 20, 200)
def signals(options, count):
    """Each reload brings another world, but for some whose files are wrong; no fix is judged otherwise by them."""
    longest = 0.0
    with Trial("F17", options, rate=3000, but=("ruleset",)) as t:
        worlds = other_worlds(t)
        for i in range(count):
            t.between(0.1, 0.5)
            if i % 2:
                t.stage.place.file("fences.geojson", worlds[i // 2 % len(worlds)])
                t.tracker.signal(signal.SIGHUP)
                t.wait_progress()
                continue
            t.stage.place.file("fences.geojson", worlds[0])
            since = time.monotonic()
            code = t.tracker.stop()
            longest = max(longest, time.monotonic() - since)
            t.require(code == 0, f"SIGTERM: exit {code}")
            t.restart(t.tracker)
        t.figure("longest_exit_s", round(longest, 2))
        t.within(longest, 2, "SIGTERM took")
    return t.outcome


def other_worlds(t):
    """The city, the same with a fence far away, one that is broken, one that is cut short."""
    text = t.stage.place.file("fences.geojson").read_text(encoding="utf-8")
    far = text.replace('"id": "pond"', '"id": "far", "properties": {"kind": "banned", "radius_m": 50}, "geometry": {"type": '
                       '"Point", "coordinates": [10, 10]}},\n{"type": "Feature", "id": "pond"')
    return [text, far, text.replace('"radius_m": 900', '"radius_m": -900'), text[:300]]


@scenario("F18", "sessions gone, client id taken, two trackers on one partition", 5, 50)
def sessions(options, count):
    with Trial("F18", options) as t:
        for _ in range(count):
            t.between(0.2, 0.5)
            # Someone clears the session: what waits in it is gone.
            mqtt.Client(t.stage.broker.port, "muckwatchd", clean=True).close()
            t.wait_progress()
            cut_link(t)
            t.wait_progress()
            refused_second(t)
            usurped(t)
        fenced(t)
    return t.outcome


def refused_second(t):
    second = t.stage.second_tracker(f"second-{len(t.stage.more)}", client_id="another")
    second.start(ready=False)
    code = second.wait(20)
    t.require(code == EX_TEMPFAIL, f"a second tracker left with {code}")
    t.wait_progress()


def usurped(t):
    """Another takes over by force; the first leaves. Then the first takes over again."""
    second = t.stage.second_tracker(f"usurper-{len(t.stage.more)}", ["--take-over"], client_id="another")
    second.start()
    code = t.tracker.wait(20)
    t.require(code == EX_TEMPFAIL, f"the tracker that was taken over left with {code}")
    t.wait_progress(tracker=second)
    second.stop()
    clear_session(t, "another")
    t.tracker.argv.append("--take-over")
    t.tracker.start()
    t.tracker.argv.pop()
    t.wait_progress()


def clear_session(t, client_id):
    """The broker would keep a queue for it for ever."""
    mqtt.Client(t.stage.broker.port, client_id, clean=True).close()


def fenced(t):
    """The owner is stopped for 10 s, another takes its place by right, the first wakes up and writes nothing."""
    t.tracker.pause()
    time.sleep(5.5)
    second = t.stage.second_tracker("heir", client_id="another")
    second.start()
    time.sleep(4.5)
    redis = t.stage.redis.client()
    instance = redis.hash(contract.key("owner"))["instance"]
    t.tracker.resume()
    code = t.tracker.wait(20)
    t.require(code == EX_TEMPFAIL, f"the fenced tracker left with {code}")
    t.require(redis.hash(contract.key("owner"))["instance"] == instance, "the fenced tracker has written")
    redis.close()
    t.wait_progress(tracker=second)
    second.stop()
    clear_session(t, "another")
    time.sleep(5.5)  # the heir was seen until now
    t.tracker.start()
    t.wait_progress()


@scenario("F18b", "an owner asleep while the store is restored to before its claim wakes beside a second one", 2, 30)
def asleep_beside_another(options, count):
    with Trial("F18b", options) as t:
        for i in range(count):
            t.between(0.3, 0.8)
            wake_beside_another(t, f"other-{i}")
    if sum(u.rewinds_back for u in t.fleet.units) == 0:
        t.outcome.faults.append("no ack went back: the store did not, so nothing was shown")
    return t.outcome


def wake_beside_another(t, name):
    """The second claims with the very epoch that the first has, and is some batches behind it or before it."""
    t.tracker.kill()
    backup = back_up(t)
    t.tracker.start()
    t.wait_progress()
    t.between(0.2, 1.0)
    redis = t.stage.redis.client()
    epoch = redis.hash(contract.key("owner"))["epoch"]
    redis.close()
    t.tracker.pause()
    t.stage.redis.kill()
    restore(t, backup)
    t.stage.redis.start()
    second = t.stage.second_tracker(name, ["--take-over"], client_id=name)
    second.start()
    t.wait_progress(tracker=second)
    t.between(0.2, 1.5)
    redis = t.stage.redis.client()
    owner = redis.hash(contract.key("owner"))
    t.require(owner["epoch"] == epoch, f"the second one has epoch {owner['epoch']} and not {epoch}: nothing was shown")
    t.tracker.resume()
    code = t.tracker.wait(120)
    t.require(code == EX_TEMPFAIL, f"the one that slept left with {code}")
    t.require(redis.hash(contract.key("owner"))["token"] == owner["token"], "the one that slept has written")
    redis.close()
    t.wait_progress(tracker=second)
    t.require(second.stop() == 0, "the second one did not stop well")
    clear_session(t, name)
    t.tracker.argv.append("--take-over")
    t.tracker.start()
    t.tracker.argv.pop()
    t.wait_progress()


# ---- controls: these must lose, or the harness is blind

# Where a tracker that acknowledges what it reads has acknowledged what is not stored yet. It dies there, and nowhere else.
READ_NOT_STORED = ("batch_read", "commit_sent")


@scenario("C1", "control: default ack, death between reading and storing, units that believe the broker", 8, 40, control=True)
def default_ack(options, count):
    with Trial("C1", options, trust="puback", rules="  common: {hole_s: 0}\n", lossy=True, shim_tracker={"MW_SHIM_ACK": "2"},
               settle=True, tapped=True) as t:
        die_with_a_batch(t, count)
    lost = what_was_lost(t)
    if not lost:
        t.outcome.faults.append("the control lost nothing: the harness cannot see loss")
    return t.outcome


@scenario("C1b", "held ack, death between reading and storing, units that believe the broker: loses nothing", 8, 40)
def held_ack(options, count):
    with Trial("C1b", options, trust="puback", rules="  common: {hole_s: 0}\n", lossy=True, shim_tracker={}, settle=True,
               tapped=True) as t:
        die_with_a_batch(t, count)
    lost = what_was_lost(t)
    if lost:
        t.outcome.faults.append(f"held acknowledgements lost {len(lost)}: {t.outcome.verdict.notes}")
    return t.outcome


def die_with_a_batch(t, count):
    for i in range(count):
        t.between(0.2, 0.6)
        t.tracker.kill()
        place = READ_NOT_STORED[i % 2]
        t.tracker.env["MW_FAILPOINT"] = f"{place}:{t.random.randint(5, 40)}"
        t.tracker.start(ready=False)
        code = t.tracker.wait(120)
        t.require(code == FAILPOINT_EXIT, f"{place}: ended with {code}")
        t.tracker.env.pop("MW_FAILPOINT")
        t.tracker.start()
    t.between(1, 2)


def what_was_lost(t):
    """Every fix that is missing is one that the tracker had acknowledged, and each that it had not is stored."""
    lost, taken = t.outcome.verdict.missing, t.tap.taken
    t.figure("acknowledged", len(taken))
    t.figure("lost", len(lost))
    t.require(not lost - taken, f"{len(lost - taken)} are missing that the tracker never acknowledged: {sorted(lost - taken)[:8]}")
    return lost


@scenario("C2", "control: units that believe the broker, under F4", 8, 15, control=True)
def trusting_units(options, count):
    with Trial("C2", options, trust="puback", rules="  common: {hole_s: 0}\n", lossy=True) as t:
        for _ in range(count):
            t.between()
            t.kill(t.stage.broker)
        time.sleep(2)
    return must_lose(t)


@scenario("C3", "control: everysec under F7, units that forget what ack covered", 4, 6, control=True)
def everysec_power(options, count):
    with Trial("C3", options, redis={"appendfsync": "everysec"}, shim_redis={}, forget=True, lossy=True, drain_s=20,
               rules="  common: {hole_s: 0}\n") as t:
        folder = slow_disk(t, 300)
        for _ in range(count):
            t.between(0.8, 1.6)
            lose_power(t, folder)
        time.sleep(2)
    return must_lose(t)


def must_lose(t):
    t.outcome.figures["lost"] = t.outcome.verdict.lost
    if t.outcome.verdict.lost == 0:
        t.outcome.faults.append("the control lost nothing: the harness cannot see loss")
    return t.outcome


# ---- many kills in one run

@scenario("long", "one long run of kills: tracker, Redis, broker, mixed", 0, 0)
def long_run(options, count):
    rewriting = ("--auto-aof-rewrite-percentage", 100, "--auto-aof-rewrite-min-size", "16mb")
    with Trial("long", options, broker={"persistence": True}, redis={"extra": rewriting}) as t:
        for name, kills, choose in (("tracker", 2, lambda: t.tracker), ("redis", 1, lambda: t.stage.redis),
                                    ("broker", 1, lambda: t.stage.broker),
                                    ("mixed", 1, lambda: t.random.choice((t.tracker, t.stage.redis, t.stage.broker)))):
            for i in range(kills * count):
                t.between(0.1, 0.7)
                t.kill(choose(), 0.3)
                revive(t)
                t.wait_progress()
                if i % 20 == 19:
                    print(f"  {name}: {i + 1} kills, {t.fleet.acked()} of {t.fleet.made()} fixes acknowledged", flush=True)
            t.figure(f"kills_{name}", kills * count)
    return t.outcome
