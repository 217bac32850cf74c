/** Transactions around faults: what is blamed is what met the damage, and nothing is thrown. */

import { rename, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it, onTestFinished } from 'vitest'
import { BOUNDS } from '../src/bounds.ts'
import { openForWriting } from '../src/database.ts'
import type { Outcome } from '../src/protocol.ts'
import { Blamed } from '../src/steps/blamed.ts'
import { Feed } from '../src/steps/feed.ts'
import { DueRows } from '../src/steps/due-rows.ts'
import { Groups } from '../src/steps/groups.ts'
import { Transactions, type Transactor } from '../src/transactions.ts'
import { createFolder } from './folder.ts'

const batch = { now: 1, durable: true, isShared: false, asked: [{ kind: 'x', request: undefined }] }
const done: Outcome = { kind: 'answer', answer: 1 }

/** As SQLite throws it. */
const sqliteError = (errcode: number): Error => Object.assign(new Error('from SQLite'), { errcode })
const CORRUPT = 11
const IOERR = 10

const setUp = async (other: (database: DatabaseSync) => Partial<Transactor> = () => ({})) => {
  const path = join(await createFolder(), 'mail.db')
  const database = openForWriting(path, BOUNDS)
  onTestFinished(() => {
    if (database.isOpen) database.close()
  })
  const transactor = {
    path,
    bounds: BOUNDS,
    begin: () => undefined,
    end: () => undefined,
    blame: [],
    ...other(database),
  }
  return { path, database, transactions: new Transactions(database, transactor) }
}

it('gives a fault where what is damaged cannot even be looked at', async () => {
  const { transactions } = await setUp(() => ({
    blame: [
      () => {
        throw sqliteError(IOERR)
      },
    ],
  }))
  const outcomes = transactions.run(batch, () => {
    throw sqliteError(CORRUPT)
  })
  expect(outcomes).toMatchObject([{ kind: 'fault', fault: { isDamage: true } }])
  expect(transactions.run(batch, () => done)).toEqual([done])
})

it('blames nothing that only another fault came upon before', async () => {
  let groups: Groups | undefined
  const blamed = new Blamed(() => undefined)
  const { database, transactions } = await setUp((opened) => {
    const made = new Groups(opened, 20, new DueRows(opened, BOUNDS), new Feed(opened, () => 'epoch'))
    groups = made
    return {
      begin: () => {
        made.begin()
        blamed.touch(undefined)
      },
      end: (now) => made.flush(now),
      blame: [() => made.blame(), () => blamed.blame()],
    }
  })
  const serial = groups?.named('sound.test').serial ?? expect.fail('no group')
  const touching = (): Outcome => {
    const group = groups?.named('sound.test') ?? expect.fail('no group')
    group.leased += 1
    groups?.touch(group)
    return done
  }
  // The disk is full when the group is written.
  database.exec(`CREATE TRIGGER full BEFORE UPDATE ON grp BEGIN SELECT raise(ABORT, 'full'); END`)
  expect(transactions.run(batch, touching)).toMatchObject([{ kind: 'fault' }])
  database.exec('DROP TRIGGER full')
  const outcomes = transactions.run(batch, () => {
    throw sqliteError(CORRUPT)
  })
  expect(outcomes).toMatchObject([{ kind: 'fault', fault: { isDamage: true } }])
  groups?.begin()
  expect(groups?.find(serial)).toMatchObject({ id: 'sound.test' })
})

it('writes nothing more once a newer release has brought the file up', async () => {
  const { path, transactions } = await setUp()
  expect(transactions.run(batch, () => done)).toEqual([done])
  const newer = new DatabaseSync(path)
  newer.exec('PRAGMA user_version = 99')
  newer.close()
  let isAsked = false
  const outcomes = transactions.run(batch, () => {
    isAsked = true
    return done
  })
  expect(isAsked).toBe(false)
  expect(outcomes).toMatchObject([
    { kind: 'fault', fault: { sentence: expect.stringMatching(/^the database is of version 99, written by a newer/) } },
  ])
})

