"""Thirty-two people on a hundred alerts while gateway and store are killed: the stream of actions replayed gives exactly what is shown, nothing
is done twice, whoever was refused was told so, and whoever listens hears of each action once."""
import http.client
import os
import random
import sys
import threading
import time

from desk_common import Replayed, alert_key, entries, pairs
from gate import Gate, Place, RedisServer, expect, run, wait_until
from listening import Follower, add, alert_id, all_heard, end_place, kept_in, kill_and_start, seed, violation, whole

PEOPLE, ALERTS, FIRST = 32, 100, 100
NEXT = {"open": ("acknowledge", "note", "shelve"), "acknowledged": ("assign", "handled", "note"), "assigned": ("handled", "note"),
        "handled": ("review", "close", "note"), "reviewed": ("close", "reopen"), "closed": ("reopen",)}


class Person(threading.Thread):
    """Does what comes next, as they believe that it stands; asks the same again until there is an answer."""

    def __init__(self, client, number):
        super().__init__(daemon=True)
        self.client, self.number, self.chance = client, number, random.Random(number)
        self.seen = {n: ("open", 0) for n in range(ALERTS)}
        self.done, self.answers, self.faults, self.again = threading.Event(), {}, [], 0

    def body(self, n, count):
        state, rev = self.seen[n]
        action = self.chance.choice(NEXT[state])
        body = {"action": action, "rev": rev, "request": f"p{self.number}-{count}"}
        more = {"note": {"why": "seen"}, "shelve": {"why": "roadworks", "until": int(time.time() * 1000) + 3600000}, "assign": {"to": "unit 7"},
                "handled": {"found": "earth on the road"}, "review": {"verdict": "approve"}, "reopen": {"why": "it goes on"}}
        return {**body, **more.get(action, {})}

    def ask(self, n, body):
        first = True
        while True:
            try:
                answer = self.client.post(f"/api/v1/violations/{alert_id(FIRST + n)}/actions", body)
                if answer.status != 503:
                    return answer
            except (OSError, http.client.HTTPException):
                pass
            self.again += first
            first = False
            time.sleep(0.05 + self.chance.random() / 10)

    def run(self):
        count = 0
        try:
            while not self.done.is_set():
                n, count = self.chance.randrange(ALERTS), count + 1
                body = self.body(n, count)
                answer = self.ask(n, body)
                said = answer.json()
                expect(answer.status in (200, 409), (body, answer))
                self.answers[body["request"]] = answer.status
                self.seen[n] = (said["work"]["state"], said["work"]["rev"])
        except Exception as fault:  # noqa: BLE001  (told by whoever waits)
            self.faults.append(repr(fault))


def fire(order, seconds_between):
    place = Place("dispatch-fire-store")
    server = RedisServer(place).start()
    redis = server.client()
    seed(redis)
    for n in range(FIRST, FIRST + ALERTS):
        add(redis, "violations", violation(n))
    with Gate("dispatch-fire", more="rate: {read_per_s: 1000, change_per_s: 1000}\n", store=server, users=False) as gate:
        tokens = [gate.token(f"p{n}", "enforcer") for n in range(PEOPLE)]
        gate.reload()
        people = [Person(gate.client(token=t), n) for n, t in enumerate(tokens)]
        whole(gate, people[0].client)
        followers = [Follower(gate.client(token=t), end_place(redis), False) for t in tokens[:3]]
        for thread in [*followers, *people]:
            thread.start()
        for who in order:
            time.sleep(seconds_between)
            kill_and_start(who, gate, server)
            count = sum(len(p.answers) for p in people)
            wait_until(lambda: sum(len(p.answers) for p in people) > count + PEOPLE or any(p.faults for p in people), 120, "work goes on")
        for person in people:
            person.done.set()
        for person in people:
            person.join()
            expect(not person.faults, person.faults)
        check(gate, server.client(), people)
        all_heard(gate, followers, kept_in(server.client()))
    server.end()
    place.remove()


def check(gate, redis, people):
    told = {request: status for person in people for request, status in person.answers.items()}
    written, states = {}, {}
    for _, entry in entries(redis):
        if not entry["id"] in {alert_id(FIRST + n) for n in range(ALERTS)}:
            continue
        expect(entry["request"] not in written, f"done twice: {entry}")
        written[entry["request"]] = entry
        states.setdefault(entry["id"], Replayed()).take(entry)
    expect({r for r, status in told.items() if status == 200} == set(written), "what was done is what people were told was done")
    client = people[0].client
    whole(gate, client)
    for alert, state in states.items():
        state.same_as(pairs(redis.call("HGETALL", alert_key(alert))))

        def same():
            work = client.get(f"/api/v1/violations/{alert}").json()["alert"]["work"]
            return (work["state"], work["rev"], work.get("assignee", ""), work.get("acknowledged_by", "")) == (state.state, state.rev, state.to,
                                                                                                              state.who_acknowledged)

        wait_until(same, 120, lambda: f"{alert}: {client.get(f'/api/v1/violations/{alert}').json()['alert']['work']} is not {vars(state)}")
    refused = sum(status == 409 for status in told.values())
    print(f"  {len(written)} done on {len(states)} alerts, {refused} refused, {sum(p.again for p in people)} asked again")
    expect(len(written) > 100 and refused > 10, "they have met")


def test_fire():
    """`fire.py BINARIES long`: twenty kills of the gateway and ten of the store."""
    long = "long" in sys.argv[2:]
    order = ["gateway"] * (20 if long else 3) + ["store"] * (10 if long else 2)
    random.Random(5).shuffle(order)
    fire(order, 2 if long else 1)


os.environ.setdefault("MW_TEST_DIR", "/tmp")
run([test_fire])
