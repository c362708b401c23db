"""People and groups, in the form that the old system's clients know.

An administrator does everything here. A person reads their own account, and changes their name,
mail address and password, with a token that came of a sign-in: whose roles, group and profile they
are is not theirs to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.administration import (
    Changes,
    NewAccount,
    add_account,
    change_own,
    disable,
    enable,
    keep_password,
    remove,
    set_password,
    update_account,
)
from keycell.accounts.audit import AuditEvent
from keycell.accounts.errors import Invalid
from keycell.accounts.groups import Group, check_group_path
from keycell.accounts.passwords import check_password
from keycell.accounts.people import Account, check_email, check_name, login_key
from keycell.accounts.signin import Attempt, check_credentials
from keycell.files.access import ROOT_GROUP
from keycell.files.errors import Conflict, Forbidden, NotFound
from keycell.http.bearer import administrator, check_changes_office, check_recent_sign_in
from keycell.http.edge import Edge
from keycell.http.rest.bodies import Body, read_json
from keycell.http.rest.callers import Caller, caller_about
from keycell.http.rest.errors import tells_account_errors
from keycell.http.rest.roles import labels, roles_view
from keycell.http.wire import json_answer, origin_of
from keycell.oauth.errors import InsufficientScope, InvalidRequest

MOST_ROLES = 500
_ADMIN, _STANDARD = "admin", "standard"
_LOCK = "logout"


async def get_user(edge: Edge, request: Request) -> Response:
    """Give an account."""
    caller = await caller_about(edge, request, request.path_params["login"])
    return await _user(edge, _there(caller).login)


@tells_account_errors
async def put_user(edge: Edge, request: Request) -> Response:
    """Make an account or a group, or change an account; what is left out stays."""
    caller = await caller_about(edge, request, request.path_params["login"].strip("/"))
    body = await read_json(request)
    if body.flag("IsGroup"):
        return await _put_group(edge, request, body)
    login = body.text("Login") or caller.login
    if login_key(login) != login_key(caller.login):
        raise InvalidRequest("Login is not the one of the address; a login stays as it is")
    wanted = _read(body)
    if caller.account is None or caller.is_administrator:
        await check_recent_sign_in(edge, request)
        was_admin = caller.account is not None and caller.account.is_admin
        to_admin = wanted.is_admin is True
        await check_changes_office(edge, request, concerns_office=was_admin or to_admin)
    if caller.account is None:
        await _add(edge, caller, wanted)
    elif caller.is_administrator:
        await _administer(edge, request, caller, caller.account, wanted)
    else:
        _check_own(caller.account, wanted)
        if wanted.email not in (None, caller.account.email or ""):
            # It is how a lost password is replaced, and what applications know somebody by.
            await check_recent_sign_in(edge, request)
        await _change_own(edge, request, caller, caller.account, wanted)
    return await _user(edge, caller.login)


@tells_account_errors
async def put_roles(edge: Edge, request: Request) -> Response:
    """Give an account other roles, and change nothing else."""
    by = await administrator(edge, request)
    await check_recent_sign_in(edge, request)
    body = await read_json(request)
    if "Roles" not in body:
        raise InvalidRequest("Roles must be a list of objects with a Uuid")
    wanted = _read(body)
    login = request.path_params["login"]
    account = _there(await caller_about(edge, request, login))
    await check_changes_office(edge, request, concerns_office=account.is_admin)
    roles = await _known_roles(edge, account, wanted.roles or ())
    await update_account(edge.people, account, Changes(roles=roles), by.sub, origin_of(request))
    return await _user(edge, login)


@tells_account_errors
async def delete_user(edge: Edge, request: Request) -> Response:
    """Remove an account, or a group that nobody is in: its address ends with a slash.

    What is the person's alone is kept for administrators as long as deleted files are.
    """
    by = await administrator(edge, request)
    await check_recent_sign_in(edge, request)
    login = request.path_params["login"]
    if login.endswith("/"):
        await _remove_group(edge, request, check_group_path(f"/{login.strip('/')}"))
    else:
        account = await edge.people.accounts.find_by_login(login)
        if account is None:
            raise NotFound(f"there is no account {login[:100]!r}")
        await check_changes_office(edge, request, concerns_office=account.is_admin)
        if account.sub == by.sub:
            raise Forbidden("an administrator is removed by another one")
        await remove(edge.people, account, by.sub, _files_kept(edge, request), origin_of(request))
    return json_answer({"Success": True, "NumRows": "1"})


def _files_kept(edge: Edge, request: Request) -> timedelta:
    """Say how long a removed person's own files are kept: as what is deleted, or not at all."""
    said = request.query_params.get("files", "keep")
    if said not in ("keep", "now"):
        raise InvalidRequest(f"files={said[:20]!r}: expected keep, or now to delete them now")
    return edge.files.limits.trash_kept if said == "keep" else timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What a request says of an account; None is what it leaves out."""

    password: str
    old_password: str
    group_path: str | None
    roles: tuple[str, ...] | None
    name: str | None
    email: str | None
    is_admin: bool | None
    is_locked: bool | None


def _read(body: Body) -> _Wanted:
    said = body.object("Attributes") or Body({})
    profile = said.text("profile") or None
    if profile not in (None, _ADMIN, _STANDARD):
        raise InvalidRequest(f"profile must be {_ADMIN} or {_STANDARD}")
    group = body.text("GroupPath") or None
    return _Wanted(
        password=body.text("Password"),
        old_password=body.text("OldPassword"),
        group_path=None if group is None else check_group_path(group),
        roles=_roles(body),
        name=_maybe(said, "displayName"),
        email=_maybe(said, "email"),
        is_admin=None if profile is None else profile == _ADMIN,
        is_locked=_LOCK in said.text("locks") if "locks" in said else None,
    )


def _maybe(body: Body, name: str) -> str | None:
    found = body.text(name)
    return found if body.says(name) else None


def _roles(body: Body) -> tuple[str, ...] | None:
    """Give the roles somebody was given: those of groups and their own come with what they are."""
    if not body.says("Roles"):
        return None
    return tuple(
        one.text("Uuid")
        for one in body.objects("Roles", MOST_ROLES)
        if not one.flag("GroupRole") and not one.flag("UserRole")
        if one.text("Uuid") != ROOT_GROUP and not one.text("Uuid").startswith("/")
    )


async def _known_roles(
    edge: Edge, account: Account | None, roles: tuple[str, ...]
) -> tuple[str, ...]:
    had = () if account is None else account.roles
    known = {one.role_id for one in await edge.people.groups.roles()} | {*had}
    own = "" if account is None else account.sub
    given = tuple(sorted({one for one in roles if one != own}))
    for role in given:
        if role not in known:
            raise Invalid(
                "role", "role-unknown", f"there is no role {role[:100]!r}; make it first"
            )
    return given


async def _add(edge: Edge, caller: Caller, wanted: _Wanted) -> None:
    new = NewAccount(
        login=caller.login,
        password=wanted.password,
        email=wanted.email or None,
        name=wanted.name or "",
        group_path=wanted.group_path or "/",
        roles=await _known_roles(edge, None, wanted.roles or ()),
        is_admin=wanted.is_admin is True,
    )
    account = await add_account(edge.people, new, caller.by.sub, caller.origin)
    if wanted.is_locked:
        await disable(edge.people, account, caller.by.sub, caller.origin)


async def _administer(
    edge: Edge, request: Request, caller: Caller, account: Account, wanted: _Wanted
) -> None:
    if caller.is_own and (wanted.is_admin is False or wanted.is_locked):
        raise Forbidden("an administrator is demoted and locked by another one")
    if wanted.password:
        check_password(
            wanted.password, account.login, account.email, edge.people.passwords.is_common
        )
    roles = wanted.roles
    changes = Changes(
        # An address that stays is not vouched for by whoever sends it back.
        email=None if wanted.email == (account.email or "") else wanted.email,
        name=wanted.name,
        group_path=wanted.group_path,
        roles=None if roles is None else await _known_roles(edge, account, roles),
        is_admin=wanted.is_admin,
    )
    await update_account(edge.people, account, changes, caller.by.sub, caller.origin)
    changed = await _again(edge, account)
    if wanted.password and caller.is_own:
        await _change_password(edge, request, caller, changed, wanted)
    elif wanted.password:
        await set_password(edge.people, changed, wanted.password, caller.by.sub, caller.origin)
    if wanted.is_locked is True and account.disabled_at is None:
        await disable(edge.people, account, caller.by.sub, caller.origin)
    elif wanted.is_locked is False and account.disabled_at is not None:
        await enable(edge.people, await _again(edge, account), caller.by.sub, caller.origin)


def _check_own(account: Account, wanted: _Wanted) -> None:
    """Refuse what is not the person's own to say; what is said as it stands is no change."""
    given = None if wanted.roles is None else {*wanted.roles} - {account.sub}
    if (
        wanted.group_path not in (None, account.group_path)
        or given not in (None, {*account.roles})
        or wanted.is_admin not in (None, account.is_admin)
        or wanted.is_locked
    ):
        raise Forbidden("roles, group, profile and locks are changed by an administrator")


