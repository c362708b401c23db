// node-oidc-provider as the peer: JWT access tokens by ES256, ID tokens by RS256 or by what
// the client registered, rotation at every refresh, and a Map without a bound (its own forgets after 1,000 entries).
import { generateKeyPair, exportJWK } from 'jose'
import { Provider } from 'oidc-provider'

const { PORT, SECRET } = process.env
const RESOURCE = 'https://files.example/'
const store = new Map()
const grants = new Map()
const uids = new Map()

class Unbounded {
  constructor(name) { this.name = name }
  key(id) { return `${this.name}:${id}` }
  async upsert(id, payload, expiresIn) {
    const key = this.key(id)
    if (payload.grantId) {
      if (!grants.has(payload.grantId)) grants.set(payload.grantId, new Set())
      grants.get(payload.grantId).add(key)
    }
    if (payload.uid) uids.set(payload.uid, id)
    store.set(key, { payload, until: expiresIn ? Date.now() + expiresIn * 1000 : Infinity })
  }
  async find(id) {
    const kept = store.get(this.key(id))
    return kept && kept.until > Date.now() ? kept.payload : undefined
  }
  async findByUid(uid) { return this.find(uids.get(uid)) }
  async findByUserCode() { return undefined }
  async consume(id) { store.get(this.key(id)).payload.consumed = Math.floor(Date.now() / 1000) }
  async destroy(id) { store.delete(this.key(id)) }
  async revokeByGrantId(grantId) {
    for (const key of grants.get(grantId) ?? []) store.delete(key)
    grants.delete(grantId)
  }
}

async function key(alg) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: alg }
}

const provider = new Provider(`http://127.0.0.1:${PORT}`, {
  adapter: Unbounded,
  jwks: { keys: [await key('RS256'), await key('ES256')] },
  cookies: { keys: ['a secret of this bench'] },
  clients: [
    {
      client_id: 'bench', client_secret: SECRET,
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      redirect_uris: ['https://app.example/callback'], response_types: ['code'],
    },
    {
      client_id: 'es256', client_secret: SECRET, id_token_signed_response_alg: 'ES256', introspection_signed_response_alg: 'ES256',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['https://app.example/callback'], response_types: ['code'],
    },
    {
      client_id: 'plain', client_secret: SECRET,
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['https://app.example/callback'], response_types: ['code'],
    },
  ],
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async () => true,
  claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
  findAccount: async (ctx, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, name: 'Ann Example', email: 'ann@example.org' }),
  }),
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    dPoP: { enabled: true },
    introspection: { enabled: true, allowedPolicy: async () => true },
    jwtIntrospection: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: async (ctx, client) => (client.clientId === 'plain' ? undefined : RESOURCE),
      useGrantedResource: async () => true,
      getResourceServerInfo: async () => ({
        scope: 'api', audience: RESOURCE, accessTokenTTL: 600, accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
  enabledJWA: {
    idTokenSigningAlgValues: ['RS256', 'ES256'], introspectionSigningAlgValues: ['RS256', 'ES256'],
  },
  ttl: { AccessToken: 600, IdToken: 3600, AuthorizationCode: 60, RefreshToken: 5184000, Grant: 5184000, Session: 43200, ClientCredentials: 600 },
})
provider.listen(Number(PORT), '127.0.0.1', () => console.log('ready'))
