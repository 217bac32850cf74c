import { mailboxOf } from '@postroad/address'
import type { Mailbox } from '@postroad/address'
import type { ContentFacts, Envelope, Recipient } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { formatMail, formatRcpt } from '../src/client-commands.ts'
import { standing } from './client-standing.ts'

const evil: Mailbox = { localPart: 'a\r\nRSET', domain: mailboxOf('a@example.org').domain }
const ada = mailboxOf('ada@example.org')
const FACTS = { sizeBytes: 100 }

const orcpt = (type: string, address: string) => ({ orcpt: { type, address } })

describe('formatMail', () => {
  it.each([
    { offer: '', more: {}, facts: {}, line: 'MAIL FROM:<ada@example.org>' },
    { offer: '', more: { reversePath: null }, facts: {}, line: 'MAIL FROM:<>' },
    { offer: 'SIZE', more: {}, facts: {}, line: 'MAIL FROM:<ada@example.org> SIZE=100' },
    { offer: 'SIZE 5', more: {}, facts: { endsWithCrlf: false }, line: 'MAIL FROM:<ada@example.org> SIZE=102' },
    { offer: '8BITMIME', more: {}, facts: {}, line: 'MAIL FROM:<ada@example.org>' },
    { offer: '8BITMIME', more: {}, facts: { eightBit: true }, line: 'MAIL FROM:<ada@example.org> BODY=8BITMIME' },
    { offer: 'SMTPUTF8', more: {}, facts: {}, line: 'MAIL FROM:<ada@example.org>' },
    { offer: 'SMTPUTF8', more: { smtputf8: true }, facts: {}, line: 'MAIL FROM:<ada@example.org> SMTPUTF8' },
    {
      offer: 'SMTPUTF8',
      more: { reversePath: mailboxOf('ü@example.org') },
      facts: {},
      line: 'MAIL FROM:<ü@example.org> SMTPUTF8',
    },
    {
      offer: '',
      more: { reversePath: mailboxOf('a@bücher.example') },
      facts: {},
      line: 'MAIL FROM:<a@xn--bcher-kva.example>',
    },
    {
      offer: 'DSN',
      more: { ret: 'hdrs', envid: 'a+b c=' },
      facts: {},
      line: 'MAIL FROM:<ada@example.org> RET=HDRS ENVID=a+2Bb+20c+3D',
    },
    { offer: 'DSN', more: { ret: 'full', envid: '' }, facts: {}, line: 'MAIL FROM:<ada@example.org> RET=FULL' },
    { offer: '', more: { ret: 'full', envid: 'x' }, facts: {}, line: 'MAIL FROM:<ada@example.org>' },
  ] satisfies { offer: string; more: Partial<Envelope>; facts: Partial<ContentFacts>; line: string }[])(
    'writes $line',
    ({ offer, more, facts, line }) => {
      expect(formatMail(standing({ offer, envelope: more, facts: { ...FACTS, ...facts } }))).toBe(`${line}\r\n`)
    },
  )

  it('ends with the parameters that were agreed on, as they were given (RFC 5321 §4.1.2)', () => {
    const request = { mailParameters: ['X-THING', 'x-other=a+b'] }
    expect(formatMail(standing({ offer: 'SIZE', facts: FACTS, request }))).toBe(
      'MAIL FROM:<ada@example.org> SIZE=100 X-THING x-other=a+b\r\n',
    )
    expect(formatMail(standing({ request: { mailParameters: [] } }))).toBe('MAIL FROM:<ada@example.org>\r\n')
  })

  it('refuses an address that would break the line', () => {
    expect(formatMail(standing({ envelope: { reversePath: evil } }))).toBeUndefined()
  })
})

