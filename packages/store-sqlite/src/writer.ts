/**
 * The writer thread: the one connection of this process that writes. Runs only as a worker of `openSqliteStore`.
 *
 * A batch is one transaction. It is committed with `synchronous=FULL` if anything in it must be durable, else lazily: a
 * power cut may then undo it, which a plain `done`, a lease or a limit can bear; a crash of the process undoes nothing.
 *
 * @packageDocumentation
 */

import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { contentFilePath } from '@postroad/spool-fs'
import { openForWriting } from './database.ts'
import type { StepTable, ThreadData, WriteSteps } from './protocol.ts'
import { Contents } from './steps/contents.ts'
import { DueEntries } from './steps/due-entries.ts'
import { DueRows } from './steps/due-rows.ts'
import { Entries, NONCE_CHARACTERS } from './steps/entries.ts'
import { Feed } from './steps/feed.ts'
import { Groups } from './steps/groups.ts'
import { Housekeeping } from './steps/housekeeping.ts'
import { Records } from './steps/journal.ts'
import { LimitRows } from './steps/limits.ts'
import { Pages } from './steps/pages.ts'
import { change, changes, stateOf } from './steps/views.ts'
import { type Connection, serve } from './thread.ts'
import { Transactions } from './transactions.ts'

serve(open)

function open(data: ThreadData): Connection<WriteSteps> {
  const database = openForWriting(data.path, data.bounds, data.identity)
  const secret = randomBytes(6).toString('base64url')
  let count = 0
  const nonce = (): string => `${secret}${(count += 1).toString(36).padStart(NONCE_CHARACTERS - secret.length, '0')}`
  const feed = new Feed(database, () => randomBytes(6).toString('base64url'))
  const rows = new DueRows(database, data.bounds)
  const groups = new Groups(database, data.groupConcurrency, rows, feed)
  const contents = new Contents(database, (id) => {
    const file = contentFilePath(data.folder, id)
    return file !== undefined && existsSync(file)
  })
  const records = new Records(database, data.journalRecords)
  const limits = new LimitRows(database)
  const housekeeping = new Housekeeping(database, data, feed)
  const keepRecord = records.keep.bind(records)
  const due = new DueEntries(database, rows)
  const entries = new Entries(database, {
    groups,
    due,
    rows,
    blamed: due.blamed,
    contents,
    keepRecord,
    options: data,
    nonce,
  })

  const steps: StepTable<WriteSteps> = {
    enqueue: ({ entries: rows }, now) => entries.add(rows, now),
    lease: ({ limit, durationMs }, now) => {
      const leases = entries.lease(limit, durationMs, now)
      if (leases.length > 0) return { leases, wakeAt: undefined }
      const wakeAt = Math.min(groups.wakeAt(now) ?? Infinity, due.nextExpiry(now) ?? Infinity)
      return { leases, wakeAt: wakeAt === Infinity ? undefined : wakeAt }
    },
    renew: ({ token, durationMs, job }, now) => entries.renew(token, durationMs, job, now),
    settle: (request, now) => entries.settle(request, now),
    unstage: ({ contents: ids, expiredBefore }) => ids.filter((id) => contents.unstage(id, expiredBefore)),
    orphan: ({ files }) => files.filter((id) => contents.orphan(id)),
    unlinkable: ({ after }) => contents.unlinkable(after),
    unlinked: ({ files }) => {
      contents.unlinked(files)
      return undefined
    },
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
      const { rows, cursor } = pages.page(page, now, action)
      const changing = rows.filter((one) => changes(action, one, now))
      if (!dryRun) for (const one of changing) change(action, one, entries, now)
      const leased = rows.filter(({ row }) => stateOf(row, now) === 'leased').length
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
    follow: (_, now) => feed.follow(now),
  }

  const pages = new Pages(database, {
    isPassedOver: (serial) => due.blamed.hasEntry(serial),
    onDamage: (serial, error) => {
      if (serial !== undefined) due.blamed.touch({ kind: 'entry', serial })
      throw error
    },
  })
  const transactions = new Transactions(database, {
    path: data.path,
    bounds: data.bounds,
    begin: () => {
      groups.begin()
      due.begin()
    },
    end: (now) => {
      groups.flush(now)
      if (housekeeping.run(now)) groups.begin()
    },
    blame: [() => housekeeping.blame(), () => groups.blame(), () => due.blamed.blame(), () => pages.blame()],
  })

  return {
    steps,
    run: (batch, runOne) => transactions.run(batch, runOne),
    report: () => ({
      logBytes: transactions.trimLog(),
      isDamaged: transactions.takeDamage(),
      filesWait: contents.filesWait,
    }),
    close: () => {
      // A clean end loses nothing: what was committed lazily is made durable with the last connection's checkpoint.
      database.close()
    },
  }
}
