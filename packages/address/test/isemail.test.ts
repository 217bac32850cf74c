/** The set `isemail`: every address decided as its category demands, as an envelope's mailbox and as a header's. */

import { describe, expect, it } from 'vitest'

import { parseAddressList, parseMailbox, readAddressList } from '../src/index.ts'
import { type Deviations, hasCorpus, readCorpus, reportDeviations } from './corpus.ts'

interface Case {
  readonly address: string
  readonly category: string
  readonly diagnosis: string
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
  const diagnosis = (/<diagnosis>(.*?)<\/diagnosis>/s.exec(body)?.[1] ?? '').replace('ISEMAIL_', '')
  cases.push({ address: unescape(address), category, diagnosis })
}

const VALID = new Set(['ISEMAIL_VALID_CATEGORY', 'ISEMAIL_DNSWARN', 'ISEMAIL_RFC5321'])

/** RFC 5322 §3.4.1 leaves the syntax of domains to the protocols that use them. */
const contextOf = (section: string): string => `RFC 5322 §3.4.1: the syntax of the context holds, ${section}`

/** What a header's reading decides otherwise than the category says, by diagnosis, and the section that decides. */
const LENIENT_TAKES: Deviations = new Map([
  ['ERR_EXPECTING_QPAIR', 'RFC 6532 §3.2: a quoted-pair may hold UTF8-non-ascii, since VCHAR may'],
])

const LENIENT_REFUSES: Deviations = new Map([
  ['DEPREC_QP', 'RFC 5321 §4.1.2: no control character in a mailbox'],
  ['DEPREC_QTEXT', 'RFC 5321 §4.1.2: no control character in a mailbox'],
  ['RFC5322_LABEL_TOOLONG', 'RFC 1035 §2.3.4: a label has at most 63 octets'],
  ['RFC5322_DOMAIN_TOOLONG', 'RFC 5321 §4.5.3.1.2: a domain has at most 255 octets'],
  ['RFC5322_DOMAIN', contextOf('RFC 5321 §4.1.2')],
  ['RFC5322_DOMAINLITERAL', contextOf('RFC 5321 §4.1.3')],
  ['RFC5322_DOMLIT_OBSDTEXT', contextOf('RFC 5321 §4.1.3')],
  ['RFC5322_IPV6_GRPCOUNT', contextOf('RFC 5321 §4.1.3')],
  ['RFC5322_IPV6_MAXGRPS', contextOf('RFC 5321 §4.1.3')],
  ['RFC5322_IPV6_BADCHAR', contextOf('RFC 5321 §4.1.3')],
  ['RFC5322_IPV6_2X2XCOLON', contextOf('RFC 5321 §4.1.3')],
  ['RFC5322_IPV6_COLONSTRT', contextOf('RFC 5321 §4.1.3')],
  ['RFC5322_IPV6_COLONEND', contextOf('RFC 5321 §4.1.3')],
])

const STRICT_TAKES: Deviations = new Map([
  ...LENIENT_TAKES,
  ['DEPREC_CFWS_NEAR_AT', 'RFC 5322 §3.4.1: dot-atom may have CFWS around it; around "@" it SHOULD NOT, not MUST NOT'],
  [
    'RFC5321_IPV6DEPRECATED',
    'RFC 5322 §3.4.1: dtext has no rule for "::"; for one group only RFC 5321 §4.1.3 forbids it',
  ],
])

describe.skipIf(!hasCorpus)('isemail', () => {
  it('is there', () => expect(cases.length).toBeGreaterThan(150))

  it.each(cases)('decides $address ($category) as an envelope does (RFC 5321 §4.1.2)', ({ address, category }) => {
    expect(parseMailbox(address).ok).toBe(VALID.has(category))
  })

  it('takes in a header what is valid there, strictly and leniently', () => {
    for (const { address, category } of cases) {
      if (!VALID.has(category) && category !== 'ISEMAIL_CFWS') continue
      expect(parseAddressList(address).ok, address).toBe(true)
      expect(readAddressList(address).faults, address).toEqual([])
    }
  })

  // What is too long for SMTP alone is in the category of RFC 5322 and may stand in a header, strictly too.
  const isMoreThanLong = ({ diagnosis }: Case): boolean => !/^RFC5322_(LOCAL_)?TOOLONG$/.test(diagnosis)

  it.each([
    {
      what: 'what a lenient reading of a header takes though it is an error',
      happens: (given: Case) => given.category === 'ISEMAIL_ERR' && readAddressList(given.address).faults.length === 0,
      expected: LENIENT_TAKES,
    },
    {
      what: 'what a lenient reading of a header refuses though a header may hold it',
      happens: (given: Case) => given.category !== 'ISEMAIL_ERR' && readAddressList(given.address).faults.length > 0,
      expected: LENIENT_REFUSES,
    },
    {
      what: 'what a strict reading of a header takes though it is obsolete or an error',
      happens: (given: Case) =>
        /ERR|DEPREC|RFC5322/.test(given.category) && isMoreThanLong(given) && parseAddressList(given.address).ok,
      expected: STRICT_TAKES,
    },
  ])('has a section for $what', ({ what, happens, expected }) => {
    const happened = new Set(cases.filter(happens).map(({ diagnosis }) => diagnosis))
    reportDeviations(`isemail, ${what}`, happened, expected, cases.length)
    expect([...happened].toSorted()).toEqual([...expected.keys()].toSorted())
  })
})
