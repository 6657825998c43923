"""Named secrets for backends (section 8)."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from . import _check as rules
from ._errors import Conflict, HalfkeyError, NotFound, PayloadTooLarge, Tampered, WrongKey, raise_if_invalid
from ._flow import Flow, sleep
from ._http import NULL, json_body, query
from ._owner import Owner, open_with_any
from ._protocol.encoding import Key, as_integer, b64, to_json, unb64_key, utf8
from ._protocol.kms import (
    KmsKey,
    covers,
    derive_key,
    format_key,
    not_covering,
    open_kms_meta,
    open_version,
    seal_kms_meta,
    seal_version,
)
from ._read import malformed_reply, read, read_list, read_text
from ._records import KmsEntry, KmsEvents, KmsPut, KmsRevealed, KmsVersion, Page
from ._secrets import read_page

_MAX_VALUE_BYTES = 2**20
_MAX_PATCHES = 10
"""Attempts to change a name or properties while others change them too."""
_MAX_PUTS = 200
"""Attempts to put a version while others put theirs. With the waits between them, they take up to a minute."""
_MAX_WAIT = 0.5
"""Seconds: the wait after a lost race grows with the number of races lost, up to this."""

UNCHANGED: Any = type("_Unchanged", (), {"__repr__": lambda self: "UNCHANGED"})()
"""For options where None has a meaning of its own: leaves it as it is."""


def _path(handler: str) -> str:
    return f"/kms/{quote(handler, safe='')}"


def _nullable(value: Any) -> Any:
    """A field that may be null: left out unless it was given."""
    return None if value is UNCHANGED else NULL if value is None else value


def _whitelist(value: Any) -> list[str] | None:
    """None: not given. An empty list: from anywhere."""
    if value is UNCHANGED:
        return None
    return [] if value is None else rules.list_of(value)


def _given(value: Any) -> Any:
    return None if value is UNCHANGED else value


class KmsCore:
    """``client.kms``."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self._check: str | None = None
        self._asked = False
        self._cache: dict[tuple[str, int | None], tuple[float, KmsRevealed]] = {}
        self._lock = threading.Lock()

    def derive_key(self, name: str) -> str:
        """The text of a folder key or an entry key. Sends nothing."""
        rules.check("name", name=(name, rules.KEY_NAME))
        return format_key(self.owner.keys_for("derive_key", name)[0], name)

    def put(
        self,
        handler: str,
        value: str | bytes,
        name: str | None,
        properties: dict[str, Any] | None,
        whitelist: Any,
        expires_in: int | None,
        rotate_after: Any,
        version: int | None,
    ) -> Flow[KmsPut]:
        """Seal a value and store it as a new version."""
        rules.check(
            "handler",
            "value",
            handler=(handler, rules.HANDLER),
            value=(value, rules.CONTENT),
            name=(name, rules.TEXT),
            properties=(properties, rules.PROPERTIES),
            whitelist=(_given(whitelist), rules.NETWORKS),
            expires_in=(expires_in, rules.SECONDS),
            rotate_after=(_given(rotate_after), rules.SECONDS),
            version=(version, rules.VERSION),
        )
        content = utf8(value) if isinstance(value, str) else bytes(value)
        if len(content) > _MAX_VALUE_BYTES:
            raise PayloadTooLarge(
                "The value is larger than 1 MiB. Nothing was sent.",
                details={"limit": "value", "maximum_bytes": _MAX_VALUE_BYTES},
            )
        fields = {
            "whitelist": _whitelist(whitelist),
            "expires_in": expires_in,
            "rotate_after": _nullable(rotate_after),
        }
        return self._put(handler, Key(content), _meta_of(name, properties), fields, version)

    def _put(
        self, handler: str, content: Key, meta: dict[str, Any] | None, fields: dict[str, Any], version: int | None
    ) -> Flow[KmsPut]:
        """Put as ``version``, or as the newest + 1 while others put theirs at the same time."""
        self._forget(handler)
        newest = 0
        for lost in range(_MAX_PUTS):
            key, readers = yield from self._choose("put", handler)
            entry = yield from self._find(handler)
            _open_meta(readers, handler, entry)
            newest = max(newest, as_integer((entry or {}).get("version")) or 0)
            try:
                number = yield from self._attempt(key, handler, version or newest + 1, content, meta, fields)
            except Conflict as error:
                if not self._is_replaced(key, error):
                    named = as_integer(error.details.get("newest"))
                    if version is not None or named is None:
                        raise
                    newest = named
            else:
                return KmsPut(handler, number)
            if lost > 0:
                yield from sleep(random.random() * min(_MAX_WAIT, 0.005 * lost))  # noqa: S311
        raise Conflict(
            f"The server refused {_MAX_PUTS} attempts to put {handler}, because something else changed first each time. "
            "Nothing was stored. Try again when fewer programs write to it. If it keeps failing, check the server."
        )

    def _attempt(
        self,
        key: KmsKey,
        handler: str,
        version: int,
        content: Key,
        meta: dict[str, Any] | None,
        fields: dict[str, Any],
    ) -> Flow[int]:
        """One attempt at one number. ``keyA``, salt and iv are new, so that only a repeat of it has the same bytes."""
        entry_key = derive_key(key, handler)
        key_a, envelope = seal_version(entry_key, handler, version, content)
        body = json_body(
            {
                "version": version,
                "key_a": b64(key_a),
                "envelope": envelope,
                "meta": None if meta is None else seal_kms_meta(entry_key, handler, meta),
                **fields,
                "workspace_check": key.check,
            }
        )
        reply = yield from self.owner.call("PUT", _path(handler), body=body)
        return _version_of(reply.data)

    def reveal(self, handler: str, version: int | None, ttl: int | None) -> Flow[KmsRevealed]:
        """The newest value, or that of a version."""
        rules.check("handler", handler=(handler, rules.HANDLER), version=(version, rules.VERSION), ttl=(ttl, rules.TTL))
        cached = None if ttl is None else self._cached(handler, version, ttl)
        if cached:
            return cached
        keys = self.owner.keys_for("reveal", handler)
        number, content = yield from self._reveal(keys, handler, version)
        revealed = KmsRevealed(handler, number, content)
        if ttl is not None:
            with self._lock:
                self._cache[handler, version] = (time.monotonic() + ttl, revealed)
        return revealed

    def _reveal(self, keys: Sequence[KmsKey], handler: str, version: int | None) -> Flow[tuple[int, bytes]]:
        body = json_body({"version": version})
        data = (yield from self.owner.call("POST", f"{_path(handler)}/reveal", body=body)).data
        number = _version_of(data)
        if version is not None and number != version:
            raise Tampered("The server answered with another version.")
        key_a = unb64_key(read_text(data, "key_a"))
        envelope = data.get("envelope")
        content = open_with_any(
            keys, lambda key: open_version(derive_key(key, handler), handler, number, key_a, envelope)
        )
        return number, content

    def list_page(self, prefix: str | None, limit: int | None, page: int | None) -> Flow[Page[KmsEntry]]:
        """One page, by handler."""
        rules.check(prefix=(prefix, rules.PREFIX), limit=(limit, rules.LIMIT), page=(page, rules.PAGE))
        reply = yield from self.owner.call("GET", query("/kms", prefix=prefix, per_page=limit, page=page))
        items = reply.data if isinstance(reply.data, list) else [None]
        keys = self.owner.kms_keys
        return read_page([_open_entry(keys, item, listed=True) for item in items], reply.pagination)

    def get(self, handler: str) -> Flow[KmsEntry]:
        """Everything but the value."""
        rules.check("handler", handler=(handler, rules.HANDLER))
        keys = self.owner.kms_keys
        if keys and not any(covers(key, handler) for key in keys):
            raise not_covering(handler)
        return _open_entry(keys, (yield from self._one(handler)))

    def update(
        self,
        handler: str,
        name: str | None,
        properties: dict[str, Any] | None,
        whitelist: Any,
        expires_in: Any,
        rotate_after: Any,
    ) -> Flow[KmsEntry]:
        """Change anything but the value."""
        rules.check(
            "handler",
            handler=(handler, rules.HANDLER),
            name=(name, rules.TEXT),
            properties=(properties, rules.PROPERTIES),
            whitelist=(_given(whitelist), rules.NETWORKS),
            expires_in=(_given(expires_in), rules.SECONDS),
            rotate_after=(_given(rotate_after), rules.SECONDS),
        )
        fields = {
            "whitelist": _whitelist(whitelist),
            "expires_in": _nullable(expires_in),
            "rotate_after": _nullable(rotate_after),
        }
        changes = _meta_of(name, properties)
        if changes is None and all(value is None for value in fields.values()):
            raise_if_invalid({"options": ["nothing to change: give at least one option"]})
        data = yield from self._patch(handler, changes, fields)
        return _open_entry(self.owner.kms_keys, data)

    def _patch(self, handler: str, changes: dict[str, Any] | None, fields: dict[str, Any]) -> Flow[dict[str, Any]]:
        """Try again if somebody else changed name or properties meanwhile. Without any key, fields alone."""
        if changes is None and not self.owner.kms_keys:
            return (yield from self._send_patch(handler, fields))
        for left in reversed(range(_MAX_PATCHES)):
            key, readers = yield from self._choose("name", handler)
            entry = yield from self._one(handler)
            opened = _open_meta(readers, handler, entry)
            sealed: dict[str, Any] = {}
            if changes is not None:
                meta = entry.get("meta")
                sealed = {
                    "meta": seal_kms_meta(derive_key(key, handler), handler, {**opened, **changes}),
                    "previous_meta": NULL if meta is None else meta,
                    "workspace_check": key.check,
                }
            try:
                return (yield from self._send_patch(handler, {**fields, **sealed}))
            except Conflict as error:
                if left == 0:
                    raise
                self._is_replaced(key, error)
        raise AssertionError

    def _send_patch(self, handler: str, fields: dict[str, Any]) -> Flow[dict[str, Any]]:
        reply = yield from self.owner.call("PATCH", _path(handler), body=json_body(fields))
        return _entry_of(handler, reply.data)

    def versions(self, handler: str, limit: int | None, page: int | None) -> Flow[Page[KmsVersion]]:
        """One page, newest first."""
        rules.check("handler", handler=(handler, rules.HANDLER), limit=(limit, rules.LIMIT), page=(page, rules.PAGE))
        path = query(f"{_path(handler)}/versions", per_page=limit, page=page)
        reply = yield from self.owner.call("GET", path)
        return read_page(read_list(KmsVersion, reply.data), reply.pagination)

    def events(self, handler: str, before: int | None, limit: int | None) -> Flow[KmsEvents]:
        """Who did what, newest first."""
        rules.check(
            "handler",
            handler=(handler, rules.HANDLER),
            before=(before, rules.ENTRY_ID),
            limit=(limit, rules.LOG_LIMIT),
        )
        path = query(f"{_path(handler)}/events", before=before, limit=limit)
        return read(KmsEvents, (yield from self.owner.call("GET", path)).data)

    def rollback(self, handler: str, to_version: int) -> Flow[KmsPut]:
        """Put the value of an older version as a new one."""
        rules.check("handler", "to_version", handler=(handler, rules.HANDLER), to_version=(to_version, rules.VERSION))
        keys = self.owner.keys_for("rollback", handler)
        _, content = yield from self._reveal(keys, handler, to_version)
        return (yield from self._put(handler, Key(content), None, {}, None))

    def destroy_version(self, handler: str, version: int) -> Flow[None]:
        """Destroy a version's value."""
        rules.check("handler", "version", handler=(handler, rules.HANDLER), version=(version, rules.VERSION))
        self._forget(handler)
        yield from self.owner.call("DELETE", f"{_path(handler)}/versions/{version}")

    def delete(self, handler: str) -> Flow[None]:
        """Destroy every version."""
        rules.check("handler", handler=(handler, rules.HANDLER))
        self._forget(handler)
        yield from self.owner.call("DELETE", _path(handler))

    def _choose(self, what: str, handler: str) -> Flow[tuple[KmsKey, list[KmsKey]]]:
        """The key to seal with, which the workspace's check value names, and those that may open what is there.

        :raises WrongKey: if the workspace has none of the keys; nothing was sent
        """
        keys = self.owner.keys_for(what, handler)
        if not self._asked:
            self._check = (yield from self.owner.workspace()).workspace_check
        key = next((key for key in keys if self._check in (None, key.check)), None)
        # Not kept if none fits: the workspace may get one that does.
        self._asked = key is not None
        if key is None:
            raise WrongKey("This isn't the workspace's key. Nothing was sent.")
        # During a rekey the old key still opens what the new one, which the workspace already has, is going to seal.
        others = [] if self._check is None else [other for other in keys if other is not key]
        return key, [key, *others]

    def _is_replaced(self, key: KmsKey, refusal: Conflict) -> bool:
        """Whether a write was refused because the workspace has come to have another key: the next choice respects it."""
        check = refusal.details.get("workspace_check")
        if not isinstance(check, str) or check == key.check:
            return False
        self._check, self._asked = check, True
        return True

    def _find(self, handler: str) -> Flow[dict[str, Any] | None]:
        try:
            return (yield from self._one(handler))
        except NotFound:
            return None

    def _one(self, handler: str) -> Flow[dict[str, Any]]:
        return _entry_of(handler, (yield from self.owner.call("GET", _path(handler))).data)

    def _cached(self, handler: str, version: int | None, ttl: int) -> KmsRevealed | None:
        with self._lock:
            now = time.monotonic()
            self._cache = {name: kept for name, kept in self._cache.items() if kept[0] > now}
            until, revealed = self._cache.get((handler, version), (0.0, None))
            return revealed if until > now and until - now <= ttl else None

    def _forget(self, handler: str) -> None:
        with self._lock:
            self._cache = {name: kept for name, kept in self._cache.items() if name[0] != handler}


