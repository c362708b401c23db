"""Tokens that are refreshed: what ends a sign-in, and what does not."""

from pathlib import Path

import httpx2
import pytest

from keycell.client.credentials import FileKeeper, Tokens
from keycell.client.errors import ClientError, SignInRequired
from keycell.client.profiles import Profile
from keycell.client.tokens import TokenAuth

PROFILE = Profile(name="default", server="https://id.example", storage="file")
ENDPOINT = "https://id.example/oidc/oauth2/token"


async def refresh(answer: httpx2.Response) -> Exception:
    """Let an old token be refreshed, and give what that ends in."""
    keeper = FileKeeper()
    keeper.write("default", Tokens("old", "refresh", expires_at=1))
    flow = TokenAuth(PROFILE, keeper, ENDPOINT).async_auth_flow(
        httpx2.Request("GET", "https://id.example/a/user")
    )
    asked = await anext(flow)
    assert str(asked.url) == ENDPOINT
    answer.request = asked
    with pytest.raises(ClientError) as refused:
        await flow.asend(answer)
    return refused.value


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(302, headers={"Location": "https://gate.example/"}),
        httpx2.Response(403, text="<html>Accept the terms of this network</html>"),
        httpx2.Response(404, json={"error": "not_found"}),
        httpx2.Response(400, json=["invalid_grant"]),
        httpx2.Response(401, json={"error": "invalid_client"}),
        httpx2.Response(429, json={"error": "slow_down"}),
        httpx2.Response(503, text="away"),
    ],
    ids=lambda answer: str(answer.status_code),
)
async def test_what_others_answer_ends_no_sign_in(home: Path, answer: httpx2.Response) -> None:
    await refresh(answer)
    assert FileKeeper().read("default") == Tokens("old", "refresh", expires_at=1)


async def test_a_grant_that_has_ended_ends_it(home: Path) -> None:
    """RFC6749-5.2."""
    error = await refresh(httpx2.Response(400, json={"error": "invalid_grant"}))
    assert isinstance(error, SignInRequired)
    assert FileKeeper().read("default") is None
