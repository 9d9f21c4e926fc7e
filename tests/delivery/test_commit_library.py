"""The function library in the store against a model of it: whose turn it is, what a batch writes, and that what is
refused writes nothing. A real Redis, no tracker. Python's standard library only."""
import pathlib
import random
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
sys.dont_write_bytecode = True

from harness.place import Place  # noqa: E402  (the path is set above)
from harness.resp import Failure  # noqa: E402
from harness.servers import RedisServer  # noqa: E402

OWNER = "muck:{0}:owner"
PREFIX = "muck:{0}:"
FOR_EVER_MS = 10 ** 9


class Model:
    """What the store holds: {tail: {field: value}, a list of entries, or {member: score}}."""

    def __init__(self):
        self.owner, self.keys = None, {}

    def claim(self, instance, hold_ms, take_over, token):
        was = self.owner
        if was and was["instance"] != instance and hold_ms > 0 and not take_over:
            return [b"held", was["instance"].encode()]
        was = was or {"epoch": 0, "batch": 0, "clock": 0}
        self.owner = {**was, "instance": instance, "epoch": was["epoch"] + 1, "token": token}
        return [b"claimed", self.owner["epoch"], was["batch"], was["clock"]]

    def turn(self, epoch, batch, token):
        """None: it is ours."""
        if self.owner is None or self.owner["epoch"] < epoch:
            return [b"behind", self.owner["batch"] if self.owner else 0]
        stored = self.owner["batch"]
        if self.owner["epoch"] > epoch or batch < stored or self.owner["token"] != token:
            return [b"fenced", self.owner["epoch"]]
        if batch == stored:
            return [b"done", stored]
        return None if batch == stored + 1 else [b"behind", stored]

    def beat(self, epoch, batch, clock, token):
        answer = self.turn(epoch, batch, token)
        if answer and answer[0] == b"done":
            self.owner["clock"] = clock
            return [b"alive", batch]
        return answer or [b"behind", batch - 1]

    def commit(self, epoch, batch, clock, token, ops):
        answer = self.turn(epoch, batch, token)
        if answer:
            return answer
        bad = next((op[3] for op in ops if op[3]), None)
        if bad:
            return bad
        moves = [args[0] for op, _, args, _ in ops if op == "MOVE"]
        for op, tail, args, _ in ops:
            if op != "MOVE":
                self.write(op, tail, [str(a) for a in args])
        for n in range(0, len(moves), 1000):
            self.write("XADD", "live", ["batch", str(batch), "moves", "[" + ",".join(moves[n:n + 1000]) + "]"])
        self.owner.update(batch=batch, clock=clock)
        return [b"applied", batch]

    def write(self, op, tail, args):
        if op == "XADD":
            self.keys.setdefault(tail, []).append(dict(zip(args[::2], args[1::2])))
            return
        key = self.keys.setdefault(tail, {})
        if op in ("HSET", "STATE"):
            key.update(zip(args[::2], args[1::2]))
        elif op == "ZADD":
            key.update(zip(args[1::2], map(float, args[::2])))
        elif op == "GEO":
            key.update((args[i + 2], (float(args[i]), float(args[i + 1]))) for i in range(0, len(args), 3))
        else:
            for name in args:
                key.pop(name, None)
        if not key:
            del self.keys[tail]


def held(redis):
    """What the store really holds, in the model's words."""
    out = {}
    for key in redis.call("KEYS", PREFIX + "*"):
        tail = key.decode()[len(PREFIX):]
        if tail == "owner":
            continue
        if tail == "positions":
            names = redis.call("ZRANGE", key, 0, -1)
            places = redis.call("GEOPOS", key, *names)
            out[tail] = {n.decode(): (float(p[0]), float(p[1])) for n, p in zip(names, places)}
            continue
        kind = redis.call("TYPE", key)
        if kind == b"hash":
            out[tail] = redis.hash(key)
        elif kind == b"stream":
            out[tail] = [{k: v.decode() for k, v in fields.items()} for _, fields in redis.stream(key)]
        else:
            flat = redis.call("ZRANGE", key, 0, -1, "WITHSCORES")
            out[tail] = {flat[i].decode(): float(flat[i + 1]) for i in range(0, len(flat), 2)}
    return out


