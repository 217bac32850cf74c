/** What is due is found behind however many entries that cannot be read. */

import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { BOUNDS } from '../src/bounds.ts'
import { MIGRATIONS } from '../src/schema.ts'
import { DueEntries } from '../src/steps/due-entries.ts'
import { DueRows } from '../src/steps/due-rows.ts'

it('leases run out behind thousands of others whose entries cannot be read', () => {
  const database = new DatabaseSync(':memory:')
  for (const step of MIGRATIONS) database.exec(step)
  database.exec(`WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 2500)
    INSERT INTO entry (id, grp, state, priority, not_before, enqueued_at, leases, deaths, recovered, alone, nonce, lease_until, labels, job)
    SELECT 'm' || n, 1, 1, 0, 0, 0, 1, 0, 0, 0, 'x', n, '{}', x'00' FROM n`)
  const due = new DueEntries(database, new DueRows(database, BOUNDS))
  const blame = (place: Parameters<typeof due.blamed.touch>[0]): void => {
    due.blamed.touch(place)
    expect(due.blamed.blame()).toBe(true)
  }
  blame({ kind: 'expiry' })
  for (let serial = 1; serial <= 2_200; serial += 1) blame({ kind: 'entry', serial })
  due.begin()
  const found = [...due.expired(10_000)].map(({ serial }) => serial)
  expect(found).toHaveLength(300)
  expect(found[0]).toBe(2_201)
})
