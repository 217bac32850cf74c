/** The judge finds what may not be: each case is a history that a faulty store would leave. */

import { describe, expect, it } from 'vitest'
import type { Found } from '../src/history.ts'
import { HELD_BY_RUN, judge, judgeSpawned, type Rules } from '../src/judge.ts'
import { Ledger } from '../src/ledger.ts'
import type { Report } from '../src/report.ts'

const LEASE_MS = 100
const ID = 'M.0'

const enqueue: Report = { kind: 'enqueue', at: 0, op: 1, entries: [{ id: ID, version: 'v0' }] }
const enqueued: Report = { kind: 'enqueued', at: 1, op: 1 }

/** Worker 1 by its tokens `a`, worker 2 by `b`. */
function leased(at: number, token: string, attempt: number, version = 'v0'): Report {
  return { kind: 'leased', at, askedAt: at - 1, durationMs: LEASE_MS, leases: [{ id: ID, token, version, attempt }] }
}

function settle(at: number, token: string, kind: 'done' | 'retry' | 'hold', version?: string): Report {
  const settling = { id: ID, token, kind, spawn: [], ...(version === undefined ? {} : { version }) }
  return { kind: 'settle', at, op: 2, batch: [settling] }
}

function settled(at: number, result: 'settled' | 'lost' = 'settled'): Report {
  return { kind: 'settled', at, op: 2, results: [result] }
}

function found(state: Found['state'], version: string, heldFor?: string): Found {
  return { state, version, heldFor, attempt: 5 }
}

function processOf(report: Report): number {
  const token =
    report.kind === 'leased' ? report.leases[0]?.token : report.kind === 'settle' ? report.batch[0]?.token : ''
  return token?.startsWith('b') === true ? 2 : 1
}

function verdictOf(reports: readonly Report[], at: Found | undefined, rules: Rules = {}, diedAt?: number) {
  const ledger = new Ledger()
  // An answer comes from whom the call before it came.
  let process = 1
  for (const report of reports) {
    if (report.kind === 'leased' || report.kind === 'settle') process = processOf(report)
    ledger.add(process, report)
  }
  const history = ledger.histories.get(ID) ?? expect.fail('there is no history')
  return judge(history, at, { releases: ledger.releases, diedAt: () => diedAt, rules })
}

interface Case {
  readonly name: string
  readonly reports: readonly Report[]
  readonly found?: Found
  readonly rules?: Rules
}

const SOUND: readonly Case[] = [
  {
    name: 'held, and released by somebody who had begun before that',
    reports: [
      enqueue,
      enqueued,
      leased(5, 'a', 0),
      { kind: 'release', at: 5, op: 3 },
      settle(6, 'a', 'hold', 'v1'),
      settled(7),
      { kind: 'released', at: 8, op: 3 },
    ],
    found: found('ready', 'v1'),
  },
  { name: 'acknowledged and there', reports: [enqueue, enqueued], found: found('ready', 'v0') },
  { name: 'unanswered and there', reports: [enqueue], found: found('ready', 'v0') },
  { name: 'unanswered and not there', reports: [enqueue] },
  { name: 'done and gone', reports: [enqueue, enqueued, leased(5, 'a', 0), settle(6, 'a', 'done'), settled(7)] },
  { name: 'done without an answer, and gone', reports: [enqueue, enqueued, leased(5, 'a', 0), settle(6, 'a', 'done')] },
  {
    name: 'done without an answer, and there',
    reports: [enqueue, enqueued, leased(5, 'a', 0), settle(6, 'a', 'done')],
    found: found('ready', 'v0'),
  },
  {
    name: 'retried and leased at once by another',
    reports: [enqueue, enqueued, leased(5, 'a', 0), settle(6, 'a', 'retry', 'v1'), settled(7), leased(9, 'b', 1, 'v1')],
    found: found('leased', 'v1'),
  },
  {
    name: 'held and found so',
    reports: [enqueue, enqueued, leased(5, 'a', 0), settle(6, 'a', 'hold', 'v1'), settled(7)],
    found: found('held', 'v1', HELD_BY_RUN),
  },
  {
    name: 'leased again after the lease ran out, and the first worker hears lost',
    reports: [
      enqueue,
      enqueued,
      leased(5, 'a', 0),
      leased(120, 'b', 1),
      settle(130, 'a', 'done'),
      settled(131, 'lost'),
    ],
    found: found('leased', 'v0'),
  },
]

