import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { bytesRead, watchArrival } from '../../src/benches/wire/bytes-read.ts'

it('grows by what a process reads', async () => {
  const before = await bytesRead([process.pid])
  const { length } = await readFile(process.execPath)
  expect((await bytesRead([process.pid])) - before).toBeGreaterThanOrEqual(length)
})

it('is nothing of a process that is not there', async () => {
  // No process has a pid above the kernel's highest, 2 to the 22nd.
  expect(await bytesRead([4_194_305])).toBe(0)
})

it('is enough for what was sent, or somebody else took it', async () => {
  const { length } = await readFile(process.execPath)
  const arrived = await watchArrival(async () => [process.pid])
  await readFile(process.execPath)
  await arrived(10, Math.floor(length / 10))
  await expect(arrived(1_000, length)).rejects.toThrow('1000 messages were sent, but only')
})
