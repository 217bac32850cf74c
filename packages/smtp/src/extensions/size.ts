/** SIZE (RFC 1870). */

import type { Extension } from '../extension.ts'

/** SIZE (RFC 1870 §3): the limit is announced, a larger declaration refused. */
export const size: Extension = {
  name: 'SIZE',
  keyword: ({ limits }) => (Number.isFinite(limits.maxMessageBytes) ? `SIZE ${limits.maxMessageBytes}` : 'SIZE'),
  mailOctets: 26,
  mail: {
    // size-value ::= 1*20DIGIT
    SIZE: (value, { limits }) => {
      if (value === undefined || !/^\d{1,20}$/.test(value)) return { ok: false, refusal: 'syntax' }
      const declared = Number(value)
      return declared > limits.maxMessageBytes
        ? { ok: false, refusal: 'too-big' }
        : { ok: true, fields: { size: declared } }
    },
  },
}
