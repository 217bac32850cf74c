/**
 * NO-SOLICITING (RFC 3865).
 *
 *     Solicitation-keywords = word 0*("," word)    ; up to 1,000 characters
 *     word = ALPHA 0*("." / "-" / "_" / ":" / ALPHA / DIGIT)
 */

import { reply } from '@postroad/envelope'
import type { Extension } from '../extension.ts'

/** RFC 3865 §2.2. */
const MAX_LENGTH = 1_000
const WORD = /^[A-Za-z][A-Za-z0-9._:-]*$/

/**
 * Creates NO-SOLICITING: a message of a class that is announced is refused with 550 5.7.1 and the classes that matched
 * (RFC 3865 §2.4); of any other the handler is told.
 *
 * @param options `classes`: keywords of what nobody here wants, as `net.example:ADV`; none.
 */
export function noSoliciting({ classes = [] }: { readonly classes?: readonly string[] } = {}): Extension {
  return {
    name: 'NO-SOLICITING',
    keyword: () => (classes.length === 0 ? 'NO-SOLICITING' : `NO-SOLICITING ${classes.join(',')}`),
    mailOctets: 1_007,
    mail: {
      SOLICIT: (value = '') => {
        const solicitations = value.length > MAX_LENGTH ? [''] : value.split(',')
        if (!solicitations.every((word) => WORD.test(word))) return { ok: false, refusal: 'syntax' }
        const unwanted = solicitations.filter((word) => classes.includes(word))
        if (unwanted.length === 0) return { ok: true, fields: { solicitations } }
        return { ok: false, refusal: reply(550, '5.7.1', `SOLICIT=${unwanted.join(',')}`) }
      },
    },
  }
}
