"""The pages by which a person sets a new password: by mail, by a code, by an administrator's link.

Showing a page spends nothing: programs that look at mail open links, and some send forms. What is
spent is spent by a password that somebody typed.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keycell.accounts import lockdown
from keycell.accounts.addresses import proof_with_code
from keycell.accounts.errors import (
    ChangedMeanwhile,
    Invalid,
    ProofRefused,
    Throttled,
    TooBusy,
)
from keycell.accounts.mailing import digest, proof_of_link
from keycell.accounts.proofs import Proof, ProofKind
from keycell.accounts.recovery import (
    Chosen,
    Guess,
    Wish,
    account_of,
    ask,
    finish,
    pass_for,
    proof_of_code,
    proof_of_pass,
)
from keycell.http.edge import Edge, words_of
from keycell.http.ended import ended_page
from keycell.http.forms import browser_of, form_page, read_form
from keycell.http.render import language_of
from keycell.http.spent import say_why
from keycell.http.wire import NO_STORE, origin_of
from keycell.http.words import FIELDS

Fields = Mapping[str, str]


async def page(edge: Edge, request: Request) -> Response:
    """Ask whose password is lost."""
    return _ask_page(edge, request, {})


def _ask_page(
    edge: Edge, request: Request, context: Mapping[str, object], status: int = 200
) -> Response:
    filled = {
        "can_mail": edge.people.mail.mailer.is_set, "error": None, "wait": 0, "typed": "",
        "switch": lambda code: f"/recover?lang={code}", **context,
    }  # fmt: skip
    return form_page(edge, request, "recover", filled, status)


async def submit(edge: Edge, request: Request) -> Response:
    """Take the wish; the answer is the same whether there is such an account or not."""
    fields = await read_form(edge, request, bound_by=None)
    if not edge.people.mail.mailer.is_set:
        return _ask_page(edge, request, {}, 409)
    typed = fields.get("username", "")
    browser, _ = browser_of(edge, request)
    wish = Wish(
        typed=typed, asked_by=digest(browser), language=language_of(request),
        origin=origin_of(request),
    )  # fmt: skip
    try:
        await ask(edge.people, wish)
    except Throttled as refusal:
        shown = {"error": "throttled", "wait": refusal.wait, "typed": typed[:254]}
        return _ask_page(edge, request, shown, 429)
    except TooBusy:
        return _ask_page(edge, request, {"error": "busy", "typed": typed[:254]}, 503)
    return RedirectResponse("/recover/code", 303, NO_STORE)


async def code_page(edge: Edge, request: Request) -> Response:
    """Ask for the code that was mailed."""
    return _code_page(edge, request, {"elsewhere": "elsewhere" in request.query_params})


def _code_page(
    edge: Edge, request: Request, context: Mapping[str, object], status: int = 200
) -> Response:
    def switch(code: str) -> str:
        query = {"elsewhere": "1"} if context.get("elsewhere") else {}
        if context.get("token"):
            return f"/recover/link?{urlencode({'token': str(context['token']), 'lang': code})}"
        return f"/recover/code?{urlencode({**query, 'lang': code})}"

    filled = {
        "elsewhere": False, "token": "", "typed": "", "error": None, "wait": 0, "switch": switch,
        **context,
    }  # fmt: skip
    return form_page(edge, request, "recover_code", filled, status)


async def submit_code(edge: Edge, request: Request) -> Response:
    """Take a code, and ask for the new password if it is right."""
    fields = await read_form(edge, request, bound_by=None)
    typed, token = fields.get("username", ""), fields.get("token", "")
    shown: dict[str, object] = {
        "typed": typed[:254], "token": token, "elsewhere": "username" in fields,
    }  # fmt: skip
    try:
        proof = await _proof_of_code(edge, request, fields)
        return await _password_page(edge, request, proof)
    except ProofRefused:
        return _code_page(edge, request, shown | {"error": "wrong"}, 403)
    except Throttled as refusal:
        return _code_page(edge, request, shown | {"error": "throttled", "wait": refusal.wait}, 429)


async def _proof_of_code(edge: Edge, request: Request, fields: Fields) -> Proof:
    if token := fields.get("token"):
        proof = await proof_of_link(edge.people, ProofKind.RESET, token)
        return await proof_with_code(edge.people, proof, fields.get("code", ""))
    browser, _ = browser_of(edge, request)
    guess = Guess(
        code=fields.get("code", ""), typed=fields.get("username", ""),
        asked_by=digest(browser), origin=origin_of(request),
    )  # fmt: skip
    return await proof_of_code(edge.people, guess)


async def link(edge: Edge, request: Request) -> Response:
    """Show where a mailed link leads: in the browser that asked the password, else the code."""
    token = request.query_params.get("token", "")
    try:
        proof = await proof_of_link(edge.people, ProofKind.RESET, token)
        browser, _ = browser_of(edge, request)
        if proof.asked_by == digest(browser):
            return await _password_page(edge, request, proof)
        await account_of(edge.people, proof)
    except ProofRefused as refusal:
        return say_why(edge, request, refusal)
    return _code_page(edge, request, {"token": token})


async def access(edge: Edge, request: Request) -> Response:
    """Show where an administrator's link leads."""
    try:
        token = request.query_params.get("token", "")
        proof = await proof_of_link(edge.people, ProofKind.ACCESS, token)
        return await _password_page(edge, request, proof)
    except ProofRefused as refusal:
        return say_why(edge, request, refusal)


