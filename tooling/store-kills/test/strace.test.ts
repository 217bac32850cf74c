/** Output of strace is read, and held against the rule; the traces are as strace 6.1 prints them. */

import { describe, expect, it } from 'vitest'
import { parseTrace, pathOf } from '../src/strace.ts'
import { checkRedisSync, checkSqliteSync, findOps } from '../src/sync-order.ts'

const mark = (name: string): string =>
  `10 write(1<pipe:[7]>, "{\\"at\\":1.5,\\"kind\\":\\"mark\\",\\"name\\":\\"${name}\\"}\\n", 40) = 40`
const answer = '10 write(1<pipe:[7]>, "{\\"at\\":2.5,\\"kind\\":\\"enqueued\\",\\"op\\":1}\\n", 40) = 40'
const logWrite = '11 pwrite64(28</s/postroad.sqlite-wal>, "..."..., 24, 0) = 24'
const logSync = '11 fsync(28</s/postroad.sqlite-wal>) = 0'
const fileWrite = '12 write(30</s/postroad.sqlite.content/ab/x>, "..."..., 700000) = 700000'
const fileSync = '12 fdatasync(30</s/postroad.sqlite.content/ab/x>) = 0'
const folderSync = '12 fsync(31</s/postroad.sqlite.content/ab>) = 0'

describe('parseTrace', () => {
  it('joins what was interrupted, in the order strace saw', () => {
    const calls = parseTrace(
      [
        '11 fsync(28</s/a-wal> <unfinished ...>',
        logWrite,
        '11 <... fsync resumed>) = 0',
        '12 fsync(30</s/x>) = ?',
      ].join('\n'),
    )
    expect(calls.map(({ name, beganAt, endedAt, result }) => ({ name, beganAt, endedAt, result }))).toEqual([
      { name: 'pwrite64', beganAt: 1, endedAt: 1, result: '24' },
      { name: 'fsync', beganAt: 0, endedAt: 2, result: '0' },
      { name: 'fsync', beganAt: 3, endedAt: Infinity, result: '' },
    ])
    expect(calls.map((call) => pathOf(call))).toEqual(['/s/postroad.sqlite-wal', '/s/a-wal', '/s/x'])
  })
})

describe('checkSqliteSync', () => {
  const check = (...lines: readonly string[]) => {
    const calls = parseTrace([mark('enqueue'), ...lines, answer].join('\n'))
    const [op] = findOps(calls)
    return checkSqliteSync(calls, op ?? expect.fail('no call was found'), '/s')
  }

  it('accepts a log that is synced before the answer', () => {
    expect(check(logWrite, logSync)).toEqual({ op: 'enqueue', syncs: ['log'], faults: [] })
  })

  it('accepts a file, then its folder, then the log', () => {
    expect(check(fileWrite, fileSync, folderSync, logWrite, logSync)).toEqual({
      op: 'enqueue',
      syncs: ['file', 'folder', 'log'],
      faults: [],
    })
  })

  it('accepts a file that is synced, moved, and then its new folder synced', () => {
    const move = '12 rename("/s/postroad.sqlite.content/ab/x", "/s/postroad.sqlite.content/kept/x") = 0'
    const kept = folderSync.replace('/ab', '/kept')
    expect(check(fileWrite, fileSync, move, kept, logWrite, logSync).faults).toEqual([])
    expect(check(fileWrite, fileSync, kept, move, logWrite, logSync).faults).toHaveLength(1)
  })

  it.each([
    { name: 'no sync of the log', lines: [logWrite], says: 'not synced before the answer' },
    {
      name: 'a sync before the last write',
      lines: [logWrite, logSync, logWrite],
      says: 'not synced before the answer',
    },
    {
      name: 'a sync that failed',
      lines: [logWrite, logSync.replace('= 0', '= -1 EIO')],
      says: 'not synced before the answer',
    },
    {
      name: 'a sync that has not returned',
      lines: [logWrite, '11 fsync(28</s/postroad.sqlite-wal> <unfinished ...>'],
      says: 'not synced',
    },
    { name: 'no sync of the file', lines: [fileWrite, folderSync, logWrite, logSync], says: 'x was not synced' },
    {
      name: 'no sync of the folder',
      lines: [fileWrite, fileSync, logWrite, logSync],
      says: 'folder of x was not synced',
    },
    {
      name: 'the log before the file',
      lines: [fileWrite, logWrite, fileSync, folderSync, logSync],
      says: 'before x was synced',
    },
  ])('finds $name', ({ lines, says }) => {
    expect(check(...lines).faults.join('\n')).toContain(says)
  })
})

describe('checkRedisSync', () => {
  const append = '20 write(8</r/appendonlydir/appendonly.aof.1.incr.aof>, "...entry:M1.0...", 90) = 90'
  const sync = '20 fdatasync(8</r/appendonlydir/appendonly.aof.1.incr.aof>) = 0'
  const reply = '20 write(9<TCP:[127.0.0.1:1->127.0.0.1:2]>, "+OK\\r\\n", 5) = 5'

  it('accepts replies that are written after the sync', () => {
    expect(checkRedisSync(parseTrace([append, sync, reply].join('\n')), ['M1.0']).faults).toEqual([])
  })

  it('finds a reply before the sync', () => {
    expect(checkRedisSync(parseTrace([append, reply, sync].join('\n')), ['M1.0']).faults).toHaveLength(1)
  })

  it('finds what was acknowledged and never appended', () => {
    expect(checkRedisSync(parseTrace([append, sync, reply].join('\n')), ['M2.0']).faults).toHaveLength(1)
  })
})
