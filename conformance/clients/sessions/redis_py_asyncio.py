"""redis-py under asyncio: many connections in one loop, pipelines, scanning, expiry, reconnection."""

import asyncio
import functools
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import check, contains, equal, main  # noqa: E402

import redis.asyncio as redis  # noqa: E402
from redis.asyncio.retry import Retry  # noqa: E402
from redis.backoff import NoBackoff  # noqa: E402
from redis.exceptions import AuthenticationError, ConnectionError, ResponseError, TimeoutError  # noqa: E402


def both(name):
    """A check of (server, connect), a coroutine, run once in each protocol."""
    def mark(function):
        for protocol in (2, 3):
            check(f"RESP{protocol}: {name}")(functools.partial(run_with, function, protocol))
        return function
    return mark


def run_with(function, protocol, server):
    async def body():
        clients = []

        def connect(**options):
            clients.append(redis.Redis(**{"port": server.port, "protocol": protocol, "socket_timeout": 20, **options}))
            return clients[-1]

        try:
            await asyncio.wait_for(function(server, connect), 60)
        finally:
            for client in clients:
                await client.aclose()

    asyncio.run(body())


async def refused(error, coroutine, text):
    try:
        result = await coroutine
    except error as raised:
        contains(str(raised), text)
        return
    raise AssertionError(f"got {result!r}, wanted {error.__name__}")


@both("strings, keys, expiry and errors")
async def basics(server, connect):
    client = connect(decode_responses=True)
    equal(await client.set("k", "v", ex=100), True)
    equal((await client.get("k"), await client.ttl("k") in (99, 100)), ("v", True))
    equal(await client.set("k", "w", xx=True, get=True), "v")
    equal(await client.mget("k", "none"), ["w", None])
    equal(await client.incrby("n", 7), 7)
    await refused(ResponseError, client.incr("k"), "value is not an integer or out of range")
    await refused(ResponseError, client.execute_command("NOSUCH"), "unknown command 'NOSUCH'")
    equal((await client.config_get("maxmemory"))["maxmemory"], "0")
    equal((await client.info("server"))["tcp_port"], server.port)
    equal(len(await client.client_list()) >= 1, True)
    assert abs((await client.time())[0] - time.time()) < 5


@both("2,000 commands at once over a pool of 50 connections, each with its own answer")
async def crowd(server, connect):
    client = connect(max_connections=50)
    gate = asyncio.Semaphore(50)

    async def one(number):
        async with gate:
            await client.set(f"k:{number}", number)
            return await client.get(f"k:{number}")

    replies = await asyncio.gather(*(one(number) for number in range(2000)))
    equal(replies, [b"%d" % number for number in range(2000)])
    equal(await client.dbsize(), 2000)


@both("a pipeline without a transaction, with an error in its place")
async def pipeline(server, connect):
    client = connect()
    async with client.pipeline(transaction=False) as commands:
        for number in range(10_000):
            commands.set(f"key:{number}", number)
        equal(await commands.execute(), [True] * 10_000)
        replies = await commands.get("key:1").incr("key:1").append("key:1", "x").incr("key:1").execute(
            raise_on_error=False)
    equal(replies[:3], [b"1", 2, 2])
    contains(str(replies[3]), "value is not an integer or out of range")


@both("SCAN sees lasting keys while others come and go in the same loop")
async def scanning(server, connect):
    client = connect()
    await client.mset({f"lasting:{number}": number for number in range(5000)})
    over = False

    async def disturb():
        turn = 0
        while not over:
            await client.mset({f"passing:{turn % 5}:{number}": "x" for number in range(1000)})
            if turn % 10 > 5:
                await client.delete(*(f"passing:{turn % 5}:{number}" for number in range(1000)))
            turn += 1

    task = asyncio.create_task(disturb())
    seen = {key async for key in client.scan_iter(match="lasting:*", count=50)}
    over = True
    await task
    equal(len(seen), 5000)


@both("10 MB in and out while another task's commands go on")
async def large(server, connect):
    client = connect()
    huge = os.urandom(10 * 1024 * 1024)

    async def count():
        for number in range(200):
            equal(await client.incr("n"), number + 1)

    async def move():
        await client.set("huge", huge)
        return await client.get("huge")

    _, moved = await asyncio.gather(count(), move())
    assert moved == huge


@both("CLIENT KILL and reconnection, timeouts, passwords, a Unix socket")
async def connections(server, connect):
    admin = connect()
    client = connect(client_name="victim", retry=Retry(NoBackoff(), 3), retry_on_error=[ConnectionError])
    first = await client.client_id()
    equal(await admin.client_kill_filter(_id=str(first)), 1)
    assert await client.client_id() > first
    impatient = connect(socket_timeout=0.2, retry=Retry(NoBackoff(), 0))
    await impatient.set("k", "v")
    await admin.client_pause(500)
    await refused(TimeoutError, impatient.get("k"), "")
    await asyncio.sleep(0.5)
    equal(await impatient.echo("mine"), b"mine")
    await admin.config_set("requirepass", "secret")
    try:
        await refused(AuthenticationError, connect(retry=Retry(NoBackoff(), 0)).ping(), "uthenticat")
        await refused(AuthenticationError,
                      connect(password="wrong", retry=Retry(NoBackoff(), 0)).ping(), "invalid username-password pair")
        equal(await connect(password="secret").ping(), True)
        equal(await connect(password="secret", unix_socket_path=server.socket).ping(), True)
    finally:
        await admin.config_set("requirepass", "")


@both("monitor")
async def monitoring(server, connect):
    client = connect()
    async with client.monitor() as monitor:
        await client.set("k", "v")
        seen = await asyncio.wait_for(monitor.next_command(), 5)
        while not seen["command"].startswith("SET"):
            seen = await asyncio.wait_for(monitor.next_command(), 5)
    equal((seen["command"], seen["db"]), ("SET k v", 0))


if __name__ == "__main__":
    main()
