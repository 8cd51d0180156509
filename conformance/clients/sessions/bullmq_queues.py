"""BullMQ (the Python package): queues, workers, flows, schedulers and events, and worker processes that are killed."""

import asyncio
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from harness import APPLICATIONS, Workers, check, equal, eventually, main  # noqa: E402

import redis  # noqa: E402
from bullmq import FlowProducer, Job, Queue, QueueEvents, Worker  # noqa: E402


class Connections:
    """Makes queues, workers and the like for one server, and closes them in the end."""

    def __init__(self, server):
        self.options = {"connection": f"redis://127.0.0.1:{server.port}"}
        self.made = []
        self.errors = []

    def queue(self, name="jobs", **options):
        return self.keep(Queue(name, {**self.options, **options}))

    def worker(self, process, name="jobs", **options):
        worker = self.keep(Worker(name, process, {**self.options, **options}))
        worker.on("error", lambda error, *_: self.errors.append(error))
        return worker

    def flows(self):
        return self.keep(FlowProducer(self.options))

    def events(self, name="jobs"):
        return self.keep(QueueEvents(name, {**self.options, "blockingTimeout": 1_000, "lastEventId": "0"}))

    def keep(self, made):
        self.made.append(made)
        return made

    async def close(self):
        for made in reversed(self.made):
            await (made.close(force=True) if isinstance(made, Worker) else made.close())


def bullmq(name):
    """A check of (connections), run in an event loop of its own."""
    def mark(function):
        @check(f"BullMQ: {name}")
        def run(server):
            async def body():
                connections = Connections(server)
                try:
                    await asyncio.wait_for(function(connections), 60)
                finally:
                    await connections.close()
                equal(connections.errors, [], "errors of workers")
            asyncio.run(body())
        return run
    return mark


