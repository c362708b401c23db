"""Grants as rows, and rows as grants."""

from functools import lru_cache

import msgspec

from keycell.accounts.audit import Origin
from keycell.accounts.sessions import LONGEST_AGENT
from keycell.oauth.actors import act_json, read_act
from keycell.oauth.claims import NO_CLAIMS, Authentication, ClaimsRequest
from keycell.oauth.confirmation import confirmation_kept, kept_confirmation
from keycell.oauth.details import Details, details_json, details_of
from keycell.oauth.grants import CodeState, Grant, RefreshState
from keycell.provider.ports import Held, OpaqueToken, Standing
from keycell.stores.account_rows import joined_account
from keycell.stores.columns import document, micros, moment, unwords, words
from keycell.stores.database import Row
from keycell.stores.schema import grants

# What a join gives is cut where the second table begins; of columns of one name, the first has it.
_CUT = len(grants.c)
_KEPT = 1_000
"""What of a grant never changes is made once, as long as its columns are the same (0041)."""
_NO_CODE: dict[str, object] = {
    "code_digest": None,
    "code_expires_at": None,
    "redirect_uri": None,
    "redirect_uri_was_sent": 0,
    "code_challenge": None,
    "nonce": None,
}


def grant_row(grant: Grant, origin: Origin) -> dict[str, object]:
    """Give the columns of a new grant."""
    code = grant.code
    return {
        "grant_id": grant.grant_id,
        "client_id": grant.client_id,
        "sub": grant.sub,
        "sid": grant.sid,
        "scope": words(grant.scope),
        "audience": " ".join(grant.audience),
        "auth_time": micros(grant.authentication.auth_time),
        "acr": grant.authentication.acr,
        "amr": " ".join(grant.authentication.amr),
        "claims": _claims_text(grant.claims),
        "created_at": micros(grant.created_at),
        "expires_at": micros(grant.expires_at),
        "purge_at": micros(grant.expires_at),
        **_code_row(code),
        "was_repeated": 0,
        "shadow_run": 0,
        "details": details_text(grant.details),
        "jkt": kept_confirmation(grant.cnf),
        "ip": origin.ip,
        "user_agent": origin.user_agent[:LONGEST_AGENT],
        "ends_at": micros(grant.ends_at),
    }


def used_from(origin: Origin) -> dict[str, object]:
    """Give the columns of where a grant is used, named as parameters of an update."""
    return {"b_ip": origin.ip, "b_user_agent": origin.user_agent[:LONGEST_AGENT]}


def _code_row(code: CodeState | None) -> dict[str, object]:
    if code is None:
        return _NO_CODE
    return {
        "code_digest": code.digest,
        "code_expires_at": micros(code.expires_at),
        "redirect_uri": code.redirect_uri,
        "redirect_uri_was_sent": int(code.redirect_uri_was_sent),
        "code_challenge": code.code_challenge,
        "nonce": code.nonce,
    }


def refresh_row(refresh: RefreshState | None) -> dict[str, object]:
    """Give the columns of a refresh token's state, named as parameters of an update."""
    if refresh is None:
        return dict.fromkeys(
            (
                "b_family_digest", "b_refresh_digest", "b_refresh_expires_at",
                "b_previous_digest", "b_rotated_at", "b_sealed",
            )
        ) | {"b_shadow_run": 0}  # fmt: skip
    return {
        "b_family_digest": refresh.family_digest,
        "b_refresh_digest": refresh.digest,
        "b_refresh_expires_at": micros(refresh.expires_at),
        "b_previous_digest": refresh.previous_digest,
        "b_rotated_at": micros(refresh.rotated_at),
        "b_sealed": refresh.sealed,
        "b_shadow_run": refresh.shadow_run,
    }


def grant_of(row: Row) -> Grant:
    """Give the grant that a row keeps."""
    return Grant(
        grant_id=row.grant_id,
        client_id=row.client_id,
        sub=row.sub,
        sid=row.sid,
        scope=unwords(row.scope),
        audience=tuple(row.audience.split(" ")),
        authentication=_authentication_of(row),
        created_at=moment(row.created_at),
        expires_at=moment(row.expires_at),
        claims=_claims_of(row.claims),
        code=_code_of(row),
        refresh=_refresh_of(row) if row.refresh_digest is not None else None,
        revoked_at=moment(row.revoked_at),
        details=details_in(row.details),
        cnf=confirmation_kept(row.jkt),
        ends_at=moment(row.ends_at),
        ip=row.ip or "",
        user_agent=row.user_agent or "",
    )


