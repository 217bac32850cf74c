/** SMTPUTF8 (RFC 6531). */

import type { Extension } from '../extension.ts'

/** SMTPUTF8 (RFC 6531 §3.4): the parameter takes no value. */
export const smtputf8: Extension = {
  name: 'SMTPUTF8',
  keyword: () => 'SMTPUTF8',
  mailOctets: 10,
  mail: {
    SMTPUTF8: (value) =>
      value === undefined ? { ok: true, fields: { smtputf8: true } } : { ok: false, refusal: 'syntax' },
  },
}
