// A client that has a certificate in the place of a secret, and whose tokens are bound to it:
// openid-client by mutual TLS, with pushed requests and PKCE. It prints where to send the browser,
// reads where the browser came back to, and prints what it got.
import { createInterface } from 'node:readline/promises'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import * as client from 'openid-client'

const { ISSUER, CLIENT_ID, CA, CERT, KEY, CALLBACK, FILES } = process.env
const [ca, cert, key] = [CA, CERT, KEY].map((path) => readFileSync(path))

const over = (options) => (url, { method = 'GET', headers, body }) =>
  new Promise((resolve, reject) => {
    const sent = request(url, { ca, ...options, method, headers: Object.fromEntries(new Headers(headers)) })
    sent.on('error', reject)
    sent.on('response', async (got) => {
      const parts = []
      for await (const part of got) parts.push(part)
      const told = Object.entries(got.headers).map(([name, value]) => [name, String(value)])
      resolve(new Response(Buffer.concat(parts), { status: got.statusCode, headers: told }))
    })
    sent.end(body === undefined || body === null ? undefined : Buffer.from(String(body)))
  })

const config = await client.discovery(
  new URL(ISSUER), CLIENT_ID, { use_mtls_endpoint_aliases: true }, client.TlsClientAuth(),
  { [client.customFetch]: over({ cert, key }) },
)
const checks = {
  pkceCodeVerifier: client.randomPKCECodeVerifier(), expectedState: client.randomState(),
}
const to = await client.buildAuthorizationUrlWithPAR(config, {
  redirect_uri: CALLBACK,
  scope: 'openid offline_access files.read',
  code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
  code_challenge_method: 'S256',
  state: checks.expectedState,
})
console.log(to.href)

const back = (await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next()).value
const first = await client.authorizationCodeGrant(config, new URL(back), checks)
const { sub } = first.claims()
const person = await client.fetchUserInfo(config, first.access_token, sub)
const next = await client.refreshTokenGrant(config, first.refresh_token)
const files = await client.fetchProtectedResource(config, next.access_token, new URL(FILES), 'GET')
const means = await client.tokenIntrospection(config, next.access_token)
const headers = { authorization: `Bearer ${next.access_token}` }
const bare = await over({})(FILES, { headers })
console.log(JSON.stringify({
  types: [first.token_type, next.token_type], sub: person.sub, files: files.status,
  bare: bare.status, cnf: means.cnf,
}))
process.exit(0)
