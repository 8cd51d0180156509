"""A worker process of a BullMQ queue: `bullmq_worker.py`, told by REDIS_PORT where the server is."""

import asyncio
import os

import redis.asyncio
from bullmq import Worker


async def main():
    url = f"redis://127.0.0.1:{os.environ['REDIS_PORT']}"
    notes = redis.asyncio.from_url(url)

    async def process(job, token):
        await notes.rpush("got", f"{job.name} {os.getpid()}")
        await asyncio.sleep(0.1)
        await notes.sadd("done", job.name)
        return job.name

    worker = Worker("jobs", process, {
        "connection": url, "autorun": False, "concurrency": 2, "lockDuration": 1_000, "stalledInterval": 500,
        "maxStalledCount": 10})
    await worker.run()


asyncio.run(main())
