/**
 * `node tooling/checks/src/make-rfc-index.ts FOLDER`: writes rfc-index.json from the texts `rfcNNNN.txt` in a folder,
 * and from rfc-index.hand.json, which has what there is no text of, and wins.
 */

import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RfcEntry, RfcIndex } from './rfc.ts'
import { readRfc } from './rfc-sections.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  console.error('usage: node tooling/checks/src/make-rfc-index.ts FOLDER')
  process.exit(2)
}
const here = new URL('..', import.meta.url).pathname
const index: Record<string, RfcEntry> = {}
for (const name of readdirSync(folder)) {
  const [, number] = /^rfc0*(\d+)\.txt$/.exec(name) ?? []
  if (number !== undefined) index[number] = readRfc(readFileSync(join(folder, name), 'latin1'))
}
const byHand: RfcIndex = JSON.parse(readFileSync(join(here, 'rfc-index.hand.json'), 'utf8'))
Object.assign(index, byHand)
// Integer keys come out in ascending order; one line for each RFC keeps differences readable.
const lines = Object.entries(index).map(([number, entry]) => `  "${number}": ${JSON.stringify(entry)}`)
writeFileSync(join(here, 'rfc-index.json'), `{\n${lines.join(',\n')}\n}\n`)
console.log(`${lines.length} RFCs`)
