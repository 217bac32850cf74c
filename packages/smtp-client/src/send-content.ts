/**
 * Content on its way from its source to the connection.
 *
 * Short content is gathered and leaves in one write, together with the commands where the peer takes both at once.
 * Longer content leaves in parts, one at a time, as the network takes them, whatever the chunks of its source are: each
 * part has its own time (RFC 5321 §4.5.3.2.5). Small chunks are gathered into a part, long ones are not copied.
 */

import type { ContentSource } from '@postroad/envelope'
import { ClientSessionError } from '@postroad/smtp'
import type { ClientConnection } from './client-connection.ts'
import { SourceReader, type Interest } from './source-reader.ts'

/** Content up to this size is gathered; longer content leaves in parts of no more. */
export const FLIGHT_BYTES = 65_536

/** A shorter chunk waits for more, as a copy, so that a write has something to carry. */
const SMALL_BYTES = 16_384

/**
 * Reads short content into memory, before or while a transaction runs; `undefined` where the connection ended or the
 * peer lost interest meanwhile. Rejects where the source cannot be read or does not keep to its facts.
 */
export async function gatherContent(
  connection: ClientConnection,
  source: ContentSource,
): Promise<Uint8Array | undefined> {
  const gathered = new Uint8Array(source.facts.sizeBytes)
  const reader = new SourceReader(source, interestOf(connection))
  let at = 0
  for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) {
    expectRoom(reader, gathered.length - at, chunk)
    gathered.set(chunk, at)
    at += chunk.length
  }
  if (reader.stopped) {
    blameSource(connection, reader)
    return undefined
  }
  if (at < gathered.length) throw wrongLength()
  return gathered
}

/** Sends gathered content, and its end: one write with whatever waits before it. */
export function sendGathered(connection: ClientConnection, gathered: Uint8Array): void {
  connection.session.content(gathered)
  connection.session.endContent()
  connection.flush()
}

/**
 * Sends the content that the session asked for, and its end. Stops early where the peer does not want it any more.
 *
 * Rejects where the source cannot be read or does not keep to its facts: the end was not sent, and the connection
 * must be destroyed.
 */
export async function sendContent(connection: ClientConnection, source: ContentSource): Promise<void> {
  const { session } = connection
  const reader = new SourceReader(source, interestOf(connection))
  const gathered = new Uint8Array(FLIGHT_BYTES)
  let held = 0
  let left = source.facts.sizeBytes
  for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) {
    expectRoom(reader, left, chunk)
    left -= chunk.length
    const small = chunk.length < SMALL_BYTES
    if (held > 0 && (!small || held + chunk.length > FLIGHT_BYTES)) {
      await sendPart(connection, gathered.subarray(0, held))
      held = 0
    }
    if (small) {
      gathered.set(chunk, held)
      held += chunk.length
      continue
    }
    for (let at = 0; at < chunk.length && session.wantsContent; at += FLIGHT_BYTES) {
      await sendPart(connection, viewOf(chunk, at, Math.min(FLIGHT_BYTES, chunk.length - at)))
    }
  }
  if (reader.stopped) return blameSource(connection, reader)
  session.content(gathered.subarray(0, held))
  session.endContent()
  connection.flush()
}

/** Sends a part, which is not copied, and waits until the network has taken it; or until nobody wants it any more. */
async function sendPart(connection: ClientConnection, part: Uint8Array): Promise<void> {
  const { session } = connection
  session.content(part)
  connection.flush()
  while (session.wantsContent && (connection.writing || session.contentBlocked)) {
    await connection.woken()
    connection.flush()
  }
}

/** Content is wanted by the session that asked for it; before a transaction begins, by a connection that can have one. */
function interestOf(connection: ClientConnection): Interest {
  const { session } = connection
  const wanted = session.wantsContent ? () => session.wantsContent : () => connection.usable
  return { wanted, woken: () => connection.woken() }
}

/** The time that is over was the source's: nobody is to look for the fault at the peer. */
function blameSource(connection: ClientConnection, { starved }: SourceReader): void {
  if (!starved || connection.session.closeCause !== 'timeout') return
  connection.error ??= new Error('The content did not come in time.')
}

/** Part of a chunk without the ways of Node's `Buffer`, whose `slice` copies nothing. */
function viewOf(chunk: Uint8Array, at: number, length: number): Uint8Array {
  return new Uint8Array(chunk.buffer, chunk.byteOffset + at, length)
}

/** A source that gives more than its facts say is read no further. */
function expectRoom(reader: SourceReader, left: number, chunk: Uint8Array): void {
  if (chunk.length <= left) return
  reader.stop()
  throw wrongLength()
}

function wrongLength(): ClientSessionError {
  return new ClientSessionError('SMTP_CLIENT_CONTENT_LENGTH', 'The content is not as long as its facts say.')
}
