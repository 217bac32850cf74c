import { parseMailbox, type Mailbox } from '@postroad/address'
import { reply, type ContentFacts, type Envelope, type Recipient } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { formatMail, formatRcpt, toXtext } from '../src/client-commands.ts'
import { parseExtensions } from '../src/client-extensions.ts'

function mailbox(text: string): Mailbox {
  const parsed = parseMailbox(text, { smtputf8: true })
  if (!parsed.ok) throw new Error(text)
  return parsed.value
}
const evil: Mailbox = { localPart: 'a\r\nRSET', domain: mailbox('a@example.org').domain }
const peer = (text: string) => parseExtensions(reply(250, undefined, `mx\n${text}`), true)
const FACTS: ContentFacts = {
  sizeBytes: 100,
  headerBytes: 50,
  eightBit: false,
  binary: false,
  utf8Header: false,
  longestLineBytes: 60,
  dotLines: 0,
  endsWithCrlf: true,
}
const ada = mailbox('ada@example.org')
const envelope = (more: Partial<Envelope> = {}): Envelope => ({ reversePath: ada, recipients: [], ...more })

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
      more: { reversePath: mailbox('ü@example.org') },
      facts: {},
      line: 'MAIL FROM:<ü@example.org> SMTPUTF8',
    },
    {
      offer: '',
      more: { reversePath: mailbox('a@bücher.example') },
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
      expect(formatMail(envelope(more), { ...FACTS, ...facts }, peer(offer))).toBe(`${line}\r\n`)
    },
  )

  it('refuses an address that would break the line', () => {
    expect(formatMail(envelope({ reversePath: evil }), FACTS, peer(''))).toBeUndefined()
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
      expect(formatRcpt({ mailbox: ada, ...more }, peer(offer), utf8)).toBe(`${line}\r\n`)
    },
  )

  it('refuses what would break the line', () => {
    expect(formatRcpt({ mailbox: evil }, peer(''), false)).toBeUndefined()
    expect(formatRcpt({ mailbox: ada, ...orcpt('rfc822\r\n', 'x') }, peer('DSN'), false)).toBeUndefined()
  })

  it('leaves a domain without A-labels as it is', () => {
    const odd = { localPart: 'a', domain: `\u00fc${'x'.repeat(80)}.example` as Mailbox['domain'] }
    expect(formatRcpt({ mailbox: odd }, peer(''), false)).toContain('\u00fc')
  })
})

describe('toXtext', () => {
  it('encodes what is not printable ASCII, + and = (RFC 3461 §4)', () => {
    expect(toXtext('plain!~')).toBe('plain!~')
    expect(toXtext('a b\n')).toBe('a+20b+0A')
  })
})
