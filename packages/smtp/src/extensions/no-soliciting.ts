/**
 * NO-SOLICITING (RFC 3865).
 *
 *     Solicitation-keywords = word 0*("," word)    ; up to 1,000 characters
 *     word = ALPHA 0*("." / "-" / "_" / ":" / ALPHA / DIGIT)
 */

import { reply } from '@postroad/envelope'
import { isEhloLine } from '../ehlo-line.ts'
import { LocalProtocolError } from '../errors.ts'
import type { Extension } from '../extension.ts'

/** RFC 3865 §2.2. */
const MAX_LENGTH = 1_000
const WORD = /^[A-Za-z][A-Za-z0-9._:-]*$/

/**
 * Creates NO-SOLICITING: a message of a class that is announced is refused with 550 5.7.1 and the classes that matched
 * (RFC 3865 §2.4); of any other the handler is told.
 *
 * @param options `classes`: keywords of what nobody here wants, as `net.example:ADV`, with commas between them up to 492
 *   characters: the line of the reply to EHLO has room for no more (RFC 5321 §4.5.3.1.5); none.
 * @throws {LocalProtocolError} `SMTP_EXTENSION` where they are longer, or one is no keyword.
 */
export function noSoliciting({ classes = [] }: { readonly classes?: readonly string[] } = {}): Extension {
  const line = classes.length === 0 ? 'NO-SOLICITING' : `NO-SOLICITING ${classes.join(',')}`
  if (!isEhloLine(line) || !classes.every((word) => WORD.test(word))) {
    throw new LocalProtocolError('SMTP_EXTENSION', 'NO-SOLICITING: the classes are none, or too long in all')
  }
  return {
    name: 'NO-SOLICITING',
    keyword: () => line,
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
