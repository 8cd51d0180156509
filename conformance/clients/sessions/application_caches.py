"""Layers that applications put on Redis, with redis-py and several clients at once: a byte cache, a response cache in
hashes, a versioned store of records with a feed of its changes, leases, and work queues in lists."""

import functools
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import check, equal, eventually, main  # noqa: E402

import redis  # noqa: E402
from redis.exceptions import WatchError  # noqa: E402


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
        return clients[-1]

    try:
        function(connect)
    finally:
        for client in clients:
            client.close()


def at_once(count, work):
    """Runs `work(number)` in so many threads; what any of them raises is raised here."""
    failures = []

    def run(number):
        try:
            work(number)
        except BaseException as error:  # noqa: B902
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    if failures:
        raise failures[0]


# ------------------------------------------------------------------------------------------------------ byte cache

@layer("a byte cache: values with and without a lifetime, bulk reads and deletions")
def byte_cache(connect):
    cache, other = connect(), connect()
    blob = bytes(range(256)) * 40
    equal(cache.ping(), True)
    equal(cache.set("page:1", blob), True)
    equal(cache.set("page:2", b"", ex=60), True)
    equal(cache.set("page:3", b"short", px=40), True)
    equal(other.get("page:1"), blob)
    equal(other.get("page:2"), b"")
    equal(other.exists("page:1", "page:2", "page:2", "none"), 3)
    assert 58 <= other.ttl("page:2") <= 60
    eventually(lambda: other.get("page:3") is None, "the end of page:3")
    equal(other.mget([f"page:{number}" for number in range(1, 5)]), [blob, b"", None, None])
    equal(cache.delete("page:1", "none"), 1)
    keys = [f"bulk:{number}" for number in range(500)]
    equal(cache.mset({key: key.encode() for key in keys}), True)
    equal(other.delete(*keys[:400]), 400)
    equal(sorted(other.scan_iter("bulk:*", count=50)), sorted(key.encode() for key in keys[400:]))
    equal(other.unlink(*keys), 100)
    equal(cache.flushdb(), True)
    equal(other.dbsize(), 0)


@layer("many clients of a byte cache see whole values")
def whole_values(connect):
    clients = [connect() for _ in range(8)]

    def work(number):
        client = clients[number]
        for turn in range(100):
            mine = bytes([number]) * (1_000 + turn * 10)
            client.set("shared", mine, ex=100)
            found = client.get("shared")
            assert len(set(found)) == 1 and len(found) >= 1_000, "a mixture of two values"

    at_once(len(clients), work)


# --------------------------------------------------------------------------------------------- responses in hashes

class ResponseCache:
    """Responses as hashes, with a lifetime for each."""

    def __init__(self, client):
        self.client = client

    def put(self, key, status, body, seconds):
        with self.client.pipeline(transaction=False) as pipe:
            pipe.hset(key, mapping={"status": status, "body": body, "stored": time.time()})
            pipe.expire(key, seconds)
            return pipe.execute()

    def find(self, keys):
        with self.client.pipeline(transaction=False) as pipe:
            for key in keys:
                pipe.hmget(key, "status", "body", "none").pttl(key)
            replies = pipe.execute()
        return [(values, lifetime) for values, lifetime in zip(replies[::2], replies[1::2])]


@layer("a response cache in hashes: HMGET and PTTL together, HSET and EXPIRE, DEL that tells")
def response_cache(connect):
    writer, reader = ResponseCache(connect()), ResponseCache(connect())
    equal(writer.put("response:/a", 200, b"<html>\x00</html>", 30), [3, True])
    equal(writer.put("response:/a", 304, b"", 60), [0, True])
    equal(writer.put("response:/b", 500, b"x" * 100_000, 1), [3, True])
    (first, first_lifetime), (second, second_lifetime), (missing, missing_lifetime) = reader.find(
        ["response:/a", "response:/b", "response:/none"])
    equal(first, [b"304", b"", None])
    equal(second, [b"500", b"x" * 100_000, None])
    equal((missing, missing_lifetime), ([None, None, None], -2))
    assert 59_000 < first_lifetime <= 60_000 and 0 < second_lifetime <= 1_000
    eventually(lambda: reader.find(["response:/b"])[0] == ([None, None, None], -2), "the end of a response")
    equal(writer.client.delete("response:/a"), 1)
    equal(writer.client.delete("response:/a"), 0)


# -------------------------------------------------------------------------------------------------- records and feed

