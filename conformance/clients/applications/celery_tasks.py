"""A Celery application; its workers and the session that sends them tasks both import it."""

import os
import time

import redis
from celery import Celery

PORT = os.environ["REDIS_PORT"]
VISIBILITY = 3  # Seconds after which a task that nobody acknowledged is given out again.

app = Celery("celery_tasks", broker=f"redis://127.0.0.1:{PORT}/0", backend=f"redis://127.0.0.1:{PORT}/1")
app.conf.update(
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": VISIBILITY},
    result_expires=600,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
)
notes = redis.Redis(port=int(PORT), db=2)


@app.task
def add(one, other):
    return one + other


@app.task
def total(numbers):
    return sum(numbers)


@app.task
def fail(text):
    raise ValueError(text)


@app.task(bind=True, max_retries=3)
def flaky(self, name, failures):
    """Works out only when it has failed so often; says how often it was tried."""
    tries = notes.incr(f"tries:{name}")
    if tries <= failures:
        raise self.retry(exc=ValueError(f"try {tries}"), countdown=0.05)
    return tries


@app.task
def note(text):
    notes.set(text, os.getpid())


@app.task
def hold(job, seconds=0.3):
    """Leaves word of its process, works for a while, and of its end."""
    notes.rpush("got", f"{job} {os.getpid()}")
    time.sleep(seconds)
    notes.sadd("done", job)
    return job
