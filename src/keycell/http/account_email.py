"""The mail address on the account page: asking for another, and the code that confirms it."""

from collections.abc import Mapping

from starlette.requests import Request

from keycell.accounts import addresses
from keycell.accounts.errors import ChangedMeanwhile, Invalid, NoMail, ProofRefused, Throttled
from keycell.accounts.proofs import ProofKind
from keycell.http.account_acts import Refused, proven
from keycell.http.edge import Edge, words_of
from keycell.http.render import language_of
from keycell.http.words import FIELDS
from keycell.provider.authorize import Visitor


async def waits(edge: Edge, sub: str) -> bool:
    """Tell whether an address waits for its code."""
    found = await edge.people.mail.proofs.of_account(ProofKind.ADDRESS, sub, edge.people.clock())
    return bool(found)


async def ask(edge: Edge, request: Request, visitor: Visitor, fields: Mapping[str, str]) -> str:
    """Write to a new address; whoever proves again that it is them may."""
    words = words_of(edge, request)
    account = await proven(edge, request, visitor, fields)
    try:
        await addresses.ask(
            edge.people, account, fields.get("email", ""), visitor.origin, language_of(request)
        )
    except NoMail:
        raise Refused(words("This server sends no mail.")) from None
    except Throttled:
        raise Refused(words("Too many letters were asked for. Wait a little.")) from None
    except Invalid as error:
        raise Refused(words(FIELDS.get(error.key, error.sentence))) from None
    return "email-asked"


async def confirm(
    edge: Edge, request: Request, visitor: Visitor, fields: Mapping[str, str]
) -> str:
    """Let an address count by its code."""
    words = words_of(edge, request)
    assert visitor.account is not None  # noqa: S101  (the page has seen it)
    try:
        proof = await addresses.proof_of_code(edge.people, visitor.account, fields.get("code", ""))
        await addresses.confirm(edge.people, proof, visitor.origin, language_of(request))
    except ProofRefused:
        raise Refused(words("This is not the code of the mail.")) from None
    except Throttled:
        raise Refused(words("Too many attempts failed. Wait a little, then try again.")) from None
    except ChangedMeanwhile:
        raise Refused(words("Your account was changed meanwhile. Please try again.")) from None
    return "email"
