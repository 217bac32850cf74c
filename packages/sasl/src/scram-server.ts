/**
 * The server's side of SCRAM (RFC 5802, RFC 7677), with and without channel binding.
 *
 * For a user that does not exist the exchange runs to its end on keys that are made up, so that neither its messages nor
 * its length tell. Only then it fails, as for a wrong password.
 *
 * The last message of the server travels as a challenge, which the client answers with nothing: so it works where a
 * protocol has no place for data beside its success, as SMTP (RFC 4954 §4).
 */

import { concat, fromLatin1, fromUtf8, toBase64 } from '@postroad/bytes'
import type { Cryptography } from '@postroad/runtime'
import { CHANNEL_BINDING_TYPES, chooseChannelBinding } from './channel-binding.ts'
import { saslprep } from './saslprep.ts'
import {
  checkDecoy,
  checkKeys,
  makeDecoyKeys,
  SCRAM_DIGEST_BYTES,
  SCRAM_DIGESTS,
  type ScramKeys,
  type ScramName,
} from './scram-keys.ts'
import { type BindingFlag, type ClientFirst, readClientFinal, readClientFirst } from './scram-message.ts'
import { xor } from './scram-xor.ts'
import type { ServerContext } from './server-context.ts'
import type { ProofCredentials } from './server-credentials.ts'
import {
  askFirst,
  createServerExchange,
  MALFORMED,
  REFUSED,
  type ServerTurn,
  succeed,
  UNBOUND,
} from './server-exchange.ts'
import type { ServerMechanism } from './server-mechanism.ts'

/** 18 random bytes: 24 characters of base64, none of them a comma. */
const NONCE_BYTES = 18

/** An exchange as far as it has come. */
interface Exchange {
  readonly first: ClientFirst
  /** What `c=` must hold: the header, and the data of the channel where it is bound. */
  readonly channel: Uint8Array
  readonly credentials: ProofCredentials
}

/**
 * Creates the exchange; `undefined` where the context lacks cryptography, randomness or the decoy, or where a `-PLUS`
 * mechanism has no channel to bind to.
 *
 * @throws {SaslKeysError} where the decoy could not pass for anybody.
 */
export function createScramServer(
  mechanism: ScramName,
  plus: boolean,
  context: ServerContext,
): ServerMechanism | undefined {
  const { cryptography, random, decoy, channelBinding, offered } = context
  if (cryptography === undefined || random === undefined || decoy === undefined) return undefined
  checkDecoy(decoy)
  const bindable = chooseChannelBinding(channelBinding) !== undefined
  if (plus && !bindable) return undefined
  const name = plus ? `${mechanism}-PLUS` : mechanism
  const isPlus = (each: string): boolean => each.toUpperCase() === `${mechanism}-PLUS`
  const offersPlus = bindable && (offered?.some(isPlus) ?? true)

  /** The data that the flag asks for; empty where nothing is bound, `undefined` where the flag must fail. */
  const bind = (flag: BindingFlag): Uint8Array | undefined => {
    if (typeof flag === 'object') {
      // RFC 5802 §6: a type that we do not support fails.
      const type = CHANNEL_BINDING_TYPES.find((known) => known === flag.type)
      return plus && type !== undefined ? channelBinding?.(type) : undefined
    }
    // RFC 5802 §6: "y" says that we did not offer what we did: somebody changed our offer.
    return plus || (flag === 'y' && offersPlus) ? undefined : new Uint8Array(0)
  }

  const readFirst = (response: Uint8Array): ServerTurn => {
    const first = readClientFirst(response)
    if (first === undefined) return MALFORMED
    const data = bind(first.flag)
    if (data === undefined) return UNBOUND
    const authenticationId = saslprep(first.username, 'query')
    const authorizationId = saslprep(first.authorizationId, 'query')
    // RFC 4954 §4, RFC 5802 §5.1: a name that cannot be prepared, or comes to nothing, fails.
    if (!authenticationId || authorizationId === undefined) return MALFORMED
    if (authorizationId === '' && first.authorizationId !== '') return MALFORMED
    const credentials: ProofCredentials = { kind: 'proof', mechanism: name, authorizationId, authenticationId }
    const channel = concat([fromUtf8(first.gs2Header), data])
    return {
      kind: 'keys',
      username: authenticationId,
      mechanism,
      next: (found) => {
        if (found !== undefined) checkKeys(mechanism, found)
        const keys = found ?? makeDecoyKeys(mechanism, authenticationId, decoy, cryptography)
        return challenge({ first, channel, credentials }, keys, found !== undefined)
      },
    }
  }

  const challenge = (exchange: Exchange, keys: ScramKeys, exists: boolean): ServerTurn => {
    const nonce = exchange.first.nonce + toBase64(random.bytes(NONCE_BYTES))
    const text = `r=${nonce},s=${toBase64(keys.salt)},i=${keys.iterations}`
    return {
      kind: 'challenge',
      bytes: fromLatin1(text),
      next: (response) => {
        const final = readClientFinal(response)
        // RFC 5802 §5.1: the nonce must be the whole one, both parts.
        if (final === undefined || final.nonce !== nonce) return MALFORMED
        // RFC 5802 §6: always compared, with and without a channel.
        if (!cryptography.equal(final.channelBinding, exchange.channel)) return UNBOUND
        const authMessage = fromUtf8(`${exchange.first.bare},${text},${final.withoutProof}`)
        const proven = proves(final.proof, authMessage, keys, cryptography)
        return proven && exists ? letIn(exchange.credentials, authMessage, keys) : REFUSED
      },
    }
  }

  const letIn = (credentials: ProofCredentials, authMessage: Uint8Array, { serverKey }: ScramKeys): ServerTurn => ({
    kind: 'verify',
    credentials,
    next: (accepted) => {
      if (!accepted) return REFUSED
      const signature = cryptography.hmac(SCRAM_DIGESTS[mechanism], serverKey, authMessage)
      return {
        kind: 'challenge',
        bytes: fromLatin1(`v=${toBase64(signature)}`),
        next: (response) => (response.length === 0 ? succeed(credentials) : MALFORMED),
      }
    },
  })

  return createServerExchange(name, askFirst(readFirst))
}

/** Whether the proof holds the client key whose digest is stored (RFC 5802 §3). */
function proves(
  proof: Uint8Array,
  authMessage: Uint8Array,
  { mechanism, storedKey }: ScramKeys,
  cryptography: Cryptography,
): boolean {
  const algorithm = SCRAM_DIGESTS[mechanism]
  if (proof.length !== SCRAM_DIGEST_BYTES[mechanism]) return false
  const clientKey = xor(proof, cryptography.hmac(algorithm, storedKey, authMessage))
  return cryptography.equal(cryptography.digest(algorithm, clientKey), storedKey)
}
