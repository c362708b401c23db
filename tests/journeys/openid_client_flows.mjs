// Every flow of openid-client, by the name in its argument. It prints an address where a browser is
// to go, reads the address that the browser was sent back to (or the form that was), and prints
// what came of it.
import { createServer } from 'node:http'
import { createInterface } from 'node:readline/promises'
import { text } from 'node:stream/consumers'
import { CompactEncrypt, importJWK } from 'jose'
import * as client from 'openid-client'

const { ISSUER, KEY, CALLBACK, RESOURCE, CLIENT_ID, SECRET, SECRET_KEY, INITIAL, OTHER_ID, PING } = process.env
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const jwk = JSON.parse(KEY)
const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign'])
const byKey = () => client.PrivateKeyJwt({ key, kid: jwk.kid })

async function configured(auth = byKey(), metadata = {}, ...more) {
  const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks, ...more]
  return client.discovery(new URL(ISSUER), CLIENT_ID, { client_secret: SECRET, ...metadata }, auth, { execute })
}

async function visit(to) {
  console.log(to.href ?? to)
  const back = (await lines.next()).value
  if (!back.startsWith('POST ')) return new URL(back)
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  return new Request(CALLBACK, { method: 'POST', headers, body: back.slice(5) })
}

async function asked(more = {}) {
  const checks = {
    pkceCodeVerifier: client.randomPKCECodeVerifier(), expectedState: client.randomState(),
    expectedNonce: client.randomNonce(),
  }
  const params = {
    redirect_uri: CALLBACK, scope: 'openid profile offline_access', prompt: 'consent',
    code_challenge: await client.calculatePKCECodeChallenge(checks.pkceCodeVerifier),
    code_challenge_method: 'S256', state: checks.expectedState, nonce: checks.expectedNonce, ...more,
  }
  return { checks, params }
}

// What is done with tokens once they are there, and that it ends.
async function used(config, tokens, options = {}) {
  const { sub } = tokens.claims()
  const person = await client.fetchUserInfo(config, tokens.access_token, sub, options)
  const next = await client.refreshTokenGrant(config, tokens.refresh_token, {}, options)
  const told = await client.tokenIntrospection(config, next.access_token)
  await client.tokenRevocation(config, next.refresh_token)
  const after = await client.tokenIntrospection(config, next.access_token)
  return { name: person.name, active: told.active, after: after.active, type: next.token_type.toLowerCase() }
}

async function code(config, build = client.buildAuthorizationUrl, more = {}, options = {}) {
  const { checks, params } = await asked(more)
  const back = await visit(await build(config, params, options))
  return used(config, await client.authorizationCodeGrant(config, back, checks, {}, options), options)
}

async function idToken(more = {}) {
  const config = await configured(undefined, {}, client.useIdTokenResponseType)
  const { checks, params } = await asked({ scope: 'openid profile', ...more })
  delete params.code_challenge
  delete params.code_challenge_method
  const back = await visit(client.buildAuthorizationUrl(config, params))
  const { expectedNonce, expectedState } = checks
  const claims = await client.implicitAuthentication(config, back, expectedNonce, { expectedState })
  return { name: claims.name }
}

const hybrid = [undefined, {}, client.useCodeIdTokenResponseType]
const withJar = (config, params) => client.buildAuthorizationUrlWithJAR(config, params, { key, kid: jwk.kid })
const withBoth = async (config, params, options) => {
  const { searchParams } = await withJar(config, params)
  return client.buildAuthorizationUrlWithPAR(config, Object.fromEntries(searchParams), options)
}

// To the server as well: nobody on the way reads what is asked for.
const withSealed = async (config, params, options) => {
  const { searchParams } = await withJar(config, params)
  const { keys } = await (await fetch(config.serverMetadata().jwks_uri)).json()
  const theirs = keys.find(({ use, kty }) => use === 'enc' && kty === 'EC')
  const header = { alg: 'ECDH-ES', enc: 'A256GCM', kid: theirs.kid, cty: 'JWT' }
  const request = await new CompactEncrypt(new TextEncoder().encode(searchParams.get('request')))
    .setProtectedHeader(header).encrypt(await importJWK(theirs, header.alg))
  return client.buildAuthorizationUrlWithPAR(config, { client_id: CLIENT_ID, request }, options)
}

// What the server tells an application that is pinged.
const pinged = () => new Promise((resolve) => {
  const { hostname, port } = new URL(PING)
  createServer(async (request, response) => {
    const { authorization } = request.headers
    resolve({ authorization, ...JSON.parse(await text(request)) })
    response.writeHead(204).end()
  }).listen(port, hostname)
})

async function decrypting(...more) {
  const secret = JSON.parse(SECRET_KEY)
  const algorithm = { name: 'ECDH', namedCurve: 'P-256' }
  const own = await crypto.subtle.importKey('jwk', secret, algorithm, false, ['deriveBits'])
  const opens = (config) =>
    client.enableDecryptingResponses(config, undefined, { key: own, alg: secret.alg, kid: secret.kid })
  return configured(undefined, {
    id_token_encrypted_response_alg: secret.alg, userinfo_encrypted_response_alg: secret.alg,
    authorization_encrypted_response_alg: secret.alg,
  }, opens, ...more)
}

