"""A browser without a person: it goes where it is sent, and fills in the pages by their ids."""

import html
import re
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx2

from .provider import PASSWORD, Provider

_FORM = re.compile(r'<form method="post" action="([^"]+)".*?</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
_MOST_PAGES = 10


@dataclass(frozen=True)
class Answer:
    """What reached the application, and by which part of the address or of the request."""

    to: str
    """The address without what was added to it."""
    mode: str
    params: dict[str, str]

    @property
    def error(self) -> str:
        return self.params.get("error", "")


@dataclass(frozen=True)
class Shown:
    """A page at which the robot stands, since it leads no further."""

    status: int
    text: str
    address: str
    error = "a page"
    """So that a test may take a page or an error in the answer."""


@dataclass
class Robot:
    """One browser with its cookies."""

    provider: Provider
    accepts: bool = True
    login: str = "ann"
    steps: list[str] = field(default_factory=list)
    """The pages filled in since the last visit began."""

    def __enter__(self) -> Self:
        self.http = self.provider.http()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()

    def visit(
        self, url: str, params: dict[str, str], *, post: bool = False, stop_at: str = ""
    ) -> Answer | Shown:
        """Go to an address, and on until the application or the last page is reached.

        With ``stop_at``, a page that has this id is not filled in.
        """
        self.steps = []
        sent = {"data": params} if post else {"params": params}
        response = self.http.request("POST" if post else "GET", url, **sent)  # type: ignore[arg-type]
        for _ in range(_MOST_PAGES):
            to = response.headers.get("location")
            if to is not None:
                to = urljoin(str(response.url), to)
                if not to.startswith(f"{self.provider.url}/"):
                    return _answer(to)
                response = self.http.get(to)
                continue
            if (posted := _posted(response)) is not None:
                return posted
            if (stop_at and f'id="{stop_at}"' in response.text) or not (
                filled := self._filled(response)
            ):
                return Shown(response.status_code, response.text, str(response.url))
            action, fields = filled
            response = self.http.post(action, data=fields)
        raise AssertionError(f"no end after {_MOST_PAGES} pages: {response.text}")

    def _filled(self, page: httpx2.Response) -> tuple[str, dict[str, str]] | None:
        form = _FORM.search(page.text)
        if form is None or page.is_error:
            return None
        fields = {name: html.unescape(value) for name, value in _HIDDEN.findall(form[0])}
        if 'id="login-submit"' in page.text:
            self.steps.append("login")
            fields |= {"username": self.login, "password": PASSWORD}
        elif 'id="consent-accept"' in page.text:
            self.steps.append("consent")
            assert 'id="consent-deny"' in page.text
            fields["action"] = "accept" if self.accepts else "deny"
        elif 'id="logout-confirm"' in page.text:
            self.steps.append("logout")
            fields["action"] = "logout"
        else:
            return None
        return urljoin(str(page.url), html.unescape(form[1])), fields


def _answer(to: str) -> Answer:
    parts = urlsplit(to)
    bare = to.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0]
    if parts.fragment:
        assert "code" not in parts.query and "error" not in parts.query  # noqa: PT018, RUF100
        return Answer(to.split("#", maxsplit=1)[0], "fragment", _once(parts.fragment))
    return Answer(bare, "query", _once(parts.query))


def _posted(page: httpx2.Response) -> Answer | None:
    if 'id="form-post"' not in page.text:
        return None
    form = _FORM.search(page.text)
    assert form is not None
    action = html.unescape(form[1])
    assert "code=" not in action
    hidden = _HIDDEN.findall(form[0])
    return Answer(action, "form_post", {name: html.unescape(value) for name, value in hidden})


def _once(text: str) -> dict[str, str]:
    pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text))
    assert len({name for name, _ in pairs}) == len(pairs)
    return dict(pairs)
