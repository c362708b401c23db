"""Every call about one's own account, in one table: its address below `PREFIX`."""

from collections.abc import Mapping

from keycell.administration.call import Call, Nothing
from keycell.administration.tokens import Wanted
from keycell.own import (
    access,
    exporting,
    freezing,
    known,
    launching,
    letters,
    password,
    person,
    tokens,
    trusted,
)
from keycell.own.holder import Holder, Paging

PREFIX = "/a/keycell/account/"

CALLS: Mapping[str, Mapping[str, Call[Holder]]] = {
    "profile": {
        "GET": Call(Nothing, person.profile),
        "PUT": Call(person.Changing, person.changed),
    },
    "password": {"PUT": Call(password.Choosing, password.chosen)},
    "security": {"GET": Call(Nothing, person.security)},
    "not-me": {"POST": Call(Nothing, freezing.asked)},
    "activity": {"GET": Call(Paging, person.activity)},
    "export": {"GET": Call(Nothing, exporting.exported, is_grave=True)},
    "letters": {
        "GET": Call(Nothing, letters.listed),
        "PUT": Call(letters.Choosing, letters.chosen),
    },
    "sessions/known": {"PUT": Call(Nothing, known.know_all)},
    "sessions": {
        "GET": Call(Nothing, access.sessions),
        "DELETE": Call(Nothing, access.ended_others),
    },
    "sessions/{sid}": {"DELETE": Call(access.NamedSession, access.ended_session)},
    "trusted-browsers": {
        "GET": Call(Nothing, trusted.listed),
        "DELETE": Call(Nothing, trusted.ended_all),
    },
    "trusted-browsers/{trust_id}": {"DELETE": Call(trusted.Named, trusted.ended)},
    "launcher": {"GET": Call(Nothing, launching.listed)},
    "tokens": {
        "GET": Call(Nothing, tokens.listed),
        "POST": Call(Wanted, tokens.made, is_grave=True),
    },
    "tokens/{token_id}": {"DELETE": Call(tokens.Named, tokens.ended)},
    "tokens/{token_id}/secret": {"POST": Call(tokens.Renewing, tokens.renewed, is_grave=True)},
    "requests": {"GET": Call(Nothing, access.requests)},
    "grants/{grant_id}": {"DELETE": Call(access.NamedGrant, access.ended_grant)},
    "applications": {"GET": Call(Nothing, access.applications)},
    "applications/{client_id}": {
        "DELETE": Call(access.NamedApplication, access.ended_application)
    },
    "applications/{client_id}/sessions": {
        "DELETE": Call(access.NamedApplication, access.signed_out)
    },
}
