/** A process killed by SIGKILL in the middle of enqueues has lost nothing that it acknowledged. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { createEntryId, messageId } from '@postroad/envelope'
import { expect, it } from 'vitest'
import { openSqliteStore } from '../src/index.ts'
import { createFolder } from './folder.ts'
import { textCodec } from './programs/text-codec.ts'

const PROGRAM = join(import.meta.dirname, 'programs/enqueue-forever.ts')

it('keeps every acknowledged entry, whole, with its content, when the process is killed', async () => {
  const folder = await createFolder()
  const acknowledged = new Map<string, number>()
  for (const stopAfter of [60, 400]) {
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
      const [message = '', size] = line.split(' ')
      acknowledged.set(message, Number(size))
    }
  }
  expect(acknowledged.size).toBeGreaterThanOrEqual(460)

  const store = await openSqliteStore({ path: folder, codec: textCodec })
  for (const [message, size] of acknowledged) {
    const ids = [0, 1].map((n) => createEntryId(messageId(message), n))
    const { items } = await store.control.list({ ids }, { limit: 10 })
    expect(items.map(({ id }) => id)).toEqual(ids)
    const content = items[0]?.content ?? expect.fail('no content')
    let read = 0
    for await (const chunk of store.spool.open(content)) {
      for (const [index, byte] of chunk.entries()) {
        if (byte !== (read + index === 0 ? 80 : size & 255))
          expect.fail(`byte ${read + index} of ${message} is ${byte}`)
      }
      read += chunk.length
    }
    expect(read).toBe(size + 1)
  }
  await store[Symbol.asyncDispose]()

  // What was not acknowledged is there whole or not at all: entries come in pairs, and each has its content.
  const database = new DatabaseSync(join(folder, 'postroad.sqlite'))
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  const odd = 'SELECT content FROM entry GROUP BY content HAVING count(*) <> 2'
  expect(database.prepare(odd).all()).toEqual([])
  const orphans = 'SELECT id FROM content WHERE names > 0 AND id NOT IN (SELECT content FROM entry)'
  expect(database.prepare(orphans).all()).toEqual([])
  const missing = 'SELECT id FROM entry WHERE content NOT IN (SELECT id FROM content WHERE names = 2)'
  expect(database.prepare(missing).all()).toEqual([])
  database.close()
})
