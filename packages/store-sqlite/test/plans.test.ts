/** What is asked on the path of mail is answered by an index, so its cost does not grow with what lies in the tables. */

import type { StatementSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { BOUNDS } from '../src/bounds.ts'
import { openForWriting } from '../src/database.ts'
import { Contents } from '../src/steps/contents.ts'
import { Counts } from '../src/steps/counts.ts'
import { DueEntries } from '../src/steps/due-entries.ts'
import { DueRows } from '../src/steps/due-rows.ts'
import { Entries } from '../src/steps/entries.ts'
import { Feed } from '../src/steps/feed.ts'
import { Groups } from '../src/steps/groups.ts'
import { Housekeeping } from '../src/steps/housekeeping.ts'
import { Records } from '../src/steps/journal.ts'
import { LimitRows } from '../src/steps/limits.ts'
import { Pages } from '../src/steps/pages.ts'

it('sorts nothing, and scans only an index or a bounded piece of a table', () => {
  const database = openForWriting(':memory:', BOUNDS)
  const asked: string[] = []
  const prepare = database.prepare.bind(database)
  database.prepare = (sql: string): StatementSync => {
    asked.push(sql)
    return prepare(sql)
  }
  const options = {
    path: '',
    folder: '',
    groupConcurrency: 20,
    poisonDeaths: 3,
    settledMemoryMs: 1,
    journalRecords: 9,
    journalTotal: 9,
    bounds: BOUNDS,
  }
  const feed = new Feed(database, () => '')
  const rows = new DueRows(database, BOUNDS)
  const groups = new Groups(database, 20, rows, feed)
  const contents = new Contents(database, () => false)
  const due = new DueEntries(database, rows)
  const parts = {
    groups,
    due,
    rows,
    blamed: due.blamed,
    contents,
    keepRecord: () => undefined,
    options,
    nonce: () => '',
  }
  const all = [new Records(database, 9), new LimitRows(database), new Housekeeping(database, options, feed)]
  const control = [
    new Pages(database, { isPassedOver: () => false, onDamage: () => undefined }),
    new Counts(database, 20),
  ]
  expect(control).toHaveLength(2)
  expect([...all, new Entries(database, parts)]).toHaveLength(4)
  expect(asked.length).toBeGreaterThan(50)
  const slow = asked.flatMap((sql) => {
    const steps = prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => String(detail))
    const isBounded = / LIMIT /.test(sql)
    return steps
      .filter(
        (step) =>
          step.includes('TEMP B-TREE') || (step.startsWith('SCAN') && step !== 'SCAN CONSTANT ROW' && !isBounded),
      )
      .map((step) => `${step}: ${sql}`)
  })
  expect(slow).toEqual([])
  database.close()
})