async def _change_own(
    edge: Edge, request: Request, caller: Caller, account: Account, wanted: _Wanted
) -> None:
    # Everything is checked before anything is changed.
    if wanted.name is not None:
        check_name(wanted.name)
    if wanted.email:
        check_email(wanted.email)
    if wanted.password:
        check_password(
            wanted.password, account.login, account.email, edge.people.passwords.is_common
        )
        await _change_password(edge, request, caller, account, wanted)
        account = await _again(edge, account)
    said = Changes(name=wanted.name, email=wanted.email)
    await change_own(edge.people, account, said, caller.origin)


async def _change_password(
    edge: Edge, request: Request, caller: Caller, account: Account, wanted: _Wanted
) -> None:
    if not caller.is_signed_in:
        raise InsufficientScope("openid", detail="a password is changed by who signed in")
    attempt = Attempt(
        login=account.login, password=wanted.old_password, device=None, session=None,
        origin=origin_of(request),
    )  # fmt: skip
    proven = await check_credentials(edge.people, attempt)
    event = AuditEvent(
        at=edge.people.clock(), actor=account.sub, action="account.password",
        target=account.login, origin=attempt.origin,
    )  # fmt: skip
    await keep_password(edge.people, proven, wanted.password, None, event)


async def _again(edge: Edge, account: Account) -> Account:
    found = await edge.people.accounts.find(account.sub)
    if found is None:
        raise NotFound(f"there is no account {account.login!r}")
    return found