def same(model, store):
    """Redis keeps places to about half a metre."""
    wanted, found = dict(model), dict(store)
    a, b = wanted.pop("positions", {}), found.pop("positions", {})
    near = a.keys() == b.keys() and all(abs(x - y) < 1e-4 for n in a for x, y in zip(a[n], b[n]))
    return near and wanted == found


def words_of(ops):
    words = []
    for op, tail, args, _ in ops:
        words += [op, tail, len(args), *args]
    return words


def good_op(dice):
    name, value = f"n{dice.randrange(6)}", str(dice.randrange(1000))
    pairs = [word for i in range(dice.randint(1, 3)) for word in (f"f{i}{dice.randrange(2)}", value)]
    return dice.choice([
        ("HSET", f"vehicle:{name}", pairs, False), ("HDEL", f"vehicle:{name}", ["f00", "f10"], False),
        ("XADD", f"track:{name}", pairs, False), ("ZADD", "open", [value, name, -5, "other"], False),
        ("ZREM", "open", [name], False), ("MOVE", "live", [f'["{name}",{value}]'], False), ("STATE", "state", [name, value], False),
        ("GEO", "positions", [dice.uniform(-180, 180), dice.uniform(-85, 85), name], False)])


def bad_op(dice):
    """With the first word of the error: MUCK of what is wrong with the batch, DAMAGED of a key of all vehicles."""
    return dice.choice([
        ("HSET", "vehicle:x", ["odd"], "MUCK"), ("HSET", "vehicle:x", [], "MUCK"), ("NONE", "vehicle:x", ["a", "b"], "MUCK"),
        ("GEO", "positions", [1, 2, "a", 3], "MUCK"), ("GEO", "positions", [180.5, 2, "a"], "MUCK"),
        ("GEO", "positions", [-180.5, 2, "a"], "MUCK"), ("GEO", "positions", [1, 85.1, "a"], "MUCK"),
        ("GEO", "positions", [1, -85.1, "a"], "MUCK"), ("GEO", "positions", [1, "north", "a"], "MUCK"),
        ("GEO", "positions", [1, 2, "a", 181, 2, "b"], "MUCK"), ("ZADD", "open", [1e300, "a"], "MUCK"),
        ("ZADD", "open", [1, "a", "nan", "b"], "MUCK"), ("XADD", "state", ["a", "b"], "DAMAGED"),
        ("HSET", "open", ["a", "b"], "DAMAGED"), ("ZADD", "state", [1, "b"], "DAMAGED"),
        ("MOVE", "open", ["[]"], "DAMAGED")])


def ask(redis, function, *args):
    """The answer, or the first word of the error."""
    try:
        return redis.call("FCALL", "muckwatch_v4_" + function, 1, OWNER, *args)
    except Failure as e:
        return str(e).split()[0]


def check(what, model, redis, wanted, got):
    if got[:len(wanted)] != wanted:
        raise AssertionError(f"{what}: {got}, not {wanted}")
    if not same(model.keys, held(redis)):
        raise AssertionError(f"{what}: the store holds {held(redis)}, not {model.keys}")
    if model.owner:
        owner = redis.hash(OWNER)
        for name, value in model.owner.items():
            if owner[name] != str(value):
                raise AssertionError(f"{what}: the owner's {name} is {owner[name]}, not {value}")


