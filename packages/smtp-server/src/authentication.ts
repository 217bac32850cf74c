/**
 * Drives one exchange of AUTH between the session, the mechanism and the handler (RFC 4954 §4).
 *
 * A lookup or a judgement that throws or rejects is a fault of ours: 454 4.7.0, and nobody is let in.
 */

import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import type { Cryptography, Random } from '@postroad/runtime'
import { systemCryptography, systemRandom } from '@postroad/runtime/system'
import { chooseChannelBinding, createServerMechanism, offerMechanisms, saslprep } from '@postroad/sasl'
import type {
  ChannelBinding,
  ScramDecoy,
  ServerCredentials,
  ServerFailure,
  ServerMechanism,
  ServerStep,
} from '@postroad/sasl'
import type { Authentication, SubmissionHandler } from '@postroad/smtp'
import { isPromise } from './handler-answer.ts'

/** What an exchange came to. */
export type AuthVerdict =
  | { readonly kind: 'challenge'; readonly bytes: Uint8Array }
  | { readonly kind: 'accepted'; readonly account: string; readonly reply: Reply }
  | { readonly kind: 'refused'; readonly reply: Reply }

/** One exchange, from AUTH to its verdict. */
export interface AuthExchange {
  readonly mechanism: string
  /** Begins; the initial response where one was sent. Where the handler answers at once, so does it. */
  start(initialResponse: Uint8Array | undefined): AuthVerdict | Promise<AuthVerdict>
  /** Takes the response to the last challenge. */
  receive(response: Uint8Array): AuthVerdict | Promise<AuthVerdict>
}

/** What is known of the session in which somebody authenticates. */
export interface AuthSetting {
  /** The data of the TLS channel; absent in clear: no `-PLUS` mechanism then. */
  readonly channelBinding?: ChannelBinding | undefined
  /** The certificate that the client showed; absent: none, and EXTERNAL is refused. */
  readonly clientCertificate?: { readonly verified: boolean } | undefined
  /** The mechanisms that this client was offered; absent: `-PLUS` counts as offered where the channel can be bound. */
  readonly offered?: readonly string[] | undefined
  /** What SCRAM goes on with for users that do not exist; default: a secret of this process, 4,096 iterations. */
  readonly decoy?: ScramDecoy | undefined
  /** Our name, for CRAM-MD5. */
  readonly hostname?: string | undefined
  /** Default: the machine's. */
  readonly cryptography?: Cryptography | undefined
  /** Default: the machine's. */
  readonly random?: Random | undefined
  /** Is told what a lookup or judgement threw. */
  readonly onFault?: ((error: unknown) => void) | undefined
}

const ACCEPTED = reply(235, '2.7.0', 'Authentication successful')
const REFUSED = reply(535, '5.7.8', 'Authentication credentials invalid')
const UNAVAILABLE = reply(454, '4.7.0', 'Temporary authentication failure')
const UNKNOWN = reply(504, '5.5.4', 'Authentication mechanism not supported')

/** What the client is told where the mechanism itself fails. */
const FAILURES: Readonly<Record<ServerFailure, Reply>> = {
  malformed: reply(501, '5.5.2', 'Malformed authentication response'),
  credentials: REFUSED,
  'channel-binding': reply(535, '5.7.8', 'Channel binding does not match'),
}

let decoyOfProcess: ScramDecoy | undefined

/**
 * Which of the mechanisms a handler can be offered with, whatever the channel; what the channel allows is the session's
 * to know. Names in upper case, in the order given.
 */
export function mechanismsOf(handler: SubmissionHandler, names: readonly string[]): readonly string[] {
  return offerMechanisms(names, {
    confidential: true,
    bindable: true,
    certificate: true,
    keys: handler.scramKeys !== undefined,
    secrets: handler.sharedSecret !== undefined,
  })
}

/**
 * Begins an exchange. One that there is no mechanism for, or that the handler or the channel has not got what it needs
 * for, is refused with 504 5.5.4 as it starts.
 *
 * Where the handler throws or rejects, `onFault` is told and the verdict is 454 4.7.0 (RFC 4954 §6); without `onFault`
 * the calls throw or reject as the handler did.
 *
 * @throws {SaslKeysError} where the decoy could not pass for anybody.
 */
