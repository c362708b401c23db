"""What becomes of codes and refresh tokens: the decisions, without a store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keycell.oauth.claims import Authentication
from keycell.oauth.errors import InvalidGrant, Replayed
from keycell.oauth.grants import (
    REPEAT_WITHIN,
    SHADOWED_AFTER,
    CodeState,
    Grant,
    RefreshState,
    Repeat,
    Rotate,
    digest,
    family_secret,
    format_code,
    format_refresh_token,
    read_code,
    read_refresh_token,
    redeem_code,
    redeem_refresh_token,
)
from keycell.oauth.pkce import s256

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
VERIFIER = "v" * 43
ID, FAMILY, ONE, TWO, THREE = ("g" * 22, "f" * 43, "1" * 43, "2" * 43, "3" * 43)
CALLBACK = "https://app.example/cb"
CODE = format_code(ID, ONE)
FIRST, SECOND_TOKEN, OLDER = (format_refresh_token(ID, FAMILY, last) for last in (ONE, TWO, THREE))
STATE = CodeState(
    digest=digest(CODE), expires_at=NOW + 60 * SECOND, redirect_uri=CALLBACK,
    redirect_uri_was_sent=True, code_challenge=s256(VERIFIER), nonce=None,
)  # fmt: skip
REFRESH = RefreshState(
    family_digest=digest(FAMILY), digest=digest(SECOND_TOKEN), expires_at=NOW + timedelta(days=1),
    previous_digest=digest(FIRST), rotated_at=NOW, sealed="sealed",
)  # fmt: skip
GRANT = Grant(
    grant_id=ID, client_id="app", sub="ann", sid=None, scope=frozenset({"openid"}), audience=(),
    authentication=Authentication(auth_time=NOW, acr="1", amr=("pwd",)), created_at=NOW,
    expires_at=NOW + timedelta(days=1), code=STATE, refresh=REFRESH,
)  # fmt: skip


def redeem(grant: Grant = GRANT, **changed: object) -> CodeState:
    given: dict[str, object] = {
        "client_id": "app", "redirect_uri": CALLBACK, "code_verifier": VERIFIER, "now": NOW,
    } | changed  # fmt: skip
    return redeem_code(grant, read_code(CODE), **given)  # type: ignore[arg-type]


def refresh(
    token: str, grant: Grant = GRANT, now: datetime = NOW, client_id: str = "app"
) -> Rotate | Repeat:
    return redeem_refresh_token(grant, read_refresh_token(token), client_id, now)


def with_refresh(**changed: object) -> Grant:
    return replace(GRANT, refresh=replace(REFRESH, **changed))  # type: ignore[arg-type]


def test_a_code_is_good_for_what_it_was_made_for() -> None:
    """RFC6749-4.1.3."""
    assert redeem() == STATE
    assert redeem(now=STATE.expires_at - SECOND) == STATE


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "other"}, {"redirect_uri": None}, {"redirect_uri": CALLBACK + "/"},
        {"code_verifier": None}, {"code_verifier": "w" * 43}, {"now": STATE.expires_at},
    ],
)  # fmt: skip
def test_whatever_does_not_fit_is_refused_and_no_more(changed: dict[str, object]) -> None:
    """RFC6749-4.1.3, decisions/0008: spent or not, it ends nothing."""
    for spent_at in (None, NOW):
        grant = replace(GRANT, code=replace(STATE, spent_at=spent_at))
        if "now" in changed and spent_at:
            continue
        with pytest.raises(InvalidGrant) as refused:
            redeem(grant, **changed)
        assert not isinstance(refused.value, Replayed)


def test_a_spent_code_that_fits_is_a_replay() -> None:
    """RFC6749-4.1.2, RFC6749-10.5."""
    with pytest.raises(Replayed) as refused:
        redeem(replace(GRANT, code=replace(STATE, spent_at=NOW)))
    assert refused.value.grant_id == ID


def test_a_redirect_uri_that_was_not_sent_need_not_be_repeated() -> None:
    """RFC6749-4.1.3."""
    grant = replace(GRANT, code=replace(STATE, redirect_uri_was_sent=False))
    assert redeem(grant, redirect_uri=None)
    assert redeem(grant)
    with pytest.raises(InvalidGrant):
        redeem(grant, redirect_uri="https://other.example/cb")


def test_an_ended_grant_gives_nothing() -> None:
    ended = replace(GRANT, revoked_at=NOW)
    for attempt in (lambda: redeem(ended), lambda: refresh(SECOND_TOKEN, ended)):
        with pytest.raises(InvalidGrant) as refused:
            attempt()
        assert not isinstance(refused.value, Replayed)


def test_the_current_refresh_token_rotates() -> None:
    """RFC6749-1.5, RFC6749-6."""
    assert refresh(SECOND_TOKEN) == Rotate()
    assert family_secret(SECOND_TOKEN) == FAMILY


def test_the_one_before_gives_the_same_successor_for_a_minute() -> None:
    """decisions/0005."""
    assert refresh(FIRST, now=NOW + REPEAT_WITHIN) == Repeat("sealed")
    with pytest.raises(Replayed):
        refresh(FIRST, now=NOW + REPEAT_WITHIN + SECOND)


@pytest.mark.parametrize(
    "grant",
    [
        with_refresh(previous_digest=None), with_refresh(sealed=None),
        with_refresh(rotated_at=None), with_refresh(shadow_run=SHADOWED_AFTER - 1),
    ],
)  # fmt: skip
def test_whatever_else_is_spent_ends_the_grant(grant: Grant) -> None:
    """RFC9700-4.14.2."""
    with pytest.raises(Replayed):
        refresh(FIRST, grant)
    with pytest.raises(Replayed):
        refresh(OLDER)


def test_anothers_replay_is_not_held_against_the_grant() -> None:
    """RFC9700-4.14.2."""
    for token in (FIRST, SECOND_TOKEN, OLDER):
        with pytest.raises(InvalidGrant) as refused:
            refresh(token, client_id="other")
        assert not isinstance(refused.value, Replayed)


def test_a_guess_is_no_replay() -> None:
    """RFC6749-10.5: without the family's secret nobody can end a grant."""
    with pytest.raises(InvalidGrant) as refused:
        refresh(format_refresh_token(ID, "x" * 43, ONE))
    assert not isinstance(refused.value, Replayed)


def test_it_expires() -> None:
    with pytest.raises(InvalidGrant) as refused:
        refresh(SECOND_TOKEN, now=REFRESH.expires_at)
    assert refused.value.description == "the refresh token has expired"


@given(st.text(max_size=80) | st.from_regex(r"kc[cr]_[\w.-]{0,120}"))
def test_what_has_not_the_form_is_refused(text: str) -> None:
    """RFC6749-5.2."""
    for read in (read_code, read_refresh_token):
        try:
            assert read(text).grant_id in text
        except InvalidGrant:
            assert len(text) < 190
