"""Pub/sub, transactions, keyspace events and client-side caching with redis-py, several clients at once."""

import functools
import logging
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import check, equal, eventually, main, raises  # noqa: E402

import redis  # noqa: E402
from redis.exceptions import ExecAbortError, ResponseError, WatchError  # noqa: E402

try:
    from redis.cache import CacheConfig
except ImportError:
    CacheConfig = None

# redis-py 5 notes every RESP3 message as if it were an error.
logging.getLogger("push_response").setLevel(logging.CRITICAL)


def messaging(name, protocols=(2, 3), since=None):
    """A check of (connect), run once in each protocol; `connect` makes a client of its own."""
    def mark(function):
        for protocol in protocols:
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


def take(pubsub, count, sharded=False):
    """The next messages, as (type, channel, data)."""
    found = []
    deadline = time.monotonic() + 5
    while len(found) < count and time.monotonic() < deadline:
        get = pubsub.get_sharded_message if sharded and hasattr(pubsub, "get_sharded_message") else pubsub.get_message
        message = get(timeout=0.2)
        if message:
            found.append((message["type"], message["channel"], message["data"]))
    equal(len(found), count, "messages")
    return found


# --------------------------------------------------------------------------------------------------------- pub/sub

@messaging("channels, patterns and shard channels")
def channels(connect):
    speaker, listener = connect(), connect().pubsub()
    listener.subscribe("news")
    listener.psubscribe("n*")
    listener.ssubscribe("shard")
    equal([kind for kind, _, _ in take(listener, 3)], ["subscribe", "psubscribe", "ssubscribe"])
    equal(speaker.publish("news", b"\x00\r\n\xff"), 2)
    equal(take(listener, 2), [("message", b"news", b"\x00\r\n\xff"), ("pmessage", b"news", b"\x00\r\n\xff")])
    equal(speaker.execute_command("SPUBLISH", "shard", "x"), 1)
    equal(take(listener, 1), [("smessage", b"shard", b"x")])
    equal(dict(speaker.pubsub_numsub("news")), {b"news": 1})
    equal(speaker.pubsub_numpat(), 1)
    listener.ping()
    equal([kind for kind, _, _ in take(listener, 1)], ["pong"])
    listener.unsubscribe()
    listener.punsubscribe()
    listener.sunsubscribe()
    equal(len(take(listener, 3)), 3)
    equal(speaker.publish("news", "x"), 0)
    listener.close()


@messaging("handlers in a thread hear every message in order")
def thread_of_handlers(connect):
    speaker, listener = connect(), connect().pubsub()
    heard = []
    listener.subscribe(**{"news": lambda message: heard.append(int(message["data"]))})
    thread = listener.run_in_thread(sleep_time=0.01)
    try:
        eventually(lambda: speaker.pubsub_numsub("news")[0][1] == 1, "the subscription")
        with speaker.pipeline(transaction=False) as pipe:
            for number in range(2_000):
                pipe.publish("news", number)
            pipe.execute()
        eventually(lambda: len(heard) == 2_000, "all messages")
        equal(heard, list(range(2_000)))
    finally:
        thread.stop()
        thread.join(5)


@messaging("many listeners, and those that leave without a word")
def many_listeners(connect):
    speaker = connect()
    listeners = [connect().pubsub() for _ in range(20)]
    for listener in listeners:
        listener.subscribe("news")
        take(listener, 1)
    for listener in listeners[10:]:
        listener.close()
    eventually(lambda: speaker.pubsub_numsub("news")[0][1] == 10, "the others' leaving")
    equal(speaker.publish("news", "x"), 10)
    for listener in listeners[:10]:
        equal(take(listener, 1), [("message", b"news", b"x")])
        listener.close()


@messaging("a published transaction is heard after it ran")
def published_in_transaction(connect):
    speaker, listener = connect(), connect().pubsub()
    listener.subscribe("news")
    take(listener, 1)
    with speaker.pipeline() as pipe:
        pipe.set("k", "v").publish("news", "first").publish("news", "second")
        equal(pipe.execute(), [True, 1, 1])
    equal([data for _, _, data in take(listener, 2)], [b"first", b"second"])
    listener.close()


