/**
 * CRAM-MD5 (RFC 2195): the client shows that it knows the password by a keyed digest of what the server said.
 *
 * It proves nothing of the server, and the server must store passwords in the clear: SCRAM is better in every way. A
 * client uses it only where it is told to.
 *
 * Deviation: RFC 2195 §2 wants a timestamp in the challenge, to make it unique; 16 random bytes stand in its place.
 */

import { fromLatin1, fromUtf8 } from '@postroad/bytes'
import type { Cryptography } from '@postroad/runtime'
import type { ClientContext } from './client-context.ts'
import { broken, createClientExchange, DONE } from './client-exchange.ts'
import type { ClientMechanism } from './client-mechanism.ts'
import { type PasswordLogin, readField, writeField } from './credentials.ts'
import type { ServerContext } from './server-context.ts'
import { createServerExchange, judge, MALFORMED, REFUSED, type ServerTurn } from './server-exchange.ts'
import type { ServerMechanism } from './server-mechanism.ts'

const NAME = 'CRAM-MD5'
const NONCE_BYTES = 16
/** The longest challenge that a client answers, in octets. */
const MAX_CHALLENGE_OCTETS = 1_024
/** A space and 32 hexadecimal digits. */
const DIGEST_TEXT = 33

/**
 * The server's side; `undefined` where the context lacks cryptography, MD5 in it, or randomness. An initial response is
 * refused.
 */
export function createCramMd5Server(context: ServerContext): ServerMechanism | undefined {
  const { cryptography, random, hostname = 'localhost' } = context
  if (random === undefined || cryptography === undefined || !hasMd5(cryptography)) return undefined
  const bytes = fromLatin1(`<${toHex(random.bytes(NONCE_BYTES))}@${hostname}>`)

  const readResponse = (response: Uint8Array): ServerTurn => {
    const end = response.length - DIGEST_TEXT
    const authenticationId = end < 1 ? undefined : readField(response, 0, end)
    const given = response.subarray(Math.max(0, end))
    if (!authenticationId || !/^ [\da-f]{32}$/.test(readField(given) ?? '')) return MALFORMED
    return {
      kind: 'secret',
      username: authenticationId,
      next: (found) => {
        // Computed for nobody, too, so that it takes as long.
        const digest = fromLatin1(` ${toHex(cryptography.hmac('md5', fromUtf8(found ?? ''), bytes))}`)
        const proven = cryptography.equal(digest, given)
        // An empty password is none.
        if (!proven || !found) return REFUSED
        return judge({ kind: 'proof', mechanism: NAME, authorizationId: '', authenticationId })
      },
    }
  }

  return createServerExchange(NAME, (initial) =>
    initial === undefined ? { kind: 'challenge', bytes, next: readResponse } : MALFORMED,
  )
}

/** The client's side; `undefined` where the context lacks cryptography or MD5 in it, or it cannot carry the login. */
export function createCramMd5Client(login: PasswordLogin, context: ClientContext): ClientMechanism | undefined {
  const { cryptography } = context
  const username = writeField(login.username)
  const password = writeField(login.password)
  if (!username?.length || !password?.length || login.authorizationId) return undefined
  if (cryptography === undefined || !hasMd5(cryptography)) return undefined
  return createClientExchange(NAME, {
    bytes: undefined,
    end: { kind: 'fail', reason: 'malformed' },
    next: (challenge) => {
      if (challenge.length === 0 || challenge.length > MAX_CHALLENGE_OCTETS) return broken()
      const digest = toHex(cryptography.hmac('md5', password, challenge))
      return { kind: 'respond', bytes: fromUtf8(`${login.username} ${digest}`), end: DONE, next: broken }
    },
  })
}

/** A machine that is locked to FIPS 140 has none: known before a peer speaks, for nothing may throw then. */
function hasMd5(cryptography: Cryptography): boolean {
  try {
    cryptography.hmac('md5', new Uint8Array(0), new Uint8Array(0))
    return true
  } catch {
    return false
  }
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
