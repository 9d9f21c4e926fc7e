"""Whether the store keeps what it acknowledges is looked at on each connection; what the user `default` has to be is asked of
a real Redis, by what is there after its next start."""
import json

from common import BINARIES, CITY, Stage, contract, expect, run, wait_until
from harness import servers
from harness.resp import Failure, Redis

T = 1_770_000_000
SECONDS = 120


def fix(seq):
    return json.dumps({"time": T + 10 * seq, "lat": 30.5, "lon": 113.0, "boot": "b1", "seq": seq}).encode()


class Store(servers.RedisServer):
    """With users of its own: `admin` may all, `tracker` what its rules say."""

    def __init__(self, place, default="on nopass ~* &* +@all", tracker="+@all"):
        users = place.file("users.acl", f"user default {default}\nuser admin on nopass ~* &* +@all\n"
                                        f"user tracker on nopass ~muck:* {tracker}\n")
        super().__init__(place, extra=("--aclfile", users))

    def client(self):
        client = Redis(self.port)
        client.call("AUTH", "admin", "x")
        return client

    def _answers(self):
        try:
            return self.alive() and self.client().call("PING") == b"PONG"
        except (Failure, OSError):
            return False


def with_users(name, **users):
    stage = Stage(name, BINARIES, CITY)
    stage.redis = Store(stage.place, **users)
    secret = stage.place.file("redis.password", "x\n")
    secret.chmod(0o600)
    stage.config = stage.write_config("muckwatch.yaml", stage.redis.port)
    stage.config.write_text(stage.config.read_text(encoding="utf-8").replace(
        "redis: {", f"redis: {{username: tracker, password_file: {secret}, "), encoding="utf-8")
    return stage


def setting(stage, kind, name):
    return stage.metrics()[f'muckwatch_store_setting_{kind}{{setting="{name}"}}']


def reconnect(stage, redis):
    connects = stage.metrics()['muckwatch_connects_total{link="store"}']
    redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    wait_until(lambda: stage.metrics()['muckwatch_connects_total{link="store"}'] > connects, SECONDS, lambda: "it connects again")


def test_each_setting_on_each_connection():
    with Stage("settings", BINARIES, CITY) as stage:
        stage.start()
        redis = stage.redis.client()
        expect(stage.metrics()["muckwatch_store_durable"] == 1, "it begins durable")
        for name, bad, good, decides in (("appendfsync", "everysec", "always", True), ("appendonly", "no", "yes", True),
                                         ("no-appendfsync-on-rewrite", "yes", "no", True),
                                         ("maxmemory-policy", "allkeys-lru", "noeviction", True),
                                         ("aof-load-truncated", "no", "yes", False)):
            redis.call("CONFIG", "SET", name, bad)
            reconnect(stage, redis)
            wait_until(lambda n=name: setting(stage, "wrong", n) == 1, SECONDS, lambda n=name: f"{n} is looked at\n" + stage.tracker.tail())
            wait_until(lambda n=name: f"setting=\"{n}\"" in stage.tracker.text(), SECONDS, lambda n=name: f"the log names {n}\n" + stage.tracker.tail())
            wait_until(lambda d=decides: stage.metrics()["muckwatch_store_durable"] == (0 if d else 1), SECONDS, lambda n=name: n)
            redis.call("CONFIG", "SET", name, good)
            reconnect(stage, redis)
            wait_until(lambda n=name: setting(stage, "wrong", n) == 0 and stage.metrics()["muckwatch_store_durable"] == 1,
                       SECONDS, lambda n=name: f"{n} is mended\n" + stage.tracker.tail())
        stage.broker.client("unit").publish(contract.topic("u1", "fix"), fix(1))
        wait_until(lambda: redis.call("XLEN", contract.key("track:u1")) == 1, SECONDS, lambda: "it goes on")
        expect(not stage.tracker.reported(), f"the sanitizers report {stage.tracker.reported()}")


def test_require_durable_holds_on_each_connection():
    with Stage("required", BINARIES, CITY) as stage:
        config = stage.config.read_text(encoding="utf-8").replace("redis: {", "redis: {require_durable: true, ")
        stage.config.write_text(config, encoding="utf-8")
        stage.start()
        redis, unit = stage.redis.client(), stage.broker.client("unit")
        unit.subscribe("muck/v1/+/ack")
        redis.call("CONFIG", "SET", "appendfsync", "everysec")
        redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        expect(stage.tracker.wait(SECONDS) == 78, "it goes on with a store that is not durable any more")
        unit.publish(contract.topic("u1", "fix"), fix(1))
        redis.call("CONFIG", "SET", "appendfsync", "always")
        stage.tracker.start()
        expect(unit.receive(lambda m: json.loads(m.payload)["seq"] == 1, SECONDS), "what came meanwhile is not taken")


def test_what_may_not_be_looked_at():
    for rules, unknown in (("+@all -acl", ["default_user"]), ("+@all -config", ["appendonly", "appendfsync", "aof-load-truncated"]),
                           ("+@all -config|get -acl|getuser", ["default_user", "maxmemory-policy"])):
        with with_users("unknown", tracker=rules) as stage:
            stage.start()
            for name in unknown:
                expect(setting(stage, "unknown", name) == 1 and setting(stage, "wrong", name) == 0, f"{rules}: {name} is told")
                expect(f"store_setting_unknown setting=\"{name}\"" in stage.tracker.text(), f"{rules}: the log does not name {name}")
            expect("NOPERM" in stage.tracker.text() and stage.metrics()["muckwatch_store_durable"] == 0, f"{rules}: unknown counts as durable")
            stage.broker.client("unit").publish(contract.topic("u1", "fix"), fix(1))
            redis = stage.redis.client()
            wait_until(lambda r=redis: r.call("XLEN", contract.key("track:u1")) == 1, SECONDS, lambda: "it goes on\n" + stage.tracker.tail())


def held(redis):
    return [redis.call("XLEN", contract.key("track:u1")), redis.call("HLEN", contract.key("state")),
            redis.call("HLEN", contract.key("vehicle:u1")), redis.call("ZCARD", contract.key("positions"))]


def test_what_default_has_to_be():
    """As the tracker says, so does Redis at its next start."""
    for rules in ("off ~* &* +@all", "off", "on nopass ~* &* +@all -@dangerous", "on nopass ~* +@all -@write", "on nopass ~* +@all -xadd",
                  "on nopass ~* +@all -@geo", "on nopass ~muck:* +@all", "on nopass ~other:* +@all", "off ~* +@write",
                  "off ~* +@all -@all +xadd"):
        with with_users("default", default=rules) as stage:
            stage.start()
            wrong = setting(stage, "wrong", "default_user")
            expect(stage.metrics()["muckwatch_store_durable"] == (0 if wrong else 1), f"{rules}: durable")
            stage.broker.client("unit").publish(contract.topic("u1", "fix"), fix(1))
            redis = stage.redis.client()
            wait_until(lambda r=redis: held(r)[3] == 1, SECONDS, lambda: "it is stored\n" + stage.tracker.tail())
            stage.tracker.stop()
            before = held(redis)
            stage.redis.stop()
            stage.redis.start()
            lost = held(stage.redis.client()) != before
            expect(lost == (wrong == 1), f"default is '{rules}': {'lost' if lost else 'kept'}, and the tracker says {wrong}")


run([test_each_setting_on_each_connection, test_require_durable_holds_on_each_connection, test_what_may_not_be_looked_at,
     test_what_default_has_to_be])
