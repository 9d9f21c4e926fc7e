"""The real tracker, and the keeper beside it, killed at any moment while the sample day comes: each violation that is over is sealed exactly once, in a log that
is whole, and its packages replay.

    python3 tracker_kills.py BINARIES [unittest's own arguments]     MW_KEEPER_KILLS=N: so many kills of each of the two
"""
import os
import random
import time
import unittest

import keeping
from keeping import contract, register, staging, wait_until

KILLS = int(os.environ.get("MW_KEEPER_KILLS", "2"))


class TrackerKills(keeping.Keeping):
    test_kills = None

    def kill(self, victim):
        victim.kill()
        victim.start()

    def test_tracker(self):
        chance = random.Random(int(os.environ.get("MW_SEED", "18")))
        keeper, tracker = self.new_keeper(post_s=10), self.stage.tracker
        keeper.start()
        victims = [keeper, tracker] * KILLS
        chance.shuffle(victims)
        lines = list(staging.day_lines())
        share = -(-len(lines) // len(victims))
        for i, victim in enumerate(victims):
            part = lines[i * share:(i + 1) * share]
            cut = chance.randrange(len(part) + 1)
            self.publish_part(part[:cut])
            time.sleep(chance.random())
            self.kill(victim)
            self.publish_part(part[cut:])
        self.wait_listening()
        self.barrier(600)
        self.wait_archived()
        wait_until(lambda: self.now_s() > self.last_told_s() + 11, 120, lambda: "post_s has passed")
        self.keeper = keeper
        self.wait_sealed(keeper)
        over, _ = self.closed()
        self.assertGreater(len(over), 30)
        results = self.check_packages(self.check_all())
        self.assertEqual({*results}, {0}, results)
        print(f"killed {len(victims)}: {register(self.kept, 'SELECT count(*) FROM editions')[0][0]} editions of {len(over)} cases, "
              f"{len(self.checkpoints())} checkpoints")
        keeper.stop()

    def publish_part(self, part):
        self.mqtt.publish_all((contract.topic(v, "fix"), f) for v, f in part)

    def checkpoints(self):
        return keeping.Log(self.kept).checkpoints()


if __name__ == "__main__":
    unittest.main()
