// A company's application as openid-client writes it: one JSON command a line on stdin, one JSON answer a line on stdout.
import { createInterface } from 'node:readline'
import * as oidc from 'openid-client'

const known = {}
const acts = {
  async discover({ issuer, id, secret, basic }) {
    const how = basic ? oidc.ClientSecretBasic(secret) : oidc.ClientSecretPost(secret)
    known.config = await oidc.discovery(new URL(issuer), id, secret, how, { execute: [oidc.allowInsecureRequests] })
    return known.config.serverMetadata()
  },
  async begin({ back, scope, ...more }) {
    known.verifier = oidc.randomPKCECodeVerifier()
    known.state = oidc.randomState()
    known.nonce = oidc.randomNonce()
    const asked = {
      redirect_uri: back, scope, state: known.state, nonce: known.nonce, code_challenge_method: 'S256',
      code_challenge: await oidc.calculatePKCECodeChallenge(known.verifier), ...more,
    }
    return { url: oidc.buildAuthorizationUrl(known.config, asked).href }
  },
  async verifier() {
    return { verifier: known.verifier }
  },
  async take({ url, ...more }) {
    known.tokens = await oidc.authorizationCodeGrant(known.config, new URL(url), {
      pkceCodeVerifier: known.verifier, expectedState: known.state, expectedNonce: known.nonce, idTokenExpected: true, ...more,
    })
    return { claims: known.tokens.claims(), refresh: known.tokens.refresh_token }
  },
  async refresh({ token }) {
    known.tokens = await oidc.refreshTokenGrant(known.config, token ?? known.tokens.refresh_token)
    return { claims: known.tokens.claims(), refresh: known.tokens.refresh_token }
  },
  async userinfo({ sub }) {
    return oidc.fetchUserInfo(known.config, known.tokens.access_token, sub)
  },
  async revoke() {
    await oidc.tokenRevocation(known.config, known.tokens.refresh_token, { token_type_hint: 'refresh_token' })
    return {}
  },
  async leave({ back }) {
    const asked = { id_token_hint: known.tokens.id_token, post_logout_redirect_uri: back }
    return { url: oidc.buildEndSessionUrl(known.config, asked).href }
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const { act, ...asked } = JSON.parse(line)
  let answer
  try {
    answer = { ok: await acts[act](asked) }
  } catch (wrong) {
    answer = { error: wrong.error ?? wrong.code ?? wrong.name, said: wrong.message, status: wrong.status ?? wrong.cause?.status }
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
