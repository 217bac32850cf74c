import { describe, expect, it } from 'vitest'
import { createManualClock, createSeededRandom, randomFraction } from '../src/index.ts'
import { systemClock, systemRandom } from '../src/system.ts'

describe('the manual clock', () => {
  it('wakes sleepers in the order of their deadlines', async () => {
    const clock = createManualClock(0)
    const woken: string[] = []
    void clock.sleep(20).then(() => woken.push('late'))
    void clock.sleep(10).then(() => woken.push('early'))
    expect(clock.sleeping).toBe(2)
    expect(clock.nextWakeMs).toBe(10)
    await clock.advance(15)
    expect(woken).toEqual(['early'])
    await clock.advance(5)
    expect(woken).toEqual(['early', 'late'])
    expect(clock.now()).toBe(20)
    expect(clock.nextWakeMs).toBeUndefined()
  })

  it('lets a sleeper that sleeps again wake within the same advance', async () => {
    const clock = createManualClock(0)
    let rounds = 0
    void (async () => {
      for (;;) {
        await clock.sleep(10)
        rounds += 1
      }
    })()
    await clock.advance(100)
    expect(rounds).toBe(10)
  })

  it('resolves a sleep whose signal fires', async () => {
    const clock = createManualClock(0)
    const controller = new AbortController()
    const slept = clock.sleep(1_000, controller.signal)
    controller.abort()
    await slept
    await clock.sleep(1_000, controller.signal)
    expect(clock.sleeping).toBe(0)
  })

  it('steps the wall clock alone', () => {
    const clock = createManualClock(1_000)
    clock.step(-500)
    expect(clock.now()).toBe(500)
    expect(clock.monotonic()).toBe(0)
  })
})

describe('the seeded random source', () => {
  it('repeats itself for the same seed and differs for another', () => {
    expect(createSeededRandom(7).bytes(32)).toEqual(createSeededRandom(7).bytes(32))
    expect(createSeededRandom(7).bytes(32)).not.toEqual(createSeededRandom(8).bytes(32))
  })

  it('gives fractions from 0 to under 1', () => {
    const random = createSeededRandom(1)
    for (let round = 0; round < 1_000; round += 1) {
      const fraction = randomFraction(random)
      expect(fraction).toBeGreaterThanOrEqual(0)
      expect(fraction).toBeLessThan(1)
    }
    expect(randomFraction({ bytes: () => Uint8Array.of(255, 255, 255, 255) })).toBeLessThan(1)
  })
})

describe('the system', () => {
  it('sleeps until the signal fires, also when it has fired before', async () => {
    const controller = new AbortController()
    const slept = systemClock.sleep(1_000_000, controller.signal)
    controller.abort()
    await slept
    await systemClock.sleep(1_000_000, controller.signal)
    await systemClock.sleep(0)
  })

  it('reads the time and randomness', () => {
    expect(systemClock.now()).toBeGreaterThan(1_700_000_000_000)
    expect(systemClock.monotonic()).toBeGreaterThan(0)
    expect(systemRandom.bytes(16)).toHaveLength(16)
  })
})
