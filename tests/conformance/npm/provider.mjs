// Another company's identity server as oidc-provider writes it, with its own pages for trying out; prints its address.
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

const [back, secret] = process.argv.slice(2)
const server = createServer()
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'avow', client_secret: secret, redirect_uris: [back], response_types: ['code'],
      grant_types: ['authorization_code'], token_endpoint_auth_method: 'client_secret_basic',
    }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({ sub, name: `Person ${sub}`, email: `${sub}@foreign.example`, email_verified: true }),
    }),
    cookies: { keys: ['for a test alone'] },
    pkce: { required: () => true },
  })
  server.on('request', provider.callback())
  process.stdout.write(`${issuer}\n`)
})
