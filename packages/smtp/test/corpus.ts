/** Test material of other projects, read where it lies: `POSTROAD_CORPUS`, else `shared/corpus` beside the repository. */

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = process.env['POSTROAD_CORPUS'] ?? fileURLToPath(new URL('../../../../shared/corpus', import.meta.url))

export const hasCorpus: boolean = existsSync(folder)

if (!hasCorpus) console.log(`skipped: no corpus at ${folder} (set POSTROAD_CORPUS)`)

export function readCorpus(path: string): string {
  return hasCorpus ? readFileSync(`${folder}/${path}`, 'utf8') : ''
}
