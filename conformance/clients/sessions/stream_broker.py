"""Layers that applications put on streams, with redis-py and several clients at once: an event log with a cap, and a
broker that delivers every message at least once, whatever happens to those who work on them."""

import functools
import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import check, equal, eventually, main  # noqa: E402

import redis  # noqa: E402
from redis.exceptions import ResponseError  # noqa: E402


def layer(name, since=None):
    """A check of (connect), run once in each protocol; `connect` makes a client of its own."""
    def mark(function):
        for protocol in (2, 3):
            check(f"RESP{protocol}: {name}", since)(functools.partial(run_with, function, protocol))
        return function
    return mark


def run_with(function, protocol, server):
    clients = []

    def connect(**options):
        clients.append(redis.Redis(port=server.port, protocol=protocol, socket_timeout=20, **options))
        clients[-1].port = server.port
        return clients[-1]

    try:
        function(connect)
    finally:
        for client in clients:
            client.close()


def entries(reply):
    """The entries of a read, whichever form the protocol gives it: one list of (id, fields)."""
    if not reply:
        return []
    found = []
    for _, part in reply.items() if isinstance(reply, dict) else reply:
        for entry in part[0] if part and isinstance(part[0], list) else part:
            found.append(tuple(entry))
    return found


def ensure_group(client, stream, group, start):
    """Makes the group, and is content where another client was first."""
    try:
        client.xgroup_create(stream, group, start, mkstream=True)
        return True
    except ResponseError as error:
        assert str(error).startswith("BUSYGROUP"), error
        return False


# ------------------------------------------------------------------------------------------------------- event log

@layer("an event log: capped, newest first, followed from the last ID seen")
def event_log(connect):
    writer, reader = connect(), connect()
    ids = [writer.xadd("events", {"kind": "tick", "number": number}, maxlen=50, approximate=False)
           for number in range(120)]
    equal(writer.xlen("events"), 50)
    newest = reader.xrevrange("events", count=3)
    equal([entry[1][b"number"] for entry in newest], [b"119", b"118", b"117"])
    equal(newest[0][0], ids[-1])
    equal([entry[0] for entry in reader.xrange("events", min=ids[100])], ids[100:])

    seen, last = [], [ids[-1]]

    def follow():
        while len(seen) < 40:
            for entry_id, fields in entries(reader.xread({"events": last[0]}, count=7, block=2_000)):
                seen.append(int(fields[b"number"]))
                last[0] = entry_id

    follower = threading.Thread(target=follow)
    follower.start()
    for number in range(40):
        writer.xadd("events", {"kind": "tock", "number": number}, maxlen=1_000)
        if number % 10 == 0:
            time.sleep(0.01)
    follower.join(10)
    equal(seen, list(range(40)))


@layer("a group that many make at once is made once")
def group_made_once(connect):
    clients = [connect() for _ in range(8)]
    made = []
    threads = [threading.Thread(target=lambda client=client: made.append(ensure_group(client, "s", "g", "$")))
               for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    equal(sorted(made), [False] * 7 + [True])
    equal(clients[0].xlen("s"), 0)


@layer("a group's readers share what comes, and acknowledge it in one go")
def shared_reading(connect):
    writer = connect()
    ensure_group(writer, "s", "g", "0")
    readers = [connect() for _ in range(5)]
    taken = [[] for _ in readers]

    def read(number):
        while True:
            found = entries(readers[number].xreadgroup("g", f"c{number}", {"s": ">"}, count=5, block=700))
            if not found:
                return
            taken[number] += [entry[0] for entry in found]
            equal(readers[number].xack("s", "g", *[entry[0] for entry in found]), len(found))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(len(readers))]
    for thread in threads:
        thread.start()
    ids = [writer.xadd("s", {"n": number}) for number in range(600)]
    for thread in threads:
        thread.join(20)
    everything = [entry for part in taken for entry in part]
    equal(len(everything), 600)
    equal(sorted(everything), sorted(ids))
    equal(writer.xpending("s", "g")["pending"], 0)
    equal(writer.xinfo_groups("s")[0]["lag"], 0)


# ---------------------------------------------------------------------------------------------------------- broker