def step(dice, model, redis):
    """One call of any sort, mostly about whose turn it nearly is."""
    epoch = (model.owner or {}).get("epoch", 0) + dice.choice([0, 0, 0, 0, -1, 1])
    batch = (model.owner or {}).get("batch", 0) + dice.choice([1, 1, 1, 1, 0, -1, 2, 3])
    clock = dice.randrange(10 ** 6)
    token = (model.owner or {}).get("token", "none") if dice.random() < 0.9 else "another"
    what = dice.randrange(12)
    if what == 0:
        args = (dice.choice(["a", "b"]), dice.choice([0, FOR_EVER_MS]), dice.random() < 0.2, f"t{dice.randrange(99)}")
        check(f"claim {args}", model, redis, model.claim(*args),
              ask(redis, "claim", args[0], args[1], int(args[2]), args[3]))
    elif what == 1:
        batch = dice.choice([batch, (model.owner or {}).get("batch", 0)])
        check(f"beat {epoch} {batch}", model, redis, model.beat(epoch, batch, clock, token),
              ask(redis, "beat", epoch, batch, clock, token))
    else:
        ops = [good_op(dice) for _ in range(dice.randrange(5))]
        if dice.random() < 0.2:
            ops.insert(dice.randrange(len(ops) + 1), bad_op(dice))
        # Twice: an answer may have been lost.
        for _ in range(2):
            check(f"commit {epoch} {batch} {ops}", model, redis, model.commit(epoch, batch, clock, token, ops),
                  ask(redis, "commit", epoch, batch, clock, token, *words_of(ops)))


def model_holds(redis, seed):
    dice, model = random.Random(seed), Model()
    redis.call("FLUSHALL")
    check("beat of none", model, redis, [b"behind", 0], ask(redis, "beat", 1, 1, 0, "t"))
    # What the bad operations would meet.
    model.claim("a", 0, False, "t")
    ask(redis, "claim", "a", 0, 0, "t")
    first = [("STATE", "state", ["x", "1"], False), ("ZADD", "open", [1, "x"], False)]
    check("first", model, redis, model.commit(1, 1, 5, "t", first),
          ask(redis, "commit", 1, 1, 5, "t", *words_of(first)))
    for _ in range(300):
        step(dice, model, redis)


def torn_arguments_are_refused(redis):
    """Whatever is left of a call, from the end: an error or a smaller batch, and never a part of an operation."""
    redis.call("FLUSHALL")
    ask(redis, "claim", "a", 0, 0, "t")
    words = words_of([("HSET", "vehicle:a", ["f", "1", "g", "2"], False), ("XADD", "track:a", ["h", "3"], False)])
    for count in range(len(words)):
        whole = count in (0, 7)
        answer = ask(redis, "commit", 1, 1, 0, "t", *words[:count])
        if (answer != "MUCK") != whole:
            raise AssertionError(f"{count} words: {answer}")
        ask(redis, "claim", "a", 0, 0, "t")
        redis.call("FLUSHALL")
        ask(redis, "claim", "a", 0, 0, "t")
    for header in (("x", 1, 0, "t"), (1, "x", 0, "t"), (1, 1, "x", "t"), (1, 1, 0), (1, 1)):
        if ask(redis, "commit", *header) != "MUCK":
            raise AssertionError(f"a header of {header}")


def large_batches_are_written_whole(redis):
    redis.call("FLUSHALL")
    model = Model()
    model.claim("a", 0, False, "t")
    ask(redis, "claim", "a", 0, 0, "t")
    ops = []
    for i in range(2345):
        ops += [("STATE", "state", [f"v{i}", str(i)], False), ("GEO", "positions", [i / 100, i / 50, f"v{i}"], False),
                ("MOVE", "live", [f'["v{i}",{i}]'], False)]
    check("large", model, redis, model.commit(1, 1, 9, "t", ops),
          ask(redis, "commit", 1, 1, 9, "t", *words_of(ops)))


def an_owner_from_the_future_does_not_live_for_ever(redis):
    for seconds, answer in ((-100, b"claimed"), (-30, b"held"), (30, b"held"), (100, b"claimed")):
        redis.call("FLUSHALL")
        ask(redis, "claim", "a", 0, 0, "t")
        redis.call("HINCRBY", OWNER, "seen", seconds * 1000)
        got = ask(redis, "claim", "b", 60000, 0, "t")
        if got[0] != answer:
            raise AssertionError(f"seen {seconds} s from now: {got}")


