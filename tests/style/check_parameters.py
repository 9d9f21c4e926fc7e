"""A function has at most five parameters; one that needs more takes a struct.

Reads declarations and definitions by their text, which is enough for the layout that clang-format gives them: a function
begins in the first column. Functions in `parameters_exempt` may have more, each for the reason written there.
"""
import os
import re
import subprocess
import sys

TREES = ("include", "geofence", "tracker", "programs")
MOST = 5
FUNCTION = re.compile(r"^(?!typedef\b|return\b)[A-Za-z_][\w *(),]*?\b(\w+)\(([^;{}]*?)\)\s*(?:__attribute__.*?)?[{;]", re.M)


def plain(text):
    """Without comments and the contents of strings; lines stay where they are."""
    text = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m[0]), text, flags=re.S)
    return re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)


def parameters(inner):
    if inner.strip() in ("", "void"):
        return 0
    depth, count = 0, 1
    for c in inner:
        depth += {"(": 1, ")": -1}.get(c, 0)
        count += c == "," and depth == 0
    return count


def crowded(text):
    """(line, function, parameters) of each function with too many."""
    text = plain(text)
    for found in FUNCTION.finditer(text):
        count = parameters(found[2])
        if count > MOST:
            yield text.count("\n", 0, found.start()) + 1, found[1], count


def self_test():
    """A checker that finds nothing has to be seen to find something, and nothing else."""
    text = ("int six(int a, int b,\n        int c, int d, int e, int f);\n"
            "static void five(int a, int (*b)(int, int), int c, int d, int e)\n{\n    call(1, 2, 3, 4, 5, 6, 7);\n}\n"
            "/* int seven(int, int, int, int, int, int, int); */\nint none(void)\n{\n}\n")
    assert list(crowded(text)) == [(1, "six", 6)], list(crowded(text))


def main():
    self_test()
    os.chdir(sys.argv[1])
    exempt = {line.split()[0] for line in open("tests/style/parameters_exempt") if line.strip() and line[0] != "#"}
    files = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *TREES], capture_output=True,
                           text=True, check=True).stdout.split()
    found = [f"{file}:{line}: {name} has {count} parameters, at most {MOST} are allowed: give it a struct"
             for file in files if file.endswith((".c", ".h")) and os.path.exists(file)
             for line, name, count in crowded(open(file).read()) if name not in exempt]
    print("\n".join(found) or f"no function has more than {MOST} parameters")
    sys.exit(1 if found else 0)


main()