async def _password_page(
    edge: Edge,
    request: Request,
    proof: Proof,
    error: str = "",
    *,
    is_everywhere: bool = True,
) -> Response:
    account = await account_of(edge.people, proof)
    browser, _ = browser_of(edge, request)
    context = {
        "pass": pass_for(edge.people, proof, browser), "login": account.login, "error": error,
        "is_everywhere": is_everywhere,
    }  # fmt: skip
    return form_page(edge, request, "new_password", context, 400 if error else 200)


async def set_password(edge: Edge, request: Request) -> Response:
    """Take the new password, and spend what it was asked for by."""
    fields = await read_form(edge, request, bound_by=None)
    browser, _ = browser_of(edge, request)
    is_everywhere = "everywhere" in fields
    chosen = Chosen(
        password=fields.get("new_password", ""), is_everywhere=is_everywhere,
        language=language_of(request), origin=origin_of(request),
    )  # fmt: skip
    try:
        proof = await proof_of_pass(edge.people, fields.get("pass", ""), browser)
        if error := await _finish(edge, request, proof, chosen):
            return await _password_page(edge, request, proof, error, is_everywhere=is_everywhere)
    except ProofRefused as refusal:
        return say_why(edge, request, refusal)
    return RedirectResponse("/recover/done", 303, NO_STORE)


async def _finish(edge: Edge, request: Request, proof: Proof, chosen: Chosen) -> str:
    """Set the password, or say why it is not set; raise ProofRefused."""
    words = words_of(edge, request)
    try:
        await finish(edge.people, proof, chosen)
    except Invalid as error:
        return words(FIELDS.get(error.key, error.sentence))
    except ChangedMeanwhile:
        return words("Your account was changed meanwhile. Please try again.")
    except TooBusy:
        return words(
            "Many people are signing in at this moment. Please try again in a few seconds."
        )
    return ""


async def done(edge: Edge, request: Request) -> Response:
    """Say that the new password is set."""
    words = words_of(edge, request)
    return ended_page(
        edge, request, words("Your new password is set"), words("Sign in with it from now on."),
        (edge.home("/files", "/oauth2/login"), words("Sign in")),
    )  # fmt: skip


async def not_me_page(edge: Edge, request: Request) -> Response:
    """Show what "this wasn't me" does; showing it does nothing."""
    token = request.query_params.get("token", "")
    try:
        await proof_of_link(edge.people, ProofKind.LOCKDOWN, token)
    except ProofRefused as refusal:
        return say_why(edge, request, refusal)
    return _not_me(edge, request, token, "")


def _not_me(edge: Edge, request: Request, token: str, error: str) -> Response:
    words = words_of(edge, request)
    context = {
        "title": words("This was not you?"),
        "lines": [
            words("Then somebody else may be in your account. We sign everybody out, end all "
                  "applications, tokens and public links, and let nobody in any more."),
            words("An administrator is told. They can open your account again for you."),
        ],
        "action": "/recover/not-me", "token": token, "needs_code": False, "error": error,
        "checkbox": words("It was not me. Freeze my account."),
        "button": words("End everything"),
        "switch": lambda code: f"/recover/not-me?{urlencode({'token': token, 'lang': code})}",
    }  # fmt: skip
    return form_page(edge, request, "confirm", context, 400 if error else 200)


async def not_me(edge: Edge, request: Request) -> Response:
    """Freeze the account, if a person ticked that it is to be."""
    fields = await read_form(edge, request, bound_by=None)
    words = words_of(edge, request)
    token = fields.get("token", "")
    try:
        proof = await proof_of_link(edge.people, ProofKind.LOCKDOWN, token)
        # A program that sends forms by itself ticks nothing.
        if "sure" not in fields:
            return _not_me(
                edge, request, token, words("Tick the box, so that we know you mean it.")
            )
        await lockdown.freeze(edge.people, proof, origin_of(request), language_of(request))
    except ProofRefused as refusal:
        return say_why(edge, request, refusal)
    except ChangedMeanwhile:
        return _not_me(
            edge, request, token, words("Your account was changed meanwhile. Please try again.")
        )
    return ended_page(
        edge, request, words("Your account is frozen"),
        words("Everything is ended. Ask an administrator to open your account again; they can "
              "give you a link to set a new password."),
    )  # fmt: skip
