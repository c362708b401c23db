"""Every word of administration, in one table: its address below `PREFIX`, and what does it."""

from collections.abc import Mapping
from urllib.parse import unquote

from keycell.administration import (
    alerts,
    branding,
    client_access,
    client_acting,
    client_checks,
    client_files,
    client_lists,
    client_secrets,
    client_suite,
    client_test,
    client_tokens,
    client_trial,
    clients,
    connecting,
    factors,
    finding,
    groups,
    hooks,
    importing,
    inspecting,
    issuers,
    mail,
    memberships,
    overview,
    people,
    person,
    policies,
    reporting,
    storage,
    tokens,
    trail,
    watching,
)
from keycell.administration.call import Call, Nothing
from keycell.administration.office import Office

PREFIX = "/a/keycell/admin/"


def find_call(method: str, path: str) -> tuple[Call[Office], dict[str, str]]:
    """Give the call of an address whose parts are quoted, with the names in it."""
    parts = path.split("/")
    for template, calls in CALLS.items():
        names = template.split("/")
        if len(names) != len(parts) or method not in calls:
            continue
        found = {
            name[1:-1]: unquote(part)
            for name, part in zip(names, parts, strict=True)
            if name.startswith("{")
        }
        if [found.get(name[1:-1], name) for name in names] == [unquote(one) for one in parts]:
            return calls[method], found
    raise KeyError(f"{method} {path}")


