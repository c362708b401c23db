"""The texts of the quickstarts; @ISSUER@, @BASE@ and @CLIENT_ID@ stand for the reader's own."""

import re


def _tabbed(text: str) -> str:
    """Indent as gofmt does."""
    return re.sub("(?m)^(?:    )+", lambda found: "\t" * (len(found[0]) // 4), text)


DISCOVER = """
curl -fsS @ISSUER@/.well-known/openid-configuration
curl -fsS @ISSUER@/.well-known/jwks.json
"""

MACHINE = """
curl -fsS -u "@CLIENT_ID@:$CLIENT_SECRET" -d grant_type=client_credentials \\
  @BASE@/oidc/oauth2/token
"""

REFRESH = """
curl -fsS -u "@CLIENT_ID@:$CLIENT_SECRET" -d grant_type=refresh_token \\
  -d "refresh_token=$REFRESH_TOKEN" @BASE@/oidc/oauth2/token
"""

INTROSPECT = """
curl -fsS -u "@CLIENT_ID@:$CLIENT_SECRET" -d "token=$TOKEN" @BASE@/oidc/oauth2/introspect
"""

STARLETTE = """
import os

from authlib.integrations.starlette_client import OAuth
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

oauth = OAuth()
oauth.register(
    "keycell",
    server_metadata_url="@ISSUER@/.well-known/openid-configuration",
    client_id="@CLIENT_ID@",
    client_secret=os.environ["CLIENT_SECRET"],
    client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
)


async def login(request: Request) -> Response:
    return await oauth.keycell.authorize_redirect(request, str(request.url_for("callback")))


async def callback(request: Request) -> Response:
    token = await oauth.keycell.authorize_access_token(request)
    person = await oauth.keycell.userinfo(token=token)
    return PlainTextResponse(f"Hello {person['preferred_username']}")


app = Starlette(
    routes=[Route("/login", login), Route("/callback", callback)],
    middleware=[Middleware(SessionMiddleware, secret_key=os.environ["SESSION_SECRET"])],
)
"""

NODE = """
import { createServer } from 'node:http'
import * as client from 'openid-client'

const port = Number(process.env.PORT ?? 3000)
const redirect_uri = `http://127.0.0.1:${port}/callback`
const issuer = new URL('@ISSUER@')
const secret = process.env.CLIENT_SECRET
// Only while the issuer is http; over https, leave this out.
const options = { execute: issuer.protocol === 'http:' ? [client.allowInsecureRequests] : [] }
const config = await client.discovery(issuer, '@CLIENT_ID@', secret, undefined, options)
const pending = new Map()

createServer(async (request, response) => {
  const url = new URL(request.url, redirect_uri)
  if (url.pathname === '/login') {
    const verifier = client.randomPKCECodeVerifier()
    const state = client.randomState()
    pending.set(state, verifier)
    const to = client.buildAuthorizationUrl(config, {
      redirect_uri, state, scope: 'openid profile email',
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    response.writeHead(303, { location: to.href }).end()
  } else if (pending.has(url.searchParams.get('state'))) {
    const state = url.searchParams.get('state')
    const pkceCodeVerifier = pending.get(state)
    pending.delete(state)
    const tokens = await client.authorizationCodeGrant(config, url, {
      pkceCodeVerifier, expectedState: state,
    })
    const { sub } = tokens.claims()
    const person = await client.fetchUserInfo(config, tokens.access_token, sub)
    response.end(`Hello ${person.preferred_username}`)
  } else {
    response.writeHead(404).end('Begin at /login')
  }
}).listen(port, '127.0.0.1')
"""

GO = _tabbed("""
package main

import (
    "context"
    "crypto/rand"
    "fmt"
    "log"
    "net/http"
    "os"
    "strings"

    "github.com/coreos/go-oidc/v3/oidc"
    "golang.org/x/oauth2"
)

const issuer = "@ISSUER@"

func main() {
    provider, err := oidc.NewProvider(context.Background(), issuer)
    if err != nil {
        log.Fatal(err)
    }
    config := &oauth2.Config{
        ClientID:     "@CLIENT_ID@",
        ClientSecret: os.Getenv("CLIENT_SECRET"),
        Endpoint:     provider.Endpoint(),
        RedirectURL:  "http://127.0.0.1:" + os.Getenv("PORT") + "/callback",
        Scopes:       []string{oidc.ScopeOpenID, "profile", "email"},
    }
    http.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
        state, nonce, verifier := rand.Text(), rand.Text(), oauth2.GenerateVerifier()
        http.SetCookie(w, &http.Cookie{
            Name: "signing_in", Value: state + "." + nonce + "." + verifier, Path: "/callback",
            MaxAge: 600, HttpOnly: true, SameSite: http.SameSiteLaxMode,
        })
        to := config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier))
        http.Redirect(w, r, to, http.StatusSeeOther)
    })
    http.HandleFunc("/callback", func(w http.ResponseWriter, r *http.Request) {
        name, err := signIn(r, provider, config)
        if err != nil {
            http.Error(w, err.Error(), http.StatusBadRequest)
            return
        }
        w.Header().Set("Content-Type", "text/plain; charset=utf-8")
        fmt.Fprintf(w, "Hello %s", name)
    })
    log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}

func signIn(r *http.Request, provider *oidc.Provider, config *oauth2.Config) (string, error) {
    cookie, err := r.Cookie("signing_in")
    if err != nil {
        return "", fmt.Errorf("begin at /login: %w", err)
    }
    kept := strings.Split(cookie.Value, ".")
    if len(kept) != 3 || r.FormValue("state") != kept[0] || r.FormValue("iss") != issuer {
        return "", fmt.Errorf("not the answer to this browser's request: begin at /login")
    }
    token, err := config.Exchange(r.Context(), r.FormValue("code"), oauth2.VerifierOption(kept[2]))
    if err != nil {
        return "", err
    }
    raw, _ := token.Extra("id_token").(string)
    id, err := provider.Verifier(&oidc.Config{ClientID: config.ClientID}).Verify(r.Context(), raw)
    if err != nil {
        return "", err
    }
    info, err := provider.UserInfo(r.Context(), config.TokenSource(r.Context(), token))
    if err != nil {
        return "", err
    }
    if id.Nonce != kept[1] || info.Subject != id.Subject {
        return "", fmt.Errorf("the tokens belong to another request or person")
    }
    var person struct {
        Name string `json:"preferred_username"`
    }
    return person.Name, info.Claims(&person)
}
""")

APACHE = """
OIDCProviderMetadataURL @ISSUER@/.well-known/openid-configuration
OIDCClientID @CLIENT_ID@
OIDCClientSecret "${CLIENT_SECRET}"
OIDCRedirectURI ${APP_URL}/protected/redirect_uri
OIDCCryptoPassphrase "${CRYPTO_PASSPHRASE}"
OIDCScope "openid profile email"
OIDCPKCEMethod S256
OIDCRemoteUserClaim preferred_username

<Location /protected>
  AuthType openid-connect
  Require valid-user
</Location>
"""

FILES = """
curl -fsS -H "Authorization: Bearer $TOKEN" -T report.txt @BASE@/dav/personal-files/report.txt
curl -fsS -H "Authorization: Bearer $TOKEN" @BASE@/dav/personal-files/report.txt
"""

FASTAPI = """
import os

from authlib.integrations.starlette_client import OAuth
from fastapi import FastAPI, Request
from starlette.middleware.sessions import SessionMiddleware

app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key=os.environ["SESSION_SECRET"])
oauth = OAuth()
oauth.register(
    "keycell",
    server_metadata_url="@ISSUER@/.well-known/openid-configuration",
    client_id="@CLIENT_ID@",
    client_secret=os.environ["CLIENT_SECRET"],
    client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
)


@app.get("/login")
async def login(request: Request):
    return await oauth.keycell.authorize_redirect(request, str(request.url_for("callback")))


@app.get("/callback")
async def callback(request: Request):
    token = await oauth.keycell.authorize_access_token(request)
    return await oauth.keycell.userinfo(token=token)
"""

FLASK = """
import os

from authlib.integrations.flask_client import OAuth
from flask import Flask, url_for

app = Flask(__name__)
app.secret_key = os.environ["SESSION_SECRET"]
oauth = OAuth(app)
oauth.register(
    "keycell",
    server_metadata_url="@ISSUER@/.well-known/openid-configuration",
    client_id="@CLIENT_ID@",
    client_secret=os.environ["CLIENT_SECRET"],
    client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
)


@app.get("/login")
def login():
    return oauth.keycell.authorize_redirect(url_for("callback", _external=True))


@app.get("/callback")
def callback():
    token = oauth.keycell.authorize_access_token()
    return oauth.keycell.userinfo(token=token)
"""

RCLONE = """
rclone config create keycell s3 provider=Other endpoint=@BASE@ \\
  access_key_id="$ACCESS_KEY" secret_access_key="$SECRET_KEY" > /dev/null
rclone copy report.txt keycell:io/personal-files/
rclone cat keycell:io/personal-files/report.txt
"""

AWS = """
export AWS_ENDPOINT_URL=@BASE@ AWS_DEFAULT_REGION=us-east-1
aws s3 cp report.txt s3://io/personal-files/report.txt
aws s3 cp s3://io/personal-files/report.txt -
"""
