/** How a client asks for the mail that waits for it: ETRN (RFC 1985), ATRN (RFC 2645). */

import type { Extension } from '../extension.ts'

/** ETRN (RFC 1985 §5). Whoever adds it answers the event `etrn`. */
export const etrn: Extension = { name: 'ETRN', keyword: () => 'ETRN', verbs: ['ETRN'] }

/**
 * ATRN (RFC 2645 §5.2.1). Whoever adds it answers the event `atrn` of an authenticated client; to another the session says
 * 530. Announced before the authentication, too (RFC 2645 §5.1.1).
 */
export const atrn: Extension = { name: 'ATRN', keyword: () => 'ATRN', verbs: ['ATRN'] }