def one_epoch_has_one_owner(redis):
    """A store that was restored to before a claim gives the same epoch and the same numbers to the next one."""
    redis.call("FLUSHALL")
    ask(redis, "claim", "a", 0, 0, "first")
    redis.call("FLUSHALL")
    ask(redis, "claim", "b", 0, 0, "second")
    for what, args in (("commit", ()), ("commit", ("XADD", "track:a", 2, "fix", "1"))):
        if ask(redis, what, 1, 1, 0, "first", *args)[0] != b"fenced" or redis.call("EXISTS", PREFIX + "track:a"):
            raise AssertionError("two owners write")
    if ask(redis, "beat", 1, 0, 0, "first")[0] != b"fenced" or ask(redis, "beat", 1, 0, 0, "second")[0] != b"alive":
        raise AssertionError("two owners are alive")


def an_owner_of_the_version_before_is_taken_over(redis):
    redis.call("FLUSHALL")
    redis.call("HSET", OWNER, "instance", "a", "epoch", 7, "batch", 41, "seen", 1, "clock", 5)
    if ask(redis, "beat", 7, 41, 5, "t")[0] != b"fenced":
        raise AssertionError("a claim of the version before had no token")
    for got, wanted in ((ask(redis, "claim", "a", FOR_EVER_MS, 0, "t"), [b"claimed", 8, 41, 5]),
                        (ask(redis, "commit", 8, 42, 6, "t"), [b"applied", 42])):
        if got != wanted:
            raise AssertionError(f"{got}, not {wanted}")
    # A number that somebody set back leaves a mark far above it, which is of no commit that broke.
    redis.call("HSET", OWNER, "batch", 30)
    for got, wanted in ((ask(redis, "claim", "a", FOR_EVER_MS, 0, "u"), [b"claimed", 9, 30, 6]),
                        (ask(redis, "commit", 9, 31, 6, "u"), [b"applied", 31])):
        if got != wanted:
            raise AssertionError(f"{got}, not {wanted}")
    # A mark without a rest: nobody knows, so nobody goes on.
    redis.call("HSET", OWNER, "begun", 32)
    if ask(redis, "commit", 9, 32, 6, "u") != "BROKEN" or ask(redis, "claim", "a", 0, 1, "v") != "BROKEN":
        raise AssertionError("a commit of which nobody knows what is written is passed over")


def a_damaged_record_is_nobody_s(redis):
    """Whatever field of it says nothing: no call goes by a guess, none writes, and all goes on once it is mended."""
    model = prepared(redis)
    args = (1, 2, 9, "t", *words_of(WHOLE))
    redis.call("ACL", "SETUSER", "default", "-geoadd")
    for broken in (False, True):
        if broken and ask(redis, "commit", *args) != "BROKEN":
            raise AssertionError("it did not break")
        good = redis.call("DUMP", OWNER)
        fields = ["epoch", "batch", "seen", "clock", "begun"] + (["rest"] if broken else [])
        for field in fields:
            for value in ("abc", "", "1.5", "0x10", " 7", "1e3", "99999999999999999999", b"\x00\xff\r\n" * 99, None):
                if value is None and field in ("begun", "rest"):
                    continue  # a record of the version before has none; a mark without a rest is told of above
                redis.call(*(("HDEL", OWNER, field) if value is None else ("HSET", OWNER, field, value)))
                before = redis.call("DUMP", OWNER)
                for what, words in (("commit", args), ("beat", (1, 1, 0, "t")), ("claim", ("a", 0, 1, "u"))):
                    if what == "beat" and field == "rest":
                        continue
                    answer = ask(redis, what, *words)
                    if answer != "DAMAGED" or redis.call("DUMP", OWNER) != before:
                        raise AssertionError(f"{what} with {field} {value!r}: {answer}")
                redis.call("RESTORE", OWNER, 0, good, "REPLACE")
    redis.call("ACL", "SETUSER", "default", "+geoadd")
    check("mended", model, redis, model.commit(1, 2, 9, "t", WHOLE), ask(redis, "commit", *args))


