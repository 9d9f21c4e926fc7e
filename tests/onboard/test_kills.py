"""kill -9, brokers that die, links that hang, stores that go back: every journaled fix reaches the tracker once, in
order, and no number is used twice (the tracker here compares every duplicate with what it has).

usage: test_kills.py BIN_DIR [SEED]; MW_NIGHTLY=1 in the environment: many more rounds, a cut of ten minutes."""
import os
import random
import sys
import time

from stage import Broker, Folder, Gpsd, Tracker, Unit, assert_tracker_has_the_journal, need, wait_for

NIGHTLY = os.environ.get("MW_NIGHTLY") == "1"
FAST = "sampling: {every_s: 1, standing_s: 60}\n"


class Scene:
    def __init__(self, bin_dir, folder, rate, extra=FAST):
        self.broker = Broker(folder)
        self.gpsd = Gpsd(rate)
        self.tracker = Tracker(self.broker.port, "truck-7")
        self.unit = Unit(bin_dir, folder, "truck-7", self.broker.port, self.gpsd.port, extra)

    def settle(self, seconds=60):
        """The drive ends, and the tracker catches up with the journal."""
        self.gpsd.driving = False
        time.sleep(0.3)
        wait_for("the last ack", lambda: self.tracker.seq >= self.unit.summary()["last"], seconds)
        self.unit.stop()
        return assert_tracker_has_the_journal(self.unit, self.tracker)

    def close(self):
        if self.unit.process is not None and self.unit.process.poll() is None:
            self.unit.kill()
        self.tracker.stop()
        self.gpsd.stop()
        self.broker.kill()


def scene(test):
    def run(bin_dir, rng):
        with Folder() as folder:
            s = Scene(bin_dir, folder, 100)
            try:
                test(s, rng)
            finally:
                s.close()
    run.__name__ = test.__name__
    return run


@scene
def unit_killed(s, rng):
    rounds = 1000 if NIGHTLY else 50
    for _ in range(rounds):
        s.unit.start()
        time.sleep(rng.uniform(0.05, 0.7))
        s.unit.kill()
    s.unit.start()
    wait_for("fixes after the last kill", lambda: s.tracker.seq > 100)
    journal = s.settle()
    boots = {f["boot"] for f in journal}
    assert len(boots) == 1, boots
    assert len(journal) > rounds * 5, len(journal)
    assert s.tracker.holes == 0, s.tracker.holes
    print(f"  {rounds} kills, {len(journal)} fixes, {s.tracker.received - len(s.tracker.kept)} sent again, "
          f"last seq {journal[-1]['seq']}, {len(s.tracker.skipped)} ranges left out")


@scene
def broker_killed(s, rng):
    rounds = 500 if NIGHTLY else 20
    s.unit.start()
    for _ in range(rounds):
        # Until fixes flow again: nothing is in the air otherwise.
        before = s.tracker.seq
        wait_for("fixes", lambda: s.tracker.seq > before, 40)
        time.sleep(rng.uniform(0, 0.3))
        s.broker.kill()
        time.sleep(rng.uniform(0, 0.2))
        s.broker.start()
    journal = s.settle()
    assert s.tracker.holes == 0, s.tracker.holes
    print(f"  {rounds} kills, {len(journal)} fixes, {s.tracker.received - len(s.tracker.kept)} sent again")


@scene
def link_hangs(s, rng):
    """A dead zone: the link is there and carries nothing, then a backlog with live on top."""
    s.unit.start()
    wait_for("fixes", lambda: s.tracker.seq > 50)
    s.broker.pause()
    time.sleep(600 if NIGHTLY else 12)
    s.broker.resume()
    resumed = time.monotonic()
    wait_for("live", lambda: s.tracker.live and s.tracker.live[-1][0] > resumed, 40)
    shown = min(at for at, _ in s.tracker.live if at > resumed) - resumed
    journal = s.settle(120)
    assert s.tracker.messages < len(journal), "a backlog goes out in batches"
    print(f"  {len(journal)} fixes in {s.tracker.messages} messages, live {shown:.1f} s after the link was back")


@scene
def store_goes_back(s, rng):
    s.unit.start()
    for _ in range(20 if NIGHTLY else 4):
        before = s.tracker.seq
        wait_for("fixes", lambda: s.tracker.seq > before + 50)
        s.tracker.set_back(rng.randint(1, 40))
        back = s.tracker.seq
        wait_for("the fixes again", lambda: s.tracker.seq > back + 40, 10)
    s.settle()


@scene
def tracker_silent_and_messages_lost(s, rng):
    """What the broker took and nobody stored is sent again soon after the tracker is back (how soon: test_sender.c)."""
    s.unit.start()
    wait_for("fixes", lambda: s.tracker.seq > 50)
    s.tracker.silent = True
    time.sleep(2)
    s.tracker.silent = False
    back = s.tracker.seq
    wait_for("the missed fixes", lambda: s.tracker.seq > back + 100, 10)
    s.settle()
    assert s.tracker.holes == 0


def main():
    need("mosquitto")
    bin_dir = sys.argv[1]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    for test in (unit_killed, broker_killed, link_hangs, store_goes_back, tracker_silent_and_messages_lost):
        print(f"{test.__name__} (seed {seed})", flush=True)
        began = time.monotonic()
        test(bin_dir, random.Random(seed))
        print(f"  {time.monotonic() - began:.1f} s", flush=True)


if __name__ == "__main__":
    main()