CALLS: Mapping[str, Mapping[str, Call[Office]]] = {
    "users": {
        "GET": Call(people.Seeking, people.listed),
        "POST": Call(people.Adding, people.added, is_grave=True),
    },
    "user-import": {"POST": Call(importing.Importing, importing.imported, is_grave=True)},
    "users/{login}": {
        "GET": Call(people.Named, people.shown),
        "PUT": Call(people.Changing, people.changed, is_grave=True),
        "DELETE": Call(people.Removing, people.removed, is_grave=True),
    },
    "users/{login}/password": {"PUT": Call(people.Password, people.given_password, is_grave=True)},
    "users/{login}/disable": {"POST": Call(people.Named, people.disabled, is_grave=True)},
    "users/{login}/enable": {"POST": Call(people.Named, people.enabled, is_grave=True)},
    "users/{login}/keep": {"POST": Call(people.Named, people.kept, is_grave=True)},
    "users/{login}/sessions": {
        "GET": Call(people.Named, people.sessions),
        "DELETE": Call(people.SigningOut, people.signed_out),
    },
    "users/{login}/sessions/{sid}": {"DELETE": Call(person.NamedSession, person.ended_session)},
    "users/{login}/whole": {"GET": Call(people.Named, person.whole)},
    "users/{login}/applications/{client_id}": {
        "DELETE": Call(person.NamedApplication, person.ended_application)
    },
    "users/{login}/link": {"POST": Call(people.Named, mail.given_link, is_grave=True)},
    "user-invitations": {
        "GET": Call(Nothing, mail.listed),
        "POST": Call(mail.Inviting, mail.invited, is_grave=True),
    },
    "user-invitations/{invitation_id}": {"DELETE": Call(mail.NamedInvitation, mail.withdrawn)},
    "mail/test": {"POST": Call(mail.Testing, mail.tested)},
    "users/{login}/factors": {
        "GET": Call(people.Named, factors.listed),
        "DELETE": Call(people.Named, factors.reset, is_grave=True),
    },
    "users/{login}/tokens": {
        "GET": Call(people.Named, tokens.listed),
        "POST": Call(tokens.Making, tokens.made, is_grave=True),
    },
    "users/{login}/tokens/{token_id}": {"DELETE": Call(tokens.One, tokens.ended)},
    "users/{login}/tokens/{token_id}/keep": {"POST": Call(tokens.One, tokens.kept, is_grave=True)},
    "factor-policies": {
        "GET": Call(Nothing, policies.listed),
        "PUT": Call(policies.Requiring, policies.required, is_grave=True),
        "DELETE": Call(policies.Whom, policies.relaxed, is_grave=True),
    },
    "branding": {"GET": Call(Nothing, branding.shown)},
    "branding/draft": {"PUT": Call(branding.Drafting, branding.drafted)},
    "branding/logo/{which}": {
        "PUT": Call(branding.Drawing, branding.drew),
        "DELETE": Call(branding.Ground, branding.erased),
    },
    "branding/publish": {"POST": Call(Nothing, branding.published, is_grave=True)},
    "branding/undo": {"POST": Call(Nothing, branding.undone, is_grave=True)},
    "storage": {"GET": Call(Nothing, storage.overall)},
    "storage/spaces": {"GET": Call(storage.Seeking, storage.listed)},
    "storage/largest": {"GET": Call(storage.Going, storage.largest)},
    "storage/spaces/{space_id}/quota": {"PUT": Call(storage.Bounding, storage.bounded)},
    "storage/spaces/{space_id}/trash": {"GET": Call(storage.OfSpace, storage.trash)},
    "storage/spaces/{space_id}/trash/{node_id}/restore": {
        "POST": Call(storage.Trashed, storage.restored, is_grave=True)
    },
    "memberships": {"GET": Call(Nothing, memberships.tree)},
    "memberships/given": {"GET": Call(memberships.Holding, memberships.given)},
    "users/{login}/why": {"GET": Call(people.Named, memberships.why)},
    "groups": {
        "GET": Call(Nothing, groups.groups),
        "POST": Call(groups.AddingGroup, groups.added),
        "DELETE": Call(groups.NamedGroup, groups.removed),
    },
    "roles": {"GET": Call(Nothing, groups.roles)},
    "roles/{role}": {
        "PUT": Call(groups.PuttingRole, groups.put_role),
        "DELETE": Call(groups.NamedRole, groups.removed_role, is_grave=True),
    },
    "clients": {
        "GET": Call(client_lists.Seeking, client_lists.listed),
        "POST": Call(clients.Adding, clients.added),
    },
    "report": {"GET": Call(Nothing, reporting.reported)},
    "clients/{client_id}": {
        "GET": Call(clients.Named, clients.shown),
        "PUT": Call(clients.Changing, clients.changed, is_grave=True),
        "DELETE": Call(clients.Named, clients.removed, is_grave=True),
    },
    "clients/{client_id}/secret": {
        "POST": Call(client_secrets.Renewing, client_secrets.renewed, is_grave=True),
        "DELETE": Call(clients.Named, client_secrets.ended_former),
    },
    "clients/{client_id}/access": {
        "GET": Call(clients.Named, client_access.shown),
        "PUT": Call(client_access.Ruling, client_access.ruled, is_grave=True),
    },
    "clients/{client_id}/acting": {
        "GET": Call(clients.Named, client_acting.shown),
        "PUT": Call(client_acting.Acting, client_acting.ruled, is_grave=True),
    },
    "clients/{client_id}/tokens": {
        "GET": Call(clients.Named, client_tokens.shown),
        "PUT": Call(client_tokens.Lasting, client_tokens.ruled, is_grave=True),
    },
    "clients/{client_id}/use": {"GET": Call(clients.Named, client_lists.used)},
    "clients/{client_id}/export": {"GET": Call(clients.Named, client_files.exported)},
    "client-check": {"POST": Call(client_checks.Addresses, client_checks.checked)},
    "client-import": {"POST": Call(client_files.Bringing, client_files.brought, is_grave=True)},
    "clients/{client_id}/suite": {
        "GET": Call(clients.Named, client_suite.shown),
        "PUT": Call(client_suite.Suiting, client_suite.suited, is_grave=True),
    },
    "clients/{client_id}/trial": {
        "POST": Call(client_trial.Trying, client_trial.begun),
        "DELETE": Call(clients.Named, client_trial.ended),
    },
    "clients/{client_id}/test": {
        "POST": Call(clients.Named, client_test.renewed, is_grave=True),
        "DELETE": Call(clients.Named, client_test.made_real, is_grave=True),
    },
    "clients/{client_id}/test-accounts": {
        "GET": Call(clients.Named, client_test.testers),
        "POST": Call(client_test.Adding, client_test.added, is_grave=True),
    },
    "clients/{client_id}/log": {"GET": Call(trail.OfClient, trail.log_of_client)},
    "clients/{client_id}/preview": {"GET": Call(inspecting.Previewing, inspecting.previewed)},
    "issuers": {
        "GET": Call(Nothing, issuers.listed),
        "POST": Call(issuers.Trusting, issuers.trusted, is_grave=True),
        "DELETE": Call(issuers.NamedIssuer, issuers.removed),
    },
    "presets": {"GET": Call(Nothing, connecting.listed)},
    "presets/{preset}": {
        "GET": Call(connecting.Looking, connecting.shown),
        "POST": Call(connecting.Connecting, connecting.connected),
    },
    "import": {"POST": Call(clients.Importing, clients.imported, is_grave=True)},
    "invitations": {"POST": Call(clients.Inviting, clients.invited)},
    "keys": {"GET": Call(Nothing, watching.keys)},
    "keys/{kid}": {
        "GET": Call(watching.OneKey, watching.impact),
        "DELETE": Call(watching.OneKey, watching.revoked, is_grave=True),
    },
    "key-readers": {"GET": Call(Nothing, watching.readers)},
    "keys/rotate": {"POST": Call(watching.Rotating, watching.rotated, is_grave=True)},
    "audit": {"GET": Call(trail.Asking, trail.audit)},
    "audit/facets": {"GET": Call(trail.Asking, trail.facets)},
    "alerts": {"GET": Call(Nothing, alerts.listed)},
    "alerts/{rule}": {
        "GET": Call(alerts.NamedAlert, alerts.shown),
        "PUT": Call(alerts.ChangingAlert, alerts.changed, is_grave=True),
    },
    "alerts/{rule}/test": {"POST": Call(alerts.NamedAlert, alerts.tested)},
    "hooks": {
        "GET": Call(Nothing, hooks.listed),
        "POST": Call(hooks.AddingHook, hooks.added, is_grave=True),
    },
    "hooks/{hook_id}": {
        "GET": Call(hooks.NamedHook, hooks.shown),
        "PUT": Call(hooks.ChangingHook, hooks.changed, is_grave=True),
        "DELETE": Call(hooks.NamedHook, hooks.removed),
    },
    "hooks/{hook_id}/secret": {"POST": Call(hooks.NamedHook, hooks.renewed, is_grave=True)},
    "hooks/{hook_id}/test": {"POST": Call(hooks.NamedHook, hooks.tested)},
    "hooks/{hook_id}/deliveries": {"GET": Call(hooks.Calls, hooks.calls)},
    "hooks/{hook_id}/deliveries/{event_id}/replay": {"POST": Call(hooks.OneCall, hooks.replayed)},
    "find": {"GET": Call(finding.Finding, finding.found)},
    "overview": {"GET": Call(overview.Span, overview.overview)},
    "tokens/end": {"POST": Call(inspecting.Ending, inspecting.ended)},
    "tokens/inspect": {"POST": Call(inspecting.Inspecting, inspecting.inspected)},
}
