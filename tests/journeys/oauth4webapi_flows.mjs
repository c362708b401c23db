// oauth4webapi by itself: each request made and each answer processed, step by step. It prints an
// address where a browser is to go, reads the address that the browser was sent back to, and prints
// what came of it.
import { createInterface } from 'node:readline/promises'
import * as oauth from 'oauth4webapi'

const { ISSUER, KEY, CALLBACK, RESOURCE, CLIENT_ID, INITIAL } = process.env
const http = { [oauth.allowInsecureRequests]: true }
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const jwk = JSON.parse(KEY)
const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const key = { key: await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']), kid: jwk.kid }
const issuer = new URL(ISSUER)
const as = await oauth.processDiscoveryResponse(
  issuer, await oauth.discoveryRequest(issuer, { ...http }),
)
const client = { client_id: CLIENT_ID }
const auth = oauth.PrivateKeyJwt(key)

async function visit(params) {
  const to = new URL(as.authorization_endpoint)
  to.search = new URLSearchParams(params).toString()
  console.log(to.href)
  return new URL((await lines.next()).value)
}

async function asked(more = {}) {
  const verifier = oauth.generateRandomCodeVerifier()
  const params = {
    client_id: CLIENT_ID, response_type: 'code', redirect_uri: CALLBACK, prompt: 'consent',
    scope: 'openid profile offline_access files.read', state: oauth.generateRandomState(),
    nonce: oauth.generateRandomNonce(), code_challenge_method: 'S256',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), ...more,
  }
  return { verifier, params }
}

async function exchanged(answer, verifier, nonce, options = {}) {
  const ask = () => oauth.authorizationCodeGrantRequest(
    as, client, auth, answer, CALLBACK, verifier, { ...http, ...options },
  )
  const response = await ask()
  const tokens = await oauth.processAuthorizationCodeResponse(
    as, client, response, { expectedNonce: nonce, requireIdToken: true },
  )
  await oauth.validateApplicationLevelSignature(as, response, http)
  return tokens
}

async function used(tokens, options = {}) {
  const { sub } = oauth.getValidatedIdTokenClaims(tokens)
  const with_ = { ...http, ...options }
  const person = await oauth.processUserInfoResponse(
    as, client, sub, await oauth.userInfoRequest(as, client, tokens.access_token, with_),
  )
  const next = await oauth.processRefreshTokenResponse(
    as, client, await oauth.refreshTokenGrantRequest(as, client, auth, tokens.refresh_token, with_),
  )
  const files = await oauth.protectedResourceRequest(
    next.access_token, 'GET', new URL(`${RESOURCE}/a/tree/stat/personal-files`), new Headers(), null, with_,
  )
  const asks = { ...http, requestJwtResponse: true }
  const signed = await oauth.introspectionRequest(as, client, auth, next.access_token, asks)
  const told = await oauth.processIntrospectionResponse(as, client, signed)
  await oauth.validateApplicationLevelSignature(as, signed, http)
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, next.refresh_token, http))
  const after = await oauth.processIntrospectionResponse(
    as, client, await oauth.introspectionRequest(as, client, auth, next.access_token, http),
  )
  return {
    name: person.name, files: files.status, active: told.active, after: after.active,
    type: next.token_type.toLowerCase(),
  }
}

async function code(more = {}, options = {}, push = false) {
  const { verifier, params } = await asked(more)
  let sent = params
  if (push) {
    const { request_uri } = await oauth.processPushedAuthorizationResponse(
      as, client, await oauth.pushedAuthorizationRequest(as, client, auth, params, { ...http, ...options }),
    )
    sent = { client_id: CLIENT_ID, request_uri }
  }
  const answer = oauth.validateAuthResponse(as, client, await visit(sent), params.state)
  return used(await exchanged(answer, verifier, params.nonce, options), options)
}

