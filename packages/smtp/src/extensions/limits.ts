/** LIMITS (RFC 9422). */

import type { Extension } from '../extension.ts'

/** Announced with 1 to 6 digits; what is more is no limit to anybody. */
const MOST = 999_999

/**
 * LIMITS (RFC 9422 §3): RCPTMAX and MAILMAX, as `maxRecipients` and `maxTransactions` say. Beyond them 452 4.5.3 is
 * answered, and the session goes on.
 */
export const limits: Extension = {
  name: 'LIMITS',
  keyword: ({ limits: { maxRecipients, maxTransactions } }) => {
    const announced = [
      ...(maxRecipients <= MOST ? [`RCPTMAX=${maxRecipients}`] : []),
      ...(maxTransactions <= MOST ? [`MAILMAX=${maxTransactions}`] : []),
    ]
    return announced.length === 0 ? undefined : `LIMITS ${announced.join(' ')}`
  },
}