async def _put_group(edge: Edge, request: Request, body: Body) -> Response:
    by = await administrator(edge, request)
    path = check_group_path(
        body.text("GroupPath") or f"/{request.path_params['login'].strip('/')}"
    )
    label = check_name(body.text("GroupLabel")) or path.rpartition("/")[2]
    there = {one.path: one for one in await edge.people.groups.groups()}
    event = AuditEvent(
        at=edge.people.clock(), actor=by.sub, action="group.added", target=path,
        origin=origin_of(request),
    )  # fmt: skip
    if path != "/" and path not in there:
        await edge.people.groups.add_group(Group(path, label), event)
    elif path == "/" or there[path].label != label:
        raise Conflict(f"there is a group {path} already")
    return json_answer(group_view(Group(path, label)))


async def _remove_group(edge: Edge, request: Request, path: str) -> None:
    by = await administrator(edge, request)
    if path not in {one.path for one in await edge.people.groups.groups()}:
        raise NotFound(f"there is no group {path[:100]!r}")
    event = AuditEvent(
        at=edge.people.clock(), actor=by.sub, action="group.removed", target=path,
        origin=origin_of(request),
    )  # fmt: skip
    if not await edge.people.groups.remove_group(path, event):
        raise Conflict(f"{path} has members or groups in it; move them elsewhere first")


def _there(caller: Caller) -> Account:
    if caller.account is None:
        raise NotFound(f"there is no account {caller.login[:100]!r}")
    return caller.account


async def _user(edge: Edge, login: str) -> Response:
    account = await edge.people.accounts.find_by_login(login)
    if account is None:
        raise NotFound(f"there is no account {login[:100]!r}")
    return json_answer(user_view(account, await labels(edge)))


def user_view(account: Account, named: Mapping[str, str]) -> dict[str, object]:
    """Give an account as the wire has it; ``named`` are labels by role."""
    attributes = {
        "displayName": account.name,
        "email": account.email or "",
        "profile": _ADMIN if account.is_admin else _STANDARD,
    }
    if account.disabled_at is not None:
        attributes["locks"] = f'["{_LOCK}"]'
    return {
        "Uuid": account.sub,
        "Login": account.login,
        "GroupPath": account.group_path,
        "Attributes": attributes,
        "Roles": roles_view(account, named),
        "PoliciesContextEditable": True,
    }


def group_view(group: Group) -> dict[str, object]:
    """Give a group as the wire has it; its role is called by its path."""
    return {
        "Uuid": group.path,
        "IsGroup": True,
        "GroupLabel": group.label,
        "GroupPath": group.path,
        "Roles": [{"Uuid": group.path, "Label": group.label, "GroupRole": True}],
    }
