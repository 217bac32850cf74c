import { mailboxOf } from '@postroad/address'
import { parseHeader } from '@postroad/message'
import { describe, expect, it } from 'vitest'
import { forbidsResponse, mayRespond } from '../src/index.ts'
import { bytes } from './report-of.ts'

const ada = mailboxOf('ada@example.org')
const bob = mailboxOf('bob@example.net')

describe('mayRespond', () => {
  it.each([
    { path: 'ada@example.org', fields: '', may: true },
    { path: 'ada@example.org', fields: 'Auto-Submitted: no (really)\r\n', may: true },
    { path: 'ada@example.org', fields: 'Auto-Submitted: no; x=y\r\n', may: true },
    { path: 'ada@example.org', fields: 'Precedence: first-class\r\n', may: true },
    {
      path: 'ada@example.org',
      fields: 'Content-Type: text/plain\r\nX-Spam-Flag: NO\r\nX-Autorespond: no\r\n',
      may: true,
    },
    { path: 'ada@example.org', fields: 'X-Auto-Response-Suppress: DR, RN\r\n', may: true },
    { path: 'downer-x@example.org', fields: '', may: true },
    { path: undefined, fields: '', may: false },
    { path: 'ada@example.org', fields: 'Auto-Submitted: auto-replied\r\n', may: false },
  ])('answers $path with "$fields": $may (RFC 3834 §2)', ({ path, fields, may }) => {
    expect(mayRespond(path === undefined ? null : mailboxOf(path), parseHeader(bytes(fields)))).toBe(may)
  })
})

describe('forbidsResponse', () => {
  it.each([
    {
      fields: 'Auto-Submitted: No\r\nAuto-submitted: auto-generated; x=y\r\n',
      rule: 'auto-submitted',
      field: 'Auto-submitted',
    },
    { fields: 'Auto-Submitted: (x) auto-replied\r\n', rule: 'auto-submitted', field: 'Auto-Submitted' },
    { fields: 'Auto-Submitted:\r\n', rule: 'auto-submitted', field: 'Auto-Submitted' },
    { fields: 'Auto-Submitted: auto-notified\r\n', rule: 'auto-submitted', field: 'Auto-Submitted' },
    { fields: 'Content-Type: multipart/report; boundary=b\r\n', rule: 'report', field: 'Content-Type' },
    { fields: 'List-Id: <x.example.org>\r\n', rule: 'mailing-list', field: 'List-Id' },
    { fields: 'LIST-Unsubscribe: <mailto:x@example.org>\r\n', rule: 'mailing-list', field: 'LIST-Unsubscribe' },
    { fields: 'Precedence: Bulk\r\n', rule: 'precedence', field: 'Precedence' },
    { fields: 'Precedence: junk (x)\r\n', rule: 'precedence', field: 'Precedence' },
    {
      fields: 'X-Auto-Response-Suppress: DR, OOF, AutoReply\r\n',
      rule: 'suppressed',
      field: 'X-Auto-Response-Suppress',
    },
    { fields: 'X-Autoreply: yes\r\n', rule: 'suppressed', field: 'X-Autoreply' },
    { fields: 'X-Spam-Flag: YES\r\n', rule: 'spam', field: 'X-Spam-Flag' },
  ])('names $rule for "$fields" (RFC 3834 §2, §5)', ({ fields, rule, field }) => {
    const refusal = forbidsResponse({ reversePath: ada, header: parseHeader(bytes(fields)) })
    expect(refusal).toMatchObject({ rule, field })
    expect(refusal?.section).toMatch(/^RFC 3834 §\d/)
    expect(refusal?.explanation).toMatch(/^[A-Z].*\.$/)
    expect(Object.keys(refusal ?? {}).toSorted()).toEqual(['explanation', 'field', 'rule', 'section'])
  })

  it.each([
    'MAILER-DAEMON',
    'owner-list',
    'list-owner',
    'list-request',
    'list-bounces',
    'x-bounce',
    'noreply',
    'No-Reply',
    'donotreply',
    'do-not-reply',
    'LISTSERV',
    'majordomo',
  ])('answers nothing from %s (RFC 3834 §2)', (localPart) => {
    expect(forbidsResponse({ reversePath: { ...ada, localPart }, header: parseHeader(bytes('')) })).toEqual({
      rule: 'program-address',
      section: 'RFC 3834 §2',
      explanation: 'It was sent from an address that programs use.',
    })
  })

  it.each([
    { returnPath: '', rule: 'no-return-path' },
    { returnPath: 'Return-Path: ada@example.org\r\n', rule: 'no-return-path' },
    { returnPath: 'Return-Path: <>\r\n', rule: 'null-reverse-path' },
    { returnPath: 'Return-Path: <owner-x@example.org>\r\n', rule: 'program-address' },
    { returnPath: 'Return-Path: <ada@example.org>\r\n', rule: undefined },
    { returnPath: 'Return-Path: <jürgen@example.org>\r\n', rule: undefined },
  ])('answers to the Return-Path alone: "$returnPath" (RFC 3834 §4)', ({ returnPath, rule }) => {
    const header = parseHeader(bytes(`${returnPath}From: eve@example.org\r\nReply-To: eve@example.org\r\n`))
    expect(forbidsResponse({ header })?.rule).toBe(rule)
  })

  it('knows the null reverse-path of the envelope', () => {
    const refusal = forbidsResponse({
      reversePath: null,
      header: parseHeader(bytes('Return-Path: <ada@example.org>\r\n')),
    })
    expect(refusal?.rule).toBe('null-reverse-path')
  })

  it('reads over a comment before the word that lets it (RFC 3834 §5.1)', () => {
    const header = parseHeader(bytes('Auto-Submitted: (a person) no; x=y\r\nPrecedence: first-class\r\n'))
    expect(forbidsResponse({ reversePath: ada, header })).toBeUndefined()
  })

  it('does not answer itself', () => {
    const header = parseHeader(bytes(''))
    expect(forbidsResponse({ reversePath: ada, header, ownAddresses: [bob, ada] })?.rule).toBe('own-address')
    expect(forbidsResponse({ reversePath: ada, header, ownAddresses: [bob] })).toBeUndefined()
  })

  it.each([
    { fields: 'To: Bob <bob@example.net>\r\n', rule: undefined },
    {
      fields: 'To: x@example.org\r\nResent-Cc: friends: x@example.org, BOB@example.net, bob@EXAMPLE.net;\r\n',
      rule: undefined,
    },
    { fields: 'To: x@example.org\r\n', rule: 'not-addressed' },
    { fields: 'From: bob@example.net\r\n', rule: 'not-addressed' },
    { fields: '', rule: 'not-addressed' },
  ])('answers for a person only where "$fields" names it (RFC 3834 §2)', ({ fields, rule }) => {
    const header = parseHeader(bytes(fields))
    expect(forbidsResponse({ reversePath: ada, header, ownAddresses: [bob], personal: true })?.rule).toBe(rule)
    expect(forbidsResponse({ reversePath: ada, header, ownAddresses: [bob] })).toBeUndefined()
  })

  it('answers for no person whose addresses are not known', () => {
    const header = parseHeader(bytes('To: bob@example.net\r\n'))
    expect(forbidsResponse({ reversePath: ada, header, personal: true })?.rule).toBe('not-addressed')
  })
})
