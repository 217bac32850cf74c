/** The set `jmail`: addresses with comments and names, read as a header's address list. */

import { describe, expect, it } from 'vitest'

import { parseMailbox, readAddressList } from '../src/index.ts'
import { type Deviations, hasCorpus, readCorpus, reportDeviations } from './corpus.ts'

const lines = (path: string): string[] =>
  readCorpus(path)
    .split(/\r?\n/)
    .slice(1)
    .filter((line) => line !== '')

const valid = lines('jmail/valid-addresses.txt').map((line) => {
  const parts = line.split(',')
  const [local, domain] = parts.slice(-3)
  return { text: parts.slice(0, -3).join(','), local, domain }
})
const invalid = lines('jmail/invalid-addresses.txt').map((line) => line.slice(0, line.lastIndexOf(' ; ')).trimEnd())

const VALID_REFUSED: Deviations = new Map([
  ['Abc\\@def@test.org', 'RFC 5322 §3.2.3: a backslash quotes nothing outside of quotes'],
  ['Joe.\\\\Blow@test.org', 'RFC 5322 §3.2.3: a backslash quotes nothing outside of quotes'],
  ['{^c\\@**Dog^}@cartoon.com', 'RFC 5322 §3.2.3: a backslash quotes nothing outside of quotes'],
  ['abc\\\\@test.org', 'RFC 5322 §3.2.3: a backslash quotes nothing outside of quotes'],
  ['.utkarsh <utkarsh@gmail.com>', 'RFC 5322 §4.1: not even obs-phrase begins with a dot; read with a fault'],
])

const ENVELOPE_REFUSED: Deviations = new Map([
  ...[...VALID_REFUSED].filter(([text]) => !text.includes('<')),
  ['first.last@[IPv6:1111:2222:3333::4444:5555:6666:7777]', 'RFC 5321 §4.1.3: "::" stands for two groups at least'],
  ['first.last@[IPv6:::a2:a3:a4:b1:b2:b3:b4]', 'RFC 5321 §4.1.3: "::" stands for two groups at least'],
  ['first.last@[IPv6:::a2:a3:a4:b1:ffff:11.22.33.44]', 'RFC 5321 §4.1.3: "::" stands for two groups at least'],
  ['first.last@[IPv6:a1:a2:a3:a4:b1::11.22.33.44]', 'RFC 5321 §4.1.3: "::" stands for two groups at least'],
])

const INVALID_TAKEN: Deviations = new Map([
  [
    '1234567890123456789012345678901234567890123456789012345678901234+x@example.com',
    'RFC 5322 §3.4.1 limits no local part; RFC 5321 §4.5.3.1.1 does, and parseMailbox with it',
  ],
  ['"Unicode NULL \u2400"@char.com', 'RFC 6532 §3.2: the picture of NUL is a character as any other'],
  ['e\uff3fmail@hello.net', 'RFC 6532 §3.2: all of UTF8-non-ascii is atext'],
  ['e\u2309mail@testing.txt', 'RFC 6532 §3.2: all of UTF8-non-ascii is atext'],
  ['\u201cemail@mydomain.txt', 'RFC 6532 §3.2: all of UTF8-non-ascii is atext'],
  ['\u2022email@domain.com', 'RFC 6532 §3.2: all of UTF8-non-ascii is atext'],
  ['euro\u20ac@eu.com', 'RFC 6532 §3.2: all of UTF8-non-ascii is atext'],
  ['other\u00a9copyright@copy.org', 'RFC 6532 §3.2: all of UTF8-non-ascii is atext'],
])

describe.skipIf(!hasCorpus)('jmail', () => {
  it('reads what is valid', () => {
    const happened = new Set<string>()
    for (const { text, local, domain } of valid) {
      const { addresses, faults } = readAddressList(text)
      if (faults.length > 0 || addresses.length !== 1) happened.add(text)
      else if (!/[()\\]/.test(text)) {
        const [address] = addresses
        const expected = parseMailbox(`${local}@${domain}`, { smtputf8: true })
        const mailbox = address?.kind === 'mailbox' ? address.mailbox : undefined
        expect(mailbox?.localPart, text).toBe(local)
        // A header may hold a `::` for one group (RFC 5322 §3.4.1), an envelope may not (RFC 5321 §4.1.3).
        if (expected.ok) expect(mailbox, text).toEqual(expected.value)
        else expect(text).toContain('[IPv6:')
      }
    }
    reportDeviations('jmail valid', happened, VALID_REFUSED, valid.length)
    expect([...happened].toSorted()).toEqual([...VALID_REFUSED.keys()].toSorted())
  })

  it('takes as an envelope what is valid and has neither name nor comment (RFC 5321 §4.1.2)', () => {
    const bare = valid.map(({ text }) => text).filter((text) => !/[(<]/.test(text))
    const happened = new Set(bare.filter((text) => !parseMailbox(text, { smtputf8: true }).ok))
    reportDeviations('jmail valid, as an envelope', happened, ENVELOPE_REFUSED, bare.length)
    expect([...happened].toSorted()).toEqual([...ENVELOPE_REFUSED.keys()].toSorted())
  })

  it('refuses what is invalid', () => {
    const happened = new Set<string>()
    for (const text of invalid) {
      if (readAddressList(text).faults.length === 0) happened.add(text)
      // As an envelope's mailbox without SMTPUTF8 none is valid, whatever a header may hold.
      expect(parseMailbox(text).ok, text).toBe(false)
    }
    reportDeviations('jmail invalid', happened, INVALID_TAKEN, invalid.length)
    expect([...happened].toSorted()).toEqual([...INVALID_TAKEN.keys()].toSorted())
  })
})
