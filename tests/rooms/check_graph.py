"""The parts of the house depend on each other one way.

A part is NAME.c with NAME.h; a header NAME_more.h that includes NAME.h and is included by files of its folder alone is
its private half and belongs to it. Parts include parts: there may be no circle, neither among parts nor among folders.
Names of files stand once in the whole tree, since they are included bare.
"""
import collections
import os
import pathlib
import re
import subprocess
import sys

TREES = ("include", "geofence", "tracker", "programs")


def sources(root):
    names = subprocess.run(["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard", *TREES],
                           capture_output=True, text=True, check=True).stdout.split()
    return [n for n in names if n.endswith((".c", ".h")) and os.path.exists(os.path.join(root, n))]


def includes(root, files):
    by_name = {os.path.basename(f): f for f in files}
    graph = {}
    for f in files:
        text = pathlib.Path(root, f).read_text()
        quoted = re.findall(r'^\s*#\s*include\s*"([^"/]+)"', text, re.M)
        public = re.findall(r"^\s*#\s*include\s*<muckwatch/([^>]+)>", text, re.M)
        graph[f] = [by_name[n] for n in quoted + public if n in by_name]
    return graph


def part_of(f, graph):
    """The path of a part is that of its files without the ending."""
    stem, ending = os.path.splitext(f)
    if ending == ".h" and os.path.exists(stem + ".c"):
        return stem
    for other in graph[f]:
        owner = os.path.splitext(other)[0]
        users = [g for g in graph if f in graph[g]]
        if stem.startswith(owner + "_") and all(os.path.dirname(u) == os.path.dirname(f) for u in users):
            return owner
    return stem


def circles(edges):
    """Tarjan's strongly connected components of more than one node."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(edges.get(node, ())):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            ring = [stack.pop()]
            while ring[-1] != node:
                ring.append(stack.pop())
            if len(ring) > 1:
                found.append(sorted(ring))

    for node in sorted(edges):
        if node not in index:
            visit(node)
    return found


def contracted(graph, name_of):
    edges = collections.defaultdict(set)
    for f, others in graph.items():
        for other in others:
            if name_of(f) != name_of(other):
                edges[name_of(f)].add(name_of(other))
    return edges


def faults(root):
    files = sources(root)
    names = collections.Counter(os.path.basename(f) for f in files)
    for name, count in sorted(names.items()):
        if count > 1:
            yield f"{count} files are called {name}"
    graph = includes(root, files)
    parts = {f: part_of(f, graph) for f in files}
    for ring in circles(contracted(graph, parts.get)):
        yield "these parts include each other in a circle: " + ", ".join(ring)
    for ring in circles(contracted(graph, os.path.dirname)):
        yield "these folders include each other in a circle: " + ", ".join(ring)


def self_test():
    """A checker that finds nothing has to be seen to find something."""
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert circles({"a": {"b", "c"}, "b": {"c"}}) == []


def main():
    self_test()
    os.chdir(sys.argv[1])
    found = list(faults("."))
    print("\n".join(found) or "no circle, and each name once")
    sys.exit(1 if found else 0)


main()