class Broker:
    """Messages in a stream: taken, done with, given back, dropped, or taken over from who died."""

    longest = 3

    def __init__(self, client, name="jobs", group="workers", start="0"):
        self.client, self.name, self.group = client, name, group
        ensure_group(client, name, group, start)

    def put(self, body, attempts=0):
        return self.client.xadd(self.name, {"body": body, "attempts": attempts}, maxlen=100_000)

    def take(self, consumer, count=1, block=None):
        return entries(self.client.xreadgroup(self.group, consumer, {self.name: ">"}, count=count, block=block))

    def done(self, *ids):
        return self.client.xack(self.name, self.group, *ids)

    def give_back(self, entry):
        """A copy goes to the end, the original is done with: both, or neither."""
        with self.client.pipeline(transaction=True) as pipe:
            pipe.xadd(self.name, {**entry[1], b"attempts": int(entry[1][b"attempts"]) + 1})
            pipe.xack(self.name, self.group, entry[0])
            pipe.xdel(self.name, entry[0])
            return pipe.execute()

    def drop(self, entry):
        """Done with, and gone for every group."""
        with self.client.pipeline(transaction=True) as pipe:
            return pipe.xack(self.name, self.group, entry[0]).xdel(self.name, entry[0]).execute()

    def take_over(self, consumer, idle, count=10):
        cursor, claimed, deleted = self.client.xautoclaim(
            self.name, self.group, consumer, min_idle_time=idle, start_id="0-0", count=count)[:3]
        return cursor, [tuple(entry) for entry in claimed], deleted

    def bury_poison(self):
        """Moves what was delivered too often to the dead letters."""
        buried = 0
        for pending in self.client.xpending_range(self.name, self.group, "-", "+", 100):
            if pending["times_delivered"] < self.longest:
                continue
            found = self.client.xrange(self.name, pending["message_id"], pending["message_id"])
            with self.client.pipeline(transaction=True) as pipe:
                if found:
                    pipe.xadd(self.name + ":dead", found[0][1])
                pipe.xack(self.name, self.group, pending["message_id"])
                pipe.execute()
            buried += 1
        return buried


@layer("a broker: taken, done with, given back, dropped")
def broker_basics(connect):
    broker, other = Broker(connect()), Broker(connect())
    for number in range(4):
        broker.put(f"job {number}")
    one, two = broker.take("a")[0], other.take("b")[0]
    equal([one[1][b"body"], two[1][b"body"]], [b"job 0", b"job 1"])
    equal(broker.done(one[0]), 1)
    equal(broker.done(one[0]), 0)
    equal(other.give_back(two)[1:], [1, 1])
    bodies = [entry[1] for entry in broker.take("a", count=10)]
    equal([body[b"body"] for body in bodies], [b"job 2", b"job 3", b"job 1"])
    equal([int(body[b"attempts"]) for body in bodies], [0, 0, 1])
    equal(broker.client.xpending("jobs", "workers")["pending"], 3)
    doomed = (broker.client.xpending_range("jobs", "workers", "-", "+", 1)[0]["message_id"], None)
    equal([broker.drop(doomed), broker.drop(doomed)], [[1, 1], [0, 0]])
    equal(broker.client.xlen("jobs"), 3)
    equal(broker.client.xpending("jobs", "workers")["pending"], 2)
    late = Broker(connect(), group="late", start="$")
    equal(late.take("a"), [])
    broker.put("job 4")
    equal([entry[1][b"body"] for entry in late.take("a", count=10)], [b"job 4"])


@layer("what a dead consumer left is taken over, counted, and buried in the end")
def dead_letters(connect):
    broker = Broker(connect())
    for number in range(3):
        broker.put(f"job {number}")
    taken = broker.take("dies", count=3)
    equal(broker.take_over("lives", idle=60_000)[1], [])
    time.sleep(0.06)
    cursor, claimed, deleted = broker.take_over("lives", idle=50, count=2)
    equal([entry[0] for entry in claimed], [entry[0] for entry in taken[:2]])
    equal((cursor, deleted), (taken[2][0], []))
    counts = {entry["message_id"]: (entry["consumer"], entry["times_delivered"])
              for entry in broker.client.xpending_range("jobs", "workers", "-", "+", 10)}
    equal(counts, {taken[0][0]: (b"lives", 2), taken[1][0]: (b"lives", 2), taken[2][0]: (b"dies", 1)})
    equal(broker.bury_poison(), 0)
    broker.take_over("lives", idle=0, count=2)
    equal(broker.bury_poison(), 2)
    equal(broker.client.xlen("jobs:dead"), 2)
    equal(broker.client.xpending("jobs", "workers")["pending"], 1)
    broker.client.xdel("jobs", taken[2][0])
    equal(broker.take_over("lives", idle=0)[2], [taken[2][0]])
    equal(broker.client.xpending("jobs", "workers")["pending"], 0)


@layer("what a dead consumer left goes to one of those who want it at the same time")
def contended_take_over(connect):
    broker = Broker(connect())
    ids = [broker.put(f"job {number}") for number in range(200)]
    equal(len(broker.take("dies", count=200)), 200)
    time.sleep(0.5)
    heirs, found = [connect() for _ in range(6)], [[] for _ in range(6)]

    def claim(number):
        # Many small bites from the start on: they all want the same entries.
        cursor = None
        while cursor != b"0-0":
            cursor, taken = heirs[number].xautoclaim(
                "jobs", "workers", f"heir {number}", min_idle_time=500, start_id=cursor or "0-0", count=3)[:2]
            found[number] += [entry[0] for entry in taken]

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    equal(sorted(entry for part in found for entry in part), sorted(ids))
    counts = broker.client.xpending_range("jobs", "workers", "-", "+", 200)
    equal([entry["times_delivered"] for entry in counts], [2] * 200)
    owners = {entry["message_id"]: entry["consumer"] for entry in counts}
    equal([owners[entry] for number in range(6) for entry in found[number]],
          [f"heir {number}".encode() for number in range(6) for _ in found[number]])