# Operations of three vehicles, so that each command of a commit can be the one that breaks.
WHOLE = [op for n in "abc" for op in (
    ("XADD", f"track:{n}", ["fix", n], False), ("XADD", "violations", ["id", n], False),
    ("HSET", f"violation:{n}", ["id", n], False), ("ZADD", "open", [5, n], False), ("ZREM", "open", [n + n], False),
    ("STATE", "state", [n, "s" + n], False), ("HSET", f"vehicle:{n}", ["lat", "1"], False),
    ("HDEL", f"vehicle:{n}", ["lon"], False), ("GEO", "positions", [1, 2, n], False), ("MOVE", "live", [f'["{n}"]'], False))]


def prepared(redis):
    """A claim and a first commit, in the store and in a model of it."""
    redis.call("FLUSHALL")
    model = Model()
    model.claim("a", 0, False, "t")
    ask(redis, "claim", "a", 0, 0, "t")
    first = [op for n in "abc" for op in (
        ("HSET", f"vehicle:{n}", ["lon", "1"], False), ("XADD", f"track:{n}", ["fix", "0"], False))]
    check("first", model, redis, model.commit(1, 1, 5, "t", first),
          ask(redis, "commit", 1, 1, 5, "t", *words_of(first)))
    return model


def same_store(what, model, redis):
    check(what, model, redis, [], [])


def a_right_that_is_lost_in_mid_write(redis, commands, ways):
    """Whatever breaks, and however it goes on: each operation is written once, and the number counts once."""
    args = (1, 2, 9, "t", *words_of(WHOLE))
    for command in commands:
        for way in ways:
            model = prepared(redis)
            redis.call("ACL", "SETUSER", "default", "-" + command)
            answers = [ask(redis, "commit", *args) for _ in range(3)]
            if any(a not in ("BROKEN", "NOPERM", "ERR") for a in answers):
                raise AssertionError(f"without {command}: {answers}")
            if way == "another right is lost":
                redis.call("ACL", "SETUSER", "default", "+" + command, "-zadd", "-geoadd", "-hset")
                ask(redis, "commit", *args)
            if way == "claimed while broken":
                answer = ask(redis, "claim", "b", 0, 0, "u")
                if answer[0] == b"claimed" and redis.hash(OWNER).get("begun", "1") != "1":
                    raise AssertionError(f"without {command}: claimed with half a commit in the store")
                redis.call("ACL", "SETUSER", "default", "+@all")
                continue
            redis.call("ACL", "SETUSER", "default", "+@all")
            if way == "claimed":
                begun = redis.hash(OWNER).get("begun") == "2"
                if begun:
                    model.commit(1, 2, 9, "t", WHOLE)
                check(f"claim after {command}", model, redis, model.claim("b", 0, False, "u"),
                      ask(redis, "claim", "b", 0, 0, "u"))
                check(f"the sleeper after {command}", model, redis, model.commit(*args[:4], WHOLE),
                      ask(redis, "commit", *args))
                continue
            for _ in range(2):
                wanted, got = model.commit(1, 2, 9, "t", WHOLE), ask(redis, "commit", *args)
                check(f"{way} after {command}", model, redis, wanted, got)
            follow = [("XADD", "track:a", ["fix", "next"], False), ("STATE", "state", ["a", "next"], False)]
            check("the next", model, redis, model.commit(1, 3, 10, "t", follow),
                  ask(redis, "commit", 1, 3, 10, "t", *words_of(follow)))
            if "rest" in redis.hash(OWNER):
                raise AssertionError("the rest is kept for ever")


def what_breaks_is_finished(redis):
    a_right_that_is_lost_in_mid_write(
        redis, ("xadd", "hset", "zadd", "zrem", "hdel", "geoadd", "type", "xrevrange", "hmget", "time"),
        ("given back", "claimed", "claimed while broken", "another right is lost"))
    # The key of one vehicle alone, in the middle.
    model = prepared(redis)
    redis.call("ACL", "SETUSER", "default", "resetkeys", *[f"~{PREFIX}{tail}" for tail in (
        "owner", "track:*", "violation*", "open", "state", "positions", "vehicle:a", "vehicle:c")])
    args = (1, 2, 9, "t", *words_of(WHOLE))
    for _ in range(2):
        answer = ask(redis, "commit", *args)
        if answer in ("MUCK", [b"applied", 2]):
            raise AssertionError(f"a key that we may not write: {answer}")
    redis.call("ACL", "SETUSER", "default", "allkeys")
    check("given back", model, redis, model.commit(1, 2, 9, "t", WHOLE), ask(redis, "commit", *args))