describe('formatRcpt', () => {
  it.each([
    { offer: '', more: {}, utf8: false, line: 'RCPT TO:<ada@example.org>' },
    { offer: 'DSN', more: {}, utf8: false, line: 'RCPT TO:<ada@example.org>' },
    {
      offer: 'DSN',
      more: { notify: ['success', 'delay'] },
      utf8: false,
      line: 'RCPT TO:<ada@example.org> NOTIFY=SUCCESS,DELAY',
    },
    { offer: 'DSN', more: { notify: [] }, utf8: false, line: 'RCPT TO:<ada@example.org>' },
    { offer: '', more: { notify: ['never'], ...orcpt('rfc822', 'x') }, utf8: false, line: 'RCPT TO:<ada@example.org>' },
    {
      offer: 'DSN',
      more: orcpt('rfc822', 'a+b@example.org'),
      utf8: false,
      line: 'RCPT TO:<ada@example.org> ORCPT=rfc822;a+2Bb@example.org',
    },
    {
      offer: 'DSN',
      more: orcpt('rfc822', 'ü@e'),
      utf8: false,
      line: 'RCPT TO:<ada@example.org> ORCPT=rfc822;+C3+BC@e',
    },
    {
      offer: 'DSN',
      more: orcpt('utf-8', 'ü\\+ @e'),
      utf8: false,
      line: 'RCPT TO:<ada@example.org> ORCPT=utf-8;\\x{FC}\\x{5C}\\x{2B}\\x{20}@e',
    },
    {
      offer: 'DSN',
      more: orcpt('utf-8', 'ü=@e'),
      utf8: true,
      line: 'RCPT TO:<ada@example.org> ORCPT=utf-8;ü\\x{3D}@e',
    },
  ] satisfies { offer: string; more: Partial<Recipient>; utf8: boolean; line: string }[])(
    'writes $line (RFC 3461 §4, RFC 6533 §3)',
    ({ offer, more, utf8, line }) => {
      expect(formatRcpt({ mailbox: ada, ...more }, standing({ offer, smtputf8: utf8 }))).toBe(`${line}\r\n`)
    },
  )

  it('ends with the parameters that were agreed on (RFC 5321 §4.1.2)', () => {
    expect(formatRcpt({ mailbox: ada, notify: ['never'] }, standing({ offer: 'DSN' }), ['X-TAG=7'])).toBe(
      'RCPT TO:<ada@example.org> NOTIFY=NEVER X-TAG=7\r\n',
    )
  })

  it.each([
    { octets: 500, type: 'rfc822', address: 'x'.repeat(487), utf8: false, sent: true },
    { octets: 501, type: 'rfc822', address: 'x'.repeat(488), utf8: false, sent: false },
    { octets: 712, type: 'utf-8', address: '\u0430'.repeat(100), utf8: false, sent: false },
    { octets: 212, type: 'utf-8', address: '\u0430'.repeat(100), utf8: true, sent: true },
    { octets: 500, type: 'utf-8', address: '\u0430'.repeat(244), utf8: true, sent: true },
    { octets: 502, type: 'utf-8', address: '\u0430'.repeat(245), utf8: true, sent: false },
  ])('leaves an ORCPT of $octets octets: $sent (RFC 3461 §4.2)', ({ type, address, utf8, sent }) => {
    const line = formatRcpt({ mailbox: ada, ...orcpt(type, address) }, standing({ offer: 'DSN', smtputf8: utf8 }))
    expect(line?.includes('ORCPT=')).toBe(sent)
    expect(line?.startsWith('RCPT TO:<ada@example.org>')).toBe(true)
  })

  it('refuses what would break the line', () => {
    expect(formatRcpt({ mailbox: evil }, standing({}))).toBeUndefined()
    expect(formatRcpt({ mailbox: ada, ...orcpt('rfc822\r\n', 'x') }, standing({ offer: 'DSN' }))).toBeUndefined()
  })

  it('leaves a domain without A-labels as it is', () => {
    const odd = { localPart: 'a', domain: `\u00fc${'x'.repeat(80)}.example` as Mailbox['domain'] }
    expect(formatRcpt({ mailbox: odd }, standing({}))).toContain('\u00fc')
  })
})
