"""Named secrets, through the real server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

import halfkey
from halfkey import HalfkeySync
from halfkey._protocol.encoding import b64, random_key

from .conftest import Server


def test_versions_are_put_listed_rolled_back_and_destroyed(owner: HalfkeySync) -> None:
    kms = owner.kms
    assert kms.put("life/a", "one", name="A", properties={"user": "app"}, whitelist="127.0.0.1").version == 1
    assert kms.put("life/a", b"\x00two").version == 2
    assert kms.reveal("life/a").content == b"\x00two"
    assert kms.reveal("life/a", version=1).text == "one"
    assert kms.rollback("life/a", 1).version == 3
    assert kms.reveal("life/a").text == "one"
    assert [version.version for version in kms.versions("life/a")] == [3, 2, 1]
    kms.destroy_version("life/a", 2)
    with pytest.raises(halfkey.PermissionDenied):
        kms.reveal("life/a", version=2)
    entry = kms.get("life/a")
    assert (entry.name, entry.properties, entry.whitelist, entry.versions) == (
        "A",
        {"user": "app"},
        ["127.0.0.1"],
        2,
    )
    assert kms.events("life/a", limit=1).events[0].type == "kms.denied"
    kms.delete("life/a")
    with pytest.raises(halfkey.NotFound):
        kms.get("life/a")
    assert kms.put("life/a", "again").version == 4


def test_an_update_changes_what_is_given_and_nothing_else(owner: HalfkeySync) -> None:
    owner.kms.put("update/a", "x", name="A", properties={"a": 1}, whitelist=["10.0.0.0/8"], rotate_after=86_400)
    changed = owner.kms.update("update/a", properties={"b": 2}, rotate_after=None)
    assert (changed.name, changed.properties, changed.rotate_after) == ("A", {"b": 2}, None)
    assert changed.whitelist == ["10.0.0.0/8"]
    assert owner.kms.update("update/a", whitelist=None).whitelist == []
    with pytest.raises(halfkey.ValidationError):
        owner.kms.update("update/a")


def test_concurrent_puts_lose_no_value(owner: HalfkeySync) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda number: owner.kms.put("race/a", f"{number}").version, range(24)))
    assert sorted(made) == list(range(1, 25))
    values = {owner.kms.reveal("race/a", version=version).text for version in made}
    assert values == {f"{number}" for number in range(24)}


def test_a_named_version_is_put_or_refused(owner: HalfkeySync) -> None:
    owner.kms.put("named/a", "x", version=1)
    with pytest.raises(halfkey.Conflict) as caught:
        owner.kms.put("named/a", "y", version=1)
    assert caught.value.details["newest"] == 1


def test_a_key_that_doesn_t_cover_a_handler_sends_nothing(owner: HalfkeySync) -> None:
    key = owner.kms.derive_key("covered/")
    with HalfkeySync("http://127.0.0.1:1", token="hkt_a_b", workspace_key=key, retries=0) as machine:
        for call in (machine.kms.reveal, machine.kms.get, machine.kms.derive_key):
            with pytest.raises(halfkey.KeyNotCovering):
                call("other/a")
        with pytest.raises(halfkey.KeyNotCovering):
            machine.kms.put("coveredx", "y")
        with pytest.raises(halfkey.ValidationError):
            machine.create("x", description="a folder key can't seal this")


def test_another_workspace_s_key_writes_nothing(server: Server, owner: HalfkeySync) -> None:
    owner.kms.put("foreign/a", "x", name="A")
    with HalfkeySync(server.url, token=server.token, workspace_key=b64(random_key())) as other:
        with pytest.raises(halfkey.WrongKey):
            other.kms.put("foreign/a", "y")
        with pytest.raises(halfkey.WrongKey):
            other.kms.reveal("foreign/a")
        assert [entry.meta_error for entry in other.kms.entries(prefix="foreign/")] == [True]
    assert owner.kms.get("foreign/a").version == 1


def test_a_kept_value_is_used_until_it_is_too_old_or_replaced(server: Server) -> None:
    with HalfkeySync(server.url, token=server.token, workspace_key=server.workspace_key) as client:
        client.kms.put("kept/a", "one")
        assert client.kms.reveal("kept/a", ttl=60).text == "one"
        with HalfkeySync(server.url, token=server.token, workspace_key=server.workspace_key) as other:
            other.kms.put("kept/a", "two")
        assert client.kms.reveal("kept/a", ttl=60).text == "one"
        assert client.kms.reveal("kept/a").text == "two"
        client.kms.put("kept/a", "three")
        assert client.kms.reveal("kept/a", ttl=60).text == "three"
