/** The messages that our clients and their peers send. */

import { mailboxOf } from '@postroad/address'
import type { ContentFacts, ContentSource, Envelope } from '@postroad/envelope'

const HEADER = Buffer.from(
  'From: Eve <eve@example.org>\r\nTo: Ada <ada@example.net>\r\nSubject: a benchmark\r\nMessage-ID: <1@example.org>\r\n\r\n',
)
const LINE = Buffer.from('A line of mail as people and programs write it, with a little more behind.\r\n')
const CHUNK_BYTES = 65_536

/** A message of exactly so many bytes, header section included; 200 and up. */
export function messageOf(sizeBytes: number): Uint8Array {
  const message = Buffer.alloc(sizeBytes, LINE)
  HEADER.copy(message)
  message.write('\r\n', sizeBytes - 2)
  // What stands before may be the CR of a line's end.
  if (message[sizeBytes - 3] === 13) message[sizeBytes - 3] = 46
  return message
}

/** Who sends it to whom. */
export function envelopeFor(recipients: number): Envelope {
  return {
    reversePath: mailboxOf('eve@example.org'),
    recipients: Array.from({ length: recipients }, (_, at) => ({ mailbox: mailboxOf(`ada${at}@example.net`) })),
  }
}

/** Content that can be sent as often as wished; of more than 1 MiB it is made while it is read. */
export function contentOf(sizeBytes: number): ContentSource {
  const facts: ContentFacts = {
    sizeBytes,
    headerBytes: HEADER.length,
    eightBit: false,
    binary: false,
    utf8Header: false,
    longestLineBytes: LINE.length,
    dotLines: 0,
    endsWithCrlf: true,
  }
  if (sizeBytes <= 2 ** 20) {
    const whole = messageOf(sizeBytes)
    return { facts, open: () => once(whole) }
  }
  return { facts, open: () => inChunks(sizeBytes) }
}

async function* once(whole: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield whole
}

/** Chunks that fit together: each begins and ends between two lines. */
async function* inChunks(sizeBytes: number): AsyncGenerator<Uint8Array, void> {
  const chunk = Buffer.alloc(CHUNK_BYTES - (CHUNK_BYTES % LINE.length), LINE)
  yield HEADER
  let left = sizeBytes - HEADER.length
  for (; left > 2 * chunk.length; left -= chunk.length) yield chunk
  const last = Buffer.alloc(left, LINE)
  last.write('\r\n', left - 2)
  if (last[left - 3] === 13) last[left - 3] = 46
  yield last
}
