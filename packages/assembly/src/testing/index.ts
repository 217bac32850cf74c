/** Parts for the test of a service: a memory store, an empty directory, a folder that is removed afterwards. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig, type Config } from '@postroad/config'
import { createLog } from '@postroad/observe'
import { openParts, type Parts } from '../index.ts'

/** What a service is tested with. */
export interface TestParts extends AsyncDisposable {
  /** The data folder: made for this test, removed when it is disposed. */
  readonly folder: string
  /** Every service listens on a free port of 127.0.0.1; the domain example.org is local. */
  readonly config: Config
  /** Of `config`, with a store in memory and a silent log; disposed with the rest. */
  readonly parts: Parts
}

/** Opens them. Disposing closes the parts and removes the folder. */
export async function openTestParts(): Promise<TestParts> {
  const folder = await mkdtemp(join(tmpdir(), 'postroad-app-'))
  const directory = join(folder, 'directory.toml')
  await writeFile(directory, '[domains]\nlocal = ["example.org"]\n')
  const loaded = await loadConfig({
    text: `hostname = "mail.example.org"
data = "${folder}"
store = { kind = "memory" }
directory = { path = "${directory}" }
msa = { listen = ["127.0.0.1:0"] }
mta = { listen = ["127.0.0.1:0"] }
mda = { listen = ["127.0.0.1:0"] }
`,
  })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  const parts = await openParts(loaded.config, createLog({ level: 'silent' }))
  return {
    folder,
    config: loaded.config,
    parts,
    async [Symbol.asyncDispose]() {
      await parts[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
