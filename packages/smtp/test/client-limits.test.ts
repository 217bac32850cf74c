import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PeerLimits } from '../src/client-extensions.ts'
import { LimitsUse, splitByLimits } from '../src/client-limits.ts'
import { envelope } from './client-talk.ts'

describe('splitByLimits', () => {
  it.each([
    { to: ['a@x.example', 'b@y.example', 'c@x.example'], limits: {}, parts: [[0, 1, 2]] },
    { to: ['a@x.example', 'b@y.example', 'c@x.example'], limits: { rcptMax: 2 }, parts: [[0, 1], [2]] },
    { to: ['a@x.example', 'b@y.example', 'c@x.example'], limits: { rcptDomainMax: 1 }, parts: [[0, 2], [1]] },
    {
      to: ['a@x.example', 'b@y.example', 'c@x.example'],
      limits: { rcptMax: 1, rcptDomainMax: 2 },
      parts: [[0], [2], [1]],
    },
    { to: [], limits: {}, parts: [] },
    { to: [], limits: { rcptDomainMax: 1 }, parts: [] },
  ])('deals $to out by $limits as $parts (RFC 9422 §4)', ({ to, limits, parts }) => {
    expect(splitByLimits(envelope(...to), limits)).toEqual(parts)
  })

  it.each([0, -1, 0.5, Number.NaN])('deals out one by one where a limit is no number of recipients: %s', (limit) => {
    const to = envelope('a@x.example', 'b@y.example')
    expect(splitByLimits(to, { rcptMax: limit })).toEqual([[0], [1]])
    expect(splitByLimits(to, { rcptDomainMax: limit })).toEqual([[0], [1]])
  })

  it('names everybody once, within the limits, whatever they are', () => {
    const limit = fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined })
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 20 }),
        limit,
        limit,
        (domains, rcpt, domain) => {
          const limits: PeerLimits = {
            ...(rcpt !== undefined && { rcptMax: rcpt }),
            ...(domain !== undefined && { rcptDomainMax: domain }),
          }
          const parts = splitByLimits(envelope(...domains.map((name) => `x@${name}.example`)), limits)
          expect(parts.flat().toSorted((a, b) => a - b)).toEqual([...domains.keys()])
          for (const part of parts) {
            expect(part.length).toBeGreaterThan(0)
            expect(part.length).toBeLessThanOrEqual(rcpt ?? Infinity)
            expect(new Set(part.map((index) => domains[index])).size).toBeLessThanOrEqual(domain ?? Infinity)
          }
        },
      ),
    )
  })
})

describe('LimitsUse', () => {
  const [ada, bob, cleo] = envelope('ada@x.example', 'bob@y.example', 'cleo@x.example').recipients
  if (ada === undefined || bob === undefined || cleo === undefined) throw new Error('recipients')

  it('counts transactions (RFC 9422 §4)', () => {
    const use = new LimitsUse()
    expect(use.transactionsLeft({})).toBe(Infinity)
    expect(use.transactionsLeft({ mailMax: 1 })).toBe(1)
    expect(use.hasRoomFor([ada], { mailMax: 1 })).toBe(true)
    use.begin()
    use.begin()
    expect(use.transactionsLeft({ mailMax: 1 })).toBe(0)
    expect(use.hasRoomFor([ada], { mailMax: 1 })).toBe(false)
  })

  it('counts the domains of the session', () => {
    const use = new LimitsUse()
    const limits = { rcptDomainMax: 1 }
    expect(use.hasRoomFor([ada, cleo], limits)).toBe(true)
    expect(use.hasRoomFor([ada, bob], limits)).toBe(false)
    expect(use.admit(ada, limits)).toBe(true)
    expect(use.admit(cleo, limits)).toBe(true)
    expect(use.admit(bob, limits)).toBe(false)
    expect(use.admit(bob, {})).toBe(true)
    expect(use.hasRoomFor([bob], limits)).toBe(false)
    expect(use.hasRoomFor([bob], {})).toBe(true)
    expect(use.hasRoomFor([ada, cleo], { rcptMax: 1 })).toBe(false)
  })
})