@layer("a retry that is due later waits in a sorted set, and comes back once")
def delayed_retry(connect):
    broker, clients = Broker(connect()), [connect() for _ in range(4)]
    broker.put("fragile")
    entry = broker.take("a")[0]
    due = time.time() + 0.05
    with broker.client.pipeline(transaction=True) as pipe:
        pipe.zadd("jobs:later", {entry[1][b"body"]: due}).xack("jobs", "workers", entry[0])
        pipe.execute()
    equal(broker.take("a"), [])

    def pump(client):
        end = time.time() + 0.3
        while time.time() < end:
            for body in client.zrangebyscore("jobs:later", 0, time.time()):
                if client.zrem("jobs:later", body):
                    client.xadd("jobs", {"body": body, "attempts": 1})
            time.sleep(0.005)

    threads = [threading.Thread(target=pump, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    equal([entry[1][b"body"] for entry in broker.take("a", count=10)], [b"fragile"])


WORKER = """
import os, sys, time, redis
port, name, protocol = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
client = redis.Redis(port=port, protocol=protocol)
while True:
    reply = client.xreadgroup("workers", name, {"jobs": ">"}, count=4, block=500)
    parts = reply.items() if isinstance(reply, dict) else reply or []
    for _, part in parts:
        for entry in part[0] if part and isinstance(part[0], list) else part:
            time.sleep(0.001)
            with client.pipeline(transaction=True) as pipe:
                pipe.sadd("done", entry[1][b"body"]).xack("jobs", "workers", entry[0]).execute()
"""


@layer("workers are killed again and again: nothing is lost, and nobody's message is another's too")
def killed_workers(connect):
    broker = Broker(connect())
    protocol = int(broker.client.connection_pool.connection_kwargs["protocol"])
    total, started, workers = 400, 0, []
    for number in range(total):
        broker.put(f"job {number}")

    def start():
        nonlocal started
        started += 1
        workers.append(subprocess.Popen(
            [sys.executable, "-Wignore", "-c", WORKER, str(broker.client.port), f"w{started}", str(protocol)]))

    try:
        for _ in range(3):
            start()
        deadline = time.monotonic() + 60
        turn = 0
        while broker.client.scard("done") < total and time.monotonic() < deadline:
            turn += 1
            time.sleep(0.15)
            if turn <= 6:
                victim = workers.pop(0)
                victim.send_signal(signal.SIGKILL)
                victim.wait()
                start()
            # Whoever is named as an entry's owner is the only one: the counts of all consumers make up the sum.
            pending = broker.client.xpending("jobs", "workers")
            equal(sum(int(part["pending"]) for part in pending["consumers"] or []), pending["pending"])
            for entry in broker.take_over("heir", idle=400, count=50)[1]:
                with broker.client.pipeline(transaction=True) as pipe:
                    pipe.sadd("done", entry[1][b"body"]).xack("jobs", "workers", entry[0]).execute()
        equal(broker.client.scard("done"), total)
        eventually(lambda: broker.client.xpending("jobs", "workers")["pending"] == 0, "the last acknowledgement")
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()


@layer("a client that left while it waited takes nothing with it")
def gone_reader(connect):
    broker, patient = Broker(connect()), Broker(connect())
    gone = connect(single_connection_client=True)
    # The request is on its way; its answer is never read.
    gone.connection.send_command("XREADGROUP", "GROUP", "workers", "gone", "BLOCK", 0, "STREAMS", "jobs", ">")
    eventually(lambda: broker.client.info("clients")["blocked_clients"] == 1, "the reader that waits")
    gone.connection.disconnect()
    eventually(lambda: broker.client.info("clients")["blocked_clients"] == 0, "its end")
    found = []
    reader = threading.Thread(target=lambda: found.extend(patient.take("patient", block=5_000)))
    reader.start()
    eventually(lambda: broker.client.info("clients")["blocked_clients"] == 1, "the other reader")
    broker.put("precious")
    reader.join(10)
    equal([entry[1][b"body"] for entry in found], [b"precious"])
    equal([part["name"] for part in broker.client.xpending("jobs", "workers")["consumers"]], [b"patient"])


@layer("a group destroyed under its readers is told to all of them", since="7.2")
def destroyed_group(connect):
    broker = Broker(connect())
    readers, errors = [connect() for _ in range(3)], []

    def read(client):
        try:
            client.xreadgroup("workers", "a", {"jobs": ">"}, block=10_000)
        except ResponseError as error:
            errors.append(str(error).split()[0])

    threads = [threading.Thread(target=read, args=(client,)) for client in readers]
    for thread in threads:
        thread.start()
    eventually(lambda: broker.client.info("clients")["blocked_clients"] == 3, "the readers that wait")
    equal(broker.client.xgroup_destroy("jobs", "workers"), 1)
    for thread in threads:
        thread.join(10)
    equal(errors, ["NOGROUP"] * 3)


main()
