/**
 * Keeps the order of calls on the client's side of every mechanism: a chain of turns, as on the server's side. Each turn
 * says, too, what it means if the server claims success at this point.
 */

import type { ClientEnd, ClientFailed, ClientMechanism, ClientStep, KeyDerivation } from './client-mechanism.ts'
import { SaslOrderError } from './errors.ts'

/** What a mechanism says, and what it does with the answer. */
export type ClientTurn = RespondTurn | DeriveTurn | ClientFailed

interface Answering {
  /** Takes the next challenge. */
  readonly next: (challenge: Uint8Array) => ClientTurn
  /** What success of the server would mean now. */
  readonly end: ClientEnd
}

type RespondTurn = Answering & { readonly kind: 'respond'; readonly bytes: Uint8Array }

interface DeriveTurn {
  readonly kind: 'derive'
  readonly derivation: KeyDerivation
  readonly next: (key: Uint8Array) => ClientTurn
}

/** How a mechanism begins: with an initial response, or waiting for the first challenge. */
export type ClientBeginning = Answering & { readonly bytes: Uint8Array | undefined }

/** What success means to a mechanism that learns nothing of the server. */
export const DONE: ClientEnd = { kind: 'done' }
/** The server does not keep to the mechanism. */
export const BROKEN: ClientFailed = { kind: 'fail', reason: 'malformed' }
/** The server has refused. */
export const DENIED: ClientFailed = { kind: 'fail', reason: 'refused' }
/** The server has not shown that it knows the password. */
export const UNPROVEN: ClientFailed = { kind: 'fail', reason: 'server-proof' }
/** No answer to any challenge. */
export const broken = (): ClientTurn => BROKEN

/**
 * A mechanism whose one message is its initial response. It is repeated to a server that did not take it and asks with
 * an empty challenge (RFC 4954 §4); to any other challenge `then` answers.
 */
export function sayOnce(bytes: Uint8Array, next: (challenge: Uint8Array) => ClientTurn = broken): ClientBeginning {
  return {
    bytes,
    end: DONE,
    next: (challenge) => (challenge.length === 0 ? { kind: 'respond', bytes, end: DONE, next } : next(challenge)),
  }
}

/** Puts a mechanism under the order of calls. */
export function createClientExchange(name: string, beginning: ClientBeginning): ClientMechanism {
  let turn: ClientTurn | { readonly kind: 'start' } = { kind: 'start' }
  const take = (next: ClientTurn): ClientStep => {
    turn = next
    if (next.kind === 'respond') return { kind: 'respond', bytes: next.bytes }
    return next.kind === 'derive' ? { kind: 'derive', derivation: next.derivation } : next
  }
  return {
    name,
    start() {
      if (turn.kind !== 'start') throw new SaslOrderError('start', turn.kind)
      const { bytes = new Uint8Array(0), next, end } = beginning
      turn = { kind: 'respond', bytes, next, end }
      return beginning.bytes
    },
    receive(challenge) {
      if (turn.kind !== 'respond') throw new SaslOrderError('receive', turn.kind)
      return take(turn.next(challenge))
    },
    derived(key) {
      if (turn.kind !== 'derive') throw new SaslOrderError('derived', turn.kind)
      return take(turn.next(key))
    },
    finish(data) {
      if (turn.kind === 'start') throw new SaslOrderError('finish', turn.kind)
      if (turn.kind === 'respond' && data !== undefined) take(turn.next(data))
      // A server that does not wait for our proof has not shown its own.
      if (turn.kind === 'derive') return UNPROVEN
      return turn.kind === 'respond' ? turn.end : turn
    },
  }
}
