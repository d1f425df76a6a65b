"""Running several requests at once, with results as they come.

Owns the number of requests under way; the pace itself is the cost bucket's. It must not know what a request does.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


async def finished(
    jobs: Iterable[Job], work: Callable[[Job], Awaitable[Result]], *, at_once: int
) -> AsyncIterator[Result]:
    """Do `work` for every job, `at_once` at most; what is still under way when the caller leaves is cancelled."""
    places = asyncio.Semaphore(at_once)

    async def one(job: Job) -> Result:
        async with places:
            return await work(job)

    tasks = [asyncio.create_task(one(job)) for job in jobs]
    try:
        for task in asyncio.as_completed(tasks):
            yield await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
