import { createManualClock } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import type { ServerObservation } from '../src/index.ts'
import { Watchdog } from '../src/watchdog.ts'
import type { Watched } from '../src/watchdog.ts'
import { Recorder, serve, settle } from './harness.ts'

describe('a watchdog', () => {
  it('looks at all deadlines four times within the shortest timeout, and sleeps once nobody is watched', async () => {
    const clock = createManualClock()
    const watchdog = new Watchdog(clock, 4_000, () => {})
    const over: number[] = []
    const watched = (deadlineAt: number): Watched => {
      const each: Watched = {
        deadlineAt: clock.monotonic() + deadlineAt,
        expire: () => {
          over.push(deadlineAt)
          watchdog.unwatch(each)
        },
      }
      return each
    }
    for (const deadlineAt of [2_500, 1_000, 1_500]) watchdog.watch(watched(deadlineAt))
    for (const expected of [[1_000], [1_000, 1_500], [1_000, 1_500, 2_500]]) {
      await clock.advance(1_000)
      expect(over).toEqual(expected)
    }
    await settle()
    expect(clock.sleeping).toBe(0)
  })

  it('goes on where the end of a deadline throws, and tells what', async () => {
    const clock = createManualClock()
    const told: unknown[] = []
    const watchdog = new Watchdog(clock, 4_000, (error) => told.push(error))
    const start = clock.monotonic()
    const calls: string[] = []
    const throws: Watched & { deadlineAt: number } = {
      deadlineAt: start + 1_000,
      expire() {
        calls.push('throws')
        this.deadlineAt = start + 3_000
        throw new Error('broken')
      },
    }
    const other: Watched = { deadlineAt: start + 1_000, expire: () => void calls.push('other') }
    watchdog.watch(throws)
    watchdog.watch(other)
    await clock.advance(1_000)
    await clock.advance(1_000)
    expect(calls).toEqual(['throws', 'other', 'other'])
    expect(told).toMatchObject([{ message: 'broken' }])
    await clock.advance(1_000)
    expect(calls).toEqual(['throws', 'other', 'other', 'throws', 'other'])
    for (const each of [throws, other]) watchdog.unwatch(each)
    await settle()
    expect(clock.sleeping).toBe(0)
  })
})

describe('a server whose observer throws', () => {
  it('within a timeout is told so once, and cuts off the next', async () => {
    const events: ServerObservation[] = []
    let throws = true
    const handler = Object.assign(new Recorder(), { mail: () => new Promise<never>(() => {}) })
    const harness = serve(handler, {
      observer: (event) => {
        if (event.type === 'fault' && throws) {
          throws = false
          throw new Error('observer')
        }
        events.push(event)
      },
    })
    const client = await harness.pair()
    await client.talk('HELO a')
    client.send('MAIL FROM:<>\r\n')
    await settle()
    await harness.clock.advance(10 * 60_000)
    await settle()
    expect(events.filter(({ type }) => type === 'fault')).toMatchObject([{ error: { message: 'observer' } }])
    await harness.clock.advance(60_000)
    expect(await client.reply()).toMatch(/^421 /)
    const silent = await harness.pair()
    await harness.clock.advance(6 * 60_000)
    expect(await silent.reply()).toMatch(/^421 4\.4\.2 /)
    for (const { stream } of [client, silent]) stream.end()
    await settle()
    expect(harness.server.sessions).toBe(0)
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('at the end of a session counts it no longer', async () => {
    const harness = serve(new Recorder(), {
      observer: ({ type }) => {
        if (type === 'session.closed') throw new Error('observer')
      },
    })
    const { stream } = await harness.pair()
    expect(harness.server.sessions).toBe(1)
    const stopped = harness.server.stop({ deadlineMs: 0 })
    await expect(stopped).rejects.toThrow('observer')
    stream.destroy()
    expect(harness.server.sessions).toBe(0)
    await harness.server.stop({ deadlineMs: 0 })
  })
})
