import { expect, it } from 'vitest'
import { pageOf } from '../src/report.ts'

it('shows reasons with their cases once, what is not explained, and why transcripts were left out', () => {
  const difference = { title: 'one | two', sent: 'HELP | x', expected: '214', got: '500' }
  const page = pageOf([
    {
      replays: {
        peer: 'Peer',
        version: '1.2',
        replayed: 3,
        same: 2,
        compared: 10,
        differences: [difference, difference, { ...difference, sent: 'NOOP' }],
        leftOut: [
          { title: 'a', reason: 'has no LMTP' },
          { title: 'b', reason: 'has no LMTP' },
        ],
      },
      judgement: {
        explained: [
          { difference, reason: 'has no HELP' },
          { difference, reason: 'has no HELP' },
        ],
        unexplained: [{ ...difference, sent: 'NOOP' }],
        vanished: [],
      },
    },
  ])
  expect(page.slice(page.indexOf('## Peer'))).toBe(`## Peer 1.2

3 transcripts replayed, 2 of them without a difference; 10 replies and closings compared, 3 other than ours.

| it | what was sent, our code → its code |
|---|---|
| has no HELP | \`HELP \\| x\` 214 → 500 |

Not explained:

- \`NOOP\` 214 → 500: one | two

Left out, 2 transcripts, because it has no LMTP (2).
`)
})
