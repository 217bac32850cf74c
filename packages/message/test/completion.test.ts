import { mailboxOf } from '@postroad/address'
import { describe, expect, it } from 'vitest'
import { completeSubmission, parseHeader } from '../src/index.ts'
import { bytes, text } from './texts.ts'

const options = { at: Date.UTC(2025, 10, 21, 9, 55, 6), messageId: '01ABC', domain: 'msa.example.org' }
const complete = (fields: string, sender?: string): string[] => {
  const { header, added } = completeSubmission(parseHeader(bytes(fields)), {
    ...options,
    ...(sender === undefined ? {} : { sender: mailboxOf(sender) }),
  })
  expect(header.fields.slice(0, added.length).map(({ raw }) => text(raw))).toEqual(added.map(({ raw }) => text(raw)))
  return text(header.toBytes()).split('\r\n').slice(0, -1)
}

describe('completeSubmission', () => {
  it('adds Date and Message-ID at the top where they are missing (RFC 6409 §8.2, §8.3)', () => {
    expect(complete('From: ada@example.org\r\n')).toEqual([
      'Date: Fri, 21 Nov 2025 09:55:06 +0000',
      'Message-ID: <01ABC@msa.example.org>',
      'From: ada@example.org',
    ])
  })

  it('takes a whole Message-ID too', () => {
    const { added } = completeSubmission(parseHeader(bytes('Date: x\r\n')), {
      ...options,
      messageId: '<1@example.org>',
    })
    expect(added.map(({ value }) => value)).toEqual(['<1@example.org>'])
  })

  const full = 'Date: x\r\nMessage-ID: <1@a>\r\n'

  it('changes nothing that is complete', () => {
    expect(complete(`${full}From: ada@example.org\r\n`)).toEqual([
      'Date: x',
      'Message-ID: <1@a>',
      'From: ada@example.org',
    ])
  })

  it('removes Bcc and Resent-Bcc (RFC 5322 §3.6.3)', () => {
    expect(complete(`${full}Bcc: a@b,\r\n c@d\r\nTo: x@y\r\nBCC: e@f\r\nResent-Bcc: g@h\r\n`)).toEqual([
      'Date: x',
      'Message-ID: <1@a>',
      'To: x@y',
    ])
  })

  it.each([
    { from: 'From: ada@example.org\r\n', added: false },
    { from: 'From: "Ada" <ada@EXAMPLE.org>\r\n', added: false },
    { from: 'From: eve@example.org\r\n', added: true },
    { from: 'From: ada@example.org, eve@example.org\r\n', added: true },
    { from: 'From: We: ada@example.org, eve@example.org;\r\n', added: true },
    { from: 'From: nobody:;\r\n', added: true },
    { from: 'From: <<broken\r\n', added: true },
    { from: '', added: true },
    { from: 'From: eve@example.org\r\nSender: bob@example.org\r\n', added: false },
  ])('adds Sender to "$from": $added (RFC 6409 §8.1)', ({ from, added }) => {
    expect(complete(full + from, 'ada@example.org').includes('Sender: ada@example.org')).toBe(added)
  })

  it('completes addresses where it is asked to, before it looks for the Sender (RFC 6409 §4.2)', () => {
    const ada = mailboxOf('ada@example.org')
    const header = parseHeader(bytes(`${full}From: ada\r\nTo: Bob <bob>\r\n`))
    const given = { ...options, sender: ada }
    const unqualified = completeSubmission(header, given)
    expect(unqualified.added).toHaveLength(1)
    expect(text(unqualified.header.toBytes())).toMatch(/From: ada\r\nTo: Bob <bob>\r\n$/)
    const qualified = completeSubmission(header, { ...given, qualification: { domain: ada.domain } })
    expect(qualified.added).toEqual([])
    expect(text(qualified.header.toBytes())).toBe(`${full}From: ada@example.org\r\nTo: Bob <bob@example.org>\r\n`)
  })

  it('adds no Sender where nobody is known', () => {
    expect(complete(`${full}From: ada@example.org, eve@example.org\r\n`)).toHaveLength(3)
  })
})
