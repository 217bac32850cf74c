/**
 * The reader thread: a connection that reads content and what control shows, and moves the log into the database, so
 * that neither the writer nor the event loop waits for that. Runs only as a worker of `openSqliteStore`.
 *
 * @packageDocumentation
 */

import { statSync } from 'node:fs'
import { closedUntil, concurrencyOf } from '@postroad/queue'
import { openForReading } from './database.ts'
import { faultOf } from './faults.ts'
import type { ReadSteps, StepTable, ThreadData } from './protocol.ts'
import { bytes, integer, optionalInteger, optionalText, text } from './row.ts'
import { viewOf, Views } from './steps/views.ts'
import { type Connection, serve } from './thread.ts'

/** Most unnamed contents that one sweep removes. */
const SWEPT = 10_000

serve(open)

function open(data: ThreadData): Connection<ReadSteps> {
  const database = openForReading(data.path, data.bounds)
  const views = new Views(database)
  const content = database.prepare('SELECT size, front FROM content WHERE id = ? AND names > 0')
  const piece = database.prepare(
    `SELECT piece.start, piece.bytes FROM content JOIN piece ON piece.content = content.serial
     WHERE content.id = ? AND content.names > 0 AND piece.start <= ? ORDER BY piece.start DESC LIMIT 1`,
  )
  const unnamed = database.prepare('SELECT count(*) AS examined FROM content WHERE names = 0')
  const stale = database.prepare(`SELECT id FROM content WHERE names = 0 AND expires_at < ? LIMIT ${SWEPT}`)
  const groups = database.prepare('SELECT * FROM grp WHERE entries > 0 AND id > ? ORDER BY id LIMIT ?')
  const ready = database.prepare('SELECT count(*) AS ready FROM entry WHERE state = 0 AND grp = ? AND not_before <= ?')
  const journal = database.prepare('SELECT entry, at, event, detail FROM journal WHERE message = ? ORDER BY serial')
  const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)')

  const steps: StepTable<ReadSteps> = {
    open: ({ content: id }) => {
      const row = content.get(id)
      return row && { sizeBytes: integer(row, 'size'), front: bytes(row, 'front') }
    },
    piece: ({ content: id, at }) => {
      const row = piece.get(id, at)
      return row && { start: integer(row, 'start'), bytes: bytes(row, 'bytes') }
    },
    stale: ({ before }) => ({
      examined: integer(unnamed.get() ?? {}, 'examined'),
      stale: stale.all(before).map((row) => text(row, 'id')),
    }),
    list: (page, now) => {
      const { rows, cursor } = views.page(page, now)
      return { items: rows.map((row) => viewOf(row, now)), cursor }
    },
    counts: ({ cursor, limit }, now) => {
      const rows = groups.all(cursor ?? '', limit + 1)
      const items = rows.slice(0, limit).map((row) => {
        const group = {
          leased: integer(row, 'leased'),
          pausedUntil: integer(row, 'paused_until'),
          parkedUntil: integer(row, 'parked_until'),
          limit: optionalInteger(row, 'concurrency'),
          window: optionalInteger(row, 'pace'),
          feedbackAt: 0,
        }
        const due = integer(ready.get(integer(row, 'serial'), now) ?? {}, 'ready')
        return {
          group: text(row, 'id'),
          ready: due,
          waiting: integer(row, 'entries') - group.leased - integer(row, 'held') - due,
          leased: group.leased,
          held: integer(row, 'held'),
          pausedUntil: closedUntil(group, now) || undefined,
          concurrency: concurrencyOf(group, data.groupConcurrency, now),
        }
      })
      return { items, cursor: rows.length > limit ? items.at(-1)?.group : undefined }
    },
    history: ({ message }) =>
      journal.all(message).map((row) => ({
        entry: optionalText(row, 'entry'),
        at: integer(row, 'at'),
        event: text(row, 'event'),
        detail: JSON.parse(text(row, 'detail')),
      })),
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
          return { kind: 'fault', fault: faultOf(error) }
        }
      }),
    logBytes: () => statSync(`${data.path}-wal`, { throwIfNoEntry: false })?.size ?? 0,
    close: () => database.close(),
  }
}
