/** What is published works as a whole: the packed system delivers a message. That each package works alone is for the checks. */

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { installCommand, openRoad, openSubmitter, openTestMta, readMailbox } from '../src/index.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const built = existsSync(`${root}/apps/postroad/dist/main.js`)

// Without a build there is nothing to pack; `pnpm test` builds first.
it.skipIf(!built)(
  'the packed system delivers a message, with its worker threads found by subpath',
  { timeout: 120_000 },
  async () => {
    const entry = await installCommand(root)
    await using mta = await openTestMta({ hostname: 'mx.example.net' })
    await using road = await openRoad({ shape: { kind: 'one' }, mxPort: mta.port, entry: () => entry })
    await using submitter = openSubmitter(road, 'ada')
    const content = Buffer.from('From: ada@example.org\r\nSubject: packed\r\n\r\nx\r\n')
    expect(await submitter.submit({ from: 'ada@example.org', to: ['bob@example.org'], content })).toMatchObject([
      { kind: 'delivered' },
    ])
    await expect.poll(() => readMailbox(road.maildir, 'bob'), { timeout: 30_000 }).toHaveLength(1)
  },
)