def a_stream_at_its_end_is_refused_first(redis):
    for last in ("18446744073709551615-18446744073709551615", "18446744073709551615-18446744073709551614"):
        model = prepared(redis)
        redis.call("XADD", PREFIX + "track:b", last, "x", "y")
        model.keys["track:b"].append({"x": "y"})
        if ask(redis, "commit", 1, 2, 9, "t", *words_of(WHOLE)) != "MUCK":
            raise AssertionError("a stream at its end is no refusal of the function's")
        same_store("exhausted", model, redis)
        others = [op for op in WHOLE if op[1] != "track:b"]
        check("the others", model, redis, model.commit(1, 2, 9, "t", others),
              ask(redis, "commit", 1, 2, 9, "t", *words_of(others)))
    # Its last entry is gone, and nothing shows that it is at its end before it breaks.
    model = prepared(redis)
    redis.call("XADD", PREFIX + "track:b", "18446744073709551615-18446744073709551615", "x", "y")
    redis.call("XDEL", PREFIX + "track:b", "18446744073709551615-18446744073709551615")
    for _ in range(3):
        if ask(redis, "commit", 1, 2, 9, "t", *words_of(WHOLE)) != "BROKEN":
            raise AssertionError("an entry was written beyond the end")
    redis.call("XSETID", PREFIX + "track:b", "9999999999999-0")
    check("mended", model, redis, model.commit(1, 2, 9, "t", WHOLE), ask(redis, "commit", 1, 2, 9, "t", *words_of(WHOLE)))


def a_key_of_a_foreign_type_is_its_vehicle_s_or_nobody_s(redis):
    """Of one vehicle: the function's refusal. Of all: the store is damaged, which puts no vehicle aside."""
    for tail, kind in (("track:b", "MUCK"), ("vehicle:a", "MUCK"), ("open", "DAMAGED"), ("positions", "DAMAGED"), ("state", "DAMAGED"),
                       ("violations", "DAMAGED")):
        model, ops = prepared(redis), [*WHOLE, ("XADD", "violations", ["id", "x"], False)]
        redis.pipeline([("RENAME", PREFIX + tail, "aside"), ("SET", PREFIX + tail, "x")])
        got = ask(redis, "commit", 1, 2, 9, "t", *words_of(ops))
        if got != kind:
            raise AssertionError(f"{tail} of a foreign type: {got}, not {kind}")
        redis.pipeline([("DEL", PREFIX + tail), ("RENAME", "aside", PREFIX + tail)])
        same_store(f"{tail} of a foreign type", model, redis)
        check("put back", model, redis, model.commit(1, 2, 9, "t", ops), ask(redis, "commit", 1, 2, 9, "t", *words_of(ops)))
    model = prepared(redis)
    redis.call("XADD", PREFIX + "violations", "18446744073709551615-1", "x", "y")
    model.keys["violations"] = [{"x": "y"}]
    got = ask(redis, "commit", 1, 2, 9, "t", "XADD", "violations", 2, "id", "x")
    if got != "DAMAGED":
        raise AssertionError(f"a stream of all vehicles that is at its end: {got}")
    same_store("at its end", model, redis)


def a_large_rest_is_kept_whole(redis):
    model = prepared(redis)
    ops = []
    for i in range(2345):
        ops += [("STATE", "state", [f"v{i}", f"\x01{i}" * 40], False), ("XADD", f"track:v{i}", ["f", str(i)], False),
                ("GEO", "positions", [i / 100, i / 50, f"v{i}"], False), ("MOVE", "live", [f'["v{i}"]'], False)]
    redis.call("ACL", "SETUSER", "default", "-geoadd")
    args = (1, 2, 9, "t", *words_of(ops))
    if ask(redis, "commit", *args) != "BROKEN":
        raise AssertionError("places were written without the right to")
    redis.call("ACL", "SETUSER", "default", "+geoadd")
    check("large rest", model, redis, model.commit(1, 2, 9, "t", ops), ask(redis, "commit", *args))


