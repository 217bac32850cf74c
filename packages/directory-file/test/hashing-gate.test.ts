import { DirectoryUnavailableError } from '@postroad/directory'
import { describe, expect, it } from 'vitest'
import { createHashingGate } from '../src/hashing-gate.ts'

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

describe('the gate', () => {
  it('lets so many work at once, so many wait in their order, and turns the rest away', async () => {
    const gate = createHashingGate({ concurrent: 2, waiting: 2 })
    const begun: number[] = []
    const ends: (() => void)[] = []
    const work = (number: number): Promise<number> =>
      gate.run(
        () =>
          new Promise((resolve) => {
            begun.push(number)
            ends.push(() => resolve(number))
          }),
      )
    const results = [0, 1, 2, 3].map(work)
    await turns()
    expect(begun).toEqual([0, 1])
    await expect(work(4)).rejects.toBeInstanceOf(DirectoryUnavailableError)
    ends[1]?.()
    await turns()
    expect(begun).toEqual([0, 1, 2])
    for (const index of [0, 2, 3]) {
      ends[index]?.()
      await turns()
    }
    expect(await Promise.all(results)).toEqual([0, 1, 2, 3])
  })

  it('frees the place of work that fails', async () => {
    const gate = createHashingGate({ concurrent: 1, waiting: 1 })
    await expect(gate.run(() => Promise.reject(new RangeError('x')))).rejects.toThrow(RangeError)
    expect(await gate.run(async () => 'again')).toBe('again')
  })

  it('sends away who waits when it is closed, and who comes later', async () => {
    const gate = createHashingGate({ concurrent: 1, waiting: 5 })
    const ends: (() => void)[] = []
    const first = gate.run(() => new Promise<void>((resolve) => ends.push(resolve)))
    const second = gate.run(async () => 'never')
    await turns()
    gate.close()
    await expect(second).rejects.toBeInstanceOf(DirectoryUnavailableError)
    await expect(gate.run(async () => 'never')).rejects.toBeInstanceOf(DirectoryUnavailableError)
    ends[0]?.()
    await first
  })
})