const flows = {
  code: () => code(),
  par_and_dpop: async () => {
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
    return code({}, { DPoP }, true)
  },
  jar_and_jarm: async () => {
    const { verifier, params } = await asked({ response_mode: 'jwt' })
    const request = await oauth.issueRequestObject(as, client, params, key)
    const back = await visit({ client_id: CLIENT_ID, request })
    const answer = await oauth.validateJwtAuthResponse(as, client, back, params.state, http)
    return used(await exchanged(answer, verifier, params.nonce))
  },
  hybrid: async () => {
    const { verifier, params } = await asked({ response_type: 'code id_token' })
    const back = await visit(params)
    const answer = await oauth.validateCodeIdTokenResponse(
      as, client, back, params.nonce, params.state, oauth.skipAuthTimeCheck, http,
    )
    return used(await exchanged(answer, verifier, params.nonce))
  },
  detached: async () => {
    const { verifier, params } = await asked({ response_type: 'code id_token' })
    const back = await visit(params)
    const answer = await oauth.validateDetachedSignatureResponse(
      as, client, back, params.nonce, params.state, oauth.skipAuthTimeCheck, http,
    )
    return used(await exchanged(answer, verifier, params.nonce))
  },
  exchange: async () => {
    const { verifier, params } = await asked()
    const answer = oauth.validateAuthResponse(as, client, await visit(params), params.state)
    const tokens = await exchanged(answer, verifier, params.nonce)
    const kind = 'urn:ietf:params:oauth:token-type:access_token'
    const response = await oauth.genericTokenEndpointRequest(
      as, client, auth, 'urn:ietf:params:oauth:grant-type:token-exchange',
      { subject_token: tokens.access_token, subject_token_type: kind, scope: 'openid' }, http,
    )
    const narrow = await oauth.processGenericTokenEndpointResponse(as, client, response)
    return { scope: narrow.scope, kind: narrow.issued_token_type === kind }
  },
  // The other side of it: a resource server of somebody else, that is sent a token of ours.
  resource_server: async () => {
    const { verifier, params } = await asked({ resource: RESOURCE })
    const answer = oauth.validateAuthResponse(as, client, await visit(params), params.state)
    const tokens = await exchanged(answer, verifier, params.nonce)
    const headers = { authorization: `Bearer ${tokens.access_token}` }
    const request = new Request('https://api.example/', { headers })
    const claims = await oauth.validateJwtAccessToken(as, request, RESOURCE, http)
    const from = new URL(RESOURCE)
    const described = await oauth.processResourceDiscoveryResponse(
      from, await oauth.resourceDiscoveryRequest(from, http),
    )
    return { client: claims.client_id === CLIENT_ID, named: described.authorization_servers.includes(ISSUER) }
  },
  client_credentials: async () => {
    const response = await oauth.clientCredentialsGrantRequest(as, client, auth, { resource: RESOURCE }, http)
    const tokens = await oauth.processClientCredentialsResponse(as, client, response)
    return { type: tokens.token_type }
  },
  device: async () => {
    const begun = await oauth.processDeviceAuthorizationResponse(as, client,
      await oauth.deviceAuthorizationRequest(as, client, auth, { scope: 'openid profile offline_access files.read' }, http))
    console.log(begun.verification_uri_complete)
    await lines.next()
    const response = await oauth.deviceCodeGrantRequest(as, client, auth, begun.device_code, http)
    return used(await oauth.processDeviceCodeResponse(as, client, response))
  },
  // A client of the profile that asks from the back: each request signed, each token bound.
  fapi_ciba: async () => {
    const params = {
      scope: 'openid profile offline_access files.read', login_hint: 'ann', binding_message: 'W4SCT',
    }
    const request = await oauth.issueRequestObject(as, client, params, key)
    const begun = await oauth.processBackchannelAuthenticationResponse(as, client,
      await oauth.backchannelAuthenticationRequest(as, client, auth, { request }, http))
    console.log(`${RESOURCE}/oauth2/requests`)
    await lines.next()
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
    const response = await oauth.backchannelAuthenticationGrantRequest(
      as, client, auth, begun.auth_req_id, { ...http, DPoP })
    return used(await oauth.processBackchannelAuthenticationGrantResponse(as, client, response), { DPoP })
  },
  registration: async () => {
    const metadata = { redirect_uris: [CALLBACK], client_name: 'Itself' }
    const response = await oauth.dynamicClientRegistrationRequest(as, metadata, { ...http, initialAccessToken: INITIAL })
    const made = await oauth.processDynamicClientRegistrationResponse(response)
    return { named: made.client_name, id: typeof made.client_id }
  },
}

console.log(JSON.stringify(await flows[process.argv[2]]()))
process.exit(0)
