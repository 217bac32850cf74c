/** The messages that the store's benchmarks are run with. */

import { randomBytes } from 'node:crypto'
import { createEntryId, createMessageId, groupId, type MessageId } from '@postroad/envelope'
import type { Codec, NewEntry, SealedContent, Store } from '@postroad/queue'

/** What the queue carries: about what the work item of a message with one recipient has. */
export interface Job {
  readonly reversePath: string
  readonly recipients: readonly string[]
  readonly facts: Readonly<Record<string, number | boolean>>
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Jobs as JSON. */
export const jobCodec: Codec<Job> = {
  encode: (job) => encoder.encode(JSON.stringify(job)),
  decode: (bytes) => JSON.parse(decoder.decode(bytes)) as Job,
}

/** Content of the working set: 10 KiB with the prefix. */
export const CONTENT_BYTES = 10_240
/** Content of an entry of the backlog: what a Redis with a million of them has room for. */
export const BACKLOG_BYTES = 100
/** Groups of the working set, and as many others of the backlog: no group meets its limit of concurrent leases. */
export const GROUPS = 1_000
/** The working set goes before the backlog, so that a round finds its own entries whatever lies behind them. */
export const WORKING_PRIORITY = 1
export const BACKLOG_PRIORITY = 0

/** What is put in front at the end: trace and a signature. */
const PREFIX = text(240)
/** Comes in as one chunk, as from a socket. */
const BODY = text(CONTENT_BYTES - PREFIX.length)
const BACKLOG_CONTENT = text(BACKLOG_BYTES)
const NOTHING = new Uint8Array(0)
const TTL_MS = 3_600_000

/** Printable lines of 76 characters with CRLF. */
function text(length: number): Uint8Array {
  const line = 'A line of mail as people and programs write it, seventy-six characters long.'
  return encoder.encode(`${line}\r\n`.repeat(Math.ceil(length / (line.length + 2))).slice(0, length))
}

export const newMessage = (): MessageId => createMessageId(Date.now(), randomBytes(11))

/** Stages content as an intake does: a stage, its chunk, the prefix. */
export async function stageContent(store: Store<Job>, message: MessageId): Promise<SealedContent> {
  const writer = await store.spool.stage({ message, sizeHint: CONTENT_BYTES, ttlMs: TTL_MS })
  await writer.write(BODY)
  return writer.seal({ prefix: PREFIX })
}

let counter = 0

/** An entry of the working set. */
export function workingEntry(message: MessageId, content: SealedContent): NewEntry<Job> {
  counter += 1
  return entry(message, 0, content, `w${counter % GROUPS}.example.org`, WORKING_PRIORITY)
}

/**
 * Adds entries to the backlog: one message with all of them, each with content of its own.
 *
 * @param notBefore 0: due at once, behind the working set.
 */
export async function enqueueBacklog(store: Store<Job>, count: number, notBefore: number): Promise<void> {
  const message = newMessage()
  const entries: NewEntry<Job>[] = []
  for (let index = 0; index < count; index += 1) {
    const writer = await store.spool.stage({ message, sizeHint: BACKLOG_BYTES, ttlMs: TTL_MS })
    await writer.write(BACKLOG_CONTENT)
    const content = await writer.seal({ prefix: NOTHING })
    counter += 1
    entries.push(entry(message, index, content, `b${counter % GROUPS}.example.net`, BACKLOG_PRIORITY, notBefore))
  }
  await store.queue.enqueue(entries)
}

function entry(
  message: MessageId,
  index: number,
  content: SealedContent,
  group: string,
  priority: number,
  notBefore = 0,
): NewEntry<Job> {
  return {
    id: createEntryId(message, index),
    job: {
      reversePath: 'ada@example.com',
      recipients: [`bob@${group}`],
      facts: { sizeBytes: content.sizeBytes, headerBytes: 240, eightBit: false, longestLineBytes: 76, dotLines: 0 },
    },
    group: groupId(group),
    content,
    priority,
    notBefore,
    labels: { sender: 'ada@example.com', recipient: `bob@${group}`, 'header-message-id': `<${message}@example.com>` },
  }
}
