"""Long runs: a thousand faults of every kind in pieces, and soaks. Each has a short form for every landing."""
import json
import random
import re
import signal
import statistics
import subprocess
import threading
import time

import scenarios
from harness import contract, mqtt
from harness.process import wait_until
from registry import scenario
from trial import Trial
from workload import Trip

# ---- a thousand faults

MIXED_RULES = "  common: {hole_s: 60}\n"
# Fixes are 10 s apart: whoever is away for longer than this, by its fixes or in truth, is offline.
OFFLINE_RULES = "  offline: {confirm_s: 15}\n"


def kill_one(t):
    process = t.random.choice((t.tracker, t.stage.redis, t.stage.broker))
    t.kill(process, 0.3)
    return f"kill_{process.name}"


def stop_one(t):
    process = t.random.choice((t.tracker, t.stage.redis, t.stage.broker))
    process.pause()
    time.sleep(t.random.uniform(0.5, 6.0))
    process.resume()
    return f"stop_{process.name}"


def kill_units(t):
    for unit in t.random.sample(t.fleet.units, t.random.randint(1, 12)):
        unit.die(t.random.uniform(0, 3))
    return "kill_units"


def silence_units(t):
    """Long enough to be offline, on the real clock."""
    for unit in t.random.sample(t.fleet.units, t.random.randint(1, 6)):
        unit.leave(t.random.uniform(1, 30), t.random.random() < 0.3)
    return "silence_units"


def end_politely(t):
    code = t.tracker.stop()
    t.require(code == 0, f"SIGTERM: exit {code}")
    t.restart(t.tracker)
    return "sigterm"


def reload_world(t):
    """A broken one is mended before anybody starts with it."""
    world, failed = t.random.choice(t.worlds), t.tracker.text().count("reload_failed")
    t.stage.place.file("fences.geojson", world)
    t.tracker.signal(signal.SIGHUP)
    if world not in t.worlds[:2]:
        wait_until(lambda: t.tracker.text().count("reload_failed") > failed, 120, lambda: "it says so\n" + t.tracker.tail())
        t.stage.place.file("fences.geojson", t.worlds[0])
    return "reload"


def lose_rights(t):
    redis = t.stage.redis.client()
    user, lost = t.stage.redis.tracker_user, t.random.choice(("geoadd", "zadd", "hset", "hdel", "xadd", "zrem"))
    redis.call("ACL", "SETUSER", user, "-" + lost)
    redis.close()
    t.between(0.1, 1.0)
    victim = t.random.choice((None, None, t.tracker, t.stage.redis))
    if victim is t.tracker:
        t.tracker.kill()
        t.fleet.mark()
        t.tracker.start(ready=False)  # it cannot claim before what broke is written
        t.between(0.1, 1.0)
    elif victim:
        t.kill(victim)
    redis = t.stage.redis.client()
    redis.call("ACL", "SETUSER", user, "+" + lost)
    redis.close()
    return "rights"


def break_a_write(t):
    redis = t.stage.redis.client()
    name = t.random.choice([f"track:{trip.vehicle}" for trip in t.fleet.trips[:10]] + ["violations"] * 10)
    scenarios.break_within(t, redis, name, t.random.choice((None, t.tracker, t.stage.redis)))
    return "broken_write"


def cut_a_commit(t):
    t.stage.redis.kill()
    t.stage.redis.cut_within_commit(t.random.random())
    t.stage.redis.start()
    return "torn_commit"


def restore_a_backup(t):
    backup = scenarios.back_up(t)
    t.between(0.3, 1.0)
    t.stage.redis.kill()
    if t.random.random() < 0.5:
        t.tracker.kill()
    scenarios.restore(t, backup)
    t.stage.redis.start()
    if not t.tracker.alive():
        t.restart(t.tracker)
    return "restored"


def restore_under_sleeper(t):
    t.sleepers += 1
    scenarios.wake_beside_another(t, f"other-{t.sleepers}")
    return "restored_asleep"


MIXTURE = ((kill_one, 40), (stop_one, 12), (kill_units, 10), (silence_units, 10), (end_politely, 4), (reload_world, 5),
           (lose_rights, 7), (break_a_write, 5), (cut_a_commit, 3), (restore_a_backup, 3), (restore_under_sleeper, 2))


