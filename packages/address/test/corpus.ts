/**
 * Test material of other projects, read where it lies: the folder `POSTROAD_CORPUS`, else `shared/corpus` beside the
 * repository. Where it is absent the tests that need it are skipped, and say so.
 */

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = process.env['POSTROAD_CORPUS'] ?? fileURLToPath(new URL('../../../../shared/corpus', import.meta.url))

export const hasCorpus: boolean = existsSync(folder)

if (!hasCorpus) console.log(`skipped: no corpus at ${folder} (set POSTROAD_CORPUS)`)

export function readCorpus(path: string): string {
  return hasCorpus ? readFileSync(`${folder}/${path}`, 'utf8') : ''
}

/** A case that is decided otherwise here, and by which section. */
export type Deviations = ReadonlyMap<string, string>

/** Prints the deviations, and fails for one that did not happen: the list must stay true. */
export function reportDeviations(
  set: string,
  happened: ReadonlySet<string>,
  expected: Deviations,
  total: number,
): void {
  console.log(`${set}: ${total} cases, ${happened.size} decided otherwise`)
  for (const text of happened) console.log(`  ${JSON.stringify(text)}: ${expected.get(text) ?? 'NO SECTION'}`)
}
