/**
 * The server's side of any mechanism that ends in one question: is this the password?
 *
 * Keeps the order of calls, so that `success` can only follow a `verify` that was answered with yes.
 */

import { SaslOrderError } from './errors.ts'
import type { PasswordCredentials, ServerMechanism, ServerStep } from './server-mechanism.ts'

/** What reading a response gives: everything but a judgement. */
export type ReadStep = Exclude<ServerStep, { kind: 'success' }>

/** The client broke the mechanism's syntax. */
export const MALFORMED: ReadStep = { kind: 'failure', reason: 'malformed' }

const STATE_AFTER = { challenge: 'challenged', verify: 'judging', failure: 'over' } as const

/**
 * Creates the exchange.
 *
 * @param read Takes the initial response (`undefined` where none came), then each response to a challenge.
 */
export function createPasswordExchange(
  name: string,
  read: (response: Uint8Array | undefined) => ReadStep,
): ServerMechanism {
  let state: 'new' | 'challenged' | 'judging' | 'over' = 'new'
  let judged: PasswordCredentials | undefined

  const take = (response: Uint8Array | undefined): ReadStep => {
    const step = read(response)
    state = STATE_AFTER[step.kind]
    if (step.kind === 'verify') judged = step.credentials
    return step
  }

  return {
    name,
    start(initialResponse) {
      if (state !== 'new') throw new SaslOrderError('start', state)
      return take(initialResponse)
    },
    receive(response) {
      if (state !== 'challenged') throw new SaslOrderError('receive', state)
      return take(response)
    },
    verified(accepted) {
      if (judged === undefined) throw new SaslOrderError('verified', state)
      const { authorizationId, authenticationId } = judged
      judged = undefined
      state = 'over'
      if (!accepted) return { kind: 'failure', reason: 'credentials' }
      return { kind: 'success', authorizationId: authorizationId || authenticationId, authenticationId }
    },
  }
}
