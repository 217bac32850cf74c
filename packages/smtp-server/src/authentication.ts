/** Drives one exchange of AUTH between the session, the mechanism and the handler (RFC 4954 §4). */

import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import type { ServerMechanism, ServerStep } from '@postroad/sasl'
import type { SubmissionHandler } from '@postroad/smtp'

/** What an exchange came to. */
export type AuthVerdict =
  | { readonly kind: 'challenge'; readonly bytes: Uint8Array }
  | { readonly kind: 'accepted'; readonly account: string; readonly reply: Reply }
  | { readonly kind: 'refused'; readonly reply: Reply }

/** One exchange, from AUTH to its verdict. */
export interface AuthExchange {
  readonly mechanism: string
  /** Begins; the initial response where one was sent. Rejects where the handler does. */
  start(initialResponse: Uint8Array | undefined): AuthVerdict | Promise<AuthVerdict>
  /** Takes the response to the last challenge. */
  receive(response: Uint8Array): AuthVerdict | Promise<AuthVerdict>
}

const ACCEPTED = reply(235, '2.7.0', 'Authentication successful')
const REFUSED = reply(535, '5.7.8', 'Authentication credentials invalid')
const MALFORMED = reply(501, '5.5.2', 'Malformed authentication response')

/** Begins an exchange. */
export function createAuthExchange(mechanism: ServerMechanism, handler: SubmissionHandler): AuthExchange {
  const take = (step: ServerStep): AuthVerdict | Promise<AuthVerdict> => {
    switch (step.kind) {
      case 'challenge':
        return step
      case 'verify':
        return judge(step)
      case 'success':
        return { kind: 'accepted', account: step.authorizationId, reply: ACCEPTED }
      case 'failure':
        break
    }
    return { kind: 'refused', reply: step.reason === 'malformed' ? MALFORMED : REFUSED }
  }

  const judge = async ({ credentials }: ServerStep & { kind: 'verify' }): Promise<AuthVerdict> => {
    const authentication = await handler.authenticate(credentials)
    const verdict = await take(mechanism.verified(authentication.kind === 'accepted'))
    if (authentication.kind === 'refused') return { kind: 'refused', reply: authentication.reply ?? REFUSED }
    // The mechanism has the last word; the account is the handler's.
    return verdict.kind === 'accepted' ? { ...verdict, account: authentication.account } : verdict
  }

  return {
    mechanism: mechanism.name,
    start: (initialResponse) => take(mechanism.start(initialResponse)),
    receive: (response) => take(mechanism.receive(response)),
  }
}
