"""Bytes are kept once, for good, under their hash."""

import hashlib
import io
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources import storage


@pytest.fixture(autouse=True)
def empty_store(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"


def test_stored_bytes_are_found_by_their_hash_and_are_read_only():
    stored = storage.store(io.BytesIO(b"at dawn"))
    assert stored.sha256 == hashlib.sha256(b"at dawn").hexdigest()
    assert stored.length == 7
    with storage.open_stored(stored.sha256) as stream:
        assert stream.read() == b"at dawn"
    assert stat.S_IMODE(storage.path_of(stored.sha256).stat().st_mode) == 0o444


def test_the_same_bytes_are_kept_once():
    first, second = (storage.store(io.BytesIO(b"at dawn")) for _ in range(2))
    assert first == second
    assert len(list(storage.stored_hashes())) == 1


class Interrupted(Exception):  # noqa: N818
    """Stands for a process that ends here."""


@pytest.mark.parametrize("step", ["fsync", "rename"])
def test_an_interrupted_store_leaves_nothing_under_a_hash(monkeypatch, step):
    def interrupted(*args: object) -> None:
        raise Interrupted

    with monkeypatch.context() as patch:
        patch.setattr(os, step, interrupted)
        with pytest.raises(Interrupted):
            storage.store(io.BytesIO(b"at dawn"))
    assert list(storage.stored_hashes()) == []


def test_a_sweep_takes_old_strays_and_leaves_what_is_held_or_young():
    held = storage.store(io.BytesIO(b"held"))
    young = storage.store(io.BytesIO(b"young"))
    stray = storage.store(io.BytesIO(b"stray"))
    for old in (held, stray):
        os.utime(storage.path_of(old.sha256), (0, 0))
    storage.sweep({held.sha256})
    left = {name for name, _ in storage.stored_hashes()}
    assert left == {held.sha256, young.sha256}


def test_storing_again_keeps_bytes_from_the_sweep():
    stored = storage.store(io.BytesIO(b"at dawn"))
    os.utime(storage.path_of(stored.sha256), (0, 0))
    storage.store(io.BytesIO(b"at dawn"))
    assert storage.sweep(set()) == []


@given(st.binary(max_size=3000))
def test_any_bytes_come_back_as_they_were(data):
    stored = storage.store(io.BytesIO(data))
    with storage.open_stored(stored.sha256) as stream:
        assert stream.read() == data
