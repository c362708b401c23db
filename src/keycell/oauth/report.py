"""The live report: the running configuration and every client, judged rule by rule.

A rule is a function of what is (`Server`, or `Registered`) that gives a verdict, what was found
and what to change; None where it does not concern the one asked about. The rules themselves are
in report_server.py and report_clients.py.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Generic, Literal, TypeVar

from keycell.oauth.clients import Client
from keycell.oauth.mutual_tls import NO_MUTUAL_TLS, MutualTls
from keycell.oauth.registration import to_document
from keycell.oauth.sentences import Sentence

Profile = Literal["RFC 9700", "OAuth 2.1", "FAPI 2"]
Verdict = Literal["met", "advised", "broken"]
"""``advised``: nothing is broken, and something better is there to be had."""

Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What of the running configuration the rules look at."""

    issuer: str
    metadata: Mapping[str, object]
    """As it is published. RFC8414-2."""
    code_lifetime: timedelta
    access_token_lifetime: timedelta
    allows_http: bool
    """Redirect URIs of plain http beyond this machine may be registered."""
    registration: str
    fetch_networks: tuple[str, ...]
    """Private networks that may be asked on others' behalf."""
    trusted_proxies: tuple[str, ...]

    def offers(self, name: str, *wanted: str) -> bool:
        """Tell whether a list of the metadata has one of these values."""
        values = self.metadata.get(name, ())
        return isinstance(values, list | tuple) and any(one in values for one in wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A client, as the rules look at it."""

    client: Client
    members: Mapping[str, object]
    """Its metadata as they go over the wire. RFC7591-2."""
    now: datetime
    mutual_tls: MutualTls = NO_MUTUAL_TLS
    """What its server offers of it."""

    def one(self, name: str) -> str:
        """Give a text of its metadata; empty if there is none."""
        value = self.members.get(name)
        return value if isinstance(value, str) else ""

    def many(self, name: str) -> tuple[str, ...]:
        """Give a list of its metadata."""
        value = self.members.get(name)
        return tuple(str(one) for one in value) if isinstance(value, list | tuple) else ()

    def has(self, name: str) -> bool:
        """Tell whether a flag of its metadata is set."""
        return self.members.get(name) is True


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one rule: ``found`` is what is, ``mend`` what to change, if anything."""

    verdict: Verdict
    found: Sentence
    mend: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Rule(Generic[Subject]):
    """One thing that a profile asks for."""

    name: str
    profile: Profile
    section: str
    asks: Sentence
    judge: Callable[[Subject], Judged | None]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule, and what became of it."""

    name: str
    profile: Profile
    section: str
    asks: Sentence
    judged: Judged


def met(found: Sentence) -> Judged:
    """Say that a rule is kept, and by what."""
    return Judged("met", found)


def advised(found: Sentence, mend: Sentence) -> Judged:
    """Say what could be better."""
    return Judged("advised", found, mend)


def broken(found: Sentence, mend: Sentence) -> Judged:
    """Say what must change."""
    return Judged("broken", found, mend)


def insisted(judged: Judged) -> Judged:
    """Say of what could be better that it must change."""
    return replace(judged, verdict="broken") if judged.verdict == "advised" else judged


def judge(rules: Iterable[Rule[Subject]], subject: Subject) -> Sequence[Finding]:
    """Go through the rules that concern somebody."""
    found = ((rule, rule.judge(subject)) for rule in rules)
    return [
        Finding(rule.name, rule.profile, rule.section, rule.asks, judged)
        for rule, judged in found
        if judged is not None
    ]


def registered(client: Client, now: datetime, mutual_tls: MutualTls = NO_MUTUAL_TLS) -> Registered:
    """Give a client as the rules look at it."""
    members = to_document(client.metadata)
    return Registered(client=client, members=members, now=now, mutual_tls=mutual_tls)


def fails(findings: Iterable[Finding]) -> bool:
    """Tell whether something is broken that everybody must keep; FAPI 2 is for who wants it."""
    return any(one.judged.verdict == "broken" and one.profile != "FAPI 2" for one in findings)


def is_ready_for_fapi(findings: Sequence[Finding]) -> bool:
    """Tell whether each rule of FAPI 2 is kept."""
    return all(one.judged.verdict == "met" for one in findings if one.profile == "FAPI 2")
