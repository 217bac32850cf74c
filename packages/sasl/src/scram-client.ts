/**
 * The client's side of SCRAM (RFC 5802, RFC 7677), with and without channel binding.
 *
 * Success of the server counts only once its signature has been verified: a server that does not know the password
 * cannot make one (RFC 5802 §5).
 */

import { concat, fromUtf8, toBase64 } from '@postroad/bytes'
import type { Cryptography } from '@postroad/runtime'
import { chooseChannelBinding } from './channel-binding.ts'
import type { ClientContext } from './client-context.ts'
import { BROKEN, broken, type ClientTurn, createClientExchange, DENIED, DONE, UNPROVEN } from './client-exchange.ts'
import type { ClientMechanism } from './client-mechanism.ts'
import { type PasswordLogin, writeField } from './credentials.ts'
import { saslprep } from './saslprep.ts'
import { preparePassword, SCRAM_DIGESTS, type ScramName, splitSaltedPassword } from './scram-keys.ts'
import { readServerFinal, readServerFirst, writeName } from './scram-message.ts'
import { xor } from './scram-xor.ts'

/** 18 random bytes: 24 characters of base64, none of them a comma. */
const NONCE_BYTES = 18
/** RFC 7677 §4: servers should ask for at least so many. */
const MIN_ITERATIONS = 4_096
const MAX_ITERATIONS = 1_000_000

/**
 * Creates the exchange; `undefined` where the context lacks cryptography or randomness, where a `-PLUS` mechanism has no
 * channel to bind to, or where SCRAM cannot carry the login: SASLprep refuses a part of it (RFC 5802 §5.1).
 */
export function createScramClient(
  mechanism: ScramName,
  plus: boolean,
  login: PasswordLogin,
  context: ClientContext,
): ClientMechanism | undefined {
  const { cryptography, random, offered = [] } = context
  const username = prepareName(login.username)
  const authorizationId = login.authorizationId ? prepareName(login.authorizationId) : ''
  const password = writeField(login.password) && preparePassword(login.password)
  if (cryptography === undefined || random === undefined) return undefined
  if (!username || password === undefined || authorizationId === undefined) return undefined
  const binding = chooseChannelBinding(context.channelBinding)
  if (plus && binding === undefined) return undefined

  const offersPlus = offered.some((name) => name.toUpperCase() === `${mechanism}-PLUS`)
  const bound = plus ? binding : undefined
  // RFC 5802 §6: "y" says that we could bind the channel and were not offered to; the server knows whether that is so.
  const unbound = binding === undefined || offersPlus ? 'n' : 'y'
  const gs2Header = `${bound === undefined ? unbound : `p=${bound.type}`},${authorizationId && `a=${writeName(authorizationId)}`},`
  const channel = toBase64(concat([fromUtf8(gs2Header), bound?.data ?? new Uint8Array(0)]))
  const clientNonce = toBase64(random.bytes(NONCE_BYTES))
  const bare = `n=${writeName(username)},r=${clientNonce}`
  const { min = MIN_ITERATIONS, max = MAX_ITERATIONS } = context.iterations ?? {}

  const readFirst = (challenge: Uint8Array): ClientTurn => {
    const first = readServerFirst(challenge)
    if (first === undefined) return readServerFinal(challenge) === 'refused' ? DENIED : BROKEN
    // RFC 5802 §5.1: our nonce first, then something of the server's.
    if (!first.nonce.startsWith(clientNonce) || first.nonce.length === clientNonce.length) return BROKEN
    if (first.iterations < min || first.iterations > max) return { kind: 'fail', reason: 'iterations' }
    const { salt, iterations } = first
    const withoutProof = `c=${channel},r=${first.nonce}`
    const authMessage = fromUtf8(`${bare},${first.text},${withoutProof}`)
    return {
      kind: 'derive',
      derivation: { algorithm: SCRAM_DIGESTS[mechanism], password, salt, iterations },
      next: (key) => {
        const { proof, signature } = prove(mechanism, key, authMessage, cryptography)
        return {
          kind: 'respond',
          bytes: fromUtf8(`${withoutProof},p=${toBase64(proof)}`),
          end: UNPROVEN,
          next: (last) => readFinal(last, signature),
        }
      },
    }
  }

  const readFinal = (challenge: Uint8Array, signature: Uint8Array): ClientTurn => {
    const final = readServerFinal(challenge)
    if (final === undefined) return BROKEN
    if (final === 'refused') return DENIED
    if (!cryptography.equal(final, signature)) return UNPROVEN
    return { kind: 'respond', bytes: new Uint8Array(0), end: DONE, next: broken }
  }

  const bytes = fromUtf8(gs2Header + bare)
  return createClientExchange(plus ? `${mechanism}-PLUS` : mechanism, {
    bytes,
    end: UNPROVEN,
    // An empty challenge asks for the initial response again (RFC 4954 §4).
    next: (challenge) =>
      challenge.length === 0 ? { kind: 'respond', bytes, end: UNPROVEN, next: readFirst } : readFirst(challenge),
  })
}

/** Our proof, and the signature that the server must give for its own (RFC 5802 §3). */
function prove(
  mechanism: ScramName,
  saltedPassword: Uint8Array,
  authMessage: Uint8Array,
  cryptography: Cryptography,
): { readonly proof: Uint8Array; readonly signature: Uint8Array } {
  const algorithm = SCRAM_DIGESTS[mechanism]
  const { clientKey, storedKey, serverKey } = splitSaltedPassword(mechanism, saltedPassword, cryptography)
  return {
    proof: xor(clientKey, cryptography.hmac(algorithm, storedKey, authMessage)),
    signature: cryptography.hmac(algorithm, serverKey, authMessage),
  }
}

/** A name as it is sent: prepared as a query string (RFC 5802 §5.1), not empty, and of a length that is taken. */
function prepareName(name: string): string | undefined {
  const prepared = saslprep(name, 'query')
  return prepared && writeField(prepared) ? prepared : undefined
}
