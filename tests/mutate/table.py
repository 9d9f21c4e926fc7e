"""The table of mutations: reads it, finds the files it names, and makes one mutation at a time.

A row is a block of lines that ends with an empty one:

    FILE TESTS [NUMBER]
    - text as it stands in the file        (several lines: several of these)
    + text that takes its place            (none of these: the text is taken out)
    = why it survives                      (only where no test can or need tell; "Changes nothing: ..." if it cannot)

The text has to stand in the file exactly once, or NUMBER says which of several is meant, from 1. TESTS is a name
that a line `tests NAME REGEX` has given before: ctest's names of the tests that have to notice. FILE is the name
without its folder: files move, their names are unique.
"""
import dataclasses
import hashlib
import pathlib
import re
import subprocess


class TableError(Exception):
    pass


@dataclasses.dataclass
class Row:
    line: int
    file: str
    tests: str
    number: int = 0
    search: list = dataclasses.field(default_factory=list)
    replace: list = dataclasses.field(default_factory=list)
    why: list = dataclasses.field(default_factory=list)
    path: str = ""

    @property
    def key(self):
        """Stays the same when the table is put in another order."""
        parts = [self.file, str(self.number), "\n".join(self.search), "\n".join(self.replace)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

    @property
    def title(self):
        return f"{self.file}: {' '.join(self.search).strip()} -> {' '.join(self.replace).strip() or '(nothing)'}"

    def apply(self, text):
        """The mutated text."""
        search = "\n".join(self.search)
        count = text.count(search)
        if count == 0:
            raise TableError(f"line {self.line}: not found in {self.file}: {search}")
        if self.number == 0 and count > 1:
            raise TableError(f"line {self.line}: stands {count} times in {self.file}, say which: {search}")
        if self.number > count:
            raise TableError(f"line {self.line}: stands only {count} times in {self.file}: {search}")
        at = -1
        for _ in range(max(self.number, 1)):
            at = text.index(search, at + 1)
        return text[:at] + "\n".join(self.replace) + text[at + len(search):]


def _head(words, line):
    if len(words) not in (2, 3) or (len(words) == 3 and not words[2].isdigit()):
        raise TableError(f"line {line}: expected FILE TESTS [NUMBER]")
    return Row(line, words[0], words[1], int(words[2]) if len(words) == 3 else 0)


def read(path):
    """({name: regex}, [row]). The tests that rows name are known, no row stands twice."""
    tests, rows, row = {}, [], None
    for line, text in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
        if text.startswith("#"):
            continue
        if not text.strip():
            row = None
        elif text.startswith("tests ") and row is None:
            _, name, regex = text.split(None, 2)
            tests[name] = re.compile(regex)
        elif row is None:
            row = _head(text.split(), line)
            rows.append(row)
        elif text[:2] in ("- ", "+ ", "= ") or text in ("-", "+"):
            {"-": row.search, "+": row.replace, "=": row.why}[text[0]].append(text[2:])
        else:
            raise TableError(f"line {line}: expected a line that begins with -, + or =")
    _check(tests, rows)
    return tests, rows


def _check(tests, rows):
    seen = {}
    for row in rows:
        if row.tests not in tests:
            raise TableError(f"line {row.line}: no tests are called {row.tests}")
        if not row.search or row.search == row.replace:
            raise TableError(f"line {row.line}: changes nothing")
        if row.key in seen:
            raise TableError(f"line {row.line}: the same as line {seen[row.key]}")
        seen[row.key] = row.line


def locate(root, rows):
    """Gives each row its path, from the files that git knows; of files of one name, that in which its text stands."""
    known = {}
    listed = subprocess.run(["git", "ls-files", "geofence", "tracker", "include"], cwd=root, check=True,
                            capture_output=True, text=True).stdout.splitlines()
    for path in listed:
        known.setdefault(pathlib.PurePath(path).name, []).append(path)
    for row in rows:
        paths = known.get(row.file, [])
        if not paths:
            raise TableError(f"line {row.line}: no file is called {row.file}")
        search = "\n".join(row.search)
        having = [path for path in paths if search in (root / path).read_text()] if len(paths) > 1 else paths
        if len(having) != 1:
            raise TableError(f"line {row.line}: {len(having)} files called {row.file} have this: {search}")
        row.path = having[0]
        row.apply((root / row.path).read_text())
