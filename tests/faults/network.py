"""A network of its own between the tracker and its servers, to be cut, thinned and narrowed.

    here (broker, store, units)  10.77.0.1 ══ veth ══ 10.77.0.2  there (the tracker)

The process that uses it is in a network namespace of its own already (tests/faults/run starts it there), so that nothing
else sees any of it. What passes is decided on this side, by iptables and a token bucket.
"""
import os
import pathlib
import subprocess
import time

HERE, THERE, LINK = "10.77.0.1", "10.77.0.2", "mw-here"


def sh(*words):
    env = {**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}
    done = subprocess.run([str(w) for w in words], capture_output=True, text=True, check=False, env=env)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: {done.stderr}")


class Network:
    """A context manager. Programs are put on the other side by `there`, words in front of their own."""

    def __enter__(self):
        sh("ip", "link", "set", "lo", "up")
        ours = [os.readlink(f"/proc/self/ns/{kind}") for kind in ("net", "mnt")]
        self.holder = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "--", "unshare", "-nm", "--propagation", "private",
                                        "sleep", "infinity"])
        end = time.monotonic() + 120
        while any(self._kind(kind) in (None, own) for kind, own in zip(("net", "mnt"), ours)) or not self._is("sleep"):
            if time.monotonic() > end:
                raise AssertionError("no namespace of its own")
            time.sleep(0.01)
        self.there = ["nsenter", "-t", str(self.holder.pid), "-n", "-m", "--"]
        sh("ip", "link", "add", LINK, "type", "veth", "peer", "name", "mw-there", "netns", self.holder.pid)
        sh("ip", "addr", "add", f"{HERE}/24", "dev", LINK)
        sh("ip", "link", "set", LINK, "up")
        sh(*self.there, "ip", "addr", "add", f"{THERE}/24", "dev", "mw-there")
        sh(*self.there, "ip", "link", "set", "mw-there", "up")
        sh(*self.there, "ip", "link", "set", "lo", "up")
        return self

    def _kind(self, kind):
        try:
            return os.readlink(f"/proc/{self.holder.pid}/ns/{kind}")
        except OSError:
            return None

    def _is(self, name):
        return pathlib.Path(f"/proc/{self.holder.pid}/comm").read_text(encoding="ascii").strip() == name

    def use_resolver(self, file):
        """A resolv.conf for programs there."""
        sh(*self.there, "mount", "--bind", file, "/etc/resolv.conf")

    def __exit__(self, *what):
        self.holder.kill()
        self.holder.wait()

    def cut(self, port, protocol="tcp"):
        """Nothing passes to or from a port here: no refusal comes either."""
        sh("iptables", "-A", "INPUT", "-i", LINK, "-p", protocol, "--dport", port, "-j", "DROP")
        sh("iptables", "-A", "OUTPUT", "-o", LINK, "-p", protocol, "--sport", port, "-j", "DROP")

    def thin(self, port, share):
        """Loses so many packets to and from a port here."""
        random = ("-m", "statistic", "--mode", "random", "--probability", share, "-j", "DROP")
        sh("iptables", "-A", "INPUT", "-i", LINK, "-p", "tcp", "--dport", port, *random)
        sh("iptables", "-A", "OUTPUT", "-o", LINK, "-p", "tcp", "--sport", port, *random)

    def heal(self):
        sh("iptables", "-F")

    def narrow(self, rate):
        for side in ((), self.there):
            sh(*side, "tc", "qdisc", "add", "dev", "mw-there" if side else LINK, "root", "tbf", "rate", rate, "burst", "16kb",
               "latency", "400ms")

    def widen(self):
        for side in ((), self.there):
            sh(*side, "tc", "qdisc", "del", "dev", "mw-there" if side else LINK, "root")
