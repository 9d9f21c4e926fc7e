"""A directory of one's own for each test, and ports that nobody else uses.

The directory lies under MW_TEST_DIR, or else under the system's temporary folder. It is removed when the test ends
well and kept, with everything the servers logged, when it does not.
"""
import os
import pathlib
import random
import shutil
import socket
import tempfile

# Below the kernel's range for outgoing connections (32768 and up). A port out of that range could be given to a
# client that keeps trying to reach a server that is down, and would then be connected to itself.
PORT_LOWEST, PORT_HIGHEST = 15000, 32000

_ports = random.Random(os.getpid() * 7919)


def free_port():
    """A TCP port on loopback that nobody listens on now."""
    for _ in range(1000):
        port = _ports.randint(PORT_LOWEST, PORT_HIGHEST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port")


class Place:
    """A private directory."""

    def __init__(self, name):
        root = os.environ.get("MW_TEST_DIR")
        if root:
            pathlib.Path(root).mkdir(parents=True, exist_ok=True)
        self.path = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=root or None))

    def file(self, name, text=None):
        """Path of a file in it, written when a text is given."""
        path = self.path / name
        if text is not None:
            path.write_text(text, encoding="utf-8")
        return path

    def folder(self, name):
        path = self.path / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)
