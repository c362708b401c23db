"""The pages of an invitation: a new account for whoever was invited."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell.accounts.errors import (
    AccountError,
    Invalid,
    LoginTaken,
    NoSuchGroup,
    ProofRefused,
    Throttled,
    TooBusy,
)
from keycell.accounts.invitations import (
    Newcomer,
    accept,
    ask_again,
    proof_of_code,
    proof_of_link,
)
from keycell.accounts.mailing import digest
from keycell.accounts.proofs import Proof, ProofKind
from keycell.http.edge import Edge, words_of
from keycell.http.ended import ended_page
from keycell.http.forms import form_page, read_form
from keycell.http.newcomers import sign_in_newcomer
from keycell.http.render import language_of
from keycell.http.spent import say_why
from keycell.http.wire import NO_STORE, origin_of
from keycell.http.words import FIELDS
from keycell.oauth.clients import Client, form_action_source

_FIELDS = ("token", "code", "email", "username", "name")


async def page(edge: Edge, request: Request) -> Response:
    """Show the form of an invitation, or ask for its code."""
    form = dict.fromkeys(_FIELDS, "") | {"token": request.query_params.get("token", "")}
    proof = None
    if form["token"]:
        try:
            proof = await proof_of_link(edge.people, form["token"])
        except ProofRefused as refusal:
            return await _over(edge, request, form["token"], refusal)
    return await _show(edge, request, proof, form)


async def _show(
    edge: Edge,
    request: Request,
    proof: Proof | None,
    form: Mapping[str, str],
    error: str = "",
    status: int = 200,
) -> Response:
    client = None
    if proof is not None and proof.details["client_id"]:
        client = await edge.provider.clients.find(proof.details["client_id"])

    def switch(code: str) -> str:
        query = {"token": form["token"]} if form["token"] else {}
        return f"/invitation?{urlencode({**query, 'lang': code})}"

    context = {
        "form": form, "email": proof.details["email"] if proof else "", "error": error,
        "application": client.name if client else "", "switch": switch,
    }  # fmt: skip
    # The form ends at the application, by a redirect.
    targets = [form_action_source(_onward(client))] if client and _onward(client) else []
    return form_page(edge, request, "invitation", context, status, targets)


def _onward(client: Client) -> str:
    return client.metadata.initiate_login_uri or client.metadata.client_uri or ""


async def _over(edge: Edge, request: Request, token: str, refusal: ProofRefused) -> Response:
    if refusal.reason != "expired":
        return say_why(edge, request, refusal)
    words = words_of(edge, request)
    context = {
        "title": words("This invitation is over"),
        "lines": [words("It was valid for a while. You can ask whoever invited you for a new "
                        "one.")],
        "action": "/invitation/ask", "token": token, "needs_code": False, "checkbox": "",
        "error": "", "button": words("Ask for a new one"),
        "switch": lambda code: f"/invitation?{urlencode({'token': token, 'lang': code})}",
    }  # fmt: skip
    return form_page(edge, request, "confirm", context, 410)


async def ask(edge: Edge, request: Request) -> Response:
    """Tell whoever invited that a new invitation is wanted."""
    fields = await read_form(edge, request, bound_by=None)
    words = words_of(edge, request)
    token = digest(fields.get("token", ""))
    proof = await edge.people.mail.proofs.find(ProofKind.INVITATION, token)
    # One that was used or withdrawn is asked for no more.
    if proof is None or proof.spent_at is not None:
        return say_why(edge, request, ProofRefused("spent", ProofKind.INVITATION))
    sentence = words("Whoever invited you is told. A new invitation comes by mail.")
    try:
        await ask_again(edge.people, proof, origin_of(request), language_of(request))
    except Throttled:
        sentence = words("They were told already. Have some patience.")
    return ended_page(edge, request, words("You asked for a new invitation"), sentence)


async def submit(edge: Edge, request: Request) -> Response:
    """Make the account, sign the person in, and lead them where they were invited to."""
    fields = await read_form(edge, request, bound_by=None)
    form = {name: fields.get(name, "") for name in _FIELDS}
    words = words_of(edge, request)
    proof: Proof | None = None
    password = fields.get("new_password", "")
    try:
        proof = await _proof_of(edge, request, form)
        newcomer = Newcomer(login=form["username"], name=form["name"], password=password)
        await accept(edge.people, proof, newcomer, origin_of(request))
        return await _welcome(edge, request, proof, form["username"], password)
    except ProofRefused as refusal:
        if form["token"]:
            return await _over(edge, request, form["token"], refusal)
        error, status = words("This is not the code of an invitation to this address."), 403
    except Throttled:
        error, status = words("Too many attempts failed. Wait a little, then try again."), 429
    except (LoginTaken, NoSuchGroup, Invalid, TooBusy) as refusal:
        error, status = _sentence(edge, request, refusal)
    return await _show(edge, request, proof, form, error, status)


def _sentence(edge: Edge, request: Request, refusal: AccountError) -> tuple[str, int]:
    words = words_of(edge, request)
    match refusal:
        case LoginTaken():
            return words("Somebody has this login already. Choose another."), 409
        case NoSuchGroup():
            return words("The group you were invited to is gone. Ask for a new invitation."), 409
        case Invalid():
            return words(FIELDS.get(refusal.key, refusal.sentence)), 400
        case _:
            return words(
                "Many people are signing in at this moment. Please try again in a few seconds."
            ), 503


async def _proof_of(edge: Edge, request: Request, form: Mapping[str, str]) -> Proof:
    if form["token"]:
        return await proof_of_link(edge.people, form["token"])
    return await proof_of_code(edge.people, form["email"], form["code"], origin_of(request))


async def _welcome(
    edge: Edge, request: Request, proof: Proof, login: str, password: str
) -> Response:
    client = await edge.provider.clients.find(proof.details["client_id"])
    onward = _onward(client) if client is not None and not client.disabled else ""
    response = RedirectResponse(onward or edge.home("/files"), 303, NO_STORE)
    await sign_in_newcomer(edge, request, response, login, password)
    return response