class RecordStore:
    """Records in a hash; every change raises the version, is noted in a sorted set by it, and published."""

    def __init__(self, client):
        self.client = client

    def change(self, name, update):
        """Applies `update` to the record, again and again until nobody came between. Returns how often it took."""
        tries = 0
        while True:
            tries += 1
            with self.client.pipeline() as pipe:
                try:
                    pipe.watch("records", "version")
                    old = pipe.hget("records", name)
                    version = int(pipe.get("version") or 0) + 1
                    pipe.multi()
                    pipe.hset("records", name, update(old))
                    pipe.set("version", version)
                    pipe.zadd("changes", {f"{version}:{name}": version})
                    pipe.zadd("changes:times", {f"{version}:{name}": time.time()})
                    pipe.publish("feed", version)
                    pipe.execute()
                    return tries
                except WatchError:
                    continue

    def changes_since(self, version):
        return [(member.split(b":", 1)[1], int(score)) for member, score in
                self.client.zrangebyscore("changes", f"({version}", "+inf", withscores=True)]

    def trim(self, before):
        """Forgets the changes that are older than this moment; says how many."""
        old = self.client.zrangebyscore("changes:times", "-inf", f"({before!r}")
        if not old:
            return 0
        with self.client.pipeline() as pipe:
            pipe.zrem("changes", *old).zremrangebyscore("changes:times", "-inf", f"({before!r}")
            removed = pipe.execute()
        equal(removed, [len(old)] * 2)
        return len(old)


@layer("a versioned store under contention: 16 writers, none lost, and a feed of every change")
def record_store(connect):
    stores = [RecordStore(connect()) for _ in range(16)]
    subscriber = connect().pubsub(ignore_subscribe_messages=True)
    subscriber.subscribe("feed")
    subscriber.get_message(timeout=1)
    tries = []

    def work(number):
        for _ in range(10):
            tries.append(stores[number].change("counter", lambda old: int(old or 0) + 1))

    at_once(len(stores), work)
    store = RecordStore(connect())
    equal(store.client.hget("records", "counter"), b"160")
    equal(store.client.get("version"), b"160")
    assert sum(tries) >= 160
    equal([version for _, version in store.changes_since(0)], list(range(1, 161)))
    equal(store.client.zcard("changes:times"), 160)
    equal(store.changes_since(158), [(b"counter", 159), (b"counter", 160)])
    heard = []
    while len(heard) < 160:
        message = subscriber.get_message(timeout=5)
        if message is None:
            break
        heard.append(int(message["data"]))
    equal(heard, list(range(1, 161)))
    moment = time.time()
    time.sleep(0.01)
    store.change("young", lambda old: "1")
    equal([store.trim(moment), store.trim(moment)], [160, 0])
    equal(store.changes_since(0), [(b"young", 161)])
    equal(store.trim(time.time() + 1), 1)
    equal(store.client.exists("changes", "changes:times"), 0)
    subscriber.close()


@layer("a feed that was not heard is read up from the changes")
def missed_feed(connect):
    """A reader that was away asks for the changes behind its version; one that listens meanwhile misses none."""
    store, reader = RecordStore(connect()), RecordStore(connect())
    for number in range(20):
        store.change(f"record {number}", lambda old: "old")
    feed = connect().pubsub(ignore_subscribe_messages=True)
    feed.subscribe("feed")
    feed.get_message(timeout=1)
    writer = threading.Thread(
        target=lambda: [store.change(f"record {number}", lambda old: "new") for number in range(100)])
    writer.start()
    known, names = 0, []
    while known < 120:
        for name, version in reader.changes_since(known):
            equal(version, known + 1, "the next version")
            known = version
            names.append(name)
        if known < 120:
            assert feed.get_message(timeout=5), f"no word of a change behind {known}"
    writer.join(10)
    equal(names, [f"record {number}".encode() for number in [*range(20), *range(100)]])
    equal(set(reader.client.hvals("records")), {b"new"})
    feed.close()


@layer("leases: acquired if free, renewed by their holder alone, and they end")
def leases(connect):
    clients = [connect() for _ in range(8)]
    winners = []

    def acquire(number):
        if clients[number].set("lease", number, nx=True, px=200):
            winners.append(number)

    at_once(len(clients), acquire)
    equal(len(winners), 1)
    holder = clients[winners[0]]

    def renew(client, identity, milliseconds):
        with client.pipeline() as pipe:
            pipe.watch("lease")
            if pipe.get("lease") != str(identity).encode():
                return False
            pipe.multi()
            pipe.pexpire("lease", milliseconds)
            return pipe.execute() == [True]

    equal(renew(holder, winners[0], 300), True)
    equal(renew(clients[winners[0] - 1], winners[0] + 100, 300), False)
    eventually(lambda: clients[0].get("lease") is None, "the end of the lease")
    equal(clients[0].set("lease", "next", nx=True, px=1_000), True)


# ------------------------------------------------------------------------------------------------------ work queues

