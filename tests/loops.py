"""Run a coroutine to its end, also where a browser's own loop lives in this thread (stories before other tests)."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


def finish(coroutine):
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
