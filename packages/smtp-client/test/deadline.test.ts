import { createManualClock } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import { Deadline } from '../src/deadline.ts'

function create() {
  const clock = createManualClock()
  let rang = 0
  const deadline = new Deadline(clock, () => (rang += 1))
  return { clock, deadline, rang: () => rang }
}

describe('Deadline', () => {
  it('rings once, at its time', async () => {
    const { clock, deadline, rang } = create()
    deadline.set(100_000)
    await clock.advance(99_999)
    expect(rang()).toBe(0)
    await clock.advance(1)
    expect(rang()).toBe(1)
    deadline.set(1)
    await clock.advance(100)
    expect(rang()).toBe(1)
    expect(clock.sleeping).toBe(0)
  })

  it('is moved on without a timer of its own', async () => {
    const { clock, deadline, rang } = create()
    for (let step = 0; step < 1_000; step += 1) deadline.set(60_000)
    await clock.advance(0)
    expect(clock.sleeping).toBe(1)
    await clock.advance(59_000)
    deadline.set(60_000)
    await clock.advance(59_999)
    expect(rang()).toBe(0)
    await clock.advance(1)
    expect(rang()).toBe(1)
  })

  it('comes nearer at once', async () => {
    const { clock, deadline, rang } = create()
    deadline.set(600_000)
    await clock.advance(1)
    deadline.set(10)
    await clock.advance(10)
    expect(rang()).toBe(1)
  })

  it('is lifted by 0 and ends with end', async () => {
    const { clock, deadline, rang } = create()
    deadline.set(1_000)
    deadline.set(0)
    await clock.advance(1_000_000)
    expect(rang()).toBe(0)
    deadline.set(1_000)
    deadline.end()
    await clock.advance(10_000)
    expect(rang()).toBe(0)
    expect(clock.sleeping).toBe(0)
  })
})
