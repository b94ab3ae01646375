"""Other processes of a benchmark: servers to race against, and commands to start."""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.race import Spent

ROOT = Path(__file__).parents[2]


@contextmanager
def serving(module: str, *args: str) -> Iterator[str]:
    """Run a module until the block ends, and give the first line that it writes."""
    command = [sys.executable, "-m", module, *args]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline() if process.stdout else ""
        finally:
            process.terminate()


def ended(args: list[str], environ: Mapping[str, str]) -> Spent:
    """Run Python to its end, which has to be a good one."""
    before, begun = _of_children(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, *args], cwd=ROOT, env={**os.environ, **environ}, capture_output=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{args} ended with {done.returncode}: {done.stderr.decode()}")
    return Spent(time.perf_counter() - begun, _of_children() - before)


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
