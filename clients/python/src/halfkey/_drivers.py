"""What runs flows: one driver for asyncio, one for threads."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock
from typing import Any, TypeVar, cast

import httpx

from ._errors import Aborted, HalfkeyError, raise_if_invalid
from ._flow import Await, Compute, Effect, Failure, Flow, HttpReply, HttpRequest, Join, Sleep, Start, Stop, Task

T = TypeVar("T")

_PIECE = 2**17
_MAX_REPLY_BYTES = 32 * 2**20
"""A full page of the largest notes and metadata is 17 MiB."""
_POLL = 0.05
"""Seconds between two looks at a `cancel` event."""
_THREADS = 8


def _aborted() -> Aborted:
    return Aborted("The call was aborted.")


def _failure(error: Exception) -> Failure:
    """No exception of httpx is kept: it may hold the request with its headers."""
    cause = error
    while cause.__cause__ is not None and isinstance(cause.__cause__, Exception):
        cause = cause.__cause__
    certificate = "CERTIFICATE_VERIFY_FAILED" in str(error)
    return Failure(isinstance(error, (httpx.TimeoutException, TimeoutError)), type(cause).__name__, certificate)


def _body_length(request: HttpRequest) -> dict[str, str]:
    return {} if request.body is None else {"Content-Length": str(len(request.body))}


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    body = memoryview(request.body or b"")
    for offset in range(0, len(body), _PIECE):
        # httpx asks for bytes, and takes whatever joins them: a copy of a part would take as long as its encryption.
        yield cast("bytes", body[offset : offset + _PIECE])
        if request.on_sent:
            request.on_sent(min(offset + _PIECE, len(body)))


async def _async_pieces(request: HttpRequest) -> AsyncIterator[bytes]:
    for piece in _pieces(request):
        yield piece


class _Body:
    """A reply's body as it comes, in the memory that the request brought if it fits there."""

    def __init__(self, request: HttpRequest, response: httpx.Response) -> None:
        length = response.headers.get("Content-Length", "")
        fits = request.into is not None and length.isdigit() and int(length) <= len(request.into)
        self._into = memoryview(request.into) if request.into is not None and fits else None
        self._grown = bytearray()
        self._length = 0

    def add(self, piece: bytes) -> bool:
        """Whether it isn't too large."""
        end = self._length + len(piece)
        if self._into is None:
            self._grown += piece
        elif end <= len(self._into):
            self._into[self._length : end] = piece
        self._length = end
        return end <= (_MAX_REPLY_BYTES if self._into is None else len(self._into))

    def whole(self) -> bytearray | memoryview:
        return self._grown if self._into is None else self._into[: self._length]


def _reply(response: httpx.Response, body: bytearray | memoryview | None) -> HttpReply:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return HttpReply(response.status_code, headers, body)


def _trim(error: HalfkeyError) -> HalfkeyError:
    """The same error without the frames of this package, whose variables hold keys."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _raise_if_set(cancel: Event) -> None:
    if cancel.is_set():
        raise _aborted()


def _time_out() -> None:
    raise TimeoutError


async def _watched(work: Coroutine[Any, Any, T], interval: float, watch: Callable[[], None]) -> T:
    """Wait for some work, and each ``interval`` seconds look whether to go on, which ``watch`` raises if not.

    Unlike ``asyncio.wait_for`` of Python 3.11, it never swallows a cancellation.
    """
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            done, _ = await asyncio.wait({task}, timeout=interval)
            if not done:
                watch()
        return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


class _AsyncTask(Task[Any]):
    def __init__(self, running: asyncio.Task[Any]) -> None:
        self.running = running


class AsyncDriver:
    """Runs flows in asyncio."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None) -> None:
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._threads: ThreadPoolExecutor | None = None

    async def run(self, flow: Flow[T], cancel: Event | None = None) -> T:
        """The flow's result. If the task is cancelled, the flow cleans up before ``CancelledError`` goes on."""
        try:
            return await self._drive(flow, cancel)
        except HalfkeyError as error:
            failure = error
        raise _trim(failure)

    async def aclose(self) -> None:
        """Close all connections."""
        if self._client:
            await self._client.aclose()
        if self._threads:
            self._threads.shutdown(wait=False)
        self._client = self._threads = None

    async def _drive(self, flow: Flow[T], cancel: Event | None) -> T:
        value: Any = None
        failure: BaseException | None = None
        while True:
            try:
                effect = flow.send(value) if failure is None else flow.throw(failure)
            except StopIteration as stop:
                result: T = stop.value
                return result
            value = failure = None
            try:
                value = await self._perform(effect, cancel)
            except BaseException as error:  # cancellation included: the flow has to clean up
                failure = error
                # Told once: what the flow does to clean up is not aborted again.
                cancel = None if isinstance(error, Aborted) else cancel

    async def _perform(self, effect: Effect, cancel: Event | None) -> Any:
        if isinstance(effect, Stop):
            running = [task.running for task in effect.tasks if isinstance(task, _AsyncTask)]
            for task in running:
                task.cancel()
            return await asyncio.gather(*running, return_exceptions=True)
        if isinstance(effect, Start):
            return _AsyncTask(asyncio.get_running_loop().create_task(self._drive(effect.flow, cancel)))
        if cancel is None:
            return await self._do(effect)
        if cancel.is_set():
            raise _aborted()
        return await _watched(self._do(effect), _POLL, lambda: _raise_if_set(cancel))

    async def _do(self, effect: Effect) -> Any:
        if isinstance(effect, HttpRequest):
            return await self._send(effect)
        if isinstance(effect, Sleep):
            return await asyncio.sleep(effect.seconds)
        if isinstance(effect, Compute):
            self._threads = self._threads or ThreadPoolExecutor(_THREADS, "halfkey")
            return await asyncio.get_running_loop().run_in_executor(self._threads, effect.work)
        if isinstance(effect, Await):
            return await effect.make()
        if isinstance(effect, Join) and isinstance(effect.task, _AsyncTask):
            return await effect.task.running
        raise TypeError(effect)

    async def _send(self, request: HttpRequest) -> HttpReply | Failure:
        if self._client is None:
            self._client = httpx.AsyncClient(transport=self._transport)
        try:
            return await _watched(self._attempt(self._client, request), request.timeout, _time_out)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            return _failure(error)

    async def _attempt(self, client: httpx.AsyncClient, request: HttpRequest) -> HttpReply:
        built = client.build_request(
            request.method,
            request.url,
            headers={**request.headers, **_body_length(request)},
            content=None if request.body is None else _async_pieces(request),
            timeout=request.stall,
        )
        response = await client.send(built, stream=True)
        try:
            body = _Body(request, response)
            async for piece in response.aiter_bytes():
                if not body.add(piece):
                    return _reply(response, None)
            return _reply(response, body.whole())
        finally:
            await response.aclose()


