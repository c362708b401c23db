// A client that keeps no secret and whose tokens no thief can use: openid-client with a key of its
// own (private_key_jwt), pushed requests, PKCE and DPoP. It prints where to send the browser, reads
// where the browser came back to, and prints what it got.
import { createInterface } from 'node:readline/promises'
import * as client from 'openid-client'

const { ISSUER, CLIENT_ID, KEY, CALLBACK, RESOURCE } = process.env
const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const key = await crypto.subtle.importKey('jwk', JSON.parse(KEY), algorithm, false, ['sign'])
const config = await client.discovery(
  new URL(ISSUER), CLIENT_ID, undefined, client.PrivateKeyJwt({ key, kid: JSON.parse(KEY).kid }),
  { execute: [client.allowInsecureRequests] },
)
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
const checks = {
  pkceCodeVerifier: client.randomPKCECodeVerifier(), expectedState: client.randomState(),
}
const to = await client.buildAuthorizationUrlWithPAR(config, {
  redirect_uri: CALLBACK,
  scope: 'openid offline_access files.read',
  code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
  code_challenge_method: 'S256',
  state: checks.expectedState,
}, { DPoP })
console.log(to.href)

const back = (await createInterface({ input: process.stdin })[Symbol.asyncIterator]().next()).value
const first = await client.authorizationCodeGrant(config, new URL(back), checks, {}, { DPoP })
const { sub } = first.claims()
const person = await client.fetchUserInfo(config, first.access_token, sub, { DPoP })
const next = await client.refreshTokenGrant(config, first.refresh_token, {}, { DPoP })
const files = await client.fetchProtectedResource(
  config, next.access_token, new URL(RESOURCE), 'GET', null, new Headers(), { DPoP },
)
const bare = await fetch(RESOURCE, { headers: { authorization: `Bearer ${next.access_token}` } })
console.log(JSON.stringify({
  types: [first.token_type, next.token_type], sub: person.sub, files: files.status, bare: bare.status,
}))
process.exit(0)
