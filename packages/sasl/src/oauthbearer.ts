/**
 * OAUTHBEARER (RFC 7628): a bearer token of OAuth 2.0. The token opens the door to whoever has it: under TLS only.
 *
 * Grammar that is followed (RFC 7628 §3.1), with the GS2 header of RFC 5801 §4:
 *
 *     client-resp = (gs2-header kvsep *kvpair kvsep) / kvsep
 *     kvpair      = key "=" value kvsep          ; kvsep = %x01
 *
 * A token that is refused is answered with the reason in JSON, as a challenge; the exchange fails behind the client's
 * answer to it (RFC 7628 §3.2.3).
 */

import { fromUtf8, toUtf8Strict } from '@postroad/bytes'
import { type ClientTurn, createClientExchange, DENIED, sayOnce } from './client-exchange.ts'
import type { ClientMechanism } from './client-mechanism.ts'
import { type TokenLogin, writeField } from './credentials.ts'
import { readName, writeName } from './scram-message.ts'
import { askFirst, createServerExchange, MALFORMED, REFUSED, type ServerTurn, succeed } from './server-exchange.ts'
import type { TokenCredentials, TokenRefusal } from './server-credentials.ts'
import type { ServerMechanism } from './server-mechanism.ts'

/** The longest message that is read, in octets: what a line of 12,288 octets carries in base64 (RFC 4954 §4). */
export const MAX_TOKEN_MESSAGE_OCTETS = 9_216
const MAX_TOKEN = 8_192
const SEPARATOR = '\u0001'

/** The server's side. */
export function createOauthBearerServer(): ServerMechanism {
  return createServerExchange('OAUTHBEARER', askFirst(readMessage))
}

/** The client's side; `undefined` where no message can carry the login. */
export function createOauthBearerClient(login: TokenLogin): ClientMechanism | undefined {
  const { username, token, host, port } = login
  if (!isUser(username) || !isToken(token) || !isHost(host ?? 'localhost') || !isPort(port ?? 1)) return undefined
  const pairs = [`n,a=${writeName(username)},`]
  if (host !== undefined) pairs.push(`host=${host}`)
  if (port !== undefined) pairs.push(`port=${port}`)
  pairs.push(`auth=Bearer ${token}`, '', '')
  // RFC 7628 §3.2.3: the answer to a refusal is a single separator.
  return createClientExchange('OAUTHBEARER', sayOnce(fromUtf8(pairs.join(SEPARATOR)), acknowledge(SEPARATOR)))
}

function readMessage(response: Uint8Array): ServerTurn {
  const text = response.length > MAX_TOKEN_MESSAGE_OCTETS ? undefined : toUtf8Strict(response)
  const [header = '', ...pairs] = text?.split(SEPARATOR) ?? []
  const [flag, identity = '', ...rest] = header.split(',')
  // Two separators end the message: what is behind each is empty.
  if (pairs.pop() !== '' || pairs.pop() !== '' || rest.length !== 1 || rest[0] !== '') return MALFORMED
  // Channel binding is not defined for it (RFC 7628 §3.1).
  if (flag !== 'n' && flag !== 'y') return MALFORMED
  const authorizationId = identity === '' ? '' : readName(identity, 'a')
  const values = readPairs(pairs)
  if (authorizationId === undefined || values === undefined) return MALFORMED
  const port = values.get('port')
  // RFC 7628 §3.1: a positive number without leading zeros.
  if (port !== undefined && (!/^[1-9]\d{0,4}$/.test(port) || !isPort(Number(port)))) return MALFORMED
  const host = values.get('host')
  return judgeToken(values.get('auth') ?? '', {
    authorizationId,
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port: Number(port) }),
  })
}

function readPairs(pairs: readonly string[]): ReadonlyMap<string, string> | undefined {
  const values = new Map<string, string>()
  for (const pair of pairs) {
    const [, key, value] = /^([A-Za-z]+)=([\t\n\r -~]*)$/.exec(pair) ?? []
    if (key === undefined || value === undefined || values.has(key)) return undefined
    values.set(key, value)
  }
  return values
}

/** Has a token judged that stands behind `Bearer`; tells a client without one at once what it lacks. */
export function judgeToken(auth: string, others: Omit<TokenCredentials, 'kind' | 'token'>): ServerTurn {
  const [scheme = '', token = '', ...more] = auth.split(' ')
  if (scheme.toLowerCase() !== 'bearer' || !isToken(token) || more.length > 0) return refuseToken({})
  const credentials: TokenCredentials = { kind: 'token', token, ...others }
  return {
    kind: 'verify',
    credentials,
    next: (accepted, refusal = {}) => (accepted ? succeed(credentials) : refuseToken(refusal)),
  }
}

/** RFC 7628 §3.2.2. Whatever the client answers, the exchange has failed. */
function refuseToken({ status = 'invalid_token', scope, openidConfiguration }: TokenRefusal): ServerTurn {
  const reason = JSON.stringify({ status, scope, 'openid-configuration': openidConfiguration })
  return { kind: 'challenge', bytes: fromUtf8(reason), next: () => REFUSED }
}

/** Answers a refusal with `text`; there is nothing to say behind it. */
export function acknowledge(text: string): (challenge: Uint8Array) => ClientTurn {
  return () => ({ kind: 'respond', bytes: fromUtf8(text), end: DENIED, next: () => DENIED })
}

function isHost(host: string): boolean {
  return /^[!-~]+$/.test(host)
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536
}

/** Whether the text is a `b64token` (of RFC 6750) that a message can carry. */
export function isToken(text: string): boolean {
  return text.length <= MAX_TOKEN && /^[\w.~+/-]+=*$/.test(text)
}

/** Whether the name can stand in a message: not empty, nothing that separates. */
export function isUser(name: string): boolean {
  return name !== '' && writeField(name) !== undefined && /^[^\p{Cc}]*$/u.test(name)
}
