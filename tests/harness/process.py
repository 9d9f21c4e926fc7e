"""Programs under test: started, stopped, killed, paused, always by process id.

A program dies with the test that started it, however that ends: setpriv asks the kernel to kill it with its parent.
The kernel means the parent's *thread*, so programs are started from a thread that lives as long as they shall.
"""
import os
import signal
import subprocess
import time


PATIENCE_S = 120


class Died(AssertionError):
    """A program ended, or did not come up, when it should have run."""


class Process:
    """One program. Each start appends to the same log."""

    def __init__(self, name, place, argv, env=None):
        self.name, self.place, self.argv, self.env = name, place, [str(a) for a in argv], env or {}
        self.log = place.file(f"{name}.log")
        self.child = None
        self.starts = 0

    def start(self):
        assert not self.alive(), f"{self.name} runs already"
        self.starts += 1
        with open(self.log, "ab") as log:
            log.write(f"--- start {self.starts}\n".encode())
            log.flush()
            self.child = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", *self.argv], stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=subprocess.STDOUT, cwd=self.place.path,
                                          env={**os.environ, **self.env})
        return self

    @property
    def pid(self):
        return self.child.pid

    def alive(self):
        return self.child is not None and self.child.poll() is None

    def signal(self, number):
        if self.alive():
            self.child.send_signal(number)

    def kill(self):
        """kill -9, and waits until it is gone."""
        self.signal(signal.SIGKILL)
        return self.wait(PATIENCE_S)

    def stop(self, within_s=PATIENCE_S):
        """SIGTERM; its exit code. Fails when it takes longer, and PATIENCE_S at least."""
        self.signal(signal.SIGTERM)
        return self.wait(within_s)

    def wait(self, within_s):
        """Its exit code (negative: the signal that ended it). Never waits shorter than PATIENCE_S."""
        if self.child is None:
            return None
        within_s = max(within_s, PATIENCE_S)
        try:
            return self.child.wait(within_s)
        except subprocess.TimeoutExpired:
            raise Died(f"{self.name} still runs after {within_s} s\n{self.tail()}") from None

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def end(self):
        """For cleaning up: gone, whatever it takes."""
        if self.alive():
            self.resume()
            self.child.kill()
            self.child.wait(PATIENCE_S)

    def text(self):
        """Its log."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def tail(self, lines=25):
        return f"{self.log}:\n  " + "\n  ".join(self.text().splitlines()[-lines:])

    def rss_kib(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        return 0

    def cpu_s(self):
        """Processor time used so far."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))


def wait_until(question, within_s, words, every_s=0.01):
    """Waits until question() is true and returns what it said. Never shorter than PATIENCE_S: a machine that is busy
    with other work is no fault of what is tested, and a wait that is fulfilled ends at once."""
    within_s = max(within_s, PATIENCE_S)
    end = time.monotonic() + within_s
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Died(f"after {within_s} s still not: {words() if callable(words) else words}")
        time.sleep(every_s)
