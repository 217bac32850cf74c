/** What is asked on the path of mail is answered by an index, so its cost does not grow with what lies in the tables. */

import type { StatementSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { BOUNDS } from '../src/bounds.ts'
import { openForWriting } from '../src/database.ts'
import { Contents } from '../src/steps/contents.ts'
import { Entries } from '../src/steps/entries.ts'
import { Groups } from '../src/steps/groups.ts'
import { Housekeeping } from '../src/steps/housekeeping.ts'
import { Records } from '../src/steps/journal.ts'
import { LimitRows } from '../src/steps/limits.ts'

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
    groupConcurrency: 20,
    poisonDeaths: 3,
    settledMemoryMs: 1,
    journalRecords: 9,
    bounds: BOUNDS,
  }
  const groups = new Groups(database, 20)
  const contents = new Contents(database)
  const parts = { groups, contents, keepRecord: () => undefined, options, nonce: () => '' }
  const all = [new Records(database, 9), new LimitRows(database), new Housekeeping(database, 1)]
  expect([...all, new Entries(database, parts)]).toHaveLength(4)
  expect(asked.length).toBeGreaterThan(50)
  const slow = asked.flatMap((sql) => {
    const steps = prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => String(detail))
    const isBounded = / LIMIT /.test(sql)
    return steps
      .filter((step) => step.includes('TEMP B-TREE') || (step.startsWith('SCAN') && !isBounded))
      .map((step) => `${step}: ${sql}`)
  })
  expect(slow).toEqual([])
  database.close()
})