class _ThreadTask(Task[Any]):
    def __init__(self, running: Future[Any], stop: Event) -> None:
        self.running = running
        self.stop = stop


class SyncDriver:
    """Runs flows in the caller's thread, and those beside them in threads of its own."""

    def __init__(self, transport: httpx.BaseTransport | None) -> None:
        self._transport = transport
        self._lock = Lock()
        self._client: httpx.Client | None = None
        self._threads: ThreadPoolExecutor | None = None

    def run(self, flow: Flow[T], cancel: Event | None = None) -> T:
        """The flow's result."""
        try:
            return self._drive(flow, () if cancel is None else (cancel,))
        except HalfkeyError as error:
            failure = error
        raise _trim(failure)

    def close(self) -> None:
        """Close all connections."""
        if self._client:
            self._client.close()
        if self._threads:
            self._threads.shutdown(wait=False)
        self._client = self._threads = None

    def _drive(self, flow: Flow[T], stops: tuple[Event, ...]) -> T:
        value: Any = None
        failure: BaseException | None = None
        while True:
            try:
                effect = flow.send(value) if failure is None else flow.throw(failure)
            except StopIteration as stop:
                result: T = stop.value
                return result
            value = failure = None
            try:
                value = self._perform(effect, stops)
            except BaseException as error:  # also KeyboardInterrupt: the flow has to clean up
                failure = error
                # Told once: what the flow does to clean up is not aborted again.
                stops = () if isinstance(error, Aborted) else stops

    def _perform(self, effect: Effect, stops: tuple[Event, ...]) -> Any:
        if isinstance(effect, Stop):
            return self._stop([task for task in effect.tasks if isinstance(task, _ThreadTask)])
        if any(stop.is_set() for stop in stops):
            raise _aborted()
        if isinstance(effect, HttpRequest):
            return self._send(effect)
        if isinstance(effect, Sleep):
            return _wait(effect.seconds, stops)
        if isinstance(effect, Compute):
            return effect.work()
        if isinstance(effect, Start):
            with self._lock:
                self._threads = self._threads or ThreadPoolExecutor(_THREADS, "halfkey")
            stop = Event()
            return _ThreadTask(self._threads.submit(self._drive, effect.flow, (*stops, stop)), stop)
        if isinstance(effect, Join) and isinstance(effect.task, _ThreadTask):
            return effect.task.running.result()
        if isinstance(effect, Await):
            raise_if_invalid({"attachments": ["must not be asynchronous here: use Halfkey, the asyncio client"]})
        raise TypeError(effect)

    def _stop(self, tasks: list[_ThreadTask]) -> None:
        for task in tasks:
            task.stop.set()
            task.running.cancel()
        for task in tasks:
            with contextlib.suppress(BaseException):
                task.running.result()

    def _send(self, request: HttpRequest) -> HttpReply | Failure:
        with self._lock:
            self._client = self._client or httpx.Client(transport=self._transport)
        try:
            return self._attempt(self._client, request)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            return _failure(error)

    def _attempt(self, client: httpx.Client, request: HttpRequest) -> HttpReply:
        deadline = time.monotonic() + request.timeout
        built = client.build_request(
            request.method,
            request.url,
            headers={**request.headers, **_body_length(request)},
            content=None if request.body is None else _pieces(request),
            timeout=min(request.stall, request.timeout),
        )
        response = client.send(built, stream=True)
        try:
            body = _Body(request, response)
            for piece in response.iter_bytes():
                if not body.add(piece):
                    return _reply(response, None)
                if time.monotonic() > deadline:
                    raise TimeoutError
            return _reply(response, body.whole())
        finally:
            response.close()


def _wait(seconds: float, stops: tuple[Event, ...]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if any(stop.is_set() for stop in stops):
            raise _aborted()
        time.sleep(min(left, _POLL) if stops else left)


Runner = Callable[[Flow[Any]], Any]
