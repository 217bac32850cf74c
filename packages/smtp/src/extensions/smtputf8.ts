/** SMTPUTF8 (RFC 6531). */

import type { Extension } from '../extension.ts'
import { UNKNOWN_PARAMETER } from '../session-replies.ts'

/** SMTPUTF8 (RFC 6531 §3.4): the parameter takes no value. Offered where 8BITMIME is (RFC 6531 §3.1). */
export const smtputf8: Extension = {
  name: 'SMTPUTF8',
  keyword: ({ extensions }) => (offersSmtputf8(extensions) ? 'SMTPUTF8' : undefined),
  mailOctets: 10,
  mail: {
    SMTPUTF8: (value, { extensions }) => {
      if (!offersSmtputf8(extensions)) return { ok: false, refusal: UNKNOWN_PARAMETER }
      return value === undefined ? { ok: true, fields: { smtputf8: true } } : { ok: false, refusal: 'syntax' }
    },
  },
}

/** Whether a session with extensions of these names offers SMTPUTF8: it must offer 8BITMIME, too (RFC 6531 §3.1). */
export function offersSmtputf8(names: ReadonlySet<string>): boolean {
  return names.has('SMTPUTF8') && names.has('8BITMIME')
}
