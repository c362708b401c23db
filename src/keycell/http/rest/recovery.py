"""A new password by the calls of the old system: one mails a token, one takes it."""

from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.errors import ProofRefused
from keycell.accounts.mailing import proof_of_link
from keycell.accounts.people import login_key
from keycell.accounts.proofs import ProofKind
from keycell.accounts.recovery import Chosen, Wish, account_of, ask, finish
from keycell.http.edge import Edge
from keycell.http.render import language_of
from keycell.http.rest.bodies import Body, read_json
from keycell.http.rest.errors import tells_account_errors
from keycell.http.wire import LONGEST_DOCUMENT, json_answer, origin_of
from keycell.oauth.errors import InvalidRequest


@tells_account_errors
async def ask_token(edge: Edge, request: Request) -> Response:
    """Mail a token to whoever this login or address is; the answer is the same for everybody."""
    wish = Wish(
        typed=request.path_params["login"], asked_by="", language=language_of(request),
        origin=origin_of(request),
    )  # fmt: skip
    await ask(edge.people, wish)
    return _done("if there is such an account, a mail is on its way")


@tells_account_errors
async def reset(edge: Edge, request: Request) -> Response:
    """Set a new password by the token of a mailed link; all sessions and grants end."""
    body = await read_json(request, LONGEST_DOCUMENT)
    token, login, password = (
        _text(body, name) for name in ("ResetPasswordToken", "UserLogin", "NewPassword")
    )
    proof = await proof_of_link(edge.people, ProofKind.RESET, token)
    if login_key(login) != (await account_of(edge.people, proof)).key:
        raise ProofRefused("unknown", ProofKind.RESET)
    chosen = Chosen(
        password=password, is_everywhere=True, language=language_of(request),
        origin=origin_of(request),
    )  # fmt: skip
    await finish(edge.people, proof, chosen)
    return _done("the password is set")


def _text(body: Body, name: str) -> str:
    value = body.text(name)
    if not value:
        raise InvalidRequest(
            "the body must be an object with the texts ResetPasswordToken, UserLogin and "
            f"NewPassword; {name} is missing"
        )
    return value


def _done(message: str) -> Response:
    return json_answer({"Success": True, "Message": message})