async def until(condition, what, seconds=10):
    """`eventually` for a condition that may be awaited."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        value = await value if asyncio.iscoroutine(value) or asyncio.isfuture(value) else value
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        await asyncio.sleep(0.01)


@bullmq("jobs, results, progress, logs; many at once; two workers share them")
async def jobs(bull):
    queue = bull.queue()
    done = []

    async def process(job, token):
        await job.updateProgress(50)
        await job.log(f"working on {job.id}")
        done.append(job.name)
        return {"name": job.name, "sum": sum(job.data["numbers"])}

    first = await queue.add("first", {"numbers": [1, 2, 3], "text": "\u00e4\u20ac\0"}, {"jobId": "mine"})
    again = await queue.add("first", {"numbers": []}, {"jobId": "mine"})
    equal((first.id, again.id), ("mine", "mine"))
    equal((await queue.getJobCounts("waiting", "active", "completed")), {"waiting": 1, "active": 0, "completed": 0})
    await queue.addBulk([{"name": f"bulk-{number}", "data": {"numbers": [number] * 3}} for number in range(50)])
    for _ in range(2):
        bull.worker(process, concurrency=5)
    await until(lambda: len(done) == 51, "all jobs")
    await until(lambda: queue.getJobCounts("completed"), "counts")
    await until(lambda: finished(queue, 51), "51 completed jobs")
    equal(sorted(done), sorted(["first", *(f"bulk-{number}" for number in range(50))]))
    job = await Job.fromId(queue, "mine")
    equal((job.returnvalue, job.progress, job.data["text"]), ({"name": "first", "sum": 6}, 50, "\u00e4\u20ac\0"))
    equal((await queue.getJobLogs("mine"))["logs"], ["working on mine"])
    equal(await queue.getJobState("mine"), "completed")
    completed = await queue.getCompleted()
    equal(len(completed), 51)
    equal(len(await queue.clean(0, 40, "completed")), 40)
    equal(await queue.getCompletedCount(), 11)
    await job.remove() if await Job.fromId(queue, "mine") else None
    await queue.obliterate(force=True)
    equal(await queue.backend.conn.keys("bull:jobs:*"), [])


async def finished(queue, count):
    return await queue.getCompletedCount() == count


@bullmq("the urgent first, delays, retries with a back-off, failures, a queue that is paused")
async def order_and_retries(bull):
    queue = bull.queue()
    order, tries = [], {}

    async def process(job, token):
        tries[job.name] = tries.get(job.name, 0) + 1
        if job.data.get("failures", 0) >= tries[job.name]:
            raise ValueError(f"try {tries[job.name]}")
        order.append(job.name)
        return tries[job.name]

    await queue.pause()
    equal(await queue.isPaused(), True)
    for priority in (3, 1, 5, 2, 4):
        await queue.add(f"priority {priority}", {}, {"priority": priority})
    for name in ("plain 1", "plain 2"):
        await queue.add(name, {})
    await queue.add("front", {}, {"lifo": True})
    equal(await queue.getCountsPerPriority([0, 1, 2, 3]), {"0": 3, "1": 1, "2": 1, "3": 1})
    later = await queue.add("later", {}, {"delay": 700})
    promoted = await queue.add("promoted", {}, {"delay": 60_000})
    equal(await later.getState(), "delayed")
    worker = bull.worker(process)
    await asyncio.sleep(0.1)
    equal(order, [])
    await queue.resume()
    await until(lambda: len(order) == 8, "all but the late")
    equal(order, ["front", "plain 1", "plain 2", *(f"priority {number}" for number in range(1, 6))])
    await promoted.promote()
    await until(lambda: len(order) == 9, "what was promoted")
    await until(lambda: len(order) == 10, "what was delayed")
    equal(order[8:], ["promoted", "later"])

    failed = await queue.add("fails", {"failures": 9}, {"attempts": 3, "backoff": {"type": "exponential", "delay": 20}})
    flaky = await queue.add("flaky", {"failures": 2}, {"attempts": 3, "backoff": 10})
    await until(failed.isFailed, "the failure")
    await until(flaky.isCompleted, "the success")
    equal((tries["fails"], tries["flaky"]), (3, 3))
    failed = await Job.fromId(queue, failed.id)
    equal((failed.failedReason, failed.attemptsMade, len(failed.stacktrace)), ("try 3", 3, 3))
    equal([job.id for job in await queue.getFailed()], [failed.id])
    tries["fails"] = 9
    await failed.retry()
    await until(failed.isCompleted, "what is tried again")
    once = [await queue.add("once", {}, {"delay": 50, "deduplication": {"id": "only"}}) for _ in range(3)]
    equal(len({job.id for job in once}), 1)
    await until(lambda: order.count("once") == 1, "what was added thrice")
    await worker.close()


@bullmq("limits: so many at once, so many in a time")
async def limits(bull):
    queue = bull.queue()
    running, most, ends = set(), [], []

    async def process(job, token):
        running.add(job.id)
        most.append(len(running))
        await asyncio.sleep(0.02)
        running.discard(job.id)
        ends.append(time.monotonic())

    await queue.setGlobalConcurrency(2)
    equal(await queue.getGlobalConcurrency(), 2)
    await queue.addBulk([{"name": "job", "data": {}} for _ in range(6)])
    workers = [bull.worker(process, concurrency=4, drainDelay=0.1) for _ in range(2)]
    await until(lambda: len(ends) == 6, "all jobs")
    assert max(most) <= 2, most
    for worker in workers:
        await worker.close()
    await queue.removeGlobalConcurrency()
    ends.clear()
    await queue.addBulk([{"name": "job", "data": {}} for _ in range(4)])
    limited = bull.worker(process, concurrency=6, drainDelay=0.1, limiter={"max": 2, "duration": 400})
    begun = time.monotonic()
    await until(lambda: len(ends) == 4, "all jobs")
    assert time.monotonic() - begun >= 0.38, "two in 400 ms, and four are done too early"
    await limited.close()


@bullmq("flows: parents run when their children are done, and get their values")
async def flows(bull):
    queue, flows = bull.queue("parents"), bull.flows()
    children = bull.queue("children")
    values = {}

    async def parent(job, token):
        values[job.name] = sorted((await job.getChildrenValues()).values())
        return len(values[job.name])

    async def child(job, token):
        if job.name == "broken":
            raise ValueError("broken")
        return job.data["number"] * 10

    def leaf(number):
        return {"name": f"leaf {number}", "queueName": "children", "data": {"number": number}}

    tree = await flows.add({"name": "root", "queueName": "parents", "data": {}, "children": [
        leaf(1), leaf(2), {"name": "middle", "queueName": "parents", "data": {}, "children": [leaf(3), leaf(4)]}]})
    root = tree["job"]
    equal(await root.isWaitingChildren(), True)
    failing = await flows.add({"name": "failing", "queueName": "parents", "data": {}, "children": [
        {"name": "broken", "queueName": "children", "data": {}, "opts": {"failParentOnFailure": True}}, leaf(5)]})
    bull.worker(child, "children")
    bull.worker(parent, "parents")
    await until(root.isCompleted, "the root")
    equal(values, {"middle": [30, 40], "root": [2, 10, 20]})
    equal((await Job.fromId(queue, root.id)).returnvalue, 3)
    await until(failing["job"].isFailed, "the failure of a parent")
    equal(await children.getFailedCount(), 1)


@bullmq("schedulers repeat a job, and events tell what happens in its order")
async def schedulers_and_events(bull):
    queue, events = bull.queue(), bull.events()
    heard, ticks = [], []
    for name in ("added", "waiting", "active", "progress", "completed", "failed", "drained"):
        events.on(name, lambda arguments, *_, name=name: heard.append((name, arguments.get("jobId"))))

    async def process(job, token):
        if job.name == "tick":
            return ticks.append(time.monotonic())
        await job.updateProgress(1)
        return "done"

    job = await queue.add("job", {})
    bull.worker(process)
    await until(lambda: ("completed", job.id) in heard, "the completion")
    equal([name for name, number in heard if number == job.id], ["added", "waiting", "active", "progress", "completed"])
    await queue.upsertJobScheduler("ticks", {"every": 150}, "tick", {})
    equal(await queue.getJobSchedulersCount(), 1)
    await until(lambda: len(ticks) >= 4, "four ticks")
    equal(await queue.removeJobScheduler("ticks"), 0)
    equal(await queue.getJobSchedulers(), [])


@check("BullMQ: worker processes are killed in the middle of jobs, again and again; every job is done")
def killed(server):
    client = redis.Redis(port=server.port)

    async def add(jobs):
        queue = Queue("jobs", {"connection": f"redis://127.0.0.1:{server.port}"})
        await queue.addBulk([{"name": job, "data": {}} for job in jobs])
        await queue.close()

    async def counts():
        queue = Queue("jobs", {"connection": f"redis://127.0.0.1:{server.port}"})
        try:
            return await queue.getJobCounts("waiting", "active", "delayed", "completed", "failed")
        finally:
            await queue.close()

    jobs = [f"job-{number}" for number in range(50)]
    asyncio.run(add(jobs))
    with Workers(server) as workers:
        living = {}

        def start():
            process = workers.start(os.path.join(APPLICATIONS, "bullmq_worker.py"))
            living[process.pid] = process

        for _ in range(3):
            start()
        for _ in range(4):
            seen = client.llen("got")
            eventually(lambda: client.llen("got") > seen, "the next job", seconds=10)
            workers.kill(living.pop(int(client.lindex("got", -1).split()[1])))
            start()
        eventually(lambda: client.scard("done") == len(jobs), "the end of all jobs", seconds=20)
        eventually(lambda: asyncio.run(counts()) == {
            "waiting": 0, "active": 0, "delayed": 0, "completed": len(jobs), "failed": 0}, "quiet")
        assert client.llen("got") > len(jobs), "nobody died in the middle of work"


if __name__ == "__main__":
    main()
