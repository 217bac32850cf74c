import { describe, expect, it } from 'vitest'
import { ContentPace } from '../src/content-pace.ts'

const limits = { contentTimeoutMs: 180_000, minContentBytesPerSecond: 512, maxMessageMs: 3_600_000 }

describe('the pace of a content', () => {
  it('takes waiting from what may be wasted, and gives back what bytes are worth, never more than there was', () => {
    const pace = new ContentPace(limits)
    expect(pace.wait(0)).toBe(180_000)
    expect(pace.wait(60_000)).toBe(120_000)
    pace.came(60_000, 5_120)
    expect(pace.wait(60_000)).toBe(130_000)
    pace.came(60_000, 10_000_000)
    expect(pace.wait(60_000)).toBe(180_000)
  })

  it('does not count the time in which nobody waits', () => {
    const pace = new ContentPace(limits)
    pace.wait(0)
    pace.came(1_000, 512)
    expect(pace.wait(9_000_000)).toBe(180_000)
  })

  it('ends however fast the bytes come, once a message has been waited for as long as it may be', () => {
    const pace = new ContentPace(limits)
    let now = 0
    for (let minute = 0; minute < 59; minute += 1) {
      expect(pace.wait(now)).toBeGreaterThanOrEqual(60_000)
      now += 60_000
      pace.came(now, 60_000)
    }
    expect(pace.wait(now)).toBe(60_000)
    now += 60_000
    pace.came(now, 60_000)
    expect(pace.wait(now)).toBe(0)
  })

  it('demands nothing at 0 bytes a second but that something comes', () => {
    const pace = new ContentPace({ ...limits, minContentBytesPerSecond: 0 })
    pace.wait(0)
    pace.came(170_000, 1)
    expect(pace.wait(170_000)).toBe(180_000)
    expect(pace.wait(360_000)).toBe(0)
  })
})
