"""Personal access tokens and access keys as rows, and rows as them."""

from datetime import timedelta

from keycell.provider.personal import AccessKey, PersonalToken, kept_until, next_telling
from keycell.stores.columns import micros, moment, unwords, words
from keycell.stores.database import Row
from keycell.stores.grant_rows import details_in, details_text

_MICROSECOND = timedelta(microseconds=1)


def token_row(token: PersonalToken) -> dict[str, object]:
    """Give the row that keeps a token."""
    window = token.auto_refresh
    return {
        "token_id": token.token_id,
        "digest": token.digest,
        "kind": token.kind,
        "sub": token.sub,
        "label": token.label,
        "scope": words(token.scope),
        "details": details_text(token.details) or "",
        "expires_at": micros(token.expires_at),
        "auto_refresh": None if window is None else window // _MICROSECOND,
        "created_at": micros(token.created_at),
        "created_by": token.created_by,
        "last_used_at": micros(token.last_used_at),
        "last_used_ip": token.last_used_ip,
        "tell_at": micros(next_telling(token.created_at, token.expires_at, token.created_at)),
        "purge_at": micros(kept_until(token.created_at, token.expires_at)),
    }


def token_of(row: Row) -> PersonalToken:
    """Give the token that a row keeps."""
    window = row.auto_refresh
    return PersonalToken(
        token_id=row.token_id,
        digest=row.digest,
        kind=row.kind,
        sub=row.sub,
        label=row.label,
        scope=unwords(row.scope),
        details=details_in(row.details),
        expires_at=moment(row.expires_at),
        auto_refresh=None if window is None else timedelta(microseconds=window),
        created_at=moment(row.created_at),
        created_by=row.created_by,
        last_used_at=moment(row.last_used_at),
        last_used_ip=row.last_used_ip,
    )


def key_row(key: AccessKey) -> dict[str, object]:
    """Give the row that keeps an access key."""
    return {
        "access_key_id": key.token_id,
        "sealed": key.sealed,
        "sub": key.sub,
        "label": key.label,
        "scope": words(key.scope),
        "details": details_text(key.details) or "",
        "expires_at": micros(key.expires_at),
        "created_at": micros(key.created_at),
        "created_by": key.created_by,
        "last_used_at": micros(key.last_used_at),
        "last_used_ip": key.last_used_ip,
        "tell_at": micros(next_telling(key.created_at, key.expires_at, key.created_at)),
        "purge_at": micros(kept_until(key.created_at, key.expires_at)),
    }


def key_of(row: Row) -> AccessKey:
    """Give the access key that a row keeps."""
    return AccessKey(
        token_id=row.access_key_id,
        sealed=row.sealed,
        sub=row.sub,
        label=row.label,
        scope=unwords(row.scope),
        details=details_in(row.details),
        expires_at=moment(row.expires_at),
        created_at=moment(row.created_at),
        created_by=row.created_by,
        last_used_at=moment(row.last_used_at),
        last_used_ip=row.last_used_ip,
    )
