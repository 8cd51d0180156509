"""RQ with worker processes: results, failures, retries, dependencies, jobs for later, and workers that are killed."""

import os
import signal
import sys
import time
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import Workers, check, equal, eventually, main  # noqa: E402

import redis  # noqa: E402
from rq import Callback, Queue, Repeat, Retry, Worker, cancel_job  # noqa: E402
from rq.command import send_kill_horse_command, send_shutdown_command, send_stop_job_command  # noqa: E402
from rq.group import Group  # noqa: E402
from rq.job import Dependency  # noqa: E402
from rq.registry import FailedJobRegistry, StartedJobRegistry  # noqa: E402


def start(workers, client, *words, count=1):
    """Starts workers and waits until they have told the server that they are there."""
    before = len(Worker.all(connection=client))
    started = [workers.start("-m", "rq.cli", "worker", "--url", f"redis://127.0.0.1:{workers.server.port}/0", "--name",
                             f"worker{len(workers.processes)}", *words) for _ in range(count)]
    eventually(lambda: len(Worker.all(connection=client)) == before + count, "the workers", seconds=20)
    return started


def ended(*jobs, seconds=20):
    """Waits until all jobs have ended, and returns how."""
    def status(job):
        value = job.get_status().value
        return value if value in ("finished", "failed", "stopped", "canceled") else None

    return [eventually(lambda job=job: status(job), f"the end of {job.id}", seconds) for job in jobs]


@check("RQ: results, failures, retries, callbacks and progress; two workers, two queues")
def jobs_and_results(server):
    client = redis.Redis(port=server.port)
    urgent, queue = Queue("urgent", connection=client), Queue("default", connection=client)
    with Workers(server) as workers:
        # The queue named first is served first.
        order = [queue.enqueue("rq_jobs.note", "late"), urgent.enqueue("rq_jobs.note", "early")]
        start(workers, client, "urgent", "default", count=1)
        equal(ended(*order), ["finished"] * 2)
        equal(client.lrange("notes", 0, -1), [b"early", b"late"])
        start(workers, client, "urgent", "default")
        added = [queue.enqueue("rq_jobs.add", number, number) for number in range(10)]
        many = Queue.enqueue_many(queue, [
            Queue.prepare_data("rq_jobs.add", (number, 1), job_id=f"many-{number}") for number in range(10)])
        failed = urgent.enqueue("rq_jobs.fail", "what a pity", on_failure=Callback("rq_jobs.heard"))
        flaky = urgent.enqueue("rq_jobs.flaky", 2, retry=Retry(max=3), on_success=Callback("rq_jobs.heard"))
        equal(ended(*added, *many, failed, flaky), ["finished"] * 20 + ["failed", "finished"])
        equal([job.return_value() for job in added], list(range(0, 20, 2)))
        equal([job.return_value() for job in many], list(range(1, 11)))
        assert "what a pity" in failed.latest_result().exc_string
        equal(FailedJobRegistry(queue=urgent).get_job_ids(), [failed.id])
        equal(flaky.return_value(), 3)
        eventually(lambda: client.llen("callbacks") == 2, "both callbacks")
        equal(sorted(client.lrange("callbacks", 0, -1)),
              sorted([f"{failed.id} failed".encode(), f"{flaky.id} finished".encode()]))
        report = queue.enqueue("rq_jobs.report", 20)
        equal(ended(report), ["finished"])
        equal(report.get_meta()["step"], 19)
        group = Group.create(connection=client)
        members = group.enqueue_many(queue, [Queue.prepare_data("rq_jobs.add", (number, 2)) for number in range(4)])
        equal(ended(*members), ["finished"] * 4)
        equal({job.id for job in group.get_jobs()}, {job.id for job in members})
        # Repaired by hand, an old failure is tried again.
        failed.args = ("again",)
        failed.func_name = "rq_jobs.note"
        failed.save()
        FailedJobRegistry(queue=urgent).requeue(failed.id)
        equal(ended(failed), ["finished"])
        eventually(lambda: {worker.get_state() for worker in Worker.all(connection=client)} == {"idle"}, "idle workers")
        for worker in Worker.all(connection=client):
            send_shutdown_command(client, worker.name)
        for process in workers.processes:
            equal(process.wait(10), 0, "a worker's exit status")
        equal(Worker.all(connection=client), [])


