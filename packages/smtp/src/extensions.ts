/** The extensions that a server session offers, each with the standard that defines it. */

import type { BodyType, Notify } from '@postroad/envelope'
import type { Extension } from './extension.ts'
import { parseUtf8AddrXtext, parseXtext } from './xtext.ts'

const SYNTAX = { ok: false, refusal: 'syntax' } as const

/** SIZE (RFC 1870 §3): the limit is announced, a larger declaration refused. */
const size: Extension = {
  name: 'SIZE',
  keyword: ({ limits }) => (Number.isFinite(limits.maxMessageBytes) ? `SIZE ${limits.maxMessageBytes}` : 'SIZE'),
  mail: {
    // size-value ::= 1*20DIGIT
    SIZE: (value, { limits }) => {
      if (value === undefined || !/^\d{1,20}$/.test(value)) return SYNTAX
      const declared = Number(value)
      return declared > limits.maxMessageBytes
        ? { ok: false, refusal: 'too-big' }
        : { ok: true, fields: { size: declared } }
    },
  },
}

/** PIPELINING (RFC 2920): the session reads and answers in order whatever comes; nothing else is needed. */
const pipelining: Extension = { name: 'PIPELINING', keyword: () => 'PIPELINING' }

/** 8BITMIME (RFC 6152 §2). */
const eightBitMime: Extension = {
  name: '8BITMIME',
  keyword: () => '8BITMIME',
  mail: {
    BODY: (value) => {
      const body = value === undefined ? undefined : BODY_TYPES.get(value.toUpperCase())
      return body === undefined ? SYNTAX : { ok: true, fields: { body } }
    },
  },
}

/** BINARYMIME is not among them: it needs CHUNKING (RFC 3030 §3). */
const BODY_TYPES: ReadonlyMap<string, BodyType> = new Map<string, BodyType>([
  ['7BIT', '7bit'],
  ['8BITMIME', '8bitmime'],
])

/** ENHANCEDSTATUSCODES (RFC 2034). */
const enhancedStatusCodes: Extension = { name: 'ENHANCEDSTATUSCODES', keyword: () => 'ENHANCEDSTATUSCODES' }

/** SMTPUTF8 (RFC 6531 §3.4): the parameter takes no value. */
const smtputf8: Extension = {
  name: 'SMTPUTF8',
  keyword: () => 'SMTPUTF8',
  mail: { SMTPUTF8: (value) => (value === undefined ? { ok: true, fields: { smtputf8: true } } : SYNTAX) },
}

/** STARTTLS (RFC 3207 §4): offered while the session is not secured. */
const startTls: Extension = {
  name: 'STARTTLS',
  keyword: (context) => (context.startTls ? 'STARTTLS' : undefined),
}

/**
 * AUTH (RFC 4954 §3, §5): offered where it may be used. The AUTH= parameter is checked and its value not passed on, as
 * if it were `<>`: no client is trusted to name an author (RFC 4954 §5).
 */
const auth: Extension = {
  name: 'AUTH',
  keyword: ({ mechanisms }) => (mechanisms.length === 0 ? undefined : `AUTH ${mechanisms.join(' ')}`),
  mail: {
    AUTH: (value) => (value === undefined || parseXtext(value) === undefined ? SYNTAX : { ok: true, fields: {} }),
  },
}

/** Longest ENVID and ORCPT (RFC 3461 §4.4, §4.2), as sent. */
const MAX_ENVID_LENGTH = 100
const MAX_ORCPT_LENGTH = 500

/** DSN (RFC 3461 §4). */
const dsn: Extension = {
  name: 'DSN',
  keyword: () => 'DSN',
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
    NOTIFY: (value) => {
      const notify: Notify[] = []
      for (const word of value?.split(',', 4) ?? []) {
        const condition = NOTIFY.get(word.toUpperCase())
        if (condition === undefined || notify.includes(condition)) return SYNTAX
        notify.push(condition)
      }
      // NEVER must appear by itself (RFC 3461 §4.1).
      if (notify.length === 0 || (notify.includes('never') && notify.length > 1)) return SYNTAX
      return { ok: true, fields: { notify } }
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
      return address === undefined || address === '' ? SYNTAX : { ok: true, fields: { orcpt: { type, address } } }
    },
  },
}

const NOTIFY: ReadonlyMap<string, Notify> = new Map<string, Notify>([
  ['NEVER', 'never'],
  ['SUCCESS', 'success'],
  ['FAILURE', 'failure'],
  ['DELAY', 'delay'],
])

function isAsciiText(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 127) return false
  return true
}

/** The extensions a session offers unless it is given others, in the order of the reply to EHLO. */
export const EXTENSIONS: readonly Extension[] = [
  pipelining,
  size,
  eightBitMime,
  smtputf8,
  enhancedStatusCodes,
  dsn,
  startTls,
  auth,
]
