import { describe, expect, it } from 'vitest'
import { ClientOutput } from '../src/client-output.ts'

const long = new Uint8Array(16_384)
const short = (...bytes: number[]) => Uint8Array.from(bytes)

function waiting(...slices: Uint8Array[]): ClientOutput {
  const output = new ClientOutput()
  for (const slice of slices) output.push(slice)
  return output
}

describe('what waits to be written', () => {
  it('is one piece where one is asked for', () => {
    const output = waiting(short(1), short(), short(2, 3))
    expect(output.bytes).toBe(3)
    expect(output.take()).toEqual(short(1, 2, 3))
    expect(output.bytes).toBe(0)
    expect(output.take()).toBeUndefined()
  })

  it('is parts in which no long slice was copied, and no short one stands alone beside another', () => {
    const parts = waiting(short(1), short(2), long, long, short(3), short(4)).takeParts()
    expect(parts).toEqual([short(1, 2), long, long, short(3, 4)])
    expect(parts[1]).toBe(long)
    expect(parts[2]).toBe(long)
  })

  it('is one part where all is short, the slice itself where it is alone, and none where nothing waits', () => {
    const slice = short(7)
    expect(waiting(slice).takeParts()).toEqual([slice])
    expect(waiting(slice).takeParts()[0]).toBe(slice)
    expect(waiting(slice, slice).takeParts()).toEqual([short(7, 7)])
    const output = waiting(long)
    expect(output.takeParts()).toEqual([long])
    expect(output.takeParts()).toEqual([])
  })
})
