"""Locks and rate limits: redis-py's Lock and scripts, python-redis-lock, and limits; many that contend."""

import asyncio
import functools
import logging
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Workers, check, equal, eventually, main, raises  # noqa: E402

import limits  # noqa: E402
import redis  # noqa: E402
import redis_lock  # noqa: E402
from limits.aio.storage import RedisStorage as AsyncRedisStorage  # noqa: E402
from limits.aio.strategies import MovingWindowRateLimiter as AsyncMovingWindowRateLimiter  # noqa: E402
from limits.storage import RedisStorage  # noqa: E402
from limits.strategies import STRATEGIES  # noqa: E402
from redis.exceptions import LockError, LockNotOwnedError, NoScriptError, ResponseError  # noqa: E402

# Each time somebody waits in vain for a lock, python-redis-lock says so.
logging.getLogger("redis_lock").setLevel(logging.CRITICAL)


def layer(name):
    """A check of (connect), run once in each protocol; `connect` makes a client of its own."""
    def mark(function):
        for protocol in (2, 3):
            check(f"RESP{protocol}: {name}")(functools.partial(run_with, function, protocol))
        return function
    return mark


def run_with(function, protocol, server):
    clients = []

    def connect(**options):
        clients.append(redis.Redis(port=server.port, protocol=protocol, socket_timeout=20, **options))
        return clients[-1]

    connect.server = server
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


# ------------------------------------------------------------------------------------------------- redis-py's lock

@layer("redis-py's Lock: one holder, who alone releases, extends and renews")
def lock(connect):
    one, other = connect(), connect()
    mine, theirs = one.lock("lock", timeout=10), other.lock("lock", timeout=10)
    equal(mine.acquire(), True)
    equal((mine.locked(), mine.owned(), theirs.owned()), (True, True, False))
    equal(theirs.acquire(blocking=False), False)
    begun = time.monotonic()
    equal(theirs.acquire(blocking_timeout=0.2), False)
    assert 0.05 < time.monotonic() - begun < 2
    raises(LockError, theirs.release)
    equal(mine.extend(10), True)
    assert 19_000 < one.pttl("lock") <= 20_000
    equal(mine.extend(5, replace_ttl=True), True)
    assert 4_000 < one.pttl("lock") <= 5_000
    equal(mine.reacquire(), True)
    assert 9_000 < one.pttl("lock") <= 10_000
    mine.release()
    equal(one.exists("lock"), 0)
    short = one.lock("lock", timeout=0.05)
    equal(short.acquire(), True)
    eventually(lambda: theirs.acquire(blocking=False), "the end of a lock")
    # The token is forgotten with the last of these.
    for action in (lambda: short.extend(1), short.reacquire, short.release):
        raises(LockNotOwnedError, action)
    equal(theirs.owned(), True)
    theirs.release()
    with one.lock("context", timeout=5, blocking_timeout=1) as held:
        equal(held.owned(), True)
    raises(LockError, held.release)


@layer("redis-py's Lock: threads that contend add up without WATCH")
def contended_lock(connect):
    clients = [connect() for _ in range(8)]
    clients[0].set("total", 0)

    def work(number):
        for _ in range(10):
            with clients[number].lock("lock", timeout=10, sleep=0.002):
                clients[number].set("total", int(clients[number].get("total")) + 1)

    at_once(len(clients), work)
    equal(clients[0].get("total"), b"80")


@layer("register_script: by its hash, loaded when it is missing, in pipelines and transactions")
def registered_scripts(connect):
    client, other = connect(), connect()
    script = client.register_script("""
        local value = tonumber(redis.call('get', KEYS[1]) or '0') * ARGV[1]
        redis.call('set', KEYS[1], value)
        return {value, KEYS[1], ARGV}
    """)
    client.set("k", 3)
    equal(script(keys=["k"], args=[2]), [6, b"k", [b"2"]])
    equal(script(keys=["k"], args=[2], client=other), [12, b"k", [b"2"]])
    equal(client.script_exists(script.sha, "0" * 40), [True, False])
    equal(client.script_flush(), True)
    raises(NoScriptError, client.evalsha, script.sha, 1, "k", 2)
    equal(script(keys=["k"], args=[2])[0], 24)
    client.script_flush()
    with client.pipeline() as pipe:
        pipe.set("k", 5)
        script(keys=["k"], args=[3], client=pipe)
        script(keys=["k"], args=[3], client=pipe)
        pipe.get("k")
        equal(pipe.execute(), [True, [15, b"k", [b"3"]], [45, b"k", [b"3"]], b"45"])
    broken = client.register_script("return redis.call('incr', KEYS[1])")
    client.set("text", "text")
    error = raises(ResponseError, broken, keys=["text"])
    assert "value is not an integer or out of range" in str(error), error
    safe = client.register_script("return redis.pcall('incr', KEYS[1])['err']")
    assert b"value is not an integer or out of range" in safe(keys=["text"])
    numbers = client.register_script("return {1, 2.9, 'three', false, true, {4, nil, 5}}")
    equal(numbers(), [1, 2, b"three", None, 1, [4]])


