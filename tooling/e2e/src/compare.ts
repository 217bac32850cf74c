/** Compares a message as it was sent with the message as it arrived. */

import { createHash } from 'node:crypto'
import { concat, equals, fromLatin1, indexOf } from '@postroad/bytes'
import { parseHeader, type Header } from '@postroad/message'

const EMPTY_LINE = fromLatin1('\r\n\r\n')

/** The two halves of a message. */
export interface SplitMessage {
  readonly header: Header
  readonly body: Uint8Array
}

/** Parts header section and body at the first empty line. */
export function splitMessage(message: Uint8Array): SplitMessage {
  const at = indexOf(message, EMPTY_LINE)
  return at === -1
    ? { header: parseHeader(message), body: new Uint8Array() }
    : { header: parseHeader(message.subarray(0, at + 2)), body: message.subarray(at + 4) }
}

/** Puts CR before every LF that lacks one: what lies in a Maildir becomes what was sent. */
export function withCrlf(bytes: Uint8Array): Uint8Array {
  const chunks: Uint8Array[] = []
  const crlf = fromLatin1('\r\n')
  let from = 0
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, from)) {
    const end = bytes[at - 1] === 13 ? at - 1 : at
    chunks.push(bytes.subarray(from, end), crlf)
    from = at + 1
  }
  return concat([...chunks, bytes.subarray(from)])
}

/** SHA-256 in hexadecimal. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * What is wrong with the arrival; empty when all is right: every original field byte for byte, in order, behind those
 * that were added, and the body byte for byte.
 *
 * `dropped` names fields that are to be gone, in lower case (Bcc).
 */
export function differences(sent: Uint8Array, arrived: Uint8Array, dropped: readonly string[] = []): readonly string[] {
  const problems: string[] = []
  const before = splitMessage(sent)
  const after = splitMessage(arrived)
  const original = before.header.fields.filter(({ name }) => !dropped.includes(name.toLowerCase()))
  const last = after.header.fields.slice(-original.length)
  original.forEach((field, index) => {
    const there = last[index]
    if (there === undefined || !equals(there.raw, field.raw)) {
      problems.push(`the field ${field.name} is not in its place: ${there?.name ?? 'none'} is`)
    }
  })
  if (hashOf(before.body) !== hashOf(after.body)) {
    problems.push(`the body differs: ${before.body.length} bytes were sent, ${after.body.length} arrived`)
  }
  return problems
}
