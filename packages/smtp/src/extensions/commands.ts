/** Commands that a server can do without, and says where it does not (RFC 5321 §4.1.1.1). */

import type { Extension } from '../extension.ts'

/** HELP (RFC 5321 §4.1.1.8). */
export const help: Extension = { name: 'HELP', keyword: () => 'HELP', verbs: ['HELP'] }

/** EXPN (RFC 5321 §3.5.2). Whoever adds it answers the event `expn`. */
export const expn: Extension = { name: 'EXPN', keyword: () => 'EXPN', verbs: ['EXPN'] }

/** VERB, without an RFC: answered with 250 and no more words than before, and announced to nobody. */
export const verb: Extension = { name: 'VERB', keyword: () => undefined, verbs: ['VERB'] }

/** ONEX (one message only), without an RFC: answered with 250, and announced to nobody. */
export const onex: Extension = { name: 'ONEX', keyword: () => undefined, verbs: ['ONEX'] }
