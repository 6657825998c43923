"""Time-outs, retries and replies, with a scripted server; each case on both clients."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

import halfkey
from halfkey import Halfkey, HalfkeySync
from halfkey._flow import Sleep
from halfkey._http import Retry, Transport, _retry_after

URL = "https://halfkey.example"
TOKEN = "hkt_abc_secretsecretsecret"
Reply = httpx.Response | Exception


def ok(data: object) -> httpx.Response:
    return httpx.Response(200, json={"success": True, "message": "", "data": data})


def refused(status: int, code: str, headers: dict[str, str] | None = None, **details: Any) -> httpx.Response:
    error = {"code": code, "message": "No.", "details": details, "request_id": "req-1"}
    return httpx.Response(status, json={"success": False, "error": error}, headers=headers)


WORKSPACE: dict[str, Any] = {"name": "w", "workspace_check": None, "limits": {}, "usage": {}}


class Script:
    """A transport that gives its replies one after the other, and keeps what was asked."""

    def __init__(self, *replies: Reply) -> None:
        self.replies: Iterator[Reply] = iter(replies)
        self.requests: list[httpx.Request] = []
        self.transport = httpx.MockTransport(self.reply)

    def reply(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = next(self.replies)
        if isinstance(reply, Exception):
            raise reply
        # A response can be read once, and the cases share theirs.
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)


Run = Callable[..., Any]


def run_sync(script: Script, method: str, *args: Any, **options: Any) -> Any:
    with HalfkeySync(URL, token=TOKEN, transport=script.transport) as client:
        return _method(client, method)(*args, **options)


def run_async(script: Script, method: str, *args: Any, **options: Any) -> Any:
    async def call() -> Any:
        async with Halfkey(URL, token=TOKEN, transport=script.transport) as client:
            return await _method(client, method)(*args, **options)

    return asyncio.run(call())


def _method(client: Any, method: str) -> Callable[..., Any]:
    for name in method.split("."):
        client = getattr(client, name)
    found: Callable[..., Any] = client
    return found


@pytest.fixture(params=[run_sync, run_async], ids=["threads", "asyncio"])
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Run:
    # Waits are decided by Retry, which has tests of its own below.
    monkeypatch.setattr("halfkey._http._MIN_BACKOFF", 0.0)
    client: Run = request.param
    return client


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("no route"),
        httpx.ReadTimeout("slow"),
        refused(429, "RATE_LIMITED", {"Retry-After": "0"}),
        refused(503, "UNAVAILABLE"),
        httpx.Response(502, text="bad gateway"),
    ],
    ids=["connect", "timeout", "429", "503", "502"],
)
def test_what_may_pass_is_tried_again(run: Run, failure: Reply) -> None:
    script = Script(failure, failure, failure, ok(WORKSPACE))
    assert run(script, "get_workspace").name == "w"
    assert len(script.requests) == 4


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (refused(404, "NOT_FOUND"), halfkey.NotFound),
        (refused(500, "SERVER_ERROR"), halfkey.ServerError),
        (httpx.Response(302, headers={"Location": "https://elsewhere.example"}), halfkey.NetworkError),
        (httpx.Response(404, text="<html>"), halfkey.NetworkError),
        (httpx.Response(200, text="<html>"), halfkey.Malformed),
        (ok({"name": 1}), halfkey.Malformed),
        (refused(429, "RATE_LIMITED", {"Retry-After": "3600"}), halfkey.RateLimited),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"), halfkey.NetworkError),
    ],
)
def test_what_won_t_pass_isn_t_tried_again(run: Run, failure: Reply, error: type[halfkey.HalfkeyError]) -> None:
    script = Script(failure, ok(WORKSPACE))
    with pytest.raises(error):
        run(script, "get_workspace")
    assert len(script.requests) == 1


def test_a_redirect_is_named_and_never_followed(run: Run) -> None:
    script = Script(httpx.Response(302, headers={"Location": "https://elsewhere.example"}), ok(WORKSPACE))
    with pytest.raises(halfkey.NetworkError, match="redirects to another address"):
        run(script, "get_workspace")
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("failure", "error"),
    [(httpx.ConnectError("x"), halfkey.NetworkError), (httpx.ReadTimeout("x"), halfkey.Timeout)],
)
def test_after_three_more_attempts_the_failure_is_raised(
    run: Run, failure: Exception, error: type[halfkey.HalfkeyError]
) -> None:
    script = Script(*[failure] * 9)
    with pytest.raises(error):
        run(script, "get_workspace")
    assert len(script.requests) == 4


def test_a_create_sends_the_same_bytes_at_every_attempt(run: Run) -> None:
    def created(request: httpx.Request) -> httpx.Response:
        slug = json.loads(request.content)["slug"]
        fields = {
            "maximum_views": 1,
            "current_views": 0,
            "expiration": "2026-01-02T00:00:00.000Z",
            "has_password": False,
        }
        more = {"has_attachments": False, "attachments_count": 0, "created_at": "2026-01-01T00:00:00.000Z"}
        return ok({"slug": slug, "share_url": f"{URL}/{slug}", **fields, **more})

    script = Script(httpx.ReadTimeout("the reply was lost"), refused(503, "UNAVAILABLE"))
    bodies = []

    def reply(request: httpx.Request) -> httpx.Response:
        bodies.append(request.read())
        return created(request) if len(bodies) == 3 else script.reply(request)

    script.transport = httpx.MockTransport(reply)
    secret = run(script, "create", "hello")
    assert bodies[0] == bodies[1] == bodies[2]
    assert secret.share_url.startswith(f"{URL}/{secret.slug}#1")


@pytest.mark.parametrize(
    ("method", "args", "options"),
    [
        ("tokens.create", ["ci"], {"scopes": ["kms:reveal"]}),
        ("webhooks.create", ["https://hooks.example"], {}),
        ("send_notice", ["2yScqMbQAnLWg", "ada@example.com"], {}),
    ],
)
def test_what_does_something_more_each_time_is_sent_once(
    run: Run, method: str, args: list[Any], options: dict[str, Any]
) -> None:
    script = Script(httpx.ReadTimeout("x"), httpx.ReadTimeout("x"))
    with pytest.raises(halfkey.Timeout):
        run(script, method, *args, **options)
    assert len(script.requests) == 1


def test_the_server_s_word_is_kept_in_the_caller_s_spelling(run: Run) -> None:
    details: dict[str, Any] = {"expires_in": ["Too long."], "ip_whitelist.0": ["Not a network."]}
    script = Script(refused(422, "VALIDATION_ERROR", None, **details))
    with pytest.raises(halfkey.ValidationError) as caught:
        run(script, "create", "hello")
    error = caught.value
    assert error.details == {"hours": ["Too long."], "ip_whitelist[0]": ["Not a network."]}
    assert str(error) == "hours: Too long. ip_whitelist[0]: Not a network."
    assert (error.status, error.request_id) == (422, "req-1")


def test_every_wrong_option_is_named_before_anything_is_sent(run: Run) -> None:
    script = Script()
    with pytest.raises(halfkey.ValidationError) as caught:
        run(script, "create", "", hours=0, views=0, password="", geolocation="Germany", description="mine")
    assert set(caught.value.details) == {"content", "hours", "views", "password", "geolocation", "description"}
    assert script.requests == []


def test_a_set_cancel_event_ends_a_call_that_waits() -> None:
    cancel = threading.Event()
    replies = 0

    def reply(_: httpx.Request) -> httpx.Response:
        nonlocal replies
        replies += 1
        cancel.set()
        return refused(503, "UNAVAILABLE", {"Retry-After": "59"})

    for run in (run_sync, run_async):
        cancel.clear()
        script = Script()
        script.transport = httpx.MockTransport(reply)
        with pytest.raises(halfkey.Aborted):
            run(script, "create", "hello", cancel=cancel)
    assert replies == 2


def test_a_cancelled_task_ends_at_once() -> None:
    async def call() -> None:
        script = Script(refused(503, "UNAVAILABLE", {"Retry-After": "59"}))
        async with Halfkey(URL, token=TOKEN, transport=script.transport) as client:
            task = asyncio.create_task(client.get_workspace())
            while not script.requests:
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(call())


def test_uploads_persist_for_two_minutes_but_not_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("halfkey._http.time.monotonic", lambda: now)
    retry = Retry(Transport(), persist=True)
    waits: list[float] = []

    def fail() -> float:
        (effect,) = retry.wait(halfkey.NetworkError("x"), True, None)
        assert isinstance(effect, Sleep)
        return effect.seconds

    def fail_until_it_gives_up() -> None:
        nonlocal now
        while True:
            waits.append(fail())
            now += waits[-1]

    with pytest.raises(halfkey.NetworkError):
        fail_until_it_gives_up()
    assert 100 < sum(waits) < 120
    assert max(waits) <= 10


def test_retry_after_is_read_as_seconds_and_as_a_date() -> None:
    assert _retry_after("7") == 7
    assert _retry_after("Thu, 01 Jan 1970 00:00:00 GMT") == 0
    assert _retry_after("soon") is None


@pytest.mark.parametrize("client", [Halfkey, HalfkeySync])
def test_a_client_names_everything_that_is_wrong_with_its_options(client: type[Halfkey] | type[HalfkeySync]) -> None:
    with pytest.raises(halfkey.ValidationError) as caught:
        client("ftp://x", token="x", workspace_key="short", timeout=0, retries=-1, region="a b")
    assert set(caught.value.details) == {"base_url", "token", "workspace_key", "timeout", "retries", "region"}
