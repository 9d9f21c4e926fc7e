"""One trial: a stage, a fleet that keeps sending, faults by whoever holds it, and the judgement at the end."""
import os
import random
import struct
import time

import checker
import reproduce
from faulty_store import FaultyStore
from harness.place import free_port
from harness.process import PATIENCE_S
from harness.servers import Stage
from tap import Tap
from units import Fleet

HERE = os.path.dirname(os.path.abspath(__file__))
# A hole is given up late, so that a slow machine is not taken for a unit that cannot send again. Where holes are what it is
# about (F5, F12) the contract's 10 s hold.
RULES = "  common: {hole_s: 60}\n"


class Outcome:
    """What a trial found. `figures` are told in the summary; `faults` are what must not be."""

    def __init__(self, name):
        self.name, self.figures, self.faults, self.verdict, self.totals = name, {}, [], None, {}
        self.seconds = 0.0

    def passed(self):
        return not self.faults


class Trial:
    """A context manager. On a clean exit everything is drained and judged into `outcome`."""

    def __init__(self, name, options, seed=1, units=50, rate=None, trust="ack", forget=False, broker=None, redis=None,
                 rules=RULES, shim_tracker=None, shim_redis=None, faulty=False, lossy=False, drain_s=PATIENCE_S, wrong_clocks=False, but=(),
                 settle=False, tapped=False, strangers=(), hosts=None,
                 gaps=False, reproduced=False, violations=True, prepare=None, packaged=False, judged=None):
        """`shim_*` are environment variables for shim.c; `faulty` puts a FaultyStore between; `lossy` is a control: loss is
        what is wanted; `wrong_clocks` are the units'; `but` are fields of violations that may differ from replay's;
        `settle`: what the broker still holds at the end is waited for, though units believe it has arrived; `tapped`
        puts a Tap between tracker and broker; `strangers` are vehicles that are none of the fleet's, whose rejects are no
        fault; `hosts` as of a Stage; `gaps` as of a Trip; `reproduced`: violations and trips are compared with what muckctl replay
        makes of what was recorded, instead of with those of an undisturbed run, which knows of no silence; `violations`: whether they are looked at; `prepare` is called with the
        trial when broker and store run, before the tracker does; `packaged` as of a Stage; `judged` is called with the trial and gives the verdict, instead
        of the checker."""
        self.name, self.options, self.random = name, options, random.Random(f"{name}/{seed}/{options.seed}")
        self.prepare, self.judged = prepare, judged
        self.reproduced, self.violations = reproduced, violations and not lossy
        self.lossy, self.drain_s, self.but, self.settle, self.strangers = lossy, drain_s, but, settle, strangers
        self.outcome = Outcome(name)
        faulty_port = free_port() if faulty else None
        preload = {"LD_PRELOAD": os.path.join(options.bin, "mw_shim.so")}
        redis = dict(redis or {})
        if shim_redis is not None:
            redis["env"] = {**preload, **shim_redis}
        tracker_env = {**preload, **shim_tracker} if shim_tracker is not None else {}
        tracker_env.setdefault("ASAN_OPTIONS", "detect_leaks=1:verify_asan_link_order=0:quarantine_size_mb=4")
        tap_port = free_port() if tapped else None
        self.stage = Stage(name, options.bin, os.path.join(HERE, "city"), rules, broker, redis, tracker_env, faulty_port,
                           tap_port, hosts, packaged)
        self.tap = Tap(tap_port, self.stage.broker.port) if tapped else None
        if options.valgrind:
            self.stage.tracker.argv = ["valgrind", "-q", "--error-exitcode=99", "--leak-check=full",
                                       "--show-leak-kinds=definite", "--errors-for-leak-kinds=definite",
                                       *self.stage.tracker.argv]
        self.store = None
        self.faulty_port = faulty_port
        self.fleet = Fleet(self.stage.broker.port, f"{seed}/{options.seed}", units, rate or options.rate, trust, forget,
                           wrong_clocks, gaps)
        self.begun = time.monotonic()

    def __enter__(self):
        self.stage.__enter__()
        if self.faulty_port:
            self.store = FaultyStore(self.faulty_port, self.stage.redis.port)
        if self.prepare:
            self.prepare(self)
        self.stage.start()
        self.fleet.start()
        return self

    # -- for scenarios

    @property
    def tracker(self):
        return self.stage.tracker

    def between(self, least_s=0.05, most_s=0.5):
        """A while in which things go well."""
        self.check_alive()
        time.sleep(self.random.uniform(least_s, most_s))

    def wait_until(self, moment):
        while time.monotonic() < moment:
            self.check_alive()
            time.sleep(min(0.2, max(moment - time.monotonic(), 0)))

    def check_alive(self):
        if self.fleet.error:
            raise self.fleet.error
        found = self.tracker.reported()
        if found:
            raise AssertionError(found)

    def kill(self, process, away_s=0.1):
        """kill -9, a while without it, start; the time until an ack makes progress is kept."""
        process.kill()
        time.sleep(self.random.uniform(0, away_s))
        self.restart(process)

    def restart(self, process):
        if process is self.tracker:
            self.fleet.mark()
        process.start()

    def wait_progress(self, within_s=PATIENCE_S, tracker=None):
        """Until some ack goes forward: what is under way now has been got over."""
        tracker = tracker or self.tracker
        before = len(self.fleet.progress_times)
        self.fleet.mark()
        within_s = max(within_s, PATIENCE_S)
        end = time.monotonic() + within_s
        while len(self.fleet.progress_times) == before:
            self.check_alive()
            if not tracker.alive():
                raise AssertionError(f"the tracker ended with {tracker.child.returncode}\n{tracker.tail()}")
            if time.monotonic() > end:
                raise AssertionError(f"no ack made progress for {within_s} s\n{tracker.tail()}")
            time.sleep(0.005)

    def within(self, seconds, most_s, words):
        """A promise about time. A machine that has other work to do cannot hold it, so it is told, and asked for with --timed."""
        self.require(seconds <= most_s or not self.options.timed, f"{words}: {seconds:.2f} s, of {most_s} at most")

    def require(self, condition, words):
        if not condition:
            self.outcome.faults.append(words)

    def figure(self, name, value):
        self.outcome.figures[name] = value

    # -- the end

    def __exit__(self, kind, error, trace):
        try:
            if kind is None:
                self.judge()
        finally:
            try:
                self.fleet.halt()
            finally:
                for between in (self.store, self.tap):
                    if between:
                        between.close()
                bad = kind is not None or not self.outcome.passed()
                self.stage.__exit__(AssertionError if bad else None, error, trace)
                self.outcome.seconds = time.monotonic() - self.begun

    def wait_still(self, still_s=2.0, within_s=60):
        """Until the tracker takes nothing more."""
        before, since, end = None, time.monotonic(), time.monotonic() + within_s
        while time.monotonic() - since < still_s and time.monotonic() < end:
            taken = self.stage.metrics()["muckwatch_fixes_total"]
            if taken != before:
                before, since = taken, time.monotonic()
            time.sleep(0.05)

    def judge(self):
        drained = self.fleet.finish(self.drain_s)
        self.require(drained or self.lossy, f"no ack for {self.drain_s} s, and not all acknowledged: {self.fleet.acked()} of "
                                            f"{self.fleet.made()}; {self.unfinished()}")
        if self.settle:
            self.wait_still()
        elif self.lossy:
            time.sleep(1.0)
        verdict = self.verdict()
        self.outcome.verdict = verdict
        if not self.lossy:
            self.require(verdict.clean(), f"{verdict}\n    " + "\n    ".join(verdict.notes))
            late = sum(trip.late() for trip in self.fleet.trips)
            marks = {mark: n for mark, n in verdict.marked.items() if n}
            self.require(marks == ({"late": late} if late else {}),
                         f"marks in the track: {marks}, expected {late} late\n    " + "\n    ".join(verdict.notes))
        back, still = self.fleet.rewinds()
        self.figure("rewinds", f"{back}+{still}")
        self.figure("latency_p99_s", self.fleet.latency_s(0.99))
        times = sorted(self.fleet.progress_times)
        if times:
            self.figure("ack_p50_s", round(times[len(times) // 2], 2))
            self.figure("ack_p99_s", round(times[min(len(times) - 1, int(len(times) * 0.99))], 2))
        self.stop_tracker()

    def verdict(self):
        if self.judged:
            return self.judged(self)
        if self.reproduced:
            return reproduce.judge(self.stage, self.fleet.trips, self.strangers)
        return checker.judge(self.stage, self.fleet.trips, self.violations, self.but, self.strangers)

    def unfinished(self):
        behind = [u for u in self.fleet.units if not u.done()]
        return ", ".join(f"{u.trip.vehicle} acked {u.acked} sent {u.sent} of {len(u.trip.fixes)}"
                         f"{'' if u.connected else ' (offline)'}" for u in behind[:3])

    def stop_tracker(self):
        if self.tracker.alive():
            begun = time.monotonic()
            code = self.tracker.stop()
            took = time.monotonic() - begun
            self.require(code == 0, f"SIGTERM: exit {code}\n{self.tracker.tail()}")
            self.within(took, 2, "SIGTERM took")
        found = self.tracker.reported()
        self.require(not found, found)


def set_clock(path, shift_s):
    # Not cut to nothing first: programs have it mapped.
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as clock:
        clock.write(struct.pack("q", int(shift_s * 1000)))
