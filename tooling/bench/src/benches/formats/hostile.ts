/** Input that is meant to be slow, by those of our readers that it is meant for. */

import { readAddressList } from '@postroad/address'
import { decodeWords, MimeWalker, parseContentType, parseHeader, parseMessageIds } from '@postroad/message'
import type { Layout } from './reader.ts'

const MIB = 2 ** 20
const CHUNK_BYTES = 65_536

/** A field, read by all that may be made of one. */
function readField(bytes: Buffer): number {
  const [field] = parseHeader(bytes).fields
  if (field === undefined) return 1
  const { value } = field
  const { addresses } = readAddressList(value, { decodeName: decodeWords })
  const { parameters } = parseContentType(value)
  return 1 + addresses.length + parameters.size + parseMessageIds(value).length + decodeWords(value).length
}

function walk(bytes: Buffer): number {
  const walker = new MimeWalker()
  let events = 0
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
    events += walker.push(bytes.subarray(at, at + CHUNK_BYTES)).length
  return 1 + events + walker.finish().length
}

/** Multiparts within multiparts, as far as the bytes last, then all their delimiters again. */
function nested(bytes: number): Buffer {
  const parts: string[] = []
  const delimiters: string[] = []
  for (let length = 0, n = 0; length < bytes; n += 1) {
    const part = `Content-Type: multipart/mixed; boundary=b${n}\r\n\r\n--b${n}\r\n`
    parts.push(part)
    delimiters.push(`--b${n}\r\n`)
    length += part.length + n.toString().length + 5
  }
  return Buffer.from(parts.join('') + delimiters.join(''))
}

const repeated =
  (head: string, text: string) =>
  (bytes: number): Buffer =>
    Buffer.concat([Buffer.from(head), Buffer.alloc(bytes, text), Buffer.from('\r\n')])

interface Input {
  readonly make: (bytes: number) => Buffer
  readonly read: (bytes: Buffer) => number
}

/** By what they are. */
export const HOSTILE_INPUTS: Readonly<Record<string, Input>> = {
  'opening parentheses': { make: repeated('To: ', '('), read: readField },
  'folded lines': { make: repeated('To: a', '\r\n '), read: readField },
  'encoded words that do not end': { make: repeated('To: ', '=?'), read: readField },
  'encoded words': { make: repeated('To: ', '=?utf-8?q?a?= '), read: readField },
  quotes: { make: repeated('To: ', '"\\'), read: readField },
  'angle brackets': { make: repeated('To: ', '<'), read: readField },
  'parameters in pieces': { make: repeated('Content-Type: a/b; ', 'a*0*=b;'), read: readField },
  'empty fields': { make: repeated('', 'a:\r\n'), read: (bytes) => parseHeader(bytes).fields.length },
  'nested boundaries': { make: nested, read: walk },
  'dashes at the beginning of lines': {
    make: repeated('Content-Type: multipart/mixed; boundary=b\r\n\r\n', '--\r\n'),
    read: walk,
  },
}

function over(bytes: number): Layout {
  return ({ input }) => {
    const { make, read } = HOSTILE_INPUTS[String(input)] ?? {}
    if (make === undefined || read === undefined) throw new Error('there is no such input')
    const made = make(bytes)
    return { pass: () => read(made), operations: made.length / MIB }
  }
}

/** By size. */
export const HOSTILE: Readonly<Record<string, () => Promise<Layout>>> = {
  '1 MB': async () => over(1_000_000),
  '10 MB': async () => over(10_000_000),
}