def moves_break_last(redis):
    """The stream of what moved alone may not be written: all else is there, and it comes once."""
    model = prepared(redis)
    redis.call("ACL", "SETUSER", "default", "resetkeys", *[f"~{PREFIX}{tail}" for tail in (
        "owner", "track:*", "violation*", "open", "state", "positions", "vehicle:*")])
    args = (1, 2, 9, "t", *words_of(WHOLE))
    for _ in range(2):
        if ask(redis, "commit", *args) in ("MUCK", [b"applied", 2]):
            raise AssertionError("a stream that we may not write")
    redis.call("ACL", "SETUSER", "default", "allkeys")
    check("given back", model, redis, model.commit(1, 2, 9, "t", WHOLE), ask(redis, "commit", *args))


def a_rest_of_the_version_before_is_finished(redis):
    """It broke under a library that knew of no moves: what is left of it is written, and counts once."""
    model = prepared(redis)
    rest = [op for op in WHOLE if op[0] != "MOVE"]
    pack = """local n = tonumber(ARGV[1])
        local args = {}
        for i = 2, #ARGV do args[#args + 1] = ARGV[i] end
        redis.call('HSET', KEYS[1], 'begun', n, 'rest', cmsgpack.pack({number = n, clock = '9', at = 1, states_at = 1,
            places_at = 1, args = args, states = {}, places = {}}))"""
    redis.call("EVAL", pack, 1, OWNER, 2, *words_of(rest))
    model.commit(1, 2, 9, "t", rest)
    check("claim", model, redis, model.claim("b", 0, False, "u"), ask(redis, "claim", "b", 0, 0, "u"))


def the_stream_of_moves_is_bounded(redis):
    model = prepared(redis)
    redis.call("EVAL", "for i = 1, 3000 do redis.call('XADD', KEYS[1], '*', 'batch', 0, 'moves', '[]') end", 1, PREFIX + "live")
    if ask(redis, "commit", 1, 2, 9, "t", *words_of(WHOLE)) != [b"applied", 2] or model is None:
        raise AssertionError("it is not applied")
    count = redis.call("XLEN", PREFIX + "live")
    if not 2000 <= count <= 2200:
        raise AssertionError(f"{count} entries of what moved")


def no_memory_writes_nothing(redis):
    model = prepared(redis)
    redis.call("CONFIG", "SET", "maxmemory", "1")
    if ask(redis, "commit", 1, 2, 9, "t", *words_of(WHOLE)) != "OOM":
        raise AssertionError("a commit without memory")
    redis.call("CONFIG", "SET", "maxmemory", "0")
    same_store("no memory", model, redis)
    check("memory", model, redis, model.commit(1, 2, 9, "t", WHOLE), ask(redis, "commit", 1, 2, 9, "t", *words_of(WHOLE)))


def main():
    place = Place("commit-library")
    server = RedisServer(place, appendfsync="no").start()
    try:
        redis = server.client()
        redis.call("FUNCTION", "LOAD", next((ROOT / "tracker").rglob("commit.lua")).read_text())
        for seed in (1, 2):
            model_holds(redis, seed)
        torn_arguments_are_refused(redis)
        large_batches_are_written_whole(redis)
        an_owner_from_the_future_does_not_live_for_ever(redis)
        one_epoch_has_one_owner(redis)
        an_owner_of_the_version_before_is_taken_over(redis)
        a_damaged_record_is_nobody_s(redis)
        what_breaks_is_finished(redis)
        a_stream_at_its_end_is_refused_first(redis)
        a_key_of_a_foreign_type_is_its_vehicle_s_or_nobody_s(redis)
        a_large_rest_is_kept_whole(redis)
        moves_break_last(redis)
        a_rest_of_the_version_before_is_finished(redis)
        the_stream_of_moves_is_bounded(redis)
        no_memory_writes_nothing(redis)
        redis.close()
    finally:
        server.end()
    place.remove()


main()
