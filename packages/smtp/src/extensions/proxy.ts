/**
 * What a trusted proxy says of its client: XCLIENT and XFORWARD, extensions of Postfix without an RFC. Offered and taken
 * only where the options of the session say `trusted`.
 */

import type { Extension } from '../extension.ts'

/** Attributes of XCLIENT. */
export const XCLIENT_ATTRIBUTES = ['NAME', 'ADDR', 'PORT', 'PROTO', 'HELO', 'LOGIN', 'DESTADDR', 'DESTPORT'] as const
/** Attributes of XFORWARD. */
export const XFORWARD_ATTRIBUTES = ['NAME', 'ADDR', 'PORT', 'PROTO', 'HELO', 'IDENT', 'SOURCE'] as const

/**
 * XCLIENT: the session goes on as that of the client which is named. The proxy stays one that may name another, so it must
 * not pass on an XCLIENT of its client; and it waits for the reply, for behind a refused one what follows is its own.
 */
export const xclient: Extension = {
  name: 'XCLIENT',
  keyword: ({ trusted }) => (trusted ? `XCLIENT ${XCLIENT_ATTRIBUTES.join(' ')}` : undefined),
  verbs: ['XCLIENT'],
}

/** XFORWARD: the next transaction is that of the client which is named, for the log. */
export const xforward: Extension = {
  name: 'XFORWARD',
  keyword: ({ trusted }) => (trusted ? `XFORWARD ${XFORWARD_ATTRIBUTES.join(' ')}` : undefined),
  verbs: ['XFORWARD'],
}
