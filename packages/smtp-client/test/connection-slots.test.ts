import { describe, expect, it } from 'vitest'
import { ConnectionSlots } from '../src/connection-slots.ts'
import { never } from './fixtures.ts'

/** Enters, and notes the name when it is its turn. */
function line(slots: ConnectionSlots) {
  const served: string[] = []
  const enter = async (name: string, signal = never, key = 'host') => {
    const entered = slots.enter(key, signal)
    const came = entered === true || (await entered)
    served.push(came ? name : `${name} gave up`)
  }
  const settle = async () => {
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
  }
  return { served, enter, settle }
}

describe('ConnectionSlots', () => {
  it('lets so many in for each destination, and the others in their order', async () => {
    const slots = new ConnectionSlots(2)
    const { served, enter, settle } = line(slots)
    void enter('a')
    void enter('b')
    void enter('c')
    void enter('d')
    void enter('other', never, 'elsewhere')
    await settle()
    expect(served).toEqual(['a', 'b', 'other'])
    expect(slots.waiting).toBe(2)
    slots.leave('host')
    void enter('e')
    await settle()
    expect(served).toEqual(['a', 'b', 'other', 'c'])
    slots.leave('host')
    slots.leave('host')
    await settle()
    expect(served).toEqual(['a', 'b', 'other', 'c', 'd', 'e'])
  })

  it('lets who waits give up, and passes the place on', async () => {
    const slots = new ConnectionSlots(1)
    const { served, enter, settle } = line(slots)
    const abort = new AbortController()
    void enter('a')
    void enter('b', abort.signal)
    void enter('c')
    void enter('late', AbortSignal.abort())
    abort.abort()
    await settle()
    expect(served).toEqual(['a', 'late gave up', 'b gave up'])
    slots.leave('host')
    await settle()
    expect(served.at(-1)).toBe('c')
    slots.leave('host')
    expect(slots.waiting).toBe(0)
    // A place that nobody has is not left.
    slots.leave('host')
    void enter('d')
    await settle()
    expect(served.at(-1)).toBe('d')
  })

  it('counts nothing where there is no bound', () => {
    const slots = new ConnectionSlots(Number.POSITIVE_INFINITY)
    for (let count = 0; count < 100; count += 1) expect(slots.enter('host', never)).toBe(true)
    slots.leave('host')
    expect(slots.waiting).toBe(0)
  })
})
