/** Messages of other projects' test suites, converted: all is 7-bit, and every part and body is what it was. */

import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { carryOut, isSevenBit, outline, plan } from './conversions.ts'
import { filesBelow, findCorpus, readBytes, toCrlf } from './corpus.ts'

const corpus = findCorpus()
const SETS = [
  { set: 'ruby-mail', ending: '.eml' },
  { set: 'python-email', ending: '.txt' },
  { set: 'mail-parser', ending: '.eml' },
  { set: 'mime4j', ending: '.msg' },
  { set: 'bounces', ending: '.eml' },
]

describe.skipIf(corpus === undefined)('corpus (where there is none: set POSTROAD_CORPUS to its folder)', () => {
  describe.each(SETS)('$set', ({ set, ending }) => {
    const folder = join(corpus ?? '', set)
    const files = corpus === undefined ? [] : filesBelow(folder, ending)
    const counts = new Map<string, number>()

    it.each(files.map((path) => ({ name: relative(folder, path), path })))(
      'converts $name or says why not',
      ({ path }) => {
        for (const content of [readBytes(path), toCrlf(readBytes(path))]) {
          const what = plan([content])
          const kind = what.kind === 'refused' ? `refused: ${what.reason}` : what.kind
          counts.set(kind, (counts.get(kind) ?? 0) + 1)
          expect(what.kind === 'unneeded').toBe(isSevenBit(content))
          if (what.kind !== 'convert') continue
          const converted = carryOut(what, [content])
          expect(isSevenBit(converted)).toBe(true)
          expect(outline(converted)).toEqual(outline(content))
        }
      },
    )

    it('says what became of them', () => {
      console.log(`${set}: ${[...counts].map(([kind, count]) => `${kind} ${count}`).join(', ')}`)
      expect(files.length).toBeGreaterThan(20)
    })
  })
})