def held_of(row: Row) -> Held:
    """Give the grant, and the account beside it."""
    account = None if row[_CUT] is None else joined_account(row[_CUT:])
    return Held(grant_of(row), account)


def standing_of(row: Row) -> Standing:
    """Give what a grant's access tokens stand for."""
    account = joined_account(row[5:])
    return Standing(account, _authentication_of(row), _claims_of(row.claims), moment(row.ends_at))


def _authentication_of(row: Row) -> Authentication:
    return _authentication(row.auth_time, row.acr, row.amr)


@lru_cache(maxsize=_KEPT)
def _authentication(auth_time: int, acr: str, amr: str) -> Authentication:
    return Authentication(auth_time=moment(auth_time), acr=acr, amr=tuple(amr.split(" ")))


def _code_of(row: Row) -> CodeState | None:
    if row.code_digest is None:
        return None
    return CodeState(
        digest=row.code_digest,
        expires_at=moment(row.code_expires_at),
        redirect_uri=row.redirect_uri,
        redirect_uri_was_sent=bool(row.redirect_uri_was_sent),
        code_challenge=row.code_challenge,
        nonce=row.nonce,
        spent_at=moment(row.code_spent_at),
    )


def _refresh_of(row: Row) -> RefreshState:
    return RefreshState(
        family_digest=row.family_digest,
        digest=row.refresh_digest,
        expires_at=moment(row.refresh_expires_at),
        previous_digest=row.previous_digest,
        rotated_at=moment(row.rotated_at),
        sealed=row.sealed,
        was_repeated=bool(row.was_repeated),
        shadow_run=row.shadow_run,
    )


def _claims_text(claims: ClaimsRequest) -> str:
    kept = {
        name: list(value)
        for name, value in (
            ("userinfo", sorted(claims.userinfo)),
            ("id_token", sorted(claims.id_token)),
            ("locales", claims.locales),
        )
        if value
    }
    return document(kept) if kept else ""


def _claims_of(text: str) -> ClaimsRequest:
    if not text:
        return NO_CLAIMS
    kept = msgspec.json.decode(text)
    return ClaimsRequest(
        frozenset(kept.get("userinfo", ())),
        frozenset(kept.get("id_token", ())),
        locales=tuple(kept.get("locales", ())),
    )


def details_text(details: Details) -> str | None:
    """Give authorization details as a column keeps them: nothing where there are none."""
    return document(details_json(details)) if details else None


def details_in(text: str | None) -> Details:
    """Give the authorization details that a column keeps."""
    return details_of(msgspec.json.decode(text)) if text else ()


def opaque_row(token: OpaqueToken) -> dict[str, object]:
    """Give the columns of an opaque access token."""
    return {
        "digest": token.digest,
        "jti": token.jti,
        "grant_id": token.grant_id,
        "client_id": token.client_id,
        "sub": token.sub,
        "scope": words(token.scope),
        "audience": " ".join(token.audience),
        "issued_at": micros(token.issued_at),
        "expires_at": micros(token.expires_at),
        "purge_at": micros(token.expires_at),
        "details": details_text(token.details),
        "jkt": kept_confirmation(token.cnf),
        "act": document(act_json(token.act)) if token.act else None,
    }


def opaque_of(row: Row) -> OpaqueToken:
    """Give the opaque access token that a row keeps."""
    return OpaqueToken(
        digest=row.digest,
        jti=row.jti,
        grant_id=row.grant_id,
        client_id=row.client_id,
        sub=row.sub,
        scope=unwords(row.scope),
        audience=tuple(row.audience.split(" ")),
        issued_at=moment(row.issued_at),
        expires_at=moment(row.expires_at),
        details=details_in(row.details),
        cnf=confirmation_kept(row.jkt),
        act=read_act(msgspec.json.decode(row.act)) if row.act else (),
    )
