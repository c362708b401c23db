"""Confirming a mail address, and undoing its change. Showing a link's page spends nothing."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell.accounts import addresses
from keycell.accounts.errors import ChangedMeanwhile, ProofRefused, Throttled
from keycell.accounts.mailing import proof_of_link
from keycell.accounts.proofs import Proof, ProofKind
from keycell.accounts.recovery import account_of
from keycell.http.edge import Edge, visitor_of, words_of
from keycell.http.ended import ended_page
from keycell.http.forms import form_page, read_form
from keycell.http.render import language_of
from keycell.http.spent import say_why
from keycell.http.wire import NO_STORE, origin_of


async def confirm_page(edge: Edge, request: Request) -> Response:
    """Show which address is confirmed, and for whom."""
    token = request.query_params.get("token", "")
    try:
        proof = await proof_of_link(edge.people, ProofKind.ADDRESS, token)
        return await _confirm(edge, request, proof, token)
    except ProofRefused as refusal:
        return say_why(edge, request, refusal)


async def _confirm(
    edge: Edge, request: Request, proof: Proof, token: str, error: str = ""
) -> Response:
    account = await account_of(edge.people, proof)
    words = words_of(edge, request)
    context = {
        "title": words("Confirm your mail address"),
        "lines": [
            words("%(email)s will belong to the login %(login)s.")
            % {"email": proof.details["email"], "login": account.login}
        ],
        "action": "/email/confirm", "token": token, "checkbox": "", "error": error,
        "needs_code": not await _is_theirs(edge, request, proof),
        "button": words("Confirm the address"),
        "switch": lambda code: f"/email/confirm?{urlencode({'token': token, 'lang': code})}",
    }  # fmt: skip
    return form_page(edge, request, "confirm", context, 400 if error else 200)


async def _is_theirs(edge: Edge, request: Request, proof: Proof) -> bool:
    """Tell whether the person themselves is signed in here; others type the code."""
    visitor = await visitor_of(edge, request)
    return visitor.account is not None and visitor.account.sub == proof.sub


async def confirm(edge: Edge, request: Request) -> Response:
    """Let the address count."""
    fields = await read_form(edge, request, bound_by=None)
    words = words_of(edge, request)
    token = fields.get("token", "")
    try:
        proof = await proof_of_link(edge.people, ProofKind.ADDRESS, token)
        is_theirs = await _is_theirs(edge, request, proof)
        if not is_theirs and (wrong := await _code_error(edge, request, proof, fields)):
            return await _confirm(edge, request, proof, token, wrong)
        await addresses.confirm(edge.people, proof, origin_of(request), language_of(request))
    except ProofRefused as refusal:
        return say_why(edge, request, refusal)
    except ChangedMeanwhile:
        sentence = words("Your account was changed meanwhile. Please try again.")
        return await _confirm(edge, request, proof, token, sentence)
    if is_theirs:
        return RedirectResponse("/account/basic?done=email", 303, NO_STORE)
    return ended_page(
        edge, request, words("Your mail address is confirmed"), words("You can close this page.")
    )


async def _code_error(
    edge: Edge, request: Request, proof: Proof, fields: Mapping[str, str]
) -> str:
    words = words_of(edge, request)
    try:
        await addresses.proof_with_code(edge.people, proof, fields.get("code", ""))
    except ProofRefused:
        return words("This is not the code of the mail.")
    except Throttled:
        return words("Too many attempts failed. Wait a little, then try again.")
    return ""


async def undo_page(edge: Edge, request: Request) -> Response:
    """Show which address comes back."""
    token = request.query_params.get("token", "")
    try:
        proof = await proof_of_link(edge.people, ProofKind.UNDO, token)
    except ProofRefused as refusal:
        return say_why(edge, request, refusal)
    return _undo(edge, request, proof, token)


def _undo(edge: Edge, request: Request, proof: Proof, token: str, error: str = "") -> Response:
    words = words_of(edge, request)
    context = {
        "title": words("Undo the change of your mail address"),
        "lines": [
            words("%(email)s becomes your address again, and everybody who is signed in is "
                  "signed out.") % {"email": proof.details["email"]},
        ],
        "action": "/email/undo", "token": token, "needs_code": False, "error": error,
        "checkbox": words("Yes, bring this address back."),
        "button": words("Undo the change"),
        "switch": lambda code: f"/email/undo?{urlencode({'token': token, 'lang': code})}",
    }  # fmt: skip
    return form_page(edge, request, "confirm", context, 400 if error else 200)


async def undo(edge: Edge, request: Request) -> Response:
    """Bring the address back."""
    fields = await read_form(edge, request, bound_by=None)
    words = words_of(edge, request)
    token = fields.get("token", "")
    try:
        proof = await proof_of_link(edge.people, ProofKind.UNDO, token)
        # A program that sends forms by itself ticks nothing.
        if "sure" not in fields:
            sentence = words("Tick the box, so that we know you mean it.")
            return _undo(edge, request, proof, token, sentence)
        await addresses.undo(edge.people, proof, origin_of(request))
    except ProofRefused as refusal:
        return say_why(edge, request, refusal)
    except ChangedMeanwhile:
        sentence = words("Your account was changed meanwhile. Please try again.")
        return _undo(edge, request, proof, token, sentence)
    return ended_page(
        edge, request, words("Your mail address is as it was"),
        words("Everybody is signed out. If somebody else was in your account, set a new password "
              "now."),
        ("/recover", words("Set a new password")),
    )  # fmt: skip
