/** What a client is told where a fault of ours kept its question from being answered. */

import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import type { ServerEvent } from '@postroad/smtp'

/** To content, and to every question but those below. */
export const FAULT: Reply = reply(451, '4.3.0', 'Local error in processing')
/** A greeting is 220, 421 or 554 (RFC 5321 §4.3.2). */
const FAULT_AT_GREETING = reply(421, '4.3.0', 'Local error in processing')
/** RFC 4954 §6. */
const FAULT_IN_AUTH = reply(454, '4.7.0', 'Temporary authentication failure')

/** The reply to the question that a fault came between. */
export function faultReplyTo({ type }: ServerEvent): Reply {
  if (type === 'connect') return FAULT_AT_GREETING
  return type === 'auth' || type === 'auth-response' ? FAULT_IN_AUTH : FAULT
}
