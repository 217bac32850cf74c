/** What SQLite really throws, as sentences. */

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { blamesRequest, faultOf } from '../src/faults.ts'
import { createFolder } from './folder.ts'

const thrownBy = (act: () => unknown): unknown => {
  try {
    act()
  } catch (error) {
    return error
  }
  return expect.fail('nothing was thrown')
}

it('tells a full disk, a read-only file, a locked file and a missing folder apart', async () => {
  const path = join(await createFolder(), 'x.db')
  const database = new DatabaseSync(path)
  database.exec('CREATE TABLE t (x BLOB); PRAGMA max_page_count = 10')
  const full = thrownBy(() => database.exec('INSERT INTO t VALUES (zeroblob(1000000))'))
  const reader = new DatabaseSync(path, { readOnly: true })
  const readOnly = thrownBy(() => reader.exec("INSERT INTO t VALUES ('x')"))
  database.exec('BEGIN IMMEDIATE')
  const other = new DatabaseSync(path, { timeout: 0 })
  const locked = thrownBy(() => other.exec('BEGIN IMMEDIATE'))
  const missing = thrownBy(() => new DatabaseSync(join(path, 'below.db')))
  expect([full, readOnly, locked, missing].map((error) => faultOf(error).sentence)).toEqual([
    'the disk is full',
    'the database is read-only',
    'the database is locked by another process',
    'the database file could not be opened',
  ])
  expect([full, readOnly, locked, missing].map((error) => blamesRequest(error))).toEqual([false, false, false, false])
  for (const open of [database, reader, other]) open.close()
})

it('blames the request for a broken constraint', async () => {
  const database = new DatabaseSync(':memory:')
  database.exec('CREATE TABLE t (x NOT NULL)')
  expect(blamesRequest(thrownBy(() => database.exec('INSERT INTO t VALUES (NULL)')))).toBe(true)
  expect(blamesRequest(new TypeError('a column holds no text'))).toBe(true)
})

it('keeps the text of what was thrown as the cause', () => {
  expect(faultOf(new RangeError('out of range'))).toEqual({
    sentence: 'the database failed',
    cause: 'RangeError: out of range',
    isDamage: false,
  })
})
