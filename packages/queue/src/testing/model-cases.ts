/** What the model test has found in stores, shrunk: each is run against every store. */

import type { ContentPlan, EntryPlan, ModelOperation } from './model-operation.ts'

const FRESH: ContentPlan = { kind: 'fresh', sizeBytes: 20 }

const entry = (message: number, index: number, content: ContentPlan): EntryPlan => ({
  message,
  index,
  job: 0,
  group: 0,
  priority: 0,
  delayMs: 0,
  labels: 0,
  content,
})

/** Operations by what they show. */
export const MODEL_CASES: Readonly<Record<string, readonly ModelOperation[]>> = {
  'keeps sealed content for its time where enqueue named it for a known id, beside an entry that was new': [
    { op: 'enqueue', entries: [entry(0, 0, { kind: 'none' })] },
    { op: 'enqueue', entries: [entry(0, 0, FRESH), entry(0, 1, { kind: 'none' })] },
    { op: 'enqueue', entries: [entry(1, 0, { kind: 'sealed', content: 0 })] },
    { op: 'read', content: 0 },
  ],
  'keeps sealed content for its time where settle spawned a known id with it': [
    { op: 'enqueue', entries: [entry(0, 0, { kind: 'none' }), entry(0, 1, { kind: 'none' })] },
    { op: 'lease', limit: 1, durationMs: 1_005 },
    { op: 'settle', batch: [{ token: 0, kind: 'done', job: 0, delayMs: 0, spawn: [entry(0, 1, FRESH)] }] },
    { op: 'enqueue', entries: [entry(1, 0, { kind: 'sealed', content: 0 })] },
    { op: 'read', content: 0 },
  ],
  'takes sealed content that a known entry of the same call refers to': [
    { op: 'enqueue', entries: [entry(0, 1, { kind: 'none' })] },
    { op: 'stage', sizeBytes: 20, ttlMs: 60_005 },
    { op: 'enqueue', entries: [entry(0, 1, { kind: 'ref', content: 0 }), entry(0, 0, { kind: 'sealed', content: 0 })] },
    { op: 'read', content: 0 },
  ],
  'lets groups take turns where one that waits gets another entry and loses one': [
    { op: 'enqueue', entries: [entry(0, 0, { kind: 'none' }), { ...entry(0, 1, { kind: 'none' }), group: 1 }] },
    { op: 'lease', limit: 2, durationMs: 15 },
    { op: 'advance', ms: 1_000 },
    { op: 'lease', limit: 1, durationMs: 15 },
    {
      op: 'settle',
      batch: [{ token: 1, kind: 'retry', job: 0, delayMs: 0, spawn: [entry(0, 2, { kind: 'none' })] }],
    },
    { op: 'lease', limit: 5, durationMs: 1_005 },
  ],
  'holds the poison of a group that control moves and holds meanwhile': [
    { op: 'enqueue', entries: [entry(0, 0, { kind: 'none' })] },
    { op: 'lease', limit: 1, durationMs: 15 },
    { op: 'advance', ms: 1_000 },
    { op: 'lease', limit: 1, durationMs: 15 },
    { op: 'advance', ms: 1_000 },
    { op: 'lease', limit: 1, durationMs: 15 },
    { op: 'advance', ms: 1_000 },
    { op: 'apply', action: 'reroute', group: 1, filter: {}, limit: 1, dryRun: false },
    { op: 'apply', action: 'hold', group: 0, filter: {}, limit: 1, dryRun: false },
    { op: 'apply', action: 'release', group: 0, filter: {}, limit: 1, dryRun: false },
    { op: 'lease', limit: 1, durationMs: 1_005 },
  ],
  'may begin the turns of groups anew after a crash': [
    { op: 'enqueue', entries: [{ ...entry(0, 0, { kind: 'none' }), group: 1 }, entry(0, 1, { kind: 'none' })] },
    { op: 'lease', limit: 1, durationMs: 15 },
    { op: 'advance', ms: 1_000 },
    { op: 'apply', action: 'hold', group: 0, filter: { state: 'leased' }, limit: 1, dryRun: true },
    { op: 'lease', limit: 1, durationMs: 15 },
    { op: 'crash' },
  ],
  'has the same journal twice after a crash': [
    { op: 'enqueue', entries: [entry(2, 0, { kind: 'none' })] },
    { op: 'lease', limit: 1, durationMs: 1_005 },
    {
      op: 'settle',
      batch: [{ token: 0, kind: 'done', job: 0, delayMs: 0, record: 0, spawn: [entry(0, 0, { kind: 'none' })] }],
    },
    { op: 'crash' },
    { op: 'journal', message: 2 },
    { op: 'journal', message: 2 },
  ],
}