@layer("register_script: a token bucket that many share lets exactly so many through")
def token_bucket(connect):
    clients = [connect() for _ in range(8)]
    source = """
        local now = redis.call('time')
        now = tonumber(now[1]) + tonumber(now[2]) / 1000000
        local bucket = redis.call('hmget', KEYS[1], 'tokens', 'at')
        local tokens = tonumber(bucket[1]) or tonumber(ARGV[1])
        local at = tonumber(bucket[2]) or now
        tokens = math.min(tonumber(ARGV[1]), tokens + (now - at) * tonumber(ARGV[2]))
        local allowed = tokens >= 1
        if allowed then tokens = tokens - 1 end
        redis.call('hset', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(now))
        redis.call('pexpire', KEYS[1], 60000)
        return allowed and 1 or 0
    """
    allowed = [0] * len(clients)

    def work(number):
        script = clients[number].register_script(source)
        for _ in range(50):
            allowed[number] += script(keys=["bucket"], args=[100, 0])

    at_once(len(clients), work)
    equal(sum(allowed), 100)
    assert 0 < clients[0].pttl("bucket") <= 60_000


# ----------------------------------------------------------------------------------------------- python-redis-lock

@layer("python-redis-lock: waits without polling, renews itself, and says what went wrong")
def waiting_lock(connect):
    one, other = connect(), connect()
    mine = redis_lock.Lock(one, "name", expire=10, id="mine")
    equal(mine.acquire(), True)
    equal(one.get("lock:name"), b"mine")
    equal(mine.get_owner_id(), "mine")
    theirs = redis_lock.Lock(other, "name", expire=10)
    equal(theirs.acquire(blocking=False), False)
    begun = time.monotonic()
    equal(theirs.acquire(timeout=1), False)
    assert time.monotonic() - begun >= 0.9
    raises(redis_lock.AlreadyAcquired, mine.acquire)
    raises(redis_lock.NotAcquired, theirs.release)
    mine.extend(20)
    assert 19 <= one.ttl("lock:name") <= 20
    waiting = threading.Thread(target=theirs.acquire)
    waiting.start()
    eventually(lambda: one.info("clients")["blocked_clients"] == 1, "the one who waits")
    mine.release()
    waiting.join(5)
    equal(theirs.locked(), True)
    equal(one.get("lock:name"), theirs.id.encode())
    redis_lock.reset_all(one)
    raises(redis_lock.NotAcquired, theirs.release)
    with redis_lock.Lock(one, "renewed", expire=1, auto_renewal=True):
        time.sleep(1.3)
        equal(redis_lock.Lock(other, "renewed").acquire(blocking=False), False)
    equal(redis_lock.Lock(other, "renewed", expire=1).acquire(blocking=False), True)


HOLDER = """
import os, sys, redis, redis_lock
client = redis.Redis(port=int(os.environ["REDIS_PORT"]), protocol=int(sys.argv[1]))
for _ in range(25):
    with redis_lock.Lock(client, "shared", expire=30):
        client.set("total", int(client.get("total")) + 1)
"""


@layer("python-redis-lock: processes that contend add up without WATCH")
def contended_processes(connect):
    client = connect()
    client.set("total", 0)
    with Workers(connect.server) as workers:
        for _ in range(4):
            workers.start("-c", HOLDER, str(client.connection_pool.connection_kwargs["protocol"]))
        equal([process.wait(30) for process in workers.processes], [0] * 4)
    equal(client.get("total"), b"100")


# ---------------------------------------------------------------------------------------------------------- limits

@layer("limits: every strategy lets exactly so many through, however many ask at once")
def rate_limits(connect):
    client = connect()
    pools = [connect() for _ in range(8)]
    for name, strategy in STRATEGIES.items():
        item = limits.parse("30/hour")
        limiters = [strategy(RedisStorage("redis://unused", connection_pool=pool.connection_pool)) for pool in pools]
        passed = [0] * len(limiters)

        def work(number):
            for _ in range(10):
                passed[number] += limiters[number].hit(item, name, "somebody")

        at_once(len(limiters), work)
        equal(sum(passed), 30, name)
        equal(limiters[0].test(item, name, "somebody"), False)
        equal(limiters[0].test(item, name, "somebody else"), True)
        equal(limiters[0].get_window_stats(item, name, "somebody").remaining, 0)
        assert time.time() < limiters[0].get_window_stats(item, name, "somebody").reset_time <= time.time() + 7_201
        limiters[0].clear(item, name, "somebody")
        equal(limiters[1].hit(item, name, "somebody", cost=30), True)
        equal(limiters[1].hit(item, name, "somebody"), False)
        short = limits.parse("2/second")
        equal([limiters[0].hit(short, name, "soon") for _ in range(2)], [True, True])
        eventually(lambda: limiters[0].hit(short, name, "soon"), "the next second")
    storage = RedisStorage("redis://unused", connection_pool=client.connection_pool)
    equal(storage.check(), True)
    assert storage.reset() > 0
    equal(limiters[0].hit(limits.parse("30/hour"), name, "somebody", cost=30), True)


@layer("limits: the same with asyncio")
def asynchronous_limits(connect):
    port = connect.server.port

    async def body():
        storage = AsyncRedisStorage(f"async+redis://127.0.0.1:{port}", implementation="redispy")
        limiter = AsyncMovingWindowRateLimiter(storage)
        item = limits.parse("20/minute")
        equal(sum(await asyncio.gather(*(limiter.hit(item, "somebody") for _ in range(60)))), 20)
        equal((await limiter.get_window_stats(item, "somebody")).remaining, 0)
        await storage.reset()
        equal(await limiter.hit(item, "somebody"), True)

    asyncio.run(body())


if __name__ == "__main__":
    main()
