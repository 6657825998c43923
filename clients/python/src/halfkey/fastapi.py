"""A client for FastAPI: opened with the application, handed to whatever depends on it.

.. code-block:: python

    from fastapi import FastAPI
    from halfkey.fastapi import HalfkeyClient, lifespan

    app = FastAPI(lifespan=lifespan("https://halfkey.example", token=...))

    @app.post("/share")
    async def share(text: str, client: HalfkeyClient) -> str:
        return (await client.create(text)).share_url

Install it with ``pip install 'halfkey[fastapi]'``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Request

from ._aio.client import Halfkey

__all__ = ["HalfkeyClient", "get_client", "lifespan"]


def lifespan(
    base_url: str,
    *,
    token: str | None = None,
    workspace_key: str | Sequence[str] | None = None,
    timeout: float = 30.0,
    retries: int = 3,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """An application's lifespan with one client, whose connections all requests share. The options are those of Halfkey.

    For an application that has a lifespan already, enter this one in it: ``async with lifespan(url)(app): yield``.
    """

    @asynccontextmanager
    async def run(app: FastAPI) -> AsyncIterator[None]:
        async with Halfkey(
            base_url, token=token, workspace_key=workspace_key, timeout=timeout, retries=retries
        ) as client:
            app.state.halfkey = client
            yield

    return run


def get_client(request: Request) -> Halfkey:
    """The application's client; in tests, replace it with ``app.dependency_overrides[get_client]``."""
    client: Halfkey = request.app.state.halfkey
    return client


HalfkeyClient = Annotated[Halfkey, Depends(get_client)]
"""The type of a parameter that gets the application's client."""
