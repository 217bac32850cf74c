import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { Explanation } from '../src/explanation.ts'
import { EXPLANATIONS } from '../src/explanations.ts'
import { judge } from '../src/judge.ts'

const difference = (sent: string, expected: string, got: string, title = 'a title') => ({ title, sent, expected, got })

const explanations: readonly Explanation[] = [
  { peer: 'A', reason: 'has no HELP', cases: [['HELP…', '214', '500']] },
  { peer: 'A', reason: 'closes', cases: [['(end)', 'open', 'closed', 'special']] },
  { peer: 'B', reason: 'is another', cases: [['NOOP', '250', '500']] },
]

describe('judging differences', () => {
  it('knows those that are explained, by a beginning or a part of the title, and says which explanation is of no use', () => {
    const found = [difference('HELP MAIL', '214', '500'), difference('(end)', 'open', 'closed', 'a special one')]
    expect(judge('A', found, explanations)).toEqual({
      explained: [
        { difference: found[0], reason: 'has no HELP' },
        { difference: found[1], reason: 'closes' },
      ],
      unexplained: [],
      vanished: [],
    })
    expect(judge('A', [], explanations).vanished).toEqual([
      'has no HELP: HELP… 214 500',
      'closes: (end) open closed special',
    ])
  })

  it.each([
    { what: 'another code', each: difference('HELP', '214', '502') },
    { what: 'another peer', each: difference('NOOP', '250', '500') },
    { what: 'another title', each: difference('(end)', 'open', 'closed') },
    { what: 'another command', each: difference('HEL', '214', '500') },
  ])('does not take an explanation of $what', ({ each }) => {
    expect(judge('A', [each], explanations).unexplained).toEqual([each])
  })
})

it('docs/interop.md gives every reason', async () => {
  const page = await readFile(new URL('../../../docs/interop.md', import.meta.url), 'utf8')
  expect(EXPLANATIONS.map(({ reason }) => reason).filter((reason) => !page.includes(reason))).toEqual([])
})