@messaging("keyspace events, expiry on time among them")
def events(connect):
    speaker, listener = connect(), connect().pubsub()
    speaker.config_set("notify-keyspace-events", "KEA")
    try:
        listener.psubscribe("__key*@0__:*")
        take(listener, 1)
        speaker.set("k", "v", px=100)
        start = time.monotonic()
        messages = [(channel, data) for _, channel, data in take(listener, 4)]
        equal(messages, [(b"__keyspace@0__:k", b"set"), (b"__keyevent@0__:set", b"k"),
                         (b"__keyspace@0__:k", b"expire"), (b"__keyevent@0__:expire", b"k")])
        messages = [(channel, data) for _, channel, data in take(listener, 2)]
        equal(messages, [(b"__keyspace@0__:k", b"expired"), (b"__keyevent@0__:expired", b"k")])
        assert 0.08 < time.monotonic() - start < 1.0, "the event is not on time"
    finally:
        speaker.config_set("notify-keyspace-events", "")
        listener.close()


# ---------------------------------------------------------------------------------------------------- transactions

@messaging("a pipeline is a transaction, and its errors are the commands' own")
def pipeline(connect):
    client = connect()
    client.set("s", "text")
    with client.pipeline() as pipe:
        pipe.incr("a").incr("s").incr("a")
        results = pipe.execute(raise_on_error=False)
        equal([results[0], results[2]], [1, 2])
        assert isinstance(results[1], ResponseError), results[1]
        pipe.set("a", "x").execute_command("GET")
        try:
            pipe.execute()
        except (ExecAbortError, ResponseError):
            equal(client.get("a"), b"2")
        else:
            raise AssertionError("a wrong command in the queue must fail")


@messaging("WATCH: 16 writers, no addition lost")
def contention(connect):
    clients = [connect() for _ in range(16)]
    failures = [0] * 16

    def add(number):
        for _ in range(25):
            while True:
                with clients[number].pipeline() as pipe:
                    try:
                        pipe.watch("total")
                        value = int(pipe.get("total") or 0)
                        pipe.multi()
                        pipe.set("total", value + 1)
                        pipe.execute()
                        break
                    except WatchError:
                        failures[number] += 1

    threads = [threading.Thread(target=add, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    equal(clients[0].get("total"), b"400")
    assert sum(failures) > 0, "nobody ever met anybody"


@messaging("WATCH and a key that expires, is flushed, or is made again")
def watched(connect):
    client, other = connect(), connect()

    def fails_after(change):
        client.set("k", "v")
        with client.pipeline() as pipe:
            pipe.watch("k")
            change()
            pipe.multi()
            pipe.ping()
            raises(WatchError, pipe.execute)

    fails_after(lambda: other.flushall())
    fails_after(lambda: (other.delete("k"), other.set("k", "v")))
    fails_after(lambda: (other.pexpire("k", 20), time.sleep(0.1)))
    equal(client.transaction(lambda pipe: (pipe.multi(), pipe.set("k", "w")), "k"), [True])


@messaging("a client that leaves in a transaction changes nothing")
def left_in_transaction(connect):
    client, other = connect(), connect()
    connection = client.connection_pool.get_connection("MULTI")
    connection.send_command("MULTI")
    connection.read_response()
    connection.send_command("SET", "k", "v")
    equal(connection.read_response(), b"QUEUED")
    connection.disconnect()
    client.connection_pool.release(connection)
    equal(other.exists("k"), 0)


# ------------------------------------------------------------------------------------------------ client-side cache

@messaging("the client-side cache answers, and hears of changes", protocols=(3,), since="7.4")
def client_side_cache(connect):
    if CacheConfig is None:
        return
    cached, writer = connect(cache_config=CacheConfig()), connect()
    writer.set("k", "1")
    equal(cached.get("k"), b"1")
    before = writer.info("stats")["total_commands_processed"]
    for _ in range(50):
        equal(cached.get("k"), b"1")
    spent = writer.info("stats")["total_commands_processed"] - before
    assert spent < 10, f"{spent} commands for values that were in the cache"
    writer.set("k", "2")
    eventually(lambda: cached.get("k") == b"2", "the change")
    writer.set("k", "3", px=50)
    eventually(lambda: cached.get("k") is None, "the expiry")
    cached.get("other")
    writer.flushall()
    eventually(lambda: cached.get("other") is None and cached.get("k") is None, "the flush")


@messaging("invalidations can go to another connection", protocols=(2,))
def redirected(connect):
    reader, writer, listener = connect(), connect(), connect().pubsub()
    listener.subscribe("__redis__:invalidate")
    take(listener, 1)
    number = next(one["id"] for one in writer.client_list(_type="pubsub"))
    connection = reader.connection_pool.get_connection("CLIENT")
    for words in (("CLIENT", "TRACKING", "ON", "REDIRECT", number), ("GET", "k")):
        connection.send_command(*words)
        connection.read_response()
    writer.set("k", "v")
    equal(take(listener, 1), [("message", b"__redis__:invalidate", [b"k"])])
    reader.connection_pool.release(connection)
    listener.close()


if __name__ == "__main__":
    sys.exit(main())
