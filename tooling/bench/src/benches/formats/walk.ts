/** Walking through the parts of messages: one that is large, or those of the corpus. */

import { MimeWalker } from '@postroad/message'
import { readMessages } from './corpus.ts'
import type { Layout } from './reader.ts'

const MIB = 2 ** 20
const LARGE_BYTES = 32 * MIB
/** As large as what a socket or a file gives at once. */
const CHUNK_BYTES = 65_536

const TEXT_LINE = 'A line of mail as people and programs write it, of average length or so.\r\n'
const BASE64_LINE = `${'QSBsaW5lIG9mIG1haWwg'.repeat(4).slice(0, 76)}\r\n`

/** A message with a text part and a large one. */
function largeMessage(line: string, type: string): Buffer {
  const head =
    'From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="=_b1"\r\n\r\n' +
    '--=_b1\r\nContent-Type: text/plain\r\n\r\nHello\r\n' +
    `--=_b1\r\nContent-Type: ${type}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), Buffer.alloc(LARGE_BYTES, line), Buffer.from('\r\n--=_b1--\r\n')])
}

function messagesOf(what: unknown): readonly Buffer[] {
  if (what === 'corpus') return readMessages()
  if (what === 'text') return [largeMessage(TEXT_LINE, 'text/plain')]
  return [largeMessage(BASE64_LINE, 'application/octet-stream\r\nContent-Transfer-Encoding: base64')]
}

/** An operation is a MiB. */
function over(read: (message: Buffer) => number | Promise<number>): Layout {
  return ({ messages: what }) => {
    const messages = messagesOf(what)
    const pass = async (): Promise<number> => {
      let found = 0
      for (const message of messages) {
        const count = read(message)
        found += typeof count === 'number' ? count : await count
      }
      return found
    }
    return { pass, operations: messages.reduce((sum, { length }) => sum + length, 0) / MIB }
  }
}

/** By contestant. */
export const WALKERS: Readonly<Record<string, () => Promise<Layout>>> = {
  'indexOf, line by line': async () =>
    over((message) => {
      let lines = 0
      for (let at = message.indexOf('\r\n'); at !== -1; at = message.indexOf('\r\n', at + 2)) lines += 1
      return lines
    }),
  Postroad: async () =>
    over((message) => {
      const walker = new MimeWalker()
      let parts = 0
      for (let at = 0; at < message.length; at += CHUNK_BYTES) {
        for (const { type } of walker.push(message.subarray(at, at + CHUNK_BYTES))) if (type === 'part') parts += 1
      }
      for (const { type } of walker.finish()) if (type === 'part') parts += 1
      return parts
    }),
  'postal-mime': async () => {
    const { default: PostalMime } = await import('postal-mime')
    return over(async (message) => 1 + (await PostalMime.parse(message)).attachments.length)
  },
  mailparser: async () => {
    const { simpleParser } = await import('mailparser')
    return over(async (message) => 1 + (await simpleParser(message, { skipHtmlToText: true })).attachments.length)
  },
}
