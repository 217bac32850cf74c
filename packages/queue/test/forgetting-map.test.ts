/** What the maps that forget must never forget: what somebody was just given. */

import { createEntryId, groupId, messageId } from '@postroad/envelope'
import { createManualClock, createSeededRandom } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import { createMemoryStore } from '../src/memory.ts'
import { ForgettingMap } from '../src/memory/forgetting-map.ts'

/** More than are kept before the first look. */
const MANY = 2_500

const open = () =>
  createMemoryStore<string>({
    clock: createManualClock(),
    random: createSeededRandom(7),
    queue: { groupConcurrency: 1 },
  })
const entry = (name: string, group: string) => ({
  id: createEntryId(messageId(name), 0),
  job: name,
  group: groupId(group),
  priority: 0,
  notBefore: 0,
  labels: {},
})

describe('a map that forgets', () => {
  it('keeps what it is given, also where that may go at the next look', () => {
    const map = new ForgettingMap<number, boolean>((mayGo) => mayGo)
    for (let n = 0; n < MANY; n += 1) {
      map.set(n, true, 0)
      expect(map.get(n)).toBe(true)
    }
    expect(map.size).toBeLessThan(MANY)
  })
})

describe('the memory store', () => {
  it('counts every group, and holds each to its limit, however many there are', async () => {
    const { queue, control } = open()
    for (let n = 0; n < MANY; n += 1) await queue.enqueue([entry(`a${n}`, `${n}.example`)])
    let counted = 0
    let cursor: string | undefined
    do {
      const page = await control.counts({ limit: 1_000, ...(cursor !== undefined && { cursor }) })
      counted += page.items.length
      cursor = page.cursor
    } while (cursor !== undefined)
    expect(counted).toBe(MANY)
    for (let n = 0; n < MANY; n += 1) await queue.enqueue([entry(`b${n}`, `${n}.example`)])
    const leases = await queue.lease({ limit: 2 * MANY, durationMs: 1_000, waitMs: 0 })
    expect(leases).toHaveLength(MANY)
  })

  it('counts every permit, however many names there are', async () => {
    const { limits } = open()
    for (let n = 0; n < MANY; n += 1) {
      const key = { kind: 'concurrency', name: `host ${n}`, places: 1 } as const
      expect((await limits.take([key], 1, 60_000)).kind).toBe('permit')
      expect((await limits.take([key], 1, 60_000)).kind).toBe('refused')
    }
  })
})
