"""The page for a link or code that opens nothing: why, and what to do next."""

from starlette.requests import Request
from starlette.responses import Response

from keycell.accounts.errors import ProofRefused
from keycell.accounts.proofs import ProofKind
from keycell.http.edge import Edge, words_of
from keycell.http.ended import TO_THE_START, ended_page


def say_why(edge: Edge, request: Request, refusal: ProofRefused) -> Response:
    """Say that a link or code is wrong, spent or late, and where to get another."""
    words = words_of(edge, request)
    sentence = {
        "spent": words("It was used already, or replaced by what was done since."),
        "expired": words("It was valid for a while, and that is over."),
        "disabled": words("The account is disabled. Ask an administrator to open it again."),
    }.get(refusal.reason, words("It is not complete, or it is too old."))
    onward = TO_THE_START
    if refusal.kind == ProofKind.RESET and edge.people.mail.mailer.is_set:
        onward = ("/recover", words("Ask for a new link"))
    elif refusal.kind == ProofKind.ADDRESS:
        # The mail that confirms an address is sent from there.
        onward = ("/account/basic", words("To your account"))
    title = words("This link opens nothing any more")
    return ended_page(edge, request, title, sentence, onward, status=410)
