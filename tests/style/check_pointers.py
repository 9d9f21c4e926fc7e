"""Pointers are compared with NULL, never taken for truth values: `p == NULL`, not `!p`; `p != NULL`, not `if (p)`.

Only a compiler knows what is a pointer, so clang-query reads every file of compile_commands.json (some seconds in all).
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

POINTER = 'ignoringParenImpCasts(expr(hasType(hasCanonicalType(pointerType()))).bind("pointer"))'
OURS = "unless(isExpansionInSystemHeader())"
TRUTHS = [
    f"ifStmt({OURS}, hasCondition({POINTER}))",
    f"whileStmt({OURS}, hasCondition({POINTER}))",
    f"doStmt({OURS}, hasCondition({POINTER}))",
    f"forStmt({OURS}, hasCondition({POINTER}))",
    f"conditionalOperator({OURS}, hasCondition({POINTER}))",
    f'unaryOperator({OURS}, hasOperatorName("!"), hasUnaryOperand({POINTER}))',
    f'binaryOperator({OURS}, hasAnyOperatorName("&&", "||"), hasLHS({POINTER}))',
    f'binaryOperator({OURS}, hasAnyOperatorName("&&", "||"), hasRHS({POINTER}))',
    f'implicitCastExpr({OURS}, hasCastKind("CK_PointerToBoolean"), hasSourceExpression({POINTER}))',
]
QUERY = "set bind-root false\nset output diag\n" + "".join(f"match {truth}\n" for truth in TRUTHS)
PLACE = re.compile(r'^(\S+):(\d+):\d+: note: "pointer" binds here$')
FROM_MACRO = re.compile(r"note: expanded from macro '(\w+)'$")
FOREIGN_MACRO = re.compile(r"json_")  # Jansson's macros ask whether their argument is NULL in their own way


def places(output):
    """(file, line) of each pointer found, without those that a foreign macro compares."""
    lines = output.split("\n")
    for i, line in enumerate(lines):
        found = PLACE.match(line)
        if not found:
            continue
        macros = (FROM_MACRO.search(after) for after in lines[i + 1:i + 5])
        macro = next((m[1] for m in macros if m), "")
        if not FOREIGN_MACRO.match(macro):
            yield found[1], int(found[2])


def ask(database, query, files):
    run = subprocess.run(["clang-query", "-p", database, "-f", query, *files], capture_output=True, text=True)
    if run.returncode != 0 or "matches." not in run.stdout:
        raise SystemExit(f"clang-query failed:\n{run.stdout[-2000:]}{run.stderr[-2000:]}")
    return set(places(run.stdout))


def all_places(database, files):
    with tempfile.NamedTemporaryFile("w", suffix=".query") as query:
        query.write(QUERY)
        query.flush()
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            rows = [files[i:i + 8] for i in range(0, len(files), 8)]
            return sorted(set().union(*pool.map(lambda row: ask(database, query.name, row), rows)))


PROBE = """
_Bool truth(const char *p, const char *q, int n)
{
    if (!p) return 1;
    while (p && (q || n)) n += q ? 1 : 2;
    for (; p; p++) n++;
    do n--; while (q);
    if (p == q || p != 0 || n || !n) return 0;
    return p;
}
"""


def self_test():
    """A checker that finds nothing has to be seen to find something, and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        probe = os.path.join(folder, "probe.c")
        with open(probe, "w") as f:
            f.write(PROBE)
        with open(os.path.join(folder, "compile_commands.json"), "w") as f:
            json.dump([{"directory": folder, "file": probe, "command": f"cc -std=c17 -c {probe}"}], f)
        lines = [line for _, line in all_places(folder, [probe])]
    assert lines == [4, 5, 6, 7, 9], lines


def main():
    self_test()
    commands, root = sys.argv[1], os.path.realpath(sys.argv[2])
    exempt = {line.split()[0] for line in open(os.path.join(root, "tests/style/layout_exempt")) if not line.startswith("#")}
    files = sorted({entry["file"] for entry in json.load(open(commands)) if entry["file"].endswith(".c")})
    found = [(os.path.relpath(file, root), line) for file, line in all_places(os.path.dirname(commands), files)]
    found = [(file, line) for file, line in found if file not in exempt]
    print("\n".join(f"{file}:{line}: a pointer stands for a truth value: compare it with NULL" for file, line in found)
          or "every pointer is compared with NULL")
    sys.exit(1 if found else 0)


main()
