"""Channels' two layers on Redis (channels_redis): point to point, groups, expiry and capacity, and other processes."""

import asyncio
import functools
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Workers, check, equal, main  # noqa: E402

from channels.exceptions import ChannelFull  # noqa: E402
from channels_redis.core import RedisChannelLayer  # noqa: E402
from channels_redis.pubsub import RedisPubSubChannelLayer  # noqa: E402

LAYERS = {"core": RedisChannelLayer, "pub/sub": RedisPubSubChannelLayer}


def channels(name, *kinds):
    """A check of (layer, server), where `layer()` makes one; run for each kind of layer in an event loop of its own."""
    def mark(function):
        for kind in kinds or LAYERS:
            check(f"Channels, {kind} layer: {name}")(functools.partial(run_with, function, kind))
        return function
    return mark


def run_with(function, kind, server):
    async def body():
        layers = []

        def layer(**options):
            layers.append(LAYERS[kind](hosts=[("127.0.0.1", server.port)], **options))
            return layers[-1]

        try:
            await asyncio.wait_for(function(layer, server), 30)
        finally:
            for each in layers:
                await (each.close_pools() if kind == "core" else each.flush())

    asyncio.run(body())


async def nothing_for(layer, channel):
    try:
        message = await asyncio.wait_for(layer.receive(channel), 0.1)
    except asyncio.TimeoutError:
        return
    raise AssertionError(f"a message that should not be: {message}")


@channels("a message to one channel arrives there, in order and whole")
async def point_to_point(layer, server):
    sender, receiver = layer(), layer()
    channel = await receiver.new_channel()
    waiting = asyncio.ensure_future(receiver.receive(channel))
    await asyncio.sleep(0.05)
    await sender.send(channel, {"type": "test.message", "bytes": b"\x00\xff", "text": "\u00e4\u20ac", "n": None})
    equal(await waiting, {"type": "test.message", "bytes": b"\x00\xff", "text": "\u00e4\u20ac", "n": None})
    for number in range(50):
        await sender.send(channel, {"type": "test.message", "number": number})
    equal([(await receiver.receive(channel))["number"] for _ in range(50)], list(range(50)))
    other = await receiver.new_channel()
    await sender.send(other, {"type": "test.other"})
    equal(await receiver.receive(other), {"type": "test.other"})
    await nothing_for(receiver, channel)


@channels("groups: who is in one hears everything once, who left nothing")
async def groups(layer, server):
    layers = [layer() for _ in range(4)]
    members = [(each, await each.new_channel()) for each in layers for _ in range(5)]
    for each, channel in members:
        await each.group_add("chat", channel)
    await layers[0].group_send("chat", {"type": "chat.message", "text": "hello"})
    for each, channel in members:
        equal(await asyncio.wait_for(each.receive(channel), 5), {"type": "chat.message", "text": "hello"})
    for each, channel in members[::2]:
        await each.group_discard("chat", channel)
    for number in range(10):
        await layers[number % 4].group_send("chat", {"type": "chat.message", "number": number})
    for each, channel in members[1::2]:
        numbers = [(await asyncio.wait_for(each.receive(channel), 5))["number"] for _ in range(10)]
        equal(numbers, list(range(10)))
    await nothing_for(*members[0])
    await layers[1].group_send("nobody", {"type": "chat.message"})


@channels("a full channel says so, old messages are gone, and old members too", "core")
async def capacity_and_expiry(layer, server):
    small = layer(capacity=3, expiry=1, group_expiry=1)
    for number in range(3):
        await small.send("full", {"type": "test", "number": number})
    try:
        await small.send("full", {"type": "test"})
    except ChannelFull:
        pass
    else:
        raise AssertionError("a fourth message had room")
    channel = await small.new_channel()
    await small.group_add("chat", channel)
    await small.group_add("chat", "full")
    # Nobody in the group hears of it when one of its channels is full.
    await small.group_send("chat", {"type": "chat"})
    equal(await asyncio.wait_for(small.receive(channel), 5), {"type": "chat"})
    await asyncio.sleep(1.2)
    await nothing_for(small, "full")
    await small.group_send("chat", {"type": "chat"})
    await nothing_for(small, channel)


@channels("applications with prefixes of their own hear nothing of each other")
async def prefixes(layer, server):
    plain, secret, wrong = layer(), layer(prefix="secret"), layer(prefix="wrong")
    channels = [await each.new_channel() for each in (plain, secret, wrong)]
    for each, channel in zip((plain, secret, wrong), channels):
        await each.group_add("room", channel)
    await secret.group_send("room", {"type": "test", "text": "for secret"})
    equal((await asyncio.wait_for(secret.receive(channels[1]), 5))["text"], "for secret")
    await nothing_for(plain, channels[0])
    await nothing_for(wrong, channels[2])


SPEAKER = """
import asyncio, os, sys
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

async def speak():
    kind = RedisChannelLayer if sys.argv[1] == "core" else RedisPubSubChannelLayer
    layer = kind(hosts=[("127.0.0.1", int(os.environ["REDIS_PORT"]))], capacity=1_000)
    for number in range(100):
        await layer.group_send("chat", {"type": "chat.message", "from": sys.argv[2], "number": number})

asyncio.run(speak())
"""


@channels("many speak in processes of their own, each is heard in order")
async def other_processes(layer, server):
    receiver = layer(capacity=1_000)
    channel = await receiver.new_channel()
    await receiver.group_add("chat", channel)
    heard = {"0": [], "1": [], "2": []}
    kind = "core" if isinstance(receiver, RedisChannelLayer) else "pub/sub"
    with Workers(server) as workers:
        for name in heard:
            workers.start("-c", SPEAKER, kind, name)
        for _ in range(300):
            message = await asyncio.wait_for(receiver.receive(channel), 10)
            heard[message["from"]].append(message["number"])
        for process in workers.processes:
            equal(process.wait(5), 0, "a speaker's exit status")
    equal(heard, {name: list(range(100)) for name in heard})


if __name__ == "__main__":
    main()
