"""A Dramatiq application: its workers run these actors, the session sends them messages."""

import os
import time

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import CurrentMessage, GroupCallbacks
from dramatiq.rate_limits import BucketRateLimiter, ConcurrentRateLimiter, WindowRateLimiter
from dramatiq.rate_limits.backends import RedisBackend as RateLimiterBackend
from dramatiq.results import Results
from dramatiq.results.backends import RedisBackend as ResultBackend

PORT = int(os.environ["REDIS_PORT"])
HEARTBEAT = 1_500  # Milliseconds after which a silent worker's messages go to others.

notes = redis.Redis(port=PORT)
limits = RateLimiterBackend(client=notes)
# Every message comes with a round of maintenance, so that a dead worker is missed soon.
broker = RedisBroker(port=PORT, heartbeat_timeout=HEARTBEAT, maintenance_chance=1_000_000)
broker.add_middleware(CurrentMessage())
broker.add_middleware(GroupCallbacks(limits))
broker.add_middleware(Results(backend=ResultBackend(client=notes), store_results=True))
dramatiq.set_broker(broker)


@dramatiq.actor
def add(one, other):
    return one + other


@dramatiq.actor
def total(numbers):
    return sum(numbers)


@dramatiq.actor(max_retries=3, min_backoff=20, max_backoff=50)
def flaky(name, failures):
    """Works out only when it has failed so often; says how often it was tried."""
    tries = notes.incr(f"tries:{name}")
    if tries <= failures:
        raise ValueError(f"try {tries}")
    return tries


@dramatiq.actor(max_retries=0)
def fail(text):
    raise ValueError(text)


@dramatiq.actor(queue_name="other", priority=5)
def note(text):
    notes.rpush("notes", text)


@dramatiq.actor(max_retries=0)
def limited(kind, number):
    limiter = {
        "concurrent": lambda: ConcurrentRateLimiter(limits, "concurrent", limit=2),
        "window": lambda: WindowRateLimiter(limits, "window", limit=4, window=600),
        "bucket": lambda: BucketRateLimiter(limits, "bucket", limit=3, bucket=3_600_000),
    }[kind]()
    with limiter.acquire(raise_on_failure=False) as acquired:
        if acquired:
            notes.zadd(f"at once:{kind}", {(at_once := notes.incr(f"now:{kind}")): at_once})
            time.sleep(0.05 if kind == "concurrent" else 0)
            notes.decr(f"now:{kind}")
        notes.incr(f"limited:{kind}:{acquired}")


@dramatiq.actor
def hold(job, seconds):
    notes.rpush("got", f"{job} {os.getpid()}")
    time.sleep(seconds)
    notes.sadd("done", job)
    return job
