/** What content may hold, and how it comes: 8BITMIME (RFC 6152), CHUNKING and BINARYMIME (RFC 3030). */

import type { BodyType } from '@postroad/envelope'
import type { Extension, ParameterReader } from '../extension.ts'
import type { MailRequest } from '../handler.ts'

const BODY_TYPES: ReadonlyMap<string, BodyType> = new Map<string, BodyType>([
  ['7BIT', '7bit'],
  ['8BITMIME', '8bitmime'],
])
const BINARY: BodyType = 'binarymime'

const readText: ParameterReader<MailRequest> = (value = '') => {
  const body = BODY_TYPES.get(value.toUpperCase())
  return body === undefined ? { ok: false, refusal: 'syntax' } : { ok: true, fields: { body } }
}

const readBinary: ParameterReader<MailRequest> = (value = '', { extensions }) =>
  value.toUpperCase() === 'BINARYMIME' && extensions.has('CHUNKING')
    ? { ok: true, fields: { body: BINARY } }
    : { ok: false, refusal: 'syntax' }

/** 8BITMIME (RFC 6152 §2). */
export const eightBitMime: Extension = {
  name: '8BITMIME',
  keyword: () => '8BITMIME',
  mailOctets: 17,
  mail: { BODY: readText },
}

/** CHUNKING (RFC 3030 §2): BDAT. */
export const chunking: Extension = { name: 'CHUNKING', keyword: () => 'CHUNKING', verbs: ['BDAT'] }

/**
 * BINARYMIME (RFC 3030 §3): offered where CHUNKING is. Whoever adds it promises that every octet is kept, to the mailbox or
 * the next host.
 */
export const binaryMime: Extension = {
  name: 'BINARYMIME',
  keyword: ({ extensions }) => (extensions.has('CHUNKING') ? 'BINARYMIME' : undefined),
  mailOctets: 16,
  mail: { BODY: readBinary },
}
