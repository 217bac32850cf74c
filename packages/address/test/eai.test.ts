/** The set `eai`: internationalized addresses and domains. */

import { describe, expect, it } from 'vitest'

import {
  domainToAscii,
  domainToUnicode,
  parseAddressList,
  parseDomain,
  parseMailbox,
  readAddressList,
  sameDomain,
} from '../src/index.ts'
import { hasCorpus, readCorpus } from './corpus.ts'

interface Eai {
  readonly valid_with_smtputf8: readonly string[]
  readonly domains: readonly { readonly u_label: string; readonly a_label: string }[]
  readonly not_valid_in_a_message_or_envelope: readonly string[]
}

const eai: Eai = hasCorpus
  ? JSON.parse(readCorpus('eai/addresses.json'))
  : { valid_with_smtputf8: [], domains: [], not_valid_in_a_message_or_envelope: [] }

describe.skipIf(!hasCorpus)('eai', () => {
  it.each(eai.valid_with_smtputf8)('takes %s with SMTPUTF8 (RFC 6531 §3.3)', (text) => {
    expect(parseMailbox(text, { smtputf8: true }).ok).toBe(true)
    expect(parseMailbox(text).ok).toBe(/^[!-~]*$/.test(text))
    expect(readAddressList(text).faults).toEqual([])
    expect(parseAddressList(text).ok).toBe(true)
  })

  it.each(eai.domains)('knows $u_label and $a_label for the same', ({ u_label, a_label }) => {
    const unicode = parseDomain(u_label, { smtputf8: true })
    const ascii = parseDomain(a_label)
    if (!unicode.ok || !ascii.ok) throw new Error('a domain was refused')
    expect(domainToAscii(unicode.value)).toEqual({ ok: true, value: a_label })
    expect(domainToUnicode(ascii.value)).toBe(u_label)
    expect(sameDomain(unicode.value, ascii.value)).toBe(true)
  })

  it.each(eai.not_valid_in_a_message_or_envelope)('refuses %s', (text) => {
    expect(parseMailbox(text, { smtputf8: true }).ok).toBe(false)
    expect(readAddressList(text).faults).not.toEqual([])
    expect(parseAddressList(text).ok).toBe(false)
  })
})
