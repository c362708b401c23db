"""First steps for applications, to be copied: each of them runs in the tests as it stands here."""

from dataclasses import dataclass

from keycell.http import quickstart_texts as texts


@dataclass(frozen=True, slots=True)
class Values:
    """What is the reader's own in a text to be copied."""

    issuer: str
    base_url: str
    client_id: str


@dataclass(frozen=True, slots=True)
class Quickstart:
    """A text to be copied, with what must be there before it runs."""

    key: str
    title: str
    needs: str
    text: str

    def filled(self, values: Values) -> str:
        """Put the reader's own values in."""
        return (
            self.text.strip()
            .replace("@ISSUER@", values.issuer)
            .replace("@BASE@", values.base_url)
            .replace("@CLIENT_ID@", values.client_id)
        )


QUICKSTARTS = (
    Quickstart("discovery", "curl: look at the issuer", "curl", texts.DISCOVER),
    Quickstart(
        "client-credentials", "curl: a token for a program of its own",
        "A confidential client with the grant type client_credentials; its secret in "
        "CLIENT_SECRET.", texts.MACHINE,
    ),
    Quickstart(
        "refresh", "curl: new tokens",
        "A refresh token in REFRESH_TOKEN, the client's secret in CLIENT_SECRET.", texts.REFRESH,
    ),
    Quickstart(
        "introspect", "curl: ask what a token means",
        "A token in TOKEN, the client's secret in CLIENT_SECRET.", texts.INTROSPECT,
    ),
    Quickstart(
        "authlib", "Python: sign people in with Authlib",
        "pip install authlib httpx itsdangerous starlette uvicorn; the redirect URI "
        "http://127.0.0.1:8000/callback; CLIENT_SECRET and SESSION_SECRET; then "
        "uvicorn app:app --port 8000.", texts.STARLETTE,
    ),
    Quickstart(
        "fastapi", "Python: sign people in to a FastAPI application",
        "pip install authlib fastapi httpx itsdangerous uvicorn; the redirect URI "
        "http://127.0.0.1:8000/callback; CLIENT_SECRET and SESSION_SECRET; then "
        "uvicorn app:app --port 8000.", texts.FASTAPI,
    ),
    Quickstart(
        "flask", "Python: sign people in to a Flask application",
        "pip install authlib flask requests; the redirect URI http://127.0.0.1:5000/callback; "
        "CLIENT_SECRET and SESSION_SECRET; then flask run.", texts.FLASK,
    ),
    Quickstart(
        "openid-client", "Node.js: sign people in with openid-client",
        "npm install openid-client; the redirect URI http://127.0.0.1:3000/callback; "
        "CLIENT_SECRET; then node app.mjs.", texts.NODE,
    ),
    Quickstart(
        "go", "Go: sign people in with go-oidc",
        "go mod init app; go get github.com/coreos/go-oidc/v3/oidc golang.org/x/oauth2; Go 1.24 "
        "or later; the redirect URI http://127.0.0.1:8000/callback; CLIENT_SECRET and PORT=8000; "
        "then go run .", texts.GO,
    ),
    Quickstart(
        "mod-auth-openidc", "Apache: protect a site with mod_auth_openidc",
        "The module auth_openidc; the redirect URI APP_URL/protected/redirect_uri; CLIENT_SECRET, "
        "APP_URL and CRYPTO_PASSPHRASE in Apache's environment.", texts.APACHE,
    ),
    Quickstart(
        "files", "curl: put a file, and get it (WebDAV)",
        "A personal access token in TOKEN, from your account page, and a file report.txt.",
        texts.FILES,
    ),
    Quickstart(
        "rclone", "rclone: put a file, and get it (S3)",
        "A pair of keys in ACCESS_KEY and SECRET_KEY, from your account page, and a file "
        "report.txt.", texts.RCLONE,
    ),
    Quickstart(
        "aws", "aws: put a file, and get it (S3)",
        "A pair of keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, from your account page, "
        "and a file report.txt.", texts.AWS,
    ),
)  # fmt: skip
