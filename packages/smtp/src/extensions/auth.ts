/** AUTH (RFC 4954). */

import type { Extension } from '../extension.ts'
import { parseXtext } from '../xtext.ts'

/**
 * AUTH (RFC 4954 §3): offered where it may be used. Who is said to have submitted the message counts only where the
 * client has authenticated or is trusted and speaks for itself, else it is as if `<>` had been said (RFC 4954 §5).
 */
export const auth: Extension = {
  name: 'AUTH',
  keyword: ({ mechanisms }) => (mechanisms.length === 0 ? undefined : `AUTH ${mechanisms.join(' ')}`),
  verbs: ['AUTH'],
  mailOctets: 500,
  mail: {
    AUTH: (value = '', { believed }) => {
      const submitter = parseXtext(value)
      if (submitter === undefined || submitter === '') return { ok: false, refusal: 'syntax' }
      return { ok: true, fields: { submitter: believed && submitter !== '<>' ? submitter : null } }
    },
  },
}
