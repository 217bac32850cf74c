import { createManualClock } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import { interleave, raceAddresses } from '../src/race-addresses.ts'

class Connection {
  destroyed = false
  readonly address: string
  constructor(address: string) {
    this.address = address
  }
  destroy() {
    this.destroyed = true
  }
}

/** One attempt, in a test's hands. */
interface Attempt {
  readonly signal: AbortSignal
  readonly resolve: (connection: Connection) => void
  readonly reject: (error: unknown) => void
}

/** A race whose attempts a test settles by hand. */
function race(...addresses: string[]) {
  const clock = createManualClock()
  const abort = new AbortController()
  const attempts = new Map<string, Attempt>()
  const won = raceAddresses<Connection>({
    addresses,
    attempt: (address, signal) => new Promise((resolve, reject) => attempts.set(address, { signal, resolve, reject })),
    clock,
    signal: abort.signal,
  })
  won.catch(() => {})
  return { clock, abort, attempts, won, begun: () => [...attempts.keys()] }
}

describe('interleave', () => {
  it.each([
    { addresses: [], turns: [] },
    { addresses: ['192.0.2.1', '192.0.2.2'], turns: ['192.0.2.1', '192.0.2.2'] },
    {
      addresses: ['2001:db8::1', '2001:db8::2', '192.0.2.1'],
      turns: ['2001:db8::1', '192.0.2.1', '2001:db8::2'],
    },
    {
      addresses: ['192.0.2.1', '2001:db8::1', '2001:db8::2', '2001:db8::3'],
      turns: ['192.0.2.1', '2001:db8::1', '2001:db8::2', '2001:db8::3'],
    },
  ])('gives the families of $addresses turns (RFC 8305)', ({ addresses, turns }) => {
    expect(interleave(addresses)).toEqual(turns)
  })
})

describe('raceAddresses', () => {
  it('calls the next address 250 ms after the one before, and gives the first that answers', async () => {
    const { clock, attempts, won, begun } = race('2001:db8::1', '192.0.2.1', '2001:db8::2')
    await clock.advance(249)
    expect(begun()).toEqual(['2001:db8::1'])
    await clock.advance(1)
    expect(begun()).toEqual(['2001:db8::1', '192.0.2.1'])
    const second = new Connection('192.0.2.1')
    attempts.get('192.0.2.1')?.resolve(second)
    expect(await won).toBe(second)
    expect(attempts.get('2001:db8::1')?.signal.aborted).toBe(true)
    await clock.advance(1_000)
    expect(begun()).toHaveLength(2)
    expect(clock.sleeping).toBe(0)
    const late = new Connection('2001:db8::1')
    attempts.get('2001:db8::1')?.resolve(late)
    await clock.advance(0)
    expect([late.destroyed, second.destroyed]).toEqual([true, false])
  })

  it('does not wait where an address refuses', async () => {
    const { clock, attempts, won, begun } = race('2001:db8::1', '192.0.2.1', '192.0.2.2')
    attempts.get('2001:db8::1')?.reject(new Error('unreachable'))
    await clock.advance(0)
    expect(begun()).toEqual(['2001:db8::1', '192.0.2.1'])
    await clock.advance(249)
    expect(begun()).toHaveLength(2)
    await clock.advance(1)
    expect(begun()).toHaveLength(3)
    // The one that is still silent may win after all.
    attempts.get('192.0.2.2')?.reject(new Error('refused'))
    await clock.advance(0)
    attempts.get('192.0.2.1')?.resolve(new Connection('192.0.2.1'))
    expect((await won).address).toBe('192.0.2.1')
    expect(clock.sleeping).toBe(0)
  })

  it('joins the errors of all, and gives that of a single one', async () => {
    const all = race('2001:db8::1', '192.0.2.1')
    all.attempts.get('2001:db8::1')?.reject(new Error('unreachable'))
    await all.clock.advance(0)
    all.attempts.get('192.0.2.1')?.reject('no error at all')
    await expect(all.won).rejects.toThrow('2001:db8::1: unreachable; 192.0.2.1: The call failed.')
    await expect(all.won).rejects.toBeInstanceOf(AggregateError)
    expect(all.clock.sleeping).toBe(0)
    const one = race('192.0.2.1')
    one.attempts.get('192.0.2.1')?.reject(new Error('refused'))
    await expect(one.won).rejects.toThrow(/^refused$/)
  })

  it('is given up when its signal fires', async () => {
    const { clock, abort, attempts, won } = race('2001:db8::1', '192.0.2.1')
    abort.abort()
    await expect(won).rejects.toThrow('given up')
    expect(attempts.get('2001:db8::1')?.signal.aborted).toBe(true)
    attempts.get('2001:db8::1')?.reject(new Error('too late'))
    await clock.advance(1_000)
    expect([attempts.size, clock.sleeping]).toEqual([1, 0])
    const before = raceAddresses<Connection>({
      addresses: ['192.0.2.1'],
      attempt: () => Promise.reject(new Error('was called')),
      clock,
      signal: abort.signal,
    })
    await expect(before).rejects.toThrow('given up')
  })
})
