"""Flows: the package's logic as generators that do no input or output themselves (``spec/adr/0010-python-flows.md``).

A flow yields effects, and gets back what came of each. A driver performs them: :mod:`halfkey._drivers` has one for asyncio
and one for threads, so both clients run the same flows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")
Flow = Generator["Effect", Any, T]


class Effect:
    """Something that a driver does for a flow."""


class Task(Generic[T]):
    """A flow that runs beside the one that started it; only its driver knows what is in it."""


@dataclass(frozen=True, repr=False)
class HttpRequest(Effect):
    """One HTTP request, sent once. The flow gets an :class:`HttpReply` or a :class:`Failure`."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | memoryview | None
    timeout: float
    """Seconds for all of it."""
    stall: float
    """Seconds without a byte."""
    into: bytearray | None = None
    """Where the reply's body may be put, if it fits."""
    on_sent: Callable[[int], None] | None = None
    """Is told how many bytes of the body were sent so far."""


@dataclass(frozen=True, repr=False)
class HttpReply:
    """A reply, its body read whole; None if that was too large."""

    status: int
    headers: dict[str, str]
    """By names in lower case."""
    body: bytes | bytearray | memoryview | None


@dataclass(frozen=True)
class Failure:
    """Why there was no reply."""

    timed_out: bool
    reason: str
    """A word of the system's, for people; may be empty."""
    certificate: bool = False
    """The server's certificate wasn't accepted."""


@dataclass(frozen=True)
class Sleep(Effect):
    """A wait."""

    seconds: float


@dataclass(frozen=True, repr=False)
class Compute(Effect):
    """Work that keeps a processor or a disk busy; the flow gets its result."""

    work: Callable[[], Any]


@dataclass(frozen=True, repr=False)
class Await(Effect):
    """Something that only asyncio can do."""

    make: Callable[[], Awaitable[Any]]


@dataclass(frozen=True, repr=False)
class Start(Effect):
    """Runs a flow beside this one; the flow gets its :class:`Task`."""

    flow: Flow[Any]


@dataclass(frozen=True, repr=False)
class Join(Effect):
    """Waits for a task; the flow gets its result, or its exception is raised in the flow."""

    task: Task[Any]


@dataclass(frozen=True, repr=False)
class Stop(Effect):
    """Ends tasks, and waits until they have ended, whatever became of them."""

    tasks: Sequence[Task[Any]]


def send(request: HttpRequest) -> Flow[HttpReply | Failure]:
    """Send one HTTP request."""
    outcome: HttpReply | Failure = yield request
    return outcome


def sleep(seconds: float) -> Flow[None]:
    """Wait."""
    yield Sleep(seconds)


def compute(work: Callable[[], T]) -> Flow[T]:
    """Do work that takes a while; in asyncio, on a thread."""
    result: T = yield Compute(work)
    return result


def start(flow: Flow[T]) -> Flow[Task[T]]:
    """Run a flow beside this one."""
    task: Task[T] = yield Start(flow)
    return task


def join(task: Task[T]) -> Flow[T]:
    """Wait for a task."""
    result: T = yield Join(task)
    return result


def stop(tasks: Sequence[Task[Any]]) -> Flow[None]:
    """End tasks."""
    if tasks:
        yield Stop(tasks)