export function createAuthExchange(name: string, handler: SubmissionHandler, setting: AuthSetting = {}): AuthExchange {
  const mechanism = createMechanism(name, handler, setting)
  if (mechanism === undefined) {
    const refused: AuthVerdict = { kind: 'refused', reply: UNKNOWN }
    return { mechanism: name.toUpperCase(), start: () => refused, receive: () => refused }
  }
  let account = ''
  let refusal: Reply | undefined

  const take = (step: ServerStep): AuthVerdict | Promise<AuthVerdict> => {
    switch (step.kind) {
      case 'challenge':
        return step
      case 'keys':
        return ask(
          () => handler.scramKeys?.(step.username, step.mechanism),
          (keys) => mechanism.keys(keys),
        )
      case 'secret':
        return ask(
          () => handler.sharedSecret?.(step.username),
          (secret) => mechanism.secret(secret),
        )
      case 'verify': {
        const credentials = prepareIdentity(step.credentials)
        return credentials === undefined
          ? take(mechanism.verified(false))
          : ask(() => handler.authenticate(credentials), conclude)
      }
      case 'success':
        // The mechanism has the last word; the account is the handler's.
        return { kind: 'accepted', account, reply: ACCEPTED }
      case 'failure':
        return { kind: 'refused', reply: refusal ?? FAILURES[step.reason] }
    }
  }

  const conclude = (authentication: Authentication): ServerStep => {
    if (authentication.kind === 'accepted') {
      account = authentication.account
      return mechanism.verified(true)
    }
    refusal = authentication.reply
    return mechanism.verified(false, authentication.token)
  }

  const fail = (error: unknown): AuthVerdict => {
    if (setting.onFault === undefined) throw error
    setting.onFault(error)
    return { kind: 'refused', reply: UNAVAILABLE }
  }

  /** Puts a question to the handler, and goes on with its answer. */
  function ask<Value>(
    question: () => Value | Promise<Value>,
    goOn: (answer: Value) => ServerStep,
  ): AuthVerdict | Promise<AuthVerdict> {
    let step: ServerStep
    try {
      const answer = question()
      if (isPromise(answer)) return answer.then(goOn).then(take, fail)
      step = goOn(answer)
    } catch (error) {
      return fail(error)
    }
    return take(step)
  }

  return {
    mechanism: mechanism.name,
    start: (initialResponse) => take(mechanism.start(initialResponse)),
    receive: (response) => take(mechanism.receive(response)),
  }
}

/** The mechanism, where handler and channel have what it needs. */
function createMechanism(name: string, handler: SubmissionHandler, setting: AuthSetting): ServerMechanism | undefined {
  const { channelBinding, clientCertificate, offered, hostname } = setting
  const [possible] = offerMechanisms([name], {
    // Whether a password may be shown was decided where the command was read.
    confidential: true,
    bindable: chooseChannelBinding(channelBinding) !== undefined,
    certificate: clientCertificate?.verified === true,
    keys: handler.scramKeys !== undefined,
    secrets: handler.sharedSecret !== undefined,
  })
  if (possible === undefined) return undefined
  const { cryptography = systemCryptography, random = systemRandom } = setting
  return createServerMechanism(possible, {
    cryptography,
    random,
    decoy: setting.decoy ?? (decoyOfProcess ??= { key: systemRandom.bytes(32) }),
    ...(channelBinding !== undefined && { channelBinding }),
    ...(offered !== undefined && { offered }),
    ...(hostname !== undefined && { hostname }),
  })
}

/**
 * The credentials with whom the client wants to act as prepared by SASLprep; `undefined` where that refuses the name or
 * leaves nothing of it: the authentication must fail then (RFC 4954 §4). A name that is the `authenticationId` stays as
 * that came.
 */
function prepareIdentity(credentials: ServerCredentials): ServerCredentials | undefined {
  const { authorizationId } = credentials
  const prepared = saslprep(authorizationId, 'query')
  if (prepared === undefined || (prepared === '' && authorizationId !== '')) return undefined
  const isSelf = 'authenticationId' in credentials && credentials.authenticationId === authorizationId
  return isSelf ? credentials : { ...credentials, authorizationId: prepared }
}
