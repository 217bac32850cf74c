/**
 * The writer thread: the one connection of this process that writes. Runs only as a worker of `openSqliteStore`.
 *
 * A batch is one transaction. It is committed with `synchronous=FULL` if anything in it must be durable, else lazily: a
 * power cut may then undo it, which a plain `done`, a lease or a limit can bear; a crash of the process undoes nothing.
 *
 * @packageDocumentation
 */

import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { openForWriting } from './database.ts'
import { blamesRequest, faultOf } from './faults.ts'
import type { Outcome, StepTable, ThreadData, WriteSteps } from './protocol.ts'
import { Contents } from './steps/contents.ts'
import { Entries } from './steps/entries.ts'
import { Groups } from './steps/groups.ts'
import { Housekeeping } from './steps/housekeeping.ts'
import { Records } from './steps/journal.ts'
import { LimitRows } from './steps/limits.ts'
import { change, changes, stateOf, Views } from './steps/views.ts'
import { type Connection, type IncomingBatch, type RunOne, serve } from './thread.ts'

serve(open)

function open(data: ThreadData): Connection<WriteSteps> {
  const database = openForWriting(data.path, data.bounds)
  const secret = randomBytes(6).toString('base64url')
  let count = 0
  const nonce = (): string => `${secret}${(count += 1).toString(36)}`
  const groups = new Groups(database, data.groupConcurrency)
  const contents = new Contents(database)
  const records = new Records(database, data.journalRecords)
  const limits = new LimitRows(database)
  const views = new Views(database)
  const housekeeping = new Housekeeping(database, data.settledMemoryMs)
  const keepRecord = records.keep.bind(records)
  const entries = new Entries(database, { groups, contents, keepRecord, options: data, nonce })
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  let isFull = true
  const { checkpointBytes, longestLogBytes } = data.bounds
  let moveAtBytes = longestLogBytes

  const steps: StepTable<WriteSteps> = {
    enqueue: ({ entries: rows }, now) => entries.add(rows, now),
    lease: ({ limit, durationMs }, now) => {
      const leases = entries.lease(limit, durationMs, now)
      if (leases.length > 0) return { leases, wakeAt: undefined }
      const wakeAt = Math.min(groups.wakeAt() ?? Infinity, entries.nextExpiry() ?? Infinity)
      return { leases, wakeAt: wakeAt === Infinity ? undefined : wakeAt }
    },
    renew: ({ token, durationMs, job }, now) => entries.renew(token, durationMs, job, now),
    settle: (request, now) => entries.settle(request, now),
    stage: ({ content, start, bytes, expiresAt }) => {
      contents.stage(content, start, bytes, expiresAt)
      return undefined
    },
    unstage: ({ contents: ids, expiredBefore }) => ids.filter((id) => contents.unstage(id, expiredBefore)),
    take: ({ id, keys, cost, ttlMs }, now) => limits.take(id, keys, cost, ttlMs, now),
    extend: ({ id, names, ttlMs }, now) => {
      limits.extend(id, names, ttlMs, now)
      return undefined
    },
    give: ({ id, names }) => {
      limits.give(id, names)
      return undefined
    },
    mark: ({ key, ttlMs }, now) => limits.mark(key, ttlMs, now),
    record: ({ records: list }, now) => {
      for (const record of list) records.keep(record, now)
      return undefined
    },
    apply: ({ action, page, dryRun }, now) => {
      entries.expire(now)
      const { rows, cursor } = views.page(page, now)
      const changing = rows.filter((row) => changes(action, row, now))
      if (!dryRun) for (const row of changing) change(action, row, entries, now)
      const leased = rows.filter((row) => stateOf(row, now) === 'leased').length
      return { matched: rows.length, changed: changing.length, leased, cursor }
    },
    pause: ({ group, until }) => {
      const row = groups.named(group)
      row.pausedUntil = until
      groups.touch(row)
      return undefined
    },
    resume: ({ group }) => {
      const row = groups.named(group)
      row.pausedUntil = 0
      row.parkedUntil = 0
      groups.touch(row)
      return undefined
    },
    limit: ({ group, concurrency }) => {
      const row = groups.named(group)
      row.limit = concurrency
      row.window = undefined
      groups.touch(row)
      return undefined
    },
  }

  /** Runs requests in one transaction; throws where that fails, and then nothing is done. */
  const transact = ({ asked, now, durable }: IncomingBatch, runOne: RunOne): readonly Outcome[] => {
    // Not to be changed inside a transaction.
    if (durable !== isFull) setSynchronous(durable)
    groups.begin()
    begin.run()
    try {
      const outcomes = asked.map((one) => runOne(one))
      groups.flush(now)
      if (housekeeping.run(now)) groups.begin()
      commit.run()
      return outcomes
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }

  const setSynchronous = (full: boolean): void => {
    database.exec(`PRAGMA synchronous = ${full ? 'FULL' : 'NORMAL'}`)
    isFull = full
  }

  return {
    steps,
    run: (batch, runOne) => {
      const { asked } = batch
      try {
        return transact(batch, runOne)
      } catch (error) {
        if (asked.length === 1 || !blamesRequest(error))
          return asked.map(() => ({ kind: 'fault', fault: faultOf(error) }))
        // One of them cannot be done: each for itself, so that it takes no other with it.
        return asked.map((one) => {
          try {
            return transact({ ...batch, asked: [one] }, runOne)[0] ?? { kind: 'fault', fault: faultOf(error) }
          } catch (error) {
            return { kind: 'fault', fault: faultOf(error) }
          }
        })
      }
    },
    logBytes: () => {
      try {
        const logBytes = statSync(`${data.path}-wal`, { throwIfNoEntry: false })?.size ?? 0
        if (logBytes > moveAtBytes) {
          // Between two batches nobody adds to the log, so it is moved whole unless somebody reads what is older.
          moveAtBytes = logBytes + checkpointBytes
          database.exec('PRAGMA wal_checkpoint(PASSIVE)')
        } else if (logBytes <= longestLogBytes) moveAtBytes = longestLogBytes
        return logBytes
      } catch {
        // A full disk, mostly. What was asked is done; the log waits, and what comes next hears of the disk itself.
        return 0
      }
    },
    close: () => {
      // A clean end loses nothing: what was committed lazily is made durable with the last connection's checkpoint.
      database.close()
    },
  }
}
