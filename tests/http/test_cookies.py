"""What goes out as a cookie is what a browser sends back, to the letter."""

import pytest
from starlette.responses import Response

from keycell.http.cookies import put_cookie


def line_of(name: str, value: str, seconds: int | None, **how: bool) -> str:
    response = Response()
    put_cookie(response, name, value, seconds, **how)
    return response.headers["set-cookie"]


def test_of_ours_no_script_reads_and_no_other_site_sends() -> None:
    """RFC6265-4.1."""
    found = line_of("__Host-a", "b.c_d-e", 60, is_secure=True)
    assert found == "__Host-a=b.c_d-e; HttpOnly; Max-Age=60; Path=/; SameSite=lax; Secure"
    assert line_of("a", "", 0, is_secure=False) == "a=; HttpOnly; Max-Age=0; Path=/; SameSite=lax"
    assert "Max-Age" not in line_of("a", "b", None, is_secure=True)


def test_one_in_a_frame_of_another_site_is_sent_there() -> None:
    """OIDCSM-3.3."""
    found = line_of("a", "b", 60, is_secure=True, is_framed=True)
    assert found == "a=b; Max-Age=60; Path=/; SameSite=none; Secure"
    # Browsers drop one that says None and is not Secure.
    assert line_of("a", "b", 60, is_secure=False, is_framed=True).endswith("SameSite=lax")


@pytest.mark.parametrize("value", ["a;b", "a b", 'a"b', "a,b", "a\\b", "a\r\nb", "é", "a\x7f"])
def test_what_would_need_quotes_is_no_cookie(value: str) -> None:
    """RFC6265-4.1.1: else another attribute, or another header, could be written by a value."""
    with pytest.raises(ValueError, match="quoted"):
        line_of("a", value, 60, is_secure=True)
    with pytest.raises(ValueError, match="quoted"):
        line_of(value, "a", 60, is_secure=True)


def test_what_forms_and_seals_are_made_of_is_one() -> None:
    """RFC6265-4.1.1."""
    value = "to=%2Ffiles&x=1!#$'()*+-./:<>?@[]^_`{|}~"
    assert line_of("a", value, 60, is_secure=True).startswith(f"a={value};")
