/** Extensions that are a line in the reply to EHLO; what they mean is in the session. */

import type { Extension } from '../extension.ts'

/** PIPELINING (RFC 2920): the session reads and answers in order whatever comes; nothing else is needed. */
export const pipelining: Extension = { name: 'PIPELINING', keyword: () => 'PIPELINING' }

/**
 * ENHANCEDSTATUSCODES (RFC 2034): replies carry the codes of RFC 3463 and RFC 5248, `X.0.0` where a reply has none. Left out:
 * no reply carries one.
 */
export const enhancedStatusCodes: Extension = { name: 'ENHANCEDSTATUSCODES', keyword: () => 'ENHANCEDSTATUSCODES' }
