"""Secrets at rest."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from meetup.errors import AlreadyExists, MeetupError, NotFound
from meetup.storage import vault as vaults
from meetup.storage.vault import Vault

PLACE = "members.alias:aaaa"


def test_what_is_sealed_opens_in_its_place(vault: Vault) -> None:
    sealed = vault.seal(PLACE, "Ada — Großmutter")

    assert vault.open(PLACE, sealed) == "Ada — Großmutter"
    assert b"Ada" not in sealed


def test_sealing_twice_shows_no_likeness(vault: Vault) -> None:
    assert vault.seal(PLACE, "Ada") != vault.seal(PLACE, "Ada")


@pytest.mark.parametrize("place", ["members.alias:bbbb", "members.notes:aaaa", ""], ids=["row", "column", "nowhere"])
def test_it_opens_nowhere_else(vault: Vault, place: str) -> None:
    sealed = vault.seal(PLACE, "Ada")

    with pytest.raises(MeetupError, match="does not fit"):
        vault.open(place, sealed)


@pytest.mark.parametrize("at", [1, 14, -1], ids=["nonce", "text", "tag"])
def test_a_changed_byte_is_noticed(vault: Vault, at: int) -> None:
    sealed = bytearray(vault.seal(PLACE, "Ada"))
    sealed[at] ^= 1

    with pytest.raises(MeetupError, match="does not fit"):
        vault.open(PLACE, bytes(sealed))


def test_another_key_opens_nothing_and_says_so(vault: Vault) -> None:
    sealed = vault.seal(PLACE, "Ada")

    with pytest.raises(MeetupError, match="does not hold the key"):
        replace(vault, seal_keys={2: b"x" * 32}).open(PLACE, sealed)
    with pytest.raises(MeetupError, match="does not fit"):
        replace(vault, seal_keys={1: b"x" * 32}).open(PLACE, sealed)


def test_a_retired_key_still_opens_and_a_new_one_seals(vault: Vault) -> None:
    old = vault.seal(PLACE, "Ada")
    turned = replace(vault, seal_keys={**vault.seal_keys, 2: b"n" * 32})

    assert turned.open(PLACE, old) == "Ada"
    assert turned.seal(PLACE, "Ada")[0] == 2


def test_an_index_is_equal_for_equal_values_of_one_kind(vault: Vault) -> None:
    assert vault.index("alias", "ada") == vault.index("alias", "ada")
    assert len({vault.index("alias", "ada"), vault.index("address", "ada"), vault.index("alias", "ben")}) == 3


def test_a_sealing_key_makes_no_index(vault: Vault) -> None:
    swapped = replace(vault, index_keys=vault.seal_keys)

    assert swapped.index("alias", "ada") != vault.index("alias", "ada")


def test_a_value_is_looked_for_under_every_key(vault: Vault) -> None:
    turned = replace(vault, index_keys={**vault.index_keys, 2: b"n" * 32})

    assert vault.index("alias", "ada") in turned.indexes("alias", "ada")
    assert turned.index("alias", "ada") in turned.indexes("alias", "ada")
    assert len(turned.indexes("alias", "ada")) == 2


def test_a_signature_counts_for_its_purpose_and_text(vault: Vault) -> None:
    signature = vault.sign("stop", "12:3")

    assert vault.signed("stop", "12:3", signature)
    assert not vault.signed("stop", "12:4", signature)
    assert not vault.signed("confirm", "12:3", signature)
    assert not vault.signed("stop", "12:3", "")
    assert not vault.signed("stop", "12:3", "ä" + signature)
    assert not replace(vault, sign_key=b"x" * 32).signed("stop", "12:3", signature)


def test_no_key_is_ever_printed(vault: Vault) -> None:
    assert repr(vault) == "Vault(seal=[1], index=[1])"
    assert "ssss" not in f"{vault}"


def test_a_token_is_kept_as_a_hash_only() -> None:
    token = vaults.new_token()

    assert len(token) >= 27
    assert token.encode() not in vaults.hash_token(token)
    assert vaults.hash_token(token) == vaults.hash_token(token)
    assert vaults.hash_token(token) != vaults.hash_token(vaults.new_token())


def test_public_ids_are_short_and_different() -> None:
    ids = {vaults.new_id() for _ in range(200)}

    assert len(ids) == 200
    assert all(len(one) == 16 and one.isalnum() and one == one.lower() for one in ids)


def test_a_key_file_is_for_its_owner_only_and_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    made = vaults.create(path)
    before = path.read_bytes()

    with pytest.raises(AlreadyExists):
        vaults.create(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes() == before
    assert vaults.load(path).open(PLACE, made.seal(PLACE, "Ada")) == "Ada"


def test_two_installations_share_no_key(tmp_path: Path) -> None:
    one, other = (vaults.create(tmp_path / name) for name in ("one.json", "other.json"))

    keys = [*one.seal_keys.values(), *one.index_keys.values(), one.sign_key]
    keys += [*other.seal_keys.values(), *other.index_keys.values(), other.sign_key]
    assert len(set(keys)) == 6


def test_a_key_file_that_is_missing_or_broken_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")

    with pytest.raises(NotFound, match="no key file"):
        vaults.load(tmp_path / "missing.json")
    with pytest.raises(MeetupError, match="is no key file"):
        vaults.load(tmp_path / "broken.json")
