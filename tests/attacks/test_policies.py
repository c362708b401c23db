"""What an application registers stands in our pages' policy, and does not write it. CSP3-2.2."""

import re
from dataclasses import replace

import pytest

from keycell.accounts.people import Account
from keycell.bootstrap import World
from keycell.oauth.errors import InvalidClientMetadata, InvalidRedirectUri

from ..conftest import Browser, add_client, keep_client
from ..protocol.test_logout import BYE, hint_of, leave

HOSTS = (
    "a.example;sandbox", "a.example;require-trusted-types-for", "a.example,b", "*", "*.example",
    "a.example'none'", "\u0430.example", "a.example:99999999", "a.example:;x", "a%3Bb.example",
)  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
async def test_attack_83_a_host_is_a_host(world: World, host: str) -> None:
    """OIDCFCL-2, RFC3986-3.2.2: nothing else that a parser takes for one."""
    uri = f"https://{host}/out"
    for name in ("frontchannel_logout_uri", "client_uri", "initiate_login_uri"):
        with pytest.raises(InvalidClientMetadata, match=name):
            await add_client(world, **{name: uri})
    for name in ("redirect_uris", "post_logout_redirect_uris"):
        with pytest.raises((InvalidRedirectUri, InvalidClientMetadata)):
            await add_client(world, **{name: [uri]})


@pytest.mark.parametrize("host", HOSTS)
async def test_attack_83_one_application_keeps_no_other_from_being_told(
    browser: Browser, world: World, ann: Account, host: str
) -> None:
    """OIDCFCL-3: though it was registered before that was looked at."""
    made = await add_client(
        world, redirect_uris=["https://wiki.example/cb"], post_logout_redirect_uris=[BYE],
        frontchannel_logout_uri="https://wiki.example/out",
    )  # fmt: skip
    odd = await add_client(
        world, redirect_uris=["https://odd.example/cb"],
        frontchannel_logout_uri="https://odd.example/out",
    )  # fmt: skip
    metadata = replace(odd.client.metadata, frontchannel_logout_uri=f"https://{host}/out")
    await keep_client(world, replace(odd.client, metadata=metadata))
    await hint_of(browser, odd)
    hint = await hint_of(browser, made)
    page = await leave(browser, id_token_hint=hint, post_logout_redirect_uri=BYE)
    assert page.status_code == 200
    framed = re.findall(r'<iframe [^>]*src="https://([^/"]+)', page.text)
    assert framed == ["wiki.example"]
    policy = page.headers["content-security-policy"]
    assert "frame-src https://wiki.example;" in policy
    assert "sandbox" not in policy
    assert policy.count("require-trusted-types-for") == 1