@layer("a work queue in a list: every job to one worker, waiting workers in turn")
def work_queue(connect):
    producer = connect()
    workers = [connect() for _ in range(4)]
    done = [[] for _ in workers]

    def work(number):
        while True:
            _, job = workers[number].brpop("jobs", timeout=10)
            if job == b"stop":
                return
            done[number].append(int(job))

    def produce():
        for job in range(400):
            producer.lpush("jobs", job)
        producer.lpush("jobs", *["stop"] * len(workers))

    thread = threading.Thread(target=produce)
    thread.start()
    at_once(len(workers), work)
    thread.join()
    equal(sorted(job for jobs in done for job in jobs), list(range(400)))
    equal(producer.llen("jobs"), 0)


@layer("a reliable queue: BLMOVE into the worker's own list, LREM when done, the rest comes back")
def reliable_queue(connect):
    producer, worker = connect(), connect()
    producer.rpush("jobs", *range(5))
    equal(worker.blmove("jobs", "working:1", 1, "LEFT", "RIGHT"), b"0")
    equal(worker.lmove("jobs", "working:1", "LEFT", "RIGHT"), b"1")
    equal(worker.lrem("working:1", 1, "0"), 1)
    # The worker is gone: what it had goes back to the front.
    equal(producer.lmove("working:1", "jobs", "RIGHT", "LEFT"), b"1")
    equal(producer.lmove("working:1", "jobs", "RIGHT", "LEFT"), None)
    equal(producer.lrange("jobs", 0, -1), [b"1", b"2", b"3", b"4"])
    equal(worker.blmove("none", "working:1", 0.05, "LEFT", "RIGHT"), None)


@layer("messages to channels, patterns and shards reach whoever listens, once and in order")
def channels(connect):
    publisher = connect()
    classic, patterned = connect().pubsub(), connect().pubsub()
    classic.subscribe("news", "other")
    patterned.psubscribe("n?ws*")
    for listener, expected in ((classic, 2), (patterned, 1)):
        for _ in range(expected):
            assert listener.get_message(timeout=5)["type"] in ("subscribe", "psubscribe")
    for number in range(100):
        equal(publisher.publish("news", number), 2)
    equal(publisher.publish("nobody", "x"), 0)
    for listener, kind in ((classic, "message"), (patterned, "pmessage")):
        messages = [listener.get_message(timeout=5) for _ in range(100)]
        equal({message["type"] for message in messages}, {kind})
        equal([int(message["data"]) for message in messages], list(range(100)))
    equal(dict(publisher.pubsub_numsub("news", "other", "none")), {b"news": 1, b"other": 1, b"none": 0})
    equal(publisher.pubsub_numpat(), 1)
    classic.close()
    patterned.close()


@layer("shard channels are a world of their own: who listens to them hears no other, and no pattern reaches them")
def shard_channels(connect):
    publisher = connect()
    listeners = [connect().pubsub() for _ in range(5)]
    for number, listener in enumerate(listeners[:3]):
        listener.ssubscribe("orders:{eu}", f"orders:{number}")
    listeners[3].subscribe("orders:{eu}")
    listeners[4].psubscribe("orders:*")
    for listener, kind in zip(listeners, ["ssubscribe"] * 3 + ["subscribe", "psubscribe"]):
        for _ in range(2 if kind == "ssubscribe" else 1):
            equal(listener.get_message(timeout=5)["type"], kind)
    eventually(lambda: publisher.pubsub_numpat() == 1, "the pattern")
    eventually(lambda: dict(publisher.pubsub_numsub("orders:{eu}")) == {b"orders:{eu}": 1}, "the classic one")
    eventually(lambda: dict(publisher.pubsub_shardnumsub("orders:{eu}")) == {b"orders:{eu}": 3}, "the sharded ones")
    equal(sorted(publisher.pubsub_shardchannels()), [b"orders:0", b"orders:1", b"orders:2", b"orders:{eu}"])
    for number in range(50):
        equal(publisher.spublish("orders:{eu}", number), 3)
    equal(publisher.spublish("orders:1", "only one"), 1)
    equal(publisher.publish("orders:{eu}", "classic"), 2)

    def heard(listener):
        found = []
        while message := listener.get_message(timeout=0.1):
            found.append((message["type"], message["data"]))
        return found

    orders = [("smessage", str(number).encode()) for number in range(50)]
    equal([heard(listener) for listener in listeners],
          [orders, [*orders, ("smessage", b"only one")], orders,
           [("message", b"classic")], [("pmessage", b"classic")]])
    listeners[0].sunsubscribe("orders:{eu}")
    eventually(lambda: publisher.spublish("orders:{eu}", "x") == 2, "one that left")
    for listener in listeners:
        listener.close()
    eventually(lambda: publisher.pubsub_shardchannels() == [], "the others' leaving")


main()