const UNSOUND: readonly (Case & { readonly says: string })[] = [
  { name: 'acknowledged and not there', reports: [enqueue, enqueued], says: 'lost' },
  {
    name: 'retried and not there',
    reports: [enqueue, enqueued, leased(5, 'a', 0), settle(6, 'a', 'retry', 'v1'), settled(7)],
    says: 'lost',
  },
  {
    name: 'done and there',
    reports: [enqueue, enqueued, leased(5, 'a', 0), settle(6, 'a', 'done'), settled(7)],
    found: found('ready', 'v0'),
    says: 'must be gone',
  },
  {
    name: 'done and leased again',
    reports: [enqueue, enqueued, leased(5, 'a', 0), settle(6, 'a', 'done'), settled(7), leased(200, 'b', 1)],
    says: 'must be gone',
  },
  {
    name: 'retried and leased with the job before',
    reports: [
      enqueue,
      enqueued,
      leased(5, 'a', 0),
      settle(6, 'a', 'retry', 'v1'),
      settled(7),
      leased(200, 'b', 1, 'v0'),
    ],
    found: found('leased', 'v0'),
    says: 'must be queued with version v1',
  },
  {
    name: 'held, and ready after a release that had ended',
    reports: [
      enqueue,
      enqueued,
      { kind: 'release', at: 3, op: 3 },
      { kind: 'released', at: 4, op: 3 },
      leased(5, 'a', 0),
      settle(6, 'a', 'hold', 'v1'),
      settled(7),
    ],
    found: found('ready', 'v1'),
    says: 'must be held',
  },
  {
    name: 'held and leased without a release',
    reports: [
      enqueue,
      enqueued,
      leased(5, 'a', 0),
      settle(6, 'a', 'hold', 'v1'),
      settled(7),
      leased(200, 'b', 1, 'v1'),
    ],
    found: found('leased', 'v1'),
    says: 'must be held',
  },
  {
    name: 'leased by two at a time',
    reports: [enqueue, enqueued, leased(5, 'a', 0), leased(50, 'b', 1)],
    found: found('leased', 'v0'),
    says: 'early',
  },
  {
    name: 'lost while the lease held',
    reports: [enqueue, enqueued, leased(5, 'a', 0), settle(6, 'a', 'done'), settled(7, 'lost')],
    found: found('leased', 'v0'),
    says: 'was lost',
  },
  {
    name: 'settled by somebody whose lease was given to another',
    reports: [enqueue, enqueued, leased(5, 'a', 0), leased(120, 'b', 1), settle(130, 'a', 'done'), settled(131)],
    found: found('leased', 'v0'),
    says: 'was settled after',
  },
  {
    name: 'the same attempt twice',
    reports: [enqueue, enqueued, leased(5, 'a', 0), leased(120, 'b', 0)],
    found: found('leased', 'v0'),
    says: 'attempt 0 came after attempt 0',
  },
]

describe('judge', () => {
  it.each(SOUND)('finds nothing wrong: $name', ({ reports, found, rules }) => {
    const verdict = verdictOf(reports, found, rules)
    expect(verdict.faults).toEqual([])
    expect(verdict.isLost).toBe(false)
  })

  it.each(UNSOUND)('finds what is wrong: $name', ({ reports, found, rules, says }) => {
    const { faults } = verdictOf(reports, found, rules)
    expect(faults.join('\n')).toContain(says)
  })

  it('counts work that was done again by its cause', () => {
    const again = [enqueue, enqueued, leased(5, 'a', 0), leased(120, 'b', 1)]
    expect(verdictOf(again, found('leased', 'v0')).duplicates).toEqual(['ran-out'])
    expect(verdictOf(again, found('leased', 'v0'), {}, 60).duplicates).toEqual(['killed'])
  })

  it('counts what a fail-over undoes, where the scenario says that it may', () => {
    const done = [enqueue, enqueued, leased(5, 'a', 0), settle(6, 'a', 'done'), settled(7)]
    const { faults, duplicates } = verdictOf(done, found('ready', 'v0'), { lazyMayBeCut: true })
    expect({ faults, duplicates }).toEqual({ faults: [], duplicates: ['cut'] })
    const gone = verdictOf([enqueue, enqueued], undefined, { lazyMayBeCut: true })
    expect(gone.isLost).toBe(true)
    expect(gone.faults).toHaveLength(1)
  })

  it('takes lost for no answer where the call was refused before', () => {
    const refused: Report = { kind: 'refused', at: 7, op: 2, error: 'away' }
    const reports = [enqueue, enqueued, leased(5, 'a', 0), settle(6, 'a', 'done'), refused, settled(8, 'lost')]
    expect(verdictOf(reports, undefined).faults).toEqual([])
  })
})

describe('judgeSpawned', () => {
  const spawn = [{ id: 'S.0', version: 's0' }]
  const settling: Report = { kind: 'settle', at: 6, op: 2, batch: [{ id: ID, token: 'a', kind: 'done', spawn }] }

  function spawnedOf(at: Found | undefined, wasSeen: boolean): string | undefined {
    const ledger = new Ledger()
    for (const report of [enqueue, enqueued, leased(5, 'a', 0), settling]) ledger.add(1, report)
    const circumstances = { releases: [], diedAt: () => 7, rules: {} }
    judge(ledger.histories.get(ID) ?? expect.fail('no history'), at, circumstances)
    return judgeSpawned(ledger.histories.get('S.0') ?? expect.fail('no history'), wasSeen)
  }

  it('lets an unanswered settlement have done all or nothing', () => {
    expect(spawnedOf(undefined, true)).toBeUndefined()
    expect(spawnedOf(found('ready', 'v0'), false)).toBeUndefined()
  })

  it('finds a settlement that was done without what it spawns', () => {
    expect(spawnedOf(undefined, false)).toContain('lost')
  })

  it('finds what was spawned by a settlement that was not done', () => {
    expect(spawnedOf(found('ready', 'v0'), true)).toContain('not done')
  })
})
