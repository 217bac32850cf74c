/** The set `isemail`: every address decided as its category demands, as an envelope's mailbox and as a header's. */

import { describe, expect, it } from 'vitest'

import { parseAddressList, parseMailbox, readAddressList } from '../src/index.ts'
import { type Deviations, hasCorpus, readCorpus, reportDeviations } from './corpus.ts'

interface Case {
  readonly address: string
  readonly category: string
}

function unescape(text: string): string {
  return text
    .replaceAll(/&#x([0-9a-f]+);/gi, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replaceAll(/&#([0-9]+);/g, (_, decimal: string) => String.fromCodePoint(Number(decimal)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(/[\u2400-\u241f]/g, (picture) => String.fromCharCode(picture.charCodeAt(0) - 0x2400))
}

const cases: Case[] = []
for (const [, body = ''] of readCorpus('isemail/tests.xml').matchAll(/<test id[^>]*>(.*?)<\/test>/gs)) {
  const address = /<address>(.*?)<\/address>/s.exec(body)?.[1] ?? ''
  const category = /<category>(.*?)<\/category>/s.exec(body)?.[1] ?? ''
  cases.push({ address: unescape(address), category })
}

const VALID = new Set(['ISEMAIL_VALID_CATEGORY', 'ISEMAIL_DNSWARN', 'ISEMAIL_RFC5321'])

/** Taken in a header though the set says it is invalid everywhere. */
const HEADER_TAKES: Deviations = new Map([
  ['"test\\©"@iana.org', 'RFC 6532 §3.2: a quoted-pair may hold UTF8-non-ascii, since VCHAR may'],
])

/** Refused by a header reader though a header may hold it: none could be given to SMTP. */
const HEADER_REFUSES = 'RFC 5322 §3.4.1: an implementation conforms to the syntax of the context, RFC 5321 §4.1.2'

describe.skipIf(!hasCorpus)('isemail', () => {
  it('is there', () => expect(cases.length).toBeGreaterThan(150))

  it.each(cases)('decides $address ($category) as an envelope does (RFC 5321 §4.1.2)', ({ address, category }) => {
    expect(parseMailbox(address).ok).toBe(VALID.has(category))
  })

  it('takes in a header what is valid, and nothing that is an error', () => {
    const happened = new Set<string>()
    for (const { address, category } of cases) {
      const lenient = readAddressList(address)
      const accepted = lenient.faults.length === 0
      if (VALID.has(category)) {
        expect(parseAddressList(address).ok, address).toBe(true)
        expect(accepted, address).toBe(true)
      } else if (category === 'ISEMAIL_CFWS') expect(parseAddressList(address).ok, address).toBe(true)
      else if (category === 'ISEMAIL_ERR' && accepted) happened.add(address)
    }
    expect([...happened]).toEqual([...HEADER_TAKES.keys()])
    reportDeviations('isemail errors in a header', happened, HEADER_TAKES, cases.length)
  })

  it('leaves out of a header only what SMTP could not carry', () => {
    const refused = cases.filter(
      ({ address, category }) => /DEPREC|RFC5322/.test(category) && readAddressList(address).faults.length > 0,
    )
    for (const { address } of refused) {
      const { faults } = readAddressList(address)
      expect(faults.map(({ rule }) => rule).join(), address).toMatch(/sub-domain|Domain|domain-literal|addr-spec/)
    }
    reportDeviations(
      'isemail obsolete forms in a header',
      new Set(refused.map(({ address }) => address)),
      new Map(refused.map(({ address }) => [address, HEADER_REFUSES])),
      cases.length,
    )
  })
})
