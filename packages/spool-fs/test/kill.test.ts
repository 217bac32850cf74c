/** A process killed by SIGKILL between any two steps has lost nothing that it acknowledged, and what it left is swept. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { contentId } from '@postroad/envelope'
import { systemClock } from '@postroad/runtime/system'
import { expect, it } from 'vitest'
import { FolderSpool } from '../src/file-spool.ts'
import { createFolder, listFiles, read } from './world.ts'

const PROGRAM = join(import.meta.dirname, 'programs/persist-forever.ts')

it('keeps every acknowledged content, whole, and leaves nothing that a sweep does not find', async () => {
  const folder = join(await createFolder(), 'spool')
  const acknowledged = new Map<string, number>()
  for (const stopAfter of [1, 40, 150]) {
    const child = spawn(process.execPath, [...process.execArgv, PROGRAM, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let printed = ''
    let lines = 0
    child.stdout.setEncoding('utf8')
    child.stdout.on('data', (text: string) => {
      printed += text
      lines += text.split('\n').length - 1
      if (lines >= stopAfter) child.kill('SIGKILL')
    })
    await once(child, 'close')
    expect(child.signalCode).toBe('SIGKILL')
    for (const line of printed.split('\n').slice(0, -1)) {
      const [id = '', size] = line.split(' ')
      acknowledged.set(id, Number(size))
    }
  }
  expect(acknowledged.size).toBeGreaterThanOrEqual(191)

  // An hour later: what was left has had its time.
  const clock = { ...systemClock, now: () => systemClock.now() + 3_600_000 }
  const spool = new FolderSpool({ folder, clock })
  const before = await listFiles(folder)
  expect(before.length).toBeGreaterThan(acknowledged.size)
  const { removed } = await spool.sweep(async (ids) => new Set(ids.filter((id) => acknowledged.has(id))))
  expect(removed).toBe(before.length - acknowledged.size)
  expect(await listFiles(folder)).toHaveLength(acknowledged.size)
  for (const [id, size] of acknowledged) {
    const bytes = await read(spool, contentId(id))
    expect(bytes).toHaveLength(size + 1)
    expect(bytes[0]).toBe(80)
    expect(bytes.subarray(1).every((byte) => byte === (size & 255))).toBe(true)
  }
  await spool[Symbol.asyncDispose]()
})
