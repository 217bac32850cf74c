/** What is published works: every entry point loads, and the packed system delivers a message. */

import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openRoad, openSubmitter, openTestMta, packPackages, readMailbox, type PackedPackages } from '../src/index.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))
const built = existsSync(`${root}/apps/postroad/dist/main.js`)

// Without a build there is nothing to pack; `pnpm test` builds first.
describe.skipIf(!built)('the packed packages', () => {
  let packed: PackedPackages

  beforeAll(async () => {
    packed = await packPackages(root)
  })

  afterAll(() => packed?.[Symbol.asyncDispose]())

  it('load by every entry point', async () => {
    // Entries that are programs or threads run when they are imported, and those for tests want vitest.
    const specifiers = packed.specifiers.filter((name) => !/\/(main|testing|writer|reader|checker)$/.test(name))
    expect(specifiers.length).toBeGreaterThan(30)
    const program = `for (const name of ${JSON.stringify(specifiers)}) {
      const loaded = await import(name)
      if (Object.keys(loaded).length === 0 && !['@postroad/mailstore', '@postroad/delivery'].includes(name)) console.log(name)
    }`
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: packed.project,
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' })
  })

  it('deliver a message, with their worker threads found by subpath', async () => {
    await using mta = await openTestMta({ hostname: 'mx.example.net' })
    await using road = await openRoad({
      shape: { kind: 'one' },
      mxPort: mta.port,
      entry: () => packed.commands.get('postroad') ?? expect.unreachable(),
    })
    await using submitter = openSubmitter(road, 'ada')
    const content = Buffer.from('From: ada@example.org\r\nSubject: packed\r\n\r\nx\r\n')
    expect(await submitter.submit({ from: 'ada@example.org', to: ['bob@example.org'], content })).toMatchObject([
      { kind: 'delivered' },
    ])
    await expect.poll(() => readMailbox(road.maildir, 'bob'), { timeout: 30_000 }).toHaveLength(1)
  })
})
