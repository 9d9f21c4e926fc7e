"""A file of the product has at most 450 lines, a function at most 60.

Functions are told by the layout that clang-format gives them: the body is between a brace in the first column and the next.
"""
import os
import subprocess
import sys

TREES = ("include", "geofence", "tracker", "programs")
FILE_MOST, FUNCTION_MOST = 450, 60


def long_functions(lines):
    """(line, lines) of each that is too long, with its braces and a line that names it."""
    begin = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            begin = number
        elif line == "}" and begin is not None:
            if number - begin + 2 > FUNCTION_MOST:
                yield begin, number - begin + 2
            begin = None


def self_test():
    body = ["    x();"] * (FUNCTION_MOST - 3)
    text = ["int f(void)", "{", *body, "}", "struct s {", *body, *body, "};", "int g(void)", "{", *body, "    y();", "}"]
    assert [size for _, size in long_functions(text)] == [FUNCTION_MOST + 1], list(long_functions(text))


def main():
    self_test()
    os.chdir(sys.argv[1])
    found = []
    files = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *TREES], capture_output=True,
                           text=True, check=True).stdout.split()
    for file in files:
        if not file.endswith((".c", ".h")) or not os.path.exists(file):
            continue
        lines = open(file, encoding="utf-8").read().splitlines()
        if len(lines) > FILE_MOST:
            found.append(f"{file}: {len(lines)} lines, at most {FILE_MOST} are allowed: cut it")
        found += [f"{file}:{line}: a function of {size} lines, at most {FUNCTION_MOST} are allowed" for line, size in long_functions(lines)]
    print("\n".join(found) or "no file and no function is too long")
    sys.exit(1 if found else 0)


main()
