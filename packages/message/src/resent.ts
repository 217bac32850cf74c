/**
 * Resent fields (RFC 5322 §3.6.6), in blocks: each resending puts its own block above all that is there.
 *
 * Informational only: they must not be used for replies (RFC 5322 §3.6.6).
 */

import { Header, type HeaderField } from './header.ts'

/** The fields of one resending. */
export type ResentBlock = Header

const NAMES: ReadonlySet<string> = new Set([
  'resent-date',
  'resent-from',
  'resent-sender',
  'resent-reply-to',
  'resent-to',
  'resent-cc',
  'resent-bcc',
  'resent-message-id',
])

/**
 * The resendings of a message, the latest first: a section of fields each, for `parseAddressField(block,
 * 'Resent-From')` and the like; empty where it was never resent.
 *
 * Resent fields in a row are one block, up to where one of them stands again, as each stands once in a block (RFC 5322
 * §3.6); any other field between them, a trace field too, ends it. A block need not be whole.
 */
export function readResentBlocks(header: Header): readonly ResentBlock[] {
  const blocks: HeaderField[][] = []
  let block: HeaderField[] = []
  const names = new Set<string>()
  for (const field of header.fields) {
    const name = field.name.toLowerCase()
    const resent = NAMES.has(name)
    if (!resent || names.has(name)) {
      block = []
      names.clear()
    }
    if (!resent) continue
    if (block.length === 0) blocks.push(block)
    names.add(name)
    block.push(field)
  }
  return blocks.map((fields) => Header.of(fields))
}
