"""What every endpoint is handed: the flows' worlds, and how pages are made."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request

from keycell.accounts.enrolment import must_enrol
from keycell.accounts.ports import People
from keycell.accounts.signin import session_of
from keycell.administration.storage_ports import Shelves
from keycell.files.ports import Files
from keycell.files.running import Runner
from keycell.http.frontend import Frontend
from keycell.http.logos import Logos
from keycell.http.render import Pages, language_of
from keycell.http.s3.failed import FailedPuts
from keycell.http.turns import Turns
from keycell.http.wire import Documents, origin_of
from keycell.oauth.sentences import Words
from keycell.provider.authorize import Visitor
from keycell.provider.keys import KeyKeeping
from keycell.provider.ports import Provider
from keycell.provider.register import Fetcher
from keycell.provider.web_sessions import WebSessionStore
from keycell.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The HTTP side of the server."""

    settings: Settings
    provider: Provider
    people: People
    keys: KeyKeeping
    fetcher: Fetcher
    files: Files
    runner: Runner
    pages: Pages
    web_sessions: WebSessionStore
    frontend: Frontend | None
    documents: Documents = field(default_factory=Documents)
    logos: Logos = field(default_factory=Logos)
    failed_puts: FailedPuts = field(default_factory=FailedPuts)
    text_searches: Turns = field(default_factory=Turns)
    ping: Callable[[], Awaitable[None]]
    """Returns if the database answers."""
    shelves: Shelves
    tables: str = ""
    """The version of the tables that the server was opened with: it runs with no other."""

    def home(self, frontend: str, plain: str = "/account/basic") -> str:
        """Give a page of the web frontend, or the plain one where it was not built."""
        return plain if self.frontend is None else frontend

    def cookie(self, name: str) -> str:
        """Give a cookie's name; under https it is bound to this very origin. RFC6265bis-4.1.3."""
        return f"__Host-{name}" if self.settings.is_secure else name


_OWN = "/account/"


async def visitor_of(edge: Edge, request: Request) -> Visitor:
    """Say who sits at the browser that sent a request.

    Nobody yet, where they must first set up a second factor.
    """
    visitor = await half_visitor_of(edge, request)
    if visitor.session is None or visitor.account is None:
        return visitor
    if await must_enrol(edge.people, visitor.session, visitor.account):
        return Visitor(visitor.origin)
    return visitor


async def half_visitor_of(edge: Edge, request: Request) -> Visitor:
    """Say who is signed in, though it may be to the setting up of a second factor alone."""
    found = await session_of(edge.people, request.cookies.get(edge.cookie("keycell_session")))
    if found is None:
        return Visitor(origin_of(request))
    session, account = found
    if account.is_test and request.url.path.startswith(_OWN):
        # It is nobody's own account, to be changed by whoever tries an application with it.
        return Visitor(origin_of(request))
    return Visitor(origin_of(request), session, account)


def words_of(edge: Edge, request: Request) -> Words:
    """Give the words of the language that is asked for."""
    return edge.pages.words(language_of(request))
