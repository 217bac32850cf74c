/** Random operations. Instants that a port leaves open (the very millisecond a lease runs out) are kept out of reach. */

import type * as FastCheck from 'fast-check'
import {
  type ContentPlan,
  type EntryPlan,
  type FilterPlan,
  GROUPS,
  INDEXES,
  LABELS,
  MESSAGES,
  type ModelOperation,
  REPLIES,
  type SettlementPlan,
  UNREADABLE,
} from './model-operation.ts'

/**
 * Lists of operations. Time moves by multiples of 10 ms; what runs out (leases, permits, content, marks) ends between.
 *
 * @param length The most operations of a list.
 */
export function createOperations(fc: typeof FastCheck, length: number): FastCheck.Arbitrary<ModelOperation[]> {
  const one = <const T>(...values: readonly T[]): FastCheck.Arbitrary<T> => fc.constantFrom(...values)
  const some = <T>(arbitrary: FastCheck.Arbitrary<T>, freq = 3): FastCheck.Arbitrary<T | undefined> =>
    fc.option(arbitrary, { nil: undefined, freq })
  const group = fc.nat(GROUPS - 1)
  const job = fc.oneof({ weight: 30, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.constant(UNREADABLE) })
  const delayMs = one(0, 0, 0, 0, -1_000, 10, 50, 500, 5_000, 60_000)
  const durationMs = one(15, 105, 1_005, 1_005, 30_005, 400_005)
  const ttlMs = one(105, 2_005, 60_005)
  const page = one(1, 3, 100)
  const recent = fc.oneof({ weight: 5, arbitrary: fc.nat(3) }, { weight: 2, arbitrary: fc.nat(15) })

  const content: FastCheck.Arbitrary<ContentPlan> = fc.oneof(
    { weight: 8, arbitrary: fc.constant({ kind: 'none' as const }) },
    { weight: 6, arbitrary: fc.record({ kind: one('fresh'), sizeBytes: one(0, 20, 20, 1_000) }) },
    { weight: 3, arbitrary: fc.record({ kind: one('sealed'), content: recent }) },
    { weight: 3, arbitrary: fc.record({ kind: one('ref'), content: recent }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'missing' as const }) },
  )
  const entry: FastCheck.Arbitrary<EntryPlan> = fc.record({
    message: fc.nat(MESSAGES - 1),
    index: fc.nat(INDEXES - 1),
    job,
    group,
    priority: one(0, 0, 0, 0, 0, 5, -9, 9),
    delayMs,
    labels: fc.nat(LABELS.length - 1),
    content,
  })
  const settlement: FastCheck.Arbitrary<SettlementPlan> = fc
    .record({
      token: recent,
      kind: one('done', 'done', 'retry', 'retry', 'hold'),
      job,
      delayMs,
      group: some(group, 2),
      reply: some(fc.nat(REPLIES.length - 1), 2),
      feedback: some(one('ok', 'slow', 'down'), 2),
      record: some(fc.nat(5), 2),
      spawn: fc.oneof(
        { weight: 4, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(entry, { minLength: 1, maxLength: 2 }) },
      ),
    })
    .map(present)
  const filter: FastCheck.Arbitrary<FilterPlan> = fc
    .record({
      ids: some(fc.array(fc.tuple(fc.nat(MESSAGES - 1), fc.nat(INDEXES - 1)), { maxLength: 4 }), 1),
      state: some(one('ready', 'waiting', 'leased', 'held'), 1),
      group: some(group, 1),
      labels: some(fc.nat(LABELS.length - 1), 1),
      olderMs: some(one(0, 1_000), 1),
      attemptsAtLeast: some(fc.nat(2), 1),
      lastReply: some(one('', '4.3.0', 'xxx', '%'), 1),
    })
    .map(present)

  const record = <T>(
    weight: number,
    op: ModelOperation['op'],
    fields: { [Key in keyof T]: FastCheck.Arbitrary<T[Key]> },
  ): { weight: number; arbitrary: FastCheck.Arbitrary<ModelOperation> } => ({
    weight,
    arbitrary: fc.record(fields).map((values) => present({ op, ...values }) as unknown as ModelOperation),
  })
  const operation = fc.oneof(
    record(24, 'enqueue', { entries: fc.array(entry, { minLength: 1, maxLength: 4 }) }),
    record(1, 'enqueue-invalid', { rule: one('two messages', 'priority', 'instant') }),
    record(2, 'stage', { sizeBytes: one(0, 20, 300_000), ttlMs }),
    record(26, 'lease', { limit: one(1, 1, 2, 5, 20), durationMs }),
    record(6, 'renew', { token: recent, durationMs, job: some(job, 1) }),
    record(20, 'settle', { batch: fc.array(settlement, { minLength: 1, maxLength: 3 }) }),
    record(18, 'advance', { ms: one(10, 100, 100, 1_000, 1_000, 5_000, 20_000, 60_000, 300_000) }),
    record(7, 'apply', {
      action: one('hold', 'release', 'retry', 'drop', 'reroute'),
      group,
      filter,
      limit: page,
      dryRun: fc.nat(4).map((n) => n === 0),
    }),
    record(2, 'pause', { group, ms: one(100, 5_000, 60_000) }),
    record(2, 'resume', { group }),
    record(3, 'limit', { group, concurrency: some(one(1, 2, 4)) }),
    record(3, 'list', { filter, limit: page }),
    record(2, 'counts', { limit: page }),
    record(3, 'changes', { limit: one(1, 100) }),
    record(9, 'take', { keys: fc.uniqueArray(fc.nat(4), { maxLength: 2 }), cost: one(1, 1, 3, 10, 30), ttlMs }),
    record(2, 'give', { permit: recent }),
    record(3, 'extend', { permit: recent, ttlMs }),
    record(1, 'mark', { key: fc.nat(1), ttlMs }),
    record(1, 'write', { message: fc.nat(MESSAGES - 1), event: fc.nat(5) }),
    record(1, 'journal', { message: fc.nat(MESSAGES - 1) }),
    record(2, 'read', { content: recent }),
    record(1, 'sweep', {}),
    record(1, 'crash', {}),
  )
  return fc.array(operation, { maxLength: length, size: 'max' })
}

/** Without the fields that are `undefined`, so that operations print short. */
function present<T extends object>(values: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [Key in keyof T]: Exclude<T[Key], undefined> }
}
