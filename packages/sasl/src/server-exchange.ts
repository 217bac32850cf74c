/**
 * Keeps the order of calls on the server's side of every mechanism.
 *
 * A mechanism is a chain of turns, each of which says what to do and holds what comes next: so it never hears what it
 * did not ask for, and is written in the order in which it runs. Success is made of judged credentials alone.
 */

import { SaslOrderError } from './errors.ts'
import type { ScramKeys, ScramName } from './scram-keys.ts'
import type { ServerCredentials, TokenRefusal } from './server-credentials.ts'
import type { ServerMechanism, ServerStep } from './server-mechanism.ts'

/** What a mechanism says, and what it does with the answer. */
export type ServerTurn = ChallengeTurn | KeysTurn | SecretTurn | VerifyTurn | FailureTurn | SuccessTurn

interface ChallengeTurn {
  readonly kind: 'challenge'
  readonly bytes: Uint8Array
  readonly next: (response: Uint8Array) => ServerTurn
}

interface KeysTurn {
  readonly kind: 'keys'
  readonly username: string
  readonly mechanism: ScramName
  readonly next: (found: ScramKeys | undefined) => ServerTurn
}

interface SecretTurn {
  readonly kind: 'secret'
  readonly username: string
  readonly next: (found: string | undefined) => ServerTurn
}

interface VerifyTurn {
  readonly kind: 'verify'
  readonly credentials: ServerCredentials
  readonly next: (accepted: boolean, refusal: TokenRefusal | undefined) => ServerTurn
}

type FailureTurn = Extract<ServerStep, { kind: 'failure' }>
type SuccessTurn = Extract<ServerStep, { kind: 'success' }>

/** The client broke the mechanism's syntax. */
export const MALFORMED: FailureTurn = { kind: 'failure', reason: 'malformed' }
/** The client is not let in. */
export const REFUSED: FailureTurn = { kind: 'failure', reason: 'credentials' }
/** The two ends see different channels. */
export const UNBOUND: FailureTurn = { kind: 'failure', reason: 'channel-binding' }

const NOTHING = new Uint8Array(0)

/** Reads the initial response; where the client sent none it is asked for with an empty challenge (RFC 4954 §4). */
export function askFirst(read: (response: Uint8Array) => ServerTurn): (initial: Uint8Array | undefined) => ServerTurn {
  return (initial) => (initial === undefined ? { kind: 'challenge', bytes: NOTHING, next: read } : read(initial))
}

/** Has the credentials judged; that is the end. */
export function judge(credentials: ServerCredentials): VerifyTurn {
  return { kind: 'verify', credentials, next: (accepted) => (accepted ? succeed(credentials) : REFUSED) }
}

/** What accepted credentials come to. */
export function succeed(credentials: ServerCredentials): SuccessTurn {
  const authenticationId = 'authenticationId' in credentials ? credentials.authenticationId : ''
  return { kind: 'success', authorizationId: credentials.authorizationId || authenticationId, authenticationId }
}

/**
 * Puts a mechanism under the order of calls.
 *
 * @param begin Takes the initial response; `undefined` where none came.
 */
export function createServerExchange(
  name: string,
  begin: (initialResponse: Uint8Array | undefined) => ServerTurn,
): ServerMechanism {
  let turn: ServerTurn | { readonly kind: 'start' } = { kind: 'start' }
  const take = (said: ServerTurn): ServerStep => {
    turn = said
    if (!('next' in said)) return said
    const { next: _, ...step } = said
    return step
  }
  return {
    name,
    start(initialResponse) {
      if (turn.kind !== 'start') throw new SaslOrderError('start', turn.kind)
      return take(begin(initialResponse))
    },
    receive(response) {
      if (turn.kind !== 'challenge') throw new SaslOrderError('receive', turn.kind)
      return take(turn.next(response))
    },
    keys(found) {
      if (turn.kind !== 'keys') throw new SaslOrderError('keys', turn.kind)
      return take(turn.next(found))
    },
    secret(found) {
      if (turn.kind !== 'secret') throw new SaslOrderError('secret', turn.kind)
      return take(turn.next(found))
    },
    verified(accepted, refusal) {
      if (turn.kind !== 'verify') throw new SaslOrderError('verified', turn.kind)
      return take(turn.next(accepted, refusal))
    },
  }
}