it('does not repeat what was committed where its files cannot be looked at', async () => {
  const { path, database, transactions } = await setUp()
  await rename(path, `${path}.moved`)
  await symlink('mail.db', path)
  let count = 0
  const two = { ...batch, asked: [...batch.asked, ...batch.asked] }
  const outcomes = transactions.run(two, () => {
    count += 1
    return done
  })
  expect(count).toBe(2)
  expect(outcomes).toMatchObject([{ kind: 'fault' }, { kind: 'fault' }])
  expect(outcomes[0]).toMatchObject({ fault: { sentence: expect.stringContaining('cannot be looked at') } })
  expect(database.isTransaction).toBe(false)
})

it.each([
  ['', 'the database was removed or replaced while it was open'],
  ['-wal', 'the log of the database was removed while it was open'],
  ['-shm', 'the index of the log was removed while it was open'],
])('asks for nothing once mail.db%s was found removed', async (suffix, sentence) => {
  const { path, transactions } = await setUp()
  transactions.run(batch, () => done)
  await rename(`${path}${suffix}`, `${path}.moved`)
  let count = 0
  const ask = (): readonly Outcome[] =>
    transactions.run(batch, () => {
      count += 1
      return done
    })
  const refused = [{ kind: 'fault', fault: { sentence: expect.stringContaining(sentence) } }]
  expect(ask()).toMatchObject(refused)
  // The first could not know. What comes then might be written over what others write.
  expect(ask()).toMatchObject(refused)
  expect(count).toBe(1)
  await rename(`${path}.moved`, `${path}${suffix}`)
  expect(ask()).toEqual([done])
})

it('tries a batch again 64 times at most, whatever is blamed and however many share it', async () => {
  const { transactions } = await setUp(() => ({ blame: [() => true] }))
  let count = 0
  const outcomes = transactions.run({ ...batch, asked: Array.from({ length: 10 }, () => batch.asked).flat() }, () => {
    count += 1
    throw sqliteError(CORRUPT)
  })
  expect(outcomes).toHaveLength(10)
  expect(count).toBe(65 + 10)
})

it('moves the log before anything else where a sync failed while the log was moved', async () => {
  const { database, transactions } = await setUp(() => ({ bounds: { ...BOUNDS, longestLogBytes: 0 } }))
  const prepare = database.prepare.bind(database)
  const done: string[] = []
  const IOERR_FSYNC = 1_034
  database.prepare = (sql) => {
    if (sql.includes('PASSIVE')) throw sqliteError(IOERR_FSYNC)
    done.push(sql)
    return prepare(sql)
  }
  transactions.run(batch, () => ({ kind: 'answer', answer: 1 }))
  expect(transactions.trimLog()).toBeGreaterThan(0)
  transactions.run(batch, () => {
    done.push('step')
    return { kind: 'answer', answer: 1 }
  })
  expect(done).toEqual(['PRAGMA wal_checkpoint(TRUNCATE)', 'step'])
})

it('waits for who moves the log already, where it has grown too long', async () => {
  const { database, transactions } = await setUp(() => ({ bounds: { ...BOUNDS, longestLogBytes: 0 } }))
  const prepare = database.prepare.bind(database)
  // The lock on moving the log cannot be held for a test: SQLite lets it go within the call.
  let busyTimes = Infinity
  let tries = 0
  database.prepare = (sql) => {
    const statement = prepare(sql)
    if (!sql.includes('PASSIVE')) return statement
    const get = statement.get.bind(statement)
    statement.get = () => {
      tries += 1
      busyTimes -= 1
      return busyTimes >= 0 ? { busy: 1, log: -1, checkpointed: -1 } : get()
    }
    return statement
  }
  transactions.run(batch, () => done)
  // Who holds it for long is asked again after each batch, and each waits a while.
  transactions.trimLog()
  expect(tries).toBe(50)
  busyTimes = 2
  transactions.trimLog()
  expect(tries).toBe(53)
  transactions.trimLog()
  expect(tries).toBe(53)
})
