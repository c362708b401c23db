"""The live report: how the running configuration and every application stand by the rules."""

from collections.abc import Sequence
from typing import TypedDict

from keycell.administration.call import Nothing
from keycell.administration.office import Office
from keycell.oauth.metadata import provider_metadata
from keycell.oauth.report import (
    Finding,
    Server,
    Verdict,
    fails,
    is_ready_for_fapi,
    judge,
    registered,
)
from keycell.oauth.sentences import Words


class FindingView(TypedDict):
    """A rule, what it asks, and what was found; in the language asked for."""

    rule: str
    profile: str
    section: str
    asks: str
    verdict: Verdict
    found: str
    mend: str


class Judged(TypedDict):
    """What was found, and whether it is ready for FAPI 2."""

    fapi2: bool
    findings: list[FindingView]


class JudgedClient(Judged):
    """What was found of an application."""

    client_id: str
    label: str
    is_first_party: bool


class Counts(TypedDict):
    """How many rules are met, advised, broken: without FAPI 2, which is for those who want it."""

    met: int
    advised: int
    broken: int


class Report(TypedDict):
    """How the configuration and each application stand by the rules."""

    ok: bool
    counts: Counts
    server: Judged
    clients: list[JudgedClient]


async def reported(office: Office, _: Nothing) -> Report:
    """Judge the server and each application that is not disabled, rule by rule."""
    # A server that nobody asks for a report need not have the rules in its memory.
    from keycell.oauth.report_clients import CLIENT_RULES  # noqa: PLC0415
    from keycell.oauth.report_server import SERVER_RULES  # noqa: PLC0415

    now, provider = office.people.clock(), office.provider
    server = judge(SERVER_RULES, _server(office))
    every = list(server)
    clients: list[JudgedClient] = []
    for client in await office.clients():
        if client.disabled:
            continue
        findings = judge(CLIENT_RULES, registered(client, now, provider.mutual_tls))
        every += findings
        clients.append({
            "client_id": client.client_id, "label": client.name,
            "is_first_party": client.is_first_party, **_told(findings, office.words),
        })  # fmt: skip
    asked = [one.judged.verdict for one in every if one.profile != "FAPI 2"]
    return {
        "ok": not fails(every),
        "counts": {
            "met": asked.count("met"),
            "advised": asked.count("advised"),
            "broken": asked.count("broken"),
        },
        "server": _told(server, office.words),
        "clients": clients,
    }


def _server(office: Office) -> Server:
    provider = office.provider
    return Server(
        issuer=provider.issuer,
        metadata=provider_metadata(
            provider.endpoints,
            takes_registrations=office.registration != "closed",
            ui_locales=(),
            mutual_tls=provider.mutual_tls,
        ),
        code_lifetime=provider.lifetimes.code,
        access_token_lifetime=provider.lifetimes.access_token,
        allows_http=office.allows_http,
        registration=office.registration,
        fetch_networks=office.fetch_networks,
        trusted_proxies=office.trusted_proxies,
    )


def _told(findings: Sequence[Finding], words: Words) -> Judged:
    return {
        "fapi2": is_ready_for_fapi(findings),
        "findings": [
            {
                "rule": one.name, "profile": one.profile, "section": one.section,
                "asks": one.asks.told(words), "verdict": one.judged.verdict,
                "found": one.judged.found.told(words),
                "mend": one.judged.mend.told(words) if one.judged.mend else "",
            }
            for one in findings
        ],
    }  # fmt: skip
