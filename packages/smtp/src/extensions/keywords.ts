/** Extensions that are a line in the reply to EHLO and nothing else here. */

import type { Extension } from '../extension.ts'

/** PIPELINING (RFC 2920): the session reads and answers in order whatever comes; nothing else is needed. */
export const pipelining: Extension = { name: 'PIPELINING', keyword: () => 'PIPELINING' }

/** ENHANCEDSTATUSCODES (RFC 2034): replies carry the codes of RFC 3463 and RFC 5248. */
export const enhancedStatusCodes: Extension = { name: 'ENHANCEDSTATUSCODES', keyword: () => 'ENHANCEDSTATUSCODES' }

/** Announces VERB, which a session answers in any case with 250 and no more words than before. Without an RFC. */
export const verb: Extension = { name: 'VERB', keyword: () => 'VERB' }

/** Announces ONEX (one message only), which a session answers in any case with 250. Without an RFC. */
export const onex: Extension = { name: 'ONEX', keyword: () => 'ONEX' }
