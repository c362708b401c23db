// An application that signs people in by openid-client, as its documentation shows.
import { createServer } from 'node:http'
import { randomUUID } from 'node:crypto'
import * as client from 'openid-client'

const { ISSUER, CLIENT_ID, CLIENT_SECRET, PORT } = process.env
const origin = `http://127.0.0.1:${PORT}`
const config = await client.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, {
  execute: [client.allowInsecureRequests],
})
const pending = new Map()
const signedIn = new Map()

const pages = {
  async '/'(request, respond, sid) {
    const session = signedIn.get(sid)
    respond(200, session ? `Hello ${session.claims.preferred_username}` : 'Nobody', session)
  },
  async '/login'(request, respond) {
    const state = client.randomState()
    const check = {
      pkceCodeVerifier: client.randomPKCECodeVerifier(),
      expectedState: state,
      expectedNonce: client.randomNonce(),
    }
    pending.set(state, check)
    respond.to(client.buildAuthorizationUrl(config, {
      redirect_uri: `${origin}/callback`,
      scope: 'openid profile email offline_access',
      code_challenge: await client.calculatePKCECodeChallenge(check.pkceCodeVerifier),
      code_challenge_method: 'S256',
      state,
      nonce: check.expectedNonce,
    }).href)
  },
  async '/callback'(request, respond) {
    const url = new URL(request.url, origin)
    const check = pending.get(url.searchParams.get('state'))
    const first = await client.authorizationCodeGrant(config, url, check)
    const { sub } = first.claims()
    const claims = await client.fetchUserInfo(config, first.access_token, sub)
    const next = await client.refreshTokenGrant(config, first.refresh_token)
    const sid = randomUUID()
    signedIn.set(sid, { claims, id_token: next.id_token, refresh_token: next.refresh_token })
    respond.to('/', { 'set-cookie': `app=${sid}; HttpOnly; Path=/` })
  },
  async '/logout'(request, respond, sid) {
    const session = signedIn.get(sid)
    signedIn.delete(sid)
    await client.tokenRevocation(config, session.refresh_token)
    respond.to(client.buildEndSessionUrl(config, {
      id_token_hint: session.id_token,
      post_logout_redirect_uri: `${origin}/`,
    }).href)
  },
}

createServer(async (request, response) => {
  const respond = (status, title, document = null) => {
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' })
    response.end(`<!doctype html><title>App</title><h1>${title}</h1>
      <pre>${JSON.stringify(document)}</pre>`)
  }
  respond.to = (location, headers = {}) => response.writeHead(303, { location, ...headers }).end()
  const page = pages[new URL(request.url, origin).pathname]
  const sid = /app=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
  try {
    await (page ?? (async () => respond(404, 'No such page')))(request, respond, sid)
  } catch (error) {
    respond(400, `Failed: ${error.error ?? error.code ?? error}`)
  }
}).listen(Number(PORT), '127.0.0.1', () => console.log('ready'))
