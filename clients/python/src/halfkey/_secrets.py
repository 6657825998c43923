"""What an owner asks of secrets and the workspace."""

from __future__ import annotations

from typing import Any

from . import _check as rules
from ._errors import HalfkeyError, raise_if_invalid
from ._flow import Flow
from ._http import json_body, query
from ._owner import SECRET_FIELDS, Owner, open_with_any
from ._protocol.encoding import b64
from ._protocol.owner import open_meta, open_meta_json, seal_meta, workspace_check
from ._read import read, read_list
from ._records import Attached, Delivery, Page, Pagination, SecretDetails, SecretEvent, Stats, Workspace


def read_page(items: list[Any], pagination: object) -> Page[Any]:
    """One page of a list."""
    return Page(items, read(Pagination, pagination))


def open_details(owner: Owner, data: object, *, listed: bool = False) -> SecretDetails:
    """A secret's record, with what the workspace key opens of it; in lists, one that doesn't open must not hide others."""
    wire = data if isinstance(data, dict) else {}
    meta, slug = wire.get("meta"), wire.get("slug")
    opened: dict[str, Any] = {}
    failed = False
    if meta is not None and owner.workspace_keys:
        try:
            opened = open_with_any(owner.workspace_keys, lambda key: open_meta(key, str(slug), meta))
        except HalfkeyError:
            if not listed:
                raise
            failed = True
    return read(
        SecretDetails,
        data,
        description=opened.get("description"),
        message=opened.get("note"),
        attachments=[Attached(name) for name in opened.get("files", [])],
        fragment=opened.get("fragment"),
        meta_error=failed,
    )


def list_secrets(
    owner: Owner, status: str | None, limit: int | None, page: int | None, creator: str | None
) -> Flow[Page[SecretDetails]]:
    """One page, newest first."""
    rules.check(
        status=(status, rules.SECRET_STATUS),
        limit=(limit, rules.LIMIT),
        page=(page, rules.PAGE),
        creator=(creator, rules.TEXT),
    )
    path = query("/secrets", status=status, per_page=limit, page=page, creator=creator)
    reply = yield from owner.call("GET", path)
    items = reply.data if isinstance(reply.data, list) else [None]
    return read_page([open_details(owner, item, listed=True) for item in items], reply.pagination)


def _check_one(slug: str, manage_key: str | None) -> None:
    rules.check("slug", slug=(slug, rules.SLUG), manage_key=(manage_key, rules.KEY))


def get_details(owner: Owner, slug: str, manage_key: str | None) -> Flow[SecretDetails]:
    """Everything about a secret but its content."""
    _check_one(slug, manage_key)
    reply = yield from owner.call("GET", f"/secrets/{slug}", manage_key=manage_key)
    return open_details(owner, reply.data)


def delete(owner: Owner, slug: str, purge: bool, manage_key: str | None) -> Flow[None]:
    """Burn a secret."""
    _check_one(slug, manage_key)
    yield from owner.call("DELETE", f"/secrets/{slug}{'?purge=true' if purge else ''}", manage_key=manage_key)


def get_events(owner: Owner, slug: str, manage_key: str | None) -> Flow[list[SecretEvent]]:
    """Who did what to a secret, oldest first."""
    _check_one(slug, manage_key)
    reply = yield from owner.call("GET", f"/secrets/{slug}/events", manage_key=manage_key)
    return read_list(SecretEvent, reply.data)


def patch(
    owner: Owner,
    slug: str,
    hours: float | None,
    views: int | None,
    unlock: bool,
    description: str | None,
    manage_key: str | None,
) -> Flow[SecretDetails]:
    """Shorten, lower, unlock or describe."""
    rules.check(
        "slug",
        slug=(slug, rules.SLUG),
        hours=(hours, rules.HOURS),
        views=(views, rules.VIEWS),
        unlock=(unlock, rules.BOOLEAN),
        description=(description, rules.TEXT),
        manage_key=(manage_key, rules.KEY),
    )
    if hours is None and views is None and not unlock and description is None:
        raise_if_invalid({"options": ["nothing to change: give at least one option"]})
    meta = None
    if description is not None:
        meta = yield from describe(owner, f"/secrets/{slug}", slug, description, manage_key)
    fields = {
        "expires_in": None if hours is None else rules.seconds_of(hours),
        "maximum_views": views,
        "unlock": True if unlock else None,
        "meta": meta,
    }
    body = json_body(fields)
    reply = yield from owner.call("PATCH", f"/secrets/{slug}", manage_key=manage_key, body=body, fields=SECRET_FIELDS)
    return open_details(owner, reply.data)


def describe(owner: Owner, path: str, slug: str, description: str, manage_key: str | None = None) -> Flow[str]:
    """Sealed metadata with another description; all other members stay, those of later versions included."""
    workspace_key = yield from owner.sealing_key("description")
    reply = yield from owner.call("GET", path, manage_key=manage_key)
    meta = reply.data.get("meta") if isinstance(reply.data, dict) else None
    opened: dict[str, Any] = {}
    if meta is not None:
        opened = open_with_any(owner.workspace_keys, lambda key: open_meta_json(key, slug, meta))
    return seal_meta(workspace_key, slug, {**opened, "description": description})


def get_stats(owner: Owner) -> Flow[Stats]:
    """The workspace's numbers."""
    reply = yield from owner.call("GET", "/stats")
    return read(Stats, reply.data)


def set_workspace_check(owner: Owner) -> Flow[Workspace]:
    """Set the workspace's check value, once and for all."""
    check = b64(workspace_check(owner.require_workspace_key("workspace_key")))
    reply = yield from owner.call("PUT", "/workspace/check", body=json_body({"workspace_check": check}))
    return read(Workspace, reply.data)


def own_check(owner: Owner) -> str:
    """The check value of the client's first key."""
    if not owner.kms_keys:
        owner.require_workspace_key("workspace_key")
    named = [key for key in owner.kms_keys if key.name]
    return (named or list(owner.kms_keys))[0].check


def send_notice(owner: Owner, slug: str, email: str) -> Flow[Delivery]:
    """Have the server tell a recipient that a secret is waiting. Never retried: each call sends an e-mail."""
    rules.check("slug", "email", slug=(slug, rules.SLUG), email=(email, rules.EMAIL))
    body = json_body({"email": email})
    reply = yield from owner.call("POST", f"/secrets/{slug}/notice", body=body, retry=False)
    return read(Delivery, reply.data)