@scenario("mixed", "kills and stops of everything, errors in mid-write, rights lost, stores restored, replay byte for byte", 20, 0)
def everything(options, count):
    """Every second seed, the first among them, under the settings of packaging/."""
    packaged = options.seed % 2 == 1
    rules = MIXED_RULES + ("" if options.offline == "off" else OFFLINE_RULES)
    rewriting = ("--auto-aof-rewrite-percentage", 100, "--auto-aof-rewrite-min-size", "16mb")
    with Trial("mixed", options, rules=rules, broker={"persistence": True}, redis={"extra": rewriting},
               rate=min(options.rate, 500), gaps=True, reproduced=True,
               packaged=packaged) as t:
        t.figure("packaged", int(packaged))
        t.sleepers, t.worlds, done = 0, scenarios.other_worlds(t), {}
        makers, weights = zip(*MIXTURE)
        for i in range(count):
            t.between(0.1, 0.8)
            name = t.random.choices(makers, weights)[0](t)
            t.stage.say(f"fault {i + 1}: {name}")
            done[name] = done.get(name, 0) + 1
            scenarios.revive(t)
            t.wait_progress()
        for name in sorted(done):
            t.figure(name, done[name])
    return with_totals(t)


def with_totals(t):
    """What pieces of one run are added up by."""
    verdict = t.outcome.verdict
    if verdict:
        t.outcome.totals = {"fixes": verdict.expected, "violations": verdict.violations, "offline": verdict.silent,
                            "lost": verdict.lost, "twice": verdict.duplicated, "disordered": verdict.disordered,
                            "changed": verdict.changed, "differ": verdict.wrong}
    return t.outcome


# ---- soaks

