import { describe, expect, it } from 'vitest'
import { Driven, latin1 } from './server-helper.ts'

/** What it asks to wait before each of `count` mistakes is answered, made one by one. */
function delays(driven: Driven, count: number): number[] {
  const { session } = driven
  return Array.from({ length: count }, () => {
    session.receive(latin1('WIZ\r\n'))
    const types: string[] = []
    for (let event = session.next(); event !== undefined; event = session.next()) types.push(event.type)
    const { delayMs } = session
    expect(types).toEqual(delayMs === 0 ? ['refused'] : ['refused', 'flush'])
    session.takeOutput()
    expect(session.delayMs).toBe(0)
    return delayMs
  })
}

describe('ServerSession: who goes on making mistakes waits', () => {
  it('longer each time from the sixth on, up to ten seconds, and not at all for the last word', () => {
    const seconds = delays(new Driven(), 19).map((ms) => ms / 1_000)
    expect(seconds).toEqual([0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10, 10])
    const driven = new Driven()
    delays(driven, 19)
    driven.said()
    expect(driven.feed('WIZ\r\n').said()).toMatch(/^421 /)
  })

  it('as long as is set, or never', () => {
    expect(delays(new Driven({ limits: { errorDelayMs: 7 } }), 8)).toEqual([0, 0, 0, 0, 0, 7, 14, 21])
    expect(delays(new Driven({ limits: { errorDelayMs: 0 } }), 8)).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  })

  it('no more once a message was accepted', () => {
    const driven = new Driven()
    expect(delays(driven, 7).at(-1)).toBe(2_000)
    driven.feed('EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\nBDAT 0 LAST\r\n')
    expect(delays(driven, 6)).toEqual([0, 0, 0, 0, 0, 1_000])
  })

  it('once for each mistake of a flight: nothing is read before what was said is taken', () => {
    const driven = new Driven()
    driven.session.receive(latin1('WIZ\r\n'.repeat(8)))
    const seen: string[] = []
    for (let event = driven.session.next(); event !== undefined; event = driven.session.next()) {
      if (event.type !== 'flush') continue
      seen.push(`${driven.session.delayMs}`)
      driven.session.takeOutput()
    }
    expect(seen).toEqual(['1000', '2000', '3000'])
  })

  it('asks once, and reads on where nobody heeds it', () => {
    const driven = new Driven()
    driven.session.receive(latin1('WIZ\r\n'.repeat(8)))
    const types: string[] = []
    for (let event = driven.session.next(); event !== undefined; event = driven.session.next()) types.push(event.type)
    expect(types.filter((type) => type === 'flush')).toEqual(['flush'])
    expect(driven.session.delayMs).toBe(3_000)
  })

  it('counts BDAT out of order, behind its octets', () => {
    const driven = new Driven()
    delays(driven, 5)
    driven.session.receive(latin1('BDAT 5\r\nabc'))
    expect(driven.session.next()).toBeUndefined()
    expect(driven.session.delayMs).toBe(0)
    driven.session.receive(latin1('de'))
    expect(driven.session.next()?.type).toBe('refused')
    expect(driven.session.delayMs).toBe(1_000)
  })
})
