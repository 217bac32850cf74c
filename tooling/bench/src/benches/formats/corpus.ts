/** The messages that the benchmarks of formats read: those of other projects' tests, where they are there. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../stage.ts'

/** Sets of messages, in the corpus' folder. */
const SETS: readonly string[] = ['bounces', 'dkim/mail-dkim', 'mail-parser/eml', 'mime4j', 'python-email', 'ruby-mail']
const ENDS: readonly string[] = ['.eml', '.msg', '.txt']

/**
 * The messages, each with CRLF at its line ends.
 *
 * @throws Where the corpus is not there.
 */
export function readMessages(): readonly Buffer[] {
  const folder = process.env['POSTROAD_CORPUS'] ?? join(ROOT, '../shared/corpus')
  const messages = SETS.flatMap((set) => filesOf(join(folder, set))).map((path) => withCrlf(readFileSync(path)))
  if (messages.length === 0) throw new Error(`there are no messages in ${folder}; POSTROAD_CORPUS says where they are`)
  return messages
}

function filesOf(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => ENDS.some((end) => name.endsWith(end)) && !/(?:LICENSE|COPYING|README)/.test(name))
    .toSorted()
    .map((name) => join(folder, name))
}

function withCrlf(message: Buffer): Buffer {
  return Buffer.from(message.toString('latin1').replaceAll(/\r?\n/g, '\r\n'), 'latin1')
}

/** The header section of a message, with the empty line that ends it. */
export function headerOf(message: Buffer): Buffer {
  const end = message.indexOf('\r\n\r\n')
  return end === -1 ? message : message.subarray(0, end + 4)
}

const ADDRESSED = /^(?:from|sender|reply-to|to|cc|bcc):[ \t]*([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)/gim

/** The values of a message's address fields, unfolded. */
export function addressListsOf(message: Buffer): readonly string[] {
  const section = headerOf(message).toString('utf8')
  return [...section.matchAll(ADDRESSED)].flatMap(([, value = '']) => {
    const unfolded = value.replaceAll(/\r\n/g, '').trim()
    return unfolded === '' ? [] : [unfolded]
  })
}
