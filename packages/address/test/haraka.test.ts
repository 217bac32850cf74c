/** The set `haraka-rfc2822`: header addresses and how they are written again; names with specials and no quotes. */

import { describe, expect, it } from 'vitest'

import { type Address, readAddressList } from '../src/index.ts'
import { type Deviations, hasCorpus, readCorpus, reportDeviations } from './corpus.ts'

const blocks = readCorpus('haraka-rfc2822/emails.txt')
  .split('\n')
  .filter((line) => !line.startsWith('#'))
  .join('\n')
  .split(/\n\n+/)
  .map((block) => block.replace(/^\n+/, '').split('\n'))
  .filter(([text = '', formatted = '']) => text !== '' && formatted !== '')

const DIFFERENT: Deviations = new Map([
  ['a909062@node_cb83.node_cb83 (Colin x Maytum         (0013 bro5))', 'RFC 5321 §4.1.2: no underscore in a domain'],
  ['a909062@node_cb83.node_cb83 (Colin Maytum         (0013 bro5))', 'RFC 5321 §4.1.2: no underscore in a domain'],
  [
    '(foo@bar.com (foobar), ned@foo.com (nedfoo) ) <kevin@goess.org>',
    'RFC 5322 §3.4: only the comment behind a bare addr-spec was ever a name',
  ],
])

describe.skipIf(!hasCorpus)('haraka-rfc2822', () => {
  it('reads the same address from what was given and from what it was written as', () => {
    const happened = new Set<string>()
    for (const [text = '', formatted = ''] of blocks) {
      const [given] = readAddressList(text).addresses
      const [again] = readAddressList(formatted).addresses
      if (!same(given, again)) happened.add(text)
    }
    reportDeviations('haraka-rfc2822', happened, DIFFERENT, blocks.length)
    expect([...happened].toSorted()).toEqual([...DIFFERENT.keys()].toSorted())
  })
})

function same(a: Address | undefined, b: Address | undefined): boolean {
  if (a === undefined || b === undefined) return false
  return JSON.stringify(a) === JSON.stringify(b)
}
