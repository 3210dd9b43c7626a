"""HMAC-SHA-256 is what everybody's is."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnest.record.mac import BLOCK, mac


@given(st.binary(max_size=BLOCK), st.binary(max_size=300))
def test_it_is_that_of_the_standard_library(key: bytes, said: bytes) -> None:
    assert mac(key, said) == hmac.digest(key, said, "sha256")


def test_the_first_case_of_rfc_4231() -> None:
    assert mac(b"\x0b" * 20, b"Hi There").hex() == (
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    )


def test_a_key_that_would_be_hashed_first_is_refused() -> None:
    with pytest.raises(ValueError, match="no longer than a block"):
        mac(b"k" * (BLOCK + 1), b"")
