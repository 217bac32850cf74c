/** DSN (RFC 3461). */

import type { Notify } from '@postroad/envelope'
import { isAsciiText } from '../ascii-text.ts'
import type { Extension } from '../extension.ts'
import { parseUtf8AddrXtext, parseXtext, parseXtextUtf8 } from '../xtext.ts'

const SYNTAX = { ok: false, refusal: 'syntax' } as const

/** Longest ENVID and ORCPT (RFC 3461 §4.4, §4.2), as sent. */
const MAX_ENVID_LENGTH = 100
const MAX_ORCPT_LENGTH = 500

const NOTIFY: ReadonlyMap<string, Notify> = new Map<string, Notify>([
  ['NEVER', 'never'],
  ['SUCCESS', 'success'],
  ['FAILURE', 'failure'],
  ['DELAY', 'delay'],
])

/** DSN (RFC 3461 §4). */
export const dsn: Extension = {
  name: 'DSN',
  keyword: () => 'DSN',
  // ` RET=FULL` and ` ENVID=` with 100 characters; ` NOTIFY=SUCCESS,FAILURE,DELAY` and ` ORCPT=` with 500.
  mailOctets: 116,
  rcptOctets: 536,
  mail: {
    RET: (value) => {
      const ret = value?.toUpperCase()
      if (ret === 'FULL') return { ok: true, fields: { ret: 'full' } }
      return ret === 'HDRS' ? { ok: true, fields: { ret: 'hdrs' } } : SYNTAX
    },
    ENVID: (value) => {
      const envid = value === undefined || value.length > MAX_ENVID_LENGTH ? undefined : parseXtext(value)
      return envid === undefined ? SYNTAX : { ok: true, fields: { envid } }
    },
  },
  rcpt: {
    NOTIFY: (value = '') => {
      const notify: Notify[] = []
      for (const word of value.split(',', 4)) {
        const condition = NOTIFY.get(word.toUpperCase())
        if (condition === undefined || notify.includes(condition)) return SYNTAX
        notify.push(condition)
      }
      // NEVER must appear by itself (RFC 3461 §4.1).
      return notify.includes('never') && notify.length > 1 ? SYNTAX : { ok: true, fields: { notify } }
    },
    ORCPT: (value, context) => {
      if (value === undefined || value.length > MAX_ORCPT_LENGTH) return SYNTAX
      const semicolon = value.indexOf(';')
      const type = value.slice(0, Math.max(0, semicolon)).toLowerCase()
      if (!/^[a-z0-9!#$%&'*/?^_`{|}~-]+$/.test(type)) return SYNTAX
      const encoded = value.slice(semicolon + 1)
      // Raw UTF-8 only where the transaction allows it (RFC 6533 §3).
      if (!context.smtputf8 && !isAsciiText(encoded)) return SYNTAX
      const address = type === 'utf-8' ? parseUtf8AddrXtext(encoded) : parseXtext(encoded)
      if (address !== undefined && address !== '') return { ok: true, fields: { orcpt: { type, address } } }
      // Postfix 3.7 and others send UTF-8 octets as type rfc822: what they mean is the type utf-8 (RFC 6533 §3).
      const inUtf8 = type === 'rfc822' && encoded !== '' ? parseXtextUtf8(encoded) : undefined
      return inUtf8 === undefined ? SYNTAX : { ok: true, fields: { orcpt: { type: 'utf-8', address: inUtf8 } } }
    },
  },
}
