/**
 * The reader thread: a connection that reads content and what control shows, and moves the log into the database, so
 * that neither the writer nor the event loop waits for that. Runs only as a worker of `openSqliteStore`.
 *
 * @packageDocumentation
 */

import { openForReading } from './database.ts'
import { faultOf, isDamaged as isCorrupt } from './faults.ts'
import type { ReadSteps, StepTable, ThreadData } from './protocol.ts'
import { bytes, integer, optionalText, text } from './row.ts'
import { IN_FILE } from './steps/contents.ts'
import { Counts } from './steps/counts.ts'
import { integrity } from './steps/integrity.ts'
import { Pages } from './steps/pages.ts'
import { viewOf } from './steps/views.ts'
import { type Connection, serve } from './thread.ts'

/** Most unnamed contents that one sweep removes. */
const SWEPT = 10_000

serve(open)

function open(data: ThreadData): Connection<ReadSteps> {
  const database = openForReading(data.path, data.bounds, data.identity)
  let isDamaged = false
  const noteDamage = (): void => {
    isDamaged = true
  }
  const pages = new Pages(database, { isPassedOver: () => false, onDamage: noteDamage })
  const counts = new Counts(database, data.groupConcurrency)
  const content = database.prepare('SELECT size, front, chunked FROM content WHERE id = ? AND names > 0')
  const piece = database.prepare(
    `SELECT piece.start, piece.bytes FROM content JOIN piece ON piece.content = content.serial
     WHERE content.id = ? AND content.names > 0 AND piece.start <= ? ORDER BY piece.start DESC LIMIT 1`,
  )
  const unnamed = database.prepare('SELECT count(*) AS examined FROM content WHERE names = 0')
  const stale = database.prepare(`SELECT id FROM content WHERE names = 0 AND expires_at < ? LIMIT ${SWEPT}`)
  const journal = database.prepare('SELECT entry, at, event, detail FROM journal WHERE message = ? ORDER BY serial')
  const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)')

  let handedOver: ArrayBuffer[] = []
  /** Content is copied once, out of the database. */
  const handOver = (content: Uint8Array): Uint8Array => {
    const { buffer } = content
    if (buffer instanceof ArrayBuffer && content.length > 0) handedOver.push(buffer)
    return content
  }

  const steps: StepTable<ReadSteps> = {
    open: ({ content: id }) => {
      const row = content.get(id)
      if (row === undefined) return undefined
      const isFile = integer(row, 'chunked') === IN_FILE
      return { sizeBytes: integer(row, 'size'), front: handOver(bytes(row, 'front')), isFile }
    },
    piece: ({ content: id, at }) => {
      const row = piece.get(id, at)
      return row && { start: integer(row, 'start'), bytes: handOver(bytes(row, 'bytes')) }
    },
    stale: ({ before }) => ({
      examined: integer(unnamed.get() ?? {}, 'examined'),
      stale: stale.all(before).map((row) => text(row, 'id')),
    }),
    list: (page, now) => {
      const { rows, cursor } = pages.page(page, now)
      return { items: rows.map((row) => viewOf(row, now)), cursor }
    },
    counts: ({ cursor, limit }, now) => counts.page(cursor, limit, now),
    changes: ({ cursor, limit }, now) => counts.changed(cursor, limit, now),
    history: ({ message }) =>
      journal.all(message).map((row) => ({
        entry: optionalText(row, 'entry'),
        at: integer(row, 'at'),
        event: text(row, 'event'),
        detail: JSON.parse(text(row, 'detail')),
      })),
    examine: () => integrity(database, 'quick'),
    checkpoint: () => {
      const row = checkpoint.get()
      return row === undefined ? 0 : integer(row, 'log') - integer(row, 'checkpointed')
    },
  }

  return {
    steps,
    run: ({ asked }, runOne) =>
      asked.map((one) => {
        try {
          return runOne(one)
        } catch (error) {
          if (isCorrupt(error)) noteDamage()
          return { kind: 'fault', fault: faultOf(error) }
        }
      }),
    report: () => {
      const report = { logBytes: 0, isDamaged, filesWait: false }
      isDamaged = false
      return report
    },
    handOver: () => {
      const buffers = handedOver
      handedOver = []
      return buffers
    },
    close: () => database.close(),
  }
}