class Samples(threading.Thread):
    """Memory and descriptors of the tracker, once a second."""

    def __init__(self, tracker):
        super().__init__(daemon=True, name="samples")
        self.tracker, self.running, self.taken = tracker, True, []

    def run(self):
        while self.running:
            try:
                self.taken.append((self.tracker.rss_kib(), self.tracker.descriptors()))
            except (OSError, AttributeError):
                pass  # it is being started again
            time.sleep(1)

    def halves(self, column):
        """Medians of the first and the second half, the first tenth left out, in which things get warm."""
        values = [sample[column] for sample in self.taken[len(self.taken) // 10:]]
        middle = len(values) // 2
        return (statistics.median(values[:middle]), statistics.median(values[middle:])) if middle else (0, 0)


FLAT_AFTER_S = 600      # a shorter run is still getting warm
RSS_MORE_KIB, FDS_MORE = 2048, 2


def judge_flat(t, samples, seconds):
    samples.running = False
    samples.join()
    (rss, rss_later), (fds, fds_later) = samples.halves(0), samples.halves(1)
    t.figure("rss_mib", f"{rss / 1024:.1f}->{rss_later / 1024:.1f}")
    t.figure("descriptors", f"{fds:.0f}->{fds_later:.0f}")
    if seconds >= FLAT_AFTER_S:
        t.require(rss_later - rss <= RSS_MORE_KIB, f"memory grew from {rss} to {rss_later} KiB between the halves")
        t.require(fds_later - fds <= FDS_MORE, f"descriptors grew from {fds} to {fds_later} between the halves")


def soak_faults(t):
    """None of the tracker itself, whose memory is looked at."""
    def link_cut():
        scenarios.cut_link(t)

    def stopped(process):
        process.pause()
        time.sleep(t.random.uniform(0.5, 3))
        process.resume()

    return (lambda: t.kill(t.stage.redis), lambda: t.kill(t.stage.broker), link_cut, lambda: stopped(t.stage.redis),
            lambda: stopped(t.stage.broker), lambda: t.tracker.signal(signal.SIGHUP), lambda: kill_units(t))


@scenario("F20", "soak of 500 fixes a second, a fault each 30 s (short form: each 3 s)", 4, 60)
def soak_with_faults(options, count):
    every_s = 3 if count < 10 else 30
    with Trial("F20", options, rate=min(options.rate, 500), broker={"persistence": True}) as t:
        samples = Samples(t.tracker)
        samples.start()
        faults, begun = soak_faults(t), time.monotonic()
        for i in range(count):
            t.wait_until(begun + (i + 1) * every_s)
            t.random.choice(faults)()
            t.wait_progress()
        judge_flat(t, samples, count * every_s)
        t.figure("faults", count)
    return with_totals(t)


class Hostile(threading.Thread):
    """One unit that sends whatever it may: as much as a message holds of what costs most, each second."""

    MOST = 256 * 1024

    def __init__(self, port, trip, seconds_between=1.0):
        super().__init__(daemon=True, name="hostile")
        self.port, self.trip, self.pause_s, self.running, self.sent = port, trip, seconds_between, True, 0

    def halt(self):
        self.running = False
        if self.is_alive():
            self.join(30)

    def run(self):
        makers = (self.small_refusals, self.legal, self.nonsense, self.flood_live, self.statuses, self.retained, self.comings)
        while self.running:
            try:
                makers[self.sent % len(makers)]()
            except (OSError, mqtt.Refused):
                pass  # the broker has had enough of it
            self.sent += 1
            time.sleep(self.pause_s)

    def say(self, what, payload, qos=1, retain=False):
        client = mqtt.Client(self.port, "hostile", version=4)
        client.publish(contract.topic("hostile", what), payload, qos, retain)
        client.close()

    def small_refusals(self):
        self.say("fix", b"[" + b"1," * (self.MOST // 2 - 2) + b"1]")

    def legal(self):
        fixes = []
        while sum(map(len, fixes)) + len(fixes) < self.MOST - 600:
            self.trip.write()
            fixes.append(self.trip.fixes.pop())
            if len(fixes) >= 1200:
                break
        self.say("fix", b"[" + b",".join(fixes) + b"]")

    def nonsense(self):
        self.say("fix", bytes(range(256)) * (self.MOST // 256))

    def flood_live(self):
        live = b'{"time":1770000000,"lat":30.5,"lon":113.0,"mode":3}'
        client = mqtt.Client(self.port, "hostile", version=4)
        client.socket.sendall(b"".join(mqtt.publish(contract.topic("hostile", "live"), live) for _ in range(2000)))
        client.close()

    def statuses(self):
        many = ",".join(f"[{2 * n},{2 * n}]" for n in range(1, 9000))
        self.say("status", f'{{"online":true,"boot":"x{self.sent}","first":1,"skipped":[{many}]}}'.encode())

    def retained(self):
        self.say("fix", b'{"time":1,"lat":91,"lon":0}', retain=True)

    def comings(self):
        for n in range(50):
            mqtt.Client(self.port, f"hostile-{n}", version=4).close(politely=False)


LATE_S = 2.0
WITNESSES = 100  # units of the harness' own: each fix of theirs is timed, made and found again
CROWDS = 10      # the others are muckctl simulate's, with a connection each


class Crowd(threading.Thread):
    """Some units that come together, send for a while, now and then without a link, leave when all is acknowledged, and come
    back with a new journal."""

    def __init__(self, t, number, units, rate):
        super().__init__(daemon=True, name=f"crowd-{number}")
        self.t, self.number, self.units, self.rate = t, number, units, rate
        self.running, self.comings, self.fixes, self.stalled, self.faults = True, 0, 0, 0, []
        self.random = random.Random(f"crowd {number} {t.options.seed}")

    def run(self):
        while self.running:
            try:
                self.come()
            except (OSError, ValueError) as error:
                self.faults.append(f"a crowd: {error!r}")
                return

    def trace(self, seconds):
        """Each coming is some hours later than the one before."""
        vehicles = max(1, self.units // 10)
        trips = [Trip(f"crowd {self.number} {self.comings}", place) for place in range(vehicles)]
        path = self.t.stage.place.path / f"crowd-{self.number}.ndjson"
        with open(path, "wb") as out:
            for trip in trips:
                trip.time_ms += self.comings * 12 * 3_600_000
            for _ in range(int(self.rate * seconds / self.units * 1.5) + 20):
                for trip in trips:
                    trip.write()
                    fix = json.loads(trip.fixes[-1])
                    del fix["boot"], fix["seq"]
                    out.write(json.dumps({"vehicle": trip.vehicle, **fix}, separators=(",", ":")).encode() + b"\n")
        return path

    def come(self):
        seconds = self.random.uniform(20, 60)
        argv = [self.t.stage.binaries / "muckctl", "simulate", "--port", self.t.stage.broker.port, "--connection", "each", "--units",
                self.units, "--rate", self.rate, "--speed", "0", "--repeat", "--for", int(seconds), "--prefix", f"c{self.number}-",
                "--dead-zones", "900/120", "--wait", "120", "--seed", self.random.randrange(1 << 30), "--client-id",
                f"crowd-{self.number}", self.trace(seconds)]
        done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.faults.append(f"a crowd of {self.units}: exit {done.returncode}: {done.stdout}{done.stderr}")
            self.running = False
            return
        report = json.loads(done.stdout)
        self.comings += 1
        self.fixes += report["fixes"]
        self.stalled += report["rewinds_stalled"]
        if report["unacked"] or report["refused"] or report["rewinds_back"]:
            self.faults.append(f"a crowd of {self.units}: {report}")


def look_at_crowds(t, crowds):
    """Each journal is in its track, whole, once and in order; in all, what they made."""
    redis, found = t.stage.redis.client(), 0
    numbered = re.compile(rb'"boot":"([^"]+)".*?"seq":(\d+)')
    for vehicle in contract.vehicles(redis):
        if not vehicle.startswith("c"):
            continue
        journals = {}
        for _, fields in contract.track(redis, vehicle):
            boot, seq = numbered.search(fields["fix"]).groups()
            journals.setdefault(boot, []).append(int(seq))
        for boot, numbers in journals.items():
            found += len(numbers)
            t.require(numbers == list(range(1, len(numbers) + 1)), f"{vehicle} {boot}: {len(numbers)} fixes, not all once in order")
    made = sum(crowd.fixes for crowd in crowds)
    t.require(found == made, f"crowds made {made} fixes, {found} are in their tracks")
    t.figure("crowds_fixes", made)
    redis.close()


@scenario("soak", "2,000 fixes a second of 3,000 units that join and leave, a hostile one, a reload each 30 s", 0, 0)
def soak(options, count):
    """Of --soak-minutes."""
    del count
    seconds = int(options.soak_minutes * 60)
    rewriting = ("--auto-aof-rewrite-percentage", 100, "--auto-aof-rewrite-min-size", "512mb")
    share = WITNESSES / max(options.units, WITNESSES)
    with Trial("soak", options, units=WITNESSES, rate=max(1, int(options.rate * share)), redis={"extra": rewriting},
               strangers=("hostile",), violations=False) as t:
        t.worlds, t.options, begun = scenarios.other_worlds(t)[:2], options, time.monotonic()
        others = max(0, options.units - WITNESSES) // CROWDS
        crowds = [Crowd(t, n, others, max(1, int(options.rate * (1 - share) / CROWDS))) for n in range(CROWDS) if others]
        samples, hostile = Samples(t.tracker), Hostile(t.stage.broker.port, Trip("hostile", 0), options.hostile_every_s)
        for thread in (samples, *crowds, *([hostile] if options.hostile_every_s else [])):
            thread.start()
        for second in range(seconds):
            t.wait_until(begun + second)
            t.random.choice(t.fleet.units).leave(t.random.uniform(1, 60), t.random.random() < 0.5)
            if second % 30 == 29:
                t.stage.place.file("fences.geojson", t.worlds[second // 30 % 2])
                t.tracker.signal(signal.SIGHUP)
            if second % 60 == 59:
                tell_soak(t, second + 1, samples, crowds)
        hostile.halt()
        for crowd in crowds:
            crowd.running = False
        for crowd in crowds:
            crowd.join()
            t.outcome.faults.extend(crowd.faults)
        judge_flat(t, samples, seconds)
        judge_acks(t, crowds)
        t.figure("hostile_messages", hostile.sent)
        look_at_crowds(t, crowds)
    return with_totals(t)


def tell_soak(t, second, samples, crowds):
    rss, fds = samples.taken[-1]
    print(f"  {second // 60} min: {int(t.stage.metrics()['muckwatch_fixes_total'])} fixes taken, latest ack {t.fleet.answers.most_s():.2f} s, "
          f"{sum(c.stalled for c in crowds)} acks of crowds over 2.5 s, {rss // 1024} MiB, {fds} descriptors", flush=True)


def judge_acks(t, crowds):
    """Of each fix of the witnesses, from its making or their connection on; of all others, whether a unit found that `ack`
    stood still for 2.5 s."""
    late_s, stalled = t.fleet.answers.most_s(), sum(crowd.stalled for crowd in crowds)
    t.figure("ack_latest_s", late_s)
    t.figure("ack_p99_s", t.fleet.answers.share_s(0.99))
    t.figure("acks_over_2500_ms", stalled)
    t.figure("comings", sum(crowd.comings for crowd in crowds))
    t.require(late_s <= LATE_S, f"an ack of a unit that was there came after {late_s} s")
    t.require(stalled == 0, f"{stalled} times units of the crowds waited for an ack for 2.5 s")
