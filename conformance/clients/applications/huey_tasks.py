"""Huey's applications, one for each kind of storage that Huey keeps in Redis."""

import os
import time

from huey import PriorityRedisExpireHuey, PriorityRedisHuey, RedisExpireHuey, RedisHuey
from huey.exceptions import TaskLockedException

KINDS = {"simple": RedisHuey, "expire": RedisExpireHuey, "priority": PriorityRedisHuey,
         "priority_expire": PriorityRedisExpireHuey}


def application(kind):
    """The application with storage of this kind, and its tasks as attributes."""
    huey = KINDS[kind](kind, port=int(os.environ["REDIS_PORT"]), notify_result=kind != "simple")
    notes = huey.storage.conn

    @huey.task()
    def add(one, other):
        return one + other

    @huey.task()
    def total(numbers):
        return sum(numbers)

    @huey.task(retries=3, retry_delay=0)
    def flaky(name, failures):
        tries = notes.incr(f"tries:{name}")
        if tries <= failures:
            raise ValueError(f"try {tries}")
        return tries

    @huey.task()
    def note(text):
        notes.rpush("notes", text)

    @huey.task()
    def alone(seconds):
        """Says whether it got the lock."""
        try:
            with huey.lock_task("alone"):
                time.sleep(seconds)
                return True
        except TaskLockedException:
            return False

    @huey.task()
    def limited():
        with huey.rate_limit("limited", 3, per=3_600, retry=False):
            notes.incr("limited")

    @huey.task()
    def hold(job, seconds):
        notes.rpush("got", f"{job} {os.getpid()}")
        time.sleep(seconds)
        notes.rpush("done", job)

    @huey.periodic_task(lambda _: True)
    def tick():
        notes.incr("ticks")

    for task in (add, total, flaky, note, alone, limited, hold, tick):
        setattr(huey, task.task_class.__name__, task)
    return huey


huey = application(os.environ.get("HUEY", "simple"))
