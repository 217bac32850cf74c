/** Doorbells: they come back where somebody takes them down, and where they cannot be hung they are not there at all. */

import type * as promises from 'node:fs/promises'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { Bell } from '../src/bell.ts'
import { createFolder } from './folder.ts'

const disk = vi.hoisted(() => ({ fails: false }))

vi.mock('node:fs/promises', async (original) => {
  const actual = await original<typeof promises>()
  return {
    ...actual,
    readdir: async (path: string) => {
      if (disk.fails) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' })
      return actual.readdir(path)
    },
  }
})

/** A bell as of a process with this number, and how often it was rung. */
const hang = async (folder: string, pid: number) => {
  const heard = { count: 0 }
  const own = process.pid
  const as = (value: number): void => void Object.defineProperty(process, 'pid', { value, configurable: true })
  as(pid)
  const hanging = Bell.hang({ folder, onRing: () => void (heard.count += 1) })
  as(own)
  const bell = await hanging
  onTestFinished(() => bell.end())
  return { bell, heard }
}

it('is hung again, once, where another process numbers processes otherwise and takes this one for dead', async () => {
  const folder = join(await createFolder(), 'bells')
  // Neither number is that of a process here.
  const one = await hang(folder, 2_147_483_645)
  const two = await hang(folder, 2_147_483_646)
  await expect.poll(() => readdir(folder)).toHaveLength(2)
  for (let n = 0; n < 20; n += 1) {
    const heard = [one.heard.count, two.heard.count]
    one.bell.ring()
    two.bell.ring()
    await expect.poll(() => one.heard.count).toBeGreaterThan(heard[0] ?? 0)
    await expect.poll(() => two.heard.count).toBeGreaterThan(heard[1] ?? 0)
  }
  // Some fall together; none was heard but those, the coming of the other, and the taking down.
  expect(one.heard.count).toBeLessThan(50)
  expect(two.heard.count).toBeLessThan(50)
})

it('is hung again where the folder was removed', async () => {
  const folder = join(await createFolder(), 'bells')
  const { bell } = await hang(folder, process.pid)
  // It may be hung again before the folder itself is gone, which stays then.
  await rm(folder, { recursive: true }).catch(() => undefined)
  await expect.poll(() => readdir(folder).catch(() => [])).toHaveLength(1)
  const other = await hang(folder, process.pid)
  await expect.poll(() => bell.isShared).toBe(true)
  bell.ring()
  await expect.poll(() => other.heard.count).toBeGreaterThan(0)
})

it('is not there where it cannot be hung wholly', async () => {
  const folder = join(await createFolder(), 'bells')
  disk.fails = true
  const { bell, heard } = await hang(folder, process.pid)
  disk.fails = false
  expect(bell.isHung).toBe(false)
  expect(await readdir(folder)).toEqual([])
  expect(heard.count).toBe(0)
})

it('leaves files alone that are no bells', async () => {
  const folder = await createFolder()
  for (const name of ['notes', '0-x', '2147483646-dead']) await writeFile(join(folder, name), '')
  const { bell } = await hang(folder, process.pid)
  expect((await readdir(folder)).filter((name) => !name.startsWith(`${process.pid}-`))).toEqual(['0-x', 'notes'])
  expect(bell.isShared).toBe(false)
})
