"""A copy of the tree with a build of its own, in which files are changed, built and tested.

The tree that one works in is only read. What a test needs is built when its turn comes, so that a mutation that the
first test notices costs one library and one program.
"""
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time

# A mutation may make a loop endless. What takes so many times longer than without it has noticed it, unless others
# had the machine to themselves meanwhile; so it is told apart from a test that said no.
TIMES_LONGER, LONGER_S = 10, 60


@dataclasses.dataclass
class Test:
    name: str
    command: list
    targets: list
    environment: dict
    folder: str
    skip_code: int
    labels: list
    seconds: float = 0


class Workshop:
    def __init__(self, root, folder, jobs, sanitize):
        self.root, self.jobs = pathlib.Path(root), jobs
        self.tree, self.build = pathlib.Path(folder) / "tree", pathlib.Path(folder) / "build"
        self.sanitize = sanitize

    def sync(self):
        """Brings the copy up to date; whether that changed anything. Only what differs is written: times of files
        decide what is built again."""
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=self.root,
                                check=True, capture_output=True).stdout.decode().split("\0")
        # The table is no part of what is tested: a row more does not have everything measured again.
        names = {name for name in listed if name and not name.startswith("tests/mutate/") and (self.root / name).is_file()}
        changed = False
        for name in names:
            source, target = self.root / name, self.tree / name
            if target.is_file() and target.read_bytes() == source.read_bytes():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            shutil.copymode(source, target)
            changed = True
        for path in self.tree.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts and str(path.relative_to(self.tree)) not in names:
                path.unlink()
                changed = True
        return changed

    def configure(self):
        # Warnings are no errors here: a mutation may leave a variable unused.
        options = ["-DCMAKE_BUILD_TYPE=None", "-DCMAKE_C_FLAGS=-O1 -w", f"-DMW_DATA_DIR={self.root.parent}/shared/data",
                   f"-DMW_SANITIZE={'ON' if self.sanitize else 'OFF'}"]
        subprocess.run(["cmake", "-S", self.tree, "-B", self.build, "-G", "Ninja", *options], check=True,
                       stdout=subprocess.DEVNULL)

    def make(self, targets):
        """'' or what the compiler said."""
        done = subprocess.run(["ninja", "-C", self.build, f"-j{self.jobs}", *targets], capture_output=True, text=True)
        return "" if done.returncode == 0 else done.stdout

    def tests(self):
        """All tests that ctest knows. It gives no command for a program that is not there, so all are built first."""
        said = self.make([])
        if said:
            raise RuntimeError(f"it does not compile as it is:\n{said}")
        shown = subprocess.run(["ctest", "--show-only=json-v1"], cwd=self.build, check=True, capture_output=True, text=True)
        return [self._test(entry) for entry in json.loads(shown.stdout)["tests"]]

    def _test(self, entry):
        properties = {p["name"]: p["value"] for p in entry.get("properties", [])}
        inside = [pathlib.Path(arg).relative_to(self.build) for arg in entry["command"] if arg.startswith(f"{self.build}/")]
        targets = [str(path) for path in inside if (path.name.startswith(("test_", "fuzz_")) or path.parent.name == "bin")]
        if any(path.name == "bin" for path in inside):
            targets += ["muckctl", "muckwatchd"]
        environment = dict(pair.split("=", 1) for pair in properties.get("ENVIRONMENT", []))
        skip = properties.get("SKIP_RETURN_CODE", -1)
        return Test(entry["name"], entry["command"], targets, environment, properties.get("WORKING_DIRECTORY", str(self.build)),
                    int(skip), properties.get("LABELS", []))

    def run(self, test, stop, limit_s):
        """'passed', 'skipped', 'failed', 'endless', or 'stopped' because `stop` was set."""
        process = subprocess.Popen(test.command, cwd=test.folder, env={**os.environ, **test.environment},
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True)
        until = time.monotonic() + limit_s
        while True:
            try:
                code = process.wait(timeout=0.1)
                break
            except subprocess.TimeoutExpired:
                if not stop.is_set() and time.monotonic() < until:
                    continue
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return "stopped" if stop.is_set() else "endless"
        if code == test.skip_code:
            return "skipped"
        return "passed" if code == 0 else "failed"

    def first_failure(self, tests):
        """(name of a test that fails, 'failed' or 'endless'), or (None, ''); (None, text) if something does not compile."""
        stop, lock, built, wrong = threading.Event(), threading.Lock(), set(), []

        def attempt(test):
            if stop.is_set():
                return None
            with lock:
                missing = [target for target in test.targets if target not in built]
                said = self.make(missing) if missing else ""
                built.update(missing)
            if said:
                wrong.append(said)
                stop.set()
                return None
            outcome = self.run(test, stop, test.seconds * TIMES_LONGER + LONGER_S)
            if outcome not in ("failed", "endless"):
                return None
            stop.set()
            return test.name, outcome

        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            try:
                failed = [found for found in pool.map(attempt, tests) if found]
            except KeyboardInterrupt:
                stop.set()
                raise
        return failed[0] if failed else (None, "".join(wrong[:1]))

    def measure(self, tests):
        """Runs each once as it is and notes how long it takes; names those that do not pass, which are no use."""
        def attempt(test):
            begun = time.monotonic()
            outcome = self.run(test, threading.Event(), 600)
            test.seconds = time.monotonic() - begun
            return test.name if outcome in ("failed", "endless") else None

        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            return [name for name in pool.map(attempt, tests) if name]