@check("RQ: dependencies, jobs for later, repetitions, cancelled and stopped jobs")
def dependent_and_later(server):
    client = redis.Redis(port=server.port)
    queue = Queue(connection=client)
    with Workers(server) as workers:
        start(workers, client, "--with-scheduler", count=2)
        begun = time.monotonic()
        # Whole seconds are all that RQ keeps of a time.
        later = [queue.enqueue_in(timedelta(seconds=2), "rq_jobs.add", 1, 1),
                 queue.enqueue_at(datetime.now(timezone.utc) + timedelta(seconds=2), "rq_jobs.add", 1, 2)]
        never = queue.enqueue_in(timedelta(hours=1), "rq_jobs.note", "never")
        retried = queue.enqueue("rq_jobs.flaky", 1, retry=Retry(max=2, interval=1))
        repeated = queue.enqueue("rq_jobs.note", "tick", repeat=Repeat(times=2, interval=1))
        parents = [queue.enqueue("rq_jobs.hold", f"parent {number}", 0.1) for number in range(3)]
        child = queue.enqueue("rq_jobs.note", "child", depends_on=parents)
        orphan = queue.enqueue("rq_jobs.note", "orphan", depends_on=queue.enqueue("rq_jobs.fail", "parent"))
        despite = queue.enqueue("rq_jobs.note", "despite", depends_on=Dependency(orphan.dependency, allow_failure=True))
        equal(ended(*parents, child, despite), ["finished"] * 5)
        equal(orphan.get_status().value, "deferred")
        cancel_job(orphan.id, connection=client)
        never.cancel()
        equal(ended(orphan, never), ["canceled"] * 2)
        equal(ended(*later, retried), ["finished"] * 3)
        assert time.monotonic() - begun >= 1, "a job for later came too early"
        equal([job.return_value() for job in later], [2, 3])
        eventually(lambda: client.lrange("notes", 0, -1).count(b"tick") == 3, "repetitions", seconds=20)
        equal(ended(repeated), ["finished"])
        equal(sorted(set(client.lrange("notes", 0, -1))), [b"child", b"despite", b"tick"])
        long = queue.enqueue("rq_jobs.hold", "long", 60)
        eventually(lambda: long.get_status().value == "started" and b"long" in (client.lindex("got", -1) or b""),
                   "the long job")
        send_stop_job_command(client, long.id)
        equal(ended(long), ["stopped"])
        equal(client.sismember("done", "long"), 0)


@check("RQ: work-horses are killed in the middle of jobs, and whole workers are; every job is done")
def killed(server):
    client = redis.Redis(port=server.port)
    queue = Queue(connection=client)
    with Workers(server) as workers:
        first, second = start(workers, client, count=2)
        jobs = [queue.enqueue("rq_jobs.hold", f"job-{number}", 0.2, retry=Retry(max=5)) for number in range(16)]
        victims = []

        def next_one():
            seen = client.llen("got")
            eventually(lambda: client.llen("got") > seen, "the next job", seconds=10)
            return client.lindex("got", -1).split()

        for _ in range(3):
            job, process = next_one()
            os.kill(int(process), signal.SIGKILL)
            victims.append(job)
        next_one()
        name = next(worker.name for worker in Worker.all(connection=client) if worker.pid == first.pid)
        send_kill_horse_command(client, name)
        worker = Worker.find_by_key(f"rq:worker:{name}", connection=client)
        eventually(worker.get_current_job_id, "a job of its")
        workers.kill(first)
        # What it had would be found when its heartbeat is missed; a minute is more than anybody wants to wait.
        StartedJobRegistry(connection=client).cleanup(timestamp=int(time.time()) + 1_000)
        start(workers, client)
        # A job that a live worker had was given out again as well: some are done twice, none never.
        eventually(lambda: client.scard("done") == len(jobs), "the end of all jobs", seconds=20)
        equal(ended(*jobs), ["finished"] * len(jobs))
        got = [line.split()[0] for line in client.lrange("got", 0, -1)]
        assert all(got.count(victim) > 1 for victim in victims), "a killed job was not given out again"


if __name__ == "__main__":
    main()