def _meta_of(name: str | None, properties: dict[str, Any] | None) -> dict[str, Any] | None:
    meta = {"name": name, "properties": properties}
    given = {member: value for member, value in meta.items() if value is not None}
    if properties is not None:
        try:
            to_json(properties)
        except (TypeError, ValueError, RecursionError):
            raise_if_invalid({"properties": [rules.PROPERTIES.problem]})
    return given or None


def _version_of(data: object) -> int:
    version = as_integer(data.get("version")) if isinstance(data, dict) else None
    if version is None or version < 1:
        raise malformed_reply()
    return version


def _entry_of(handler: str, data: object) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise malformed_reply()
    if data.get("handler") != handler:
        raise Tampered("The server answered with another named secret.")
    return data


def _open_meta(keys: Sequence[KmsKey], handler: str, entry: dict[str, Any] | None) -> dict[str, Any]:
    """Name and properties. Opened before every write, because what a key doesn't open, others couldn't open afterwards."""
    meta = (entry or {}).get("meta")
    if meta is None:
        return {}
    return open_with_any(keys, lambda key: open_kms_meta(derive_key(key, handler), handler, meta))


def _open_entry(keys: Sequence[KmsKey], data: object, *, listed: bool = False) -> KmsEntry:
    """With keys that don't cover it, as without any. In lists, one that doesn't open must not hide the others."""
    handler = read_text(data, "handler")
    covering = [key for key in keys if covers(key, handler)]
    opened: dict[str, Any] = {}
    failed = False
    if covering and isinstance(data, dict):
        try:
            opened = _open_meta(covering, handler, data)
        except HalfkeyError:
            if not listed:
                raise
            failed = True
    return read(KmsEntry, data, name=opened.get("name"), properties=opened.get("properties"), meta_error=failed)