const flows = {
  client_secret_basic: async () => code(await configured(client.ClientSecretBasic(SECRET))),
  client_secret_post: async () => code(await configured(client.ClientSecretPost(SECRET))),
  client_secret_jwt: async () => code(await configured(client.ClientSecretJwt(SECRET))),
  private_key_jwt: async () => code(await configured()),
  form_post: async () => code(await configured(), undefined, { response_mode: 'form_post' }),
  id_token: () => idToken(),
  id_token_form_post: () => idToken({ response_mode: 'form_post' }),
  hybrid: async () => code(await configured(...hybrid)),
  hybrid_form_post: async () => code(await configured(...hybrid), undefined, { response_mode: 'form_post' }),
  // A hash of the state stands beside that of the code.
  detached: async () => code(await configured(...hybrid, client.enableDetachedSignatureResponseChecks)),
  jarm: async () => code(await configured(undefined, {}, client.useJwtResponseMode)),
  jar: async () => code(await configured(), withJar),
  par: async () => code(await configured(), client.buildAuthorizationUrlWithPAR),
  par_of_jar: async () => code(await configured(), withBoth),
  everything_at_once: async () => {
    const config = await configured(undefined, {}, client.useJwtResponseMode)
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
    return code(config, withBoth, {}, { DPoP })
  },
  client_credentials: async () => {
    const config = await configured()
    const tokens = await client.clientCredentialsGrant(config, { resource: RESOURCE })
    return { active: (await client.tokenIntrospection(config, tokens.access_token)).active }
  },
  device: async () => {
    const config = await configured()
    const begun = await client.initiateDeviceAuthorization(config, { scope: 'openid profile offline_access' })
    await visit(begun.verification_uri_complete)
    return used(config, await client.pollDeviceAuthorizationGrant(config, begun))
  },
  from_the_back: async () => {
    const config = await configured()
    const begun = await client.initiateBackchannelAuthentication(config, {
      scope: 'openid profile offline_access', login_hint: 'ann', binding_message: 'W4SCT',
    })
    await visit(`${RESOURCE}/oauth2/requests`)
    return used(config, await client.pollBackchannelAuthenticationGrant(config, begun))
  },
  pinged_from_the_back: async () => {
    const config = await configured()
    const ping = pinged()
    const client_notification_token = client.randomState()
    const begun = await client.initiateBackchannelAuthentication(config, {
      scope: 'openid profile offline_access', login_hint: 'ann', client_notification_token,
    })
    await visit(`${RESOURCE}/oauth2/requests`)
    const told = await ping
    const tokens = await client.pollBackchannelAuthenticationGrant(config, begun)
    return {
      ...(await used(config, tokens)), named: told.auth_req_id === begun.auth_req_id,
      ours: told.authorization === `Bearer ${client_notification_token}`,
    }
  },
  encrypted: async () => code(await decrypting()),
  encrypted_jarm: async () => code(await decrypting(client.useJwtResponseMode)),
  par_of_encrypted_jar: async () => code(await configured(), withSealed),
  // A clock that is twenty minutes ahead: only the server's nonce says that a proof is of now.
  dpop_with_nonce: async () => {
    const config = await configured(client.ClientSecretBasic(SECRET), { [client.clockSkew]: 1200 })
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))
    return code(config, undefined, {}, { DPoP })
  },
  native_sso: async () => {
    const config = await configured(client.None())
    const { checks, params } = await asked({ scope: 'openid profile offline_access device_sso' })
    const back = await visit(client.buildAuthorizationUrl(config, params))
    const first = await client.authorizationCodeGrant(config, back, checks)
    const execute = [client.allowInsecureRequests]
    const other = await client.discovery(new URL(ISSUER), OTHER_ID, {}, client.None(), { execute })
    const type = 'urn:ietf:params:oauth:token-type:id_token'
    const next = await client.genericGrantRequest(other, 'urn:ietf:params:oauth:grant-type:token-exchange', {
      audience: ISSUER, subject_token: first.id_token, subject_token_type: type,
      actor_token: first.device_secret, actor_token_type: 'urn:openid:params:token-type:device-secret',
    })
    const { sub } = first.claims()
    const person = await client.fetchUserInfo(other, next.access_token, sub)
    return { name: person.name, same: next.device_secret === first.device_secret, own: next.claims().aud === OTHER_ID }
  },
  exchange: async () => {
    const config = await configured()
    const { checks, params } = await asked()
    const back = await visit(client.buildAuthorizationUrl(config, params))
    const first = await client.authorizationCodeGrant(config, back, checks)
    const type = 'urn:ietf:params:oauth:token-type:access_token'
    const next = await client.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:token-exchange', {
      subject_token: first.access_token, subject_token_type: type, scope: 'openid',
    })
    return { scope: next.scope, kind: next.issued_token_type === type }
  },
  registration: async () => {
    const config = await client.dynamicClientRegistration(
      new URL(ISSUER),
      { redirect_uris: [CALLBACK], client_name: 'Itself', grant_types: ['authorization_code', 'refresh_token'] },
      undefined, { initialAccessToken: INITIAL, execute: [client.allowInsecureRequests] },
    )
    return code(config)
  },
}

console.log(JSON.stringify(await flows[process.argv[2]]()))
process.exit(0)
