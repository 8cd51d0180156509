"""What RQ's workers run."""

import os
import time

from rq import get_current_job


def add(one, other):
    return one + other


def fail(text):
    raise ValueError(text)


def flaky(failures):
    """Works out only when it has failed so often; says how often it was tried."""
    job = get_current_job()
    tries = job.connection.incr(f"tries:{job.id}")
    if tries <= failures:
        raise ValueError(f"try {tries}")
    return tries


def note(text):
    get_current_job().connection.rpush("notes", text)
    return text


def report(steps):
    job = get_current_job()
    for step in range(steps):
        job.meta["step"] = step
        job.save_meta()
    return steps


def hold(name, seconds):
    """Leaves word of its process, works for a while, and of its end."""
    connection = get_current_job().connection
    connection.rpush("got", f"{name} {os.getpid()}")
    time.sleep(seconds)
    connection.sadd("done", name)
    return name


def heard(job, connection, *_):
    connection.rpush("callbacks", f"{job.id} {job.get_status(refresh=False).value}")
