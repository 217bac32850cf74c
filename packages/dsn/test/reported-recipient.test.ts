import * as fc from 'fast-check'
import { parseHeader } from '@postroad/message'
import { describe, expect, it } from 'vitest'
import { readRecipient } from '../src/reported-recipient.ts'
import { bytes } from './report-of.ts'

const read = (fields: string): ReturnType<typeof readRecipient> => readRecipient(parseHeader(bytes(fields)))

describe('Action (RFC 3464 §2.3.3)', () => {
  it.each([
    { value: 'failed', action: 'failed' },
    { value: 'Failed (Bad destination mailbox address)', action: 'failed' },
    { value: 'delayed;x', action: 'delayed' },
    { value: ' RELAYED', action: 'relayed' },
    { value: 'expanded', action: 'expanded' },
    { value: 'delivered', action: 'delivered' },
    { value: 'failure', action: 'failed' },
    { value: 'error', action: 'failed' },
    { value: 'undeliverable', action: 'failed' },
    { value: 'deliverable', action: 'delivered' },
    { value: 'deferred', action: 'delayed' },
    { value: 'forwarded', action: undefined },
    { value: 'failedly', action: undefined },
    { value: '', action: undefined },
    { value: '(failed)', action: undefined },
    { value: 'failed'.repeat(5), action: undefined },
  ])('reads "$value" as $action', ({ value, action }) => {
    expect(read(`Action: ${value}\r\n`).action).toBe(action)
  })

  it.each([
    { fields: 'Status: 5.1.1\r\n', action: 'failed' },
    { fields: 'Action: forwarded\r\nStatus: 5.1.1\r\n', action: 'failed' },
    { fields: 'Action: delivered\r\nStatus: 5.1.1\r\n', action: 'delivered' },
    { fields: 'Status: 4.4.1\r\n', action: undefined },
    { fields: 'Status: 2.1.5\r\n', action: undefined },
  ])('takes "$fields" for $action', ({ fields, action }) => {
    expect(read(fields).action).toBe(action)
  })
})

describe('Status (RFC 3464 §2.3.4)', () => {
  it.each([
    { fields: 'Status: 5.1.1\r\n', status: '5.1.1' },
    { fields: 'Status: 4.4.1 (no answer from host)\r\n', status: '4.4.1' },
    { fields: 'Status: #5.7.26\r\n', status: '5.7.26' },
    { fields: 'Status: 5.01.001\r\n', status: '5.1.1' },
    { fields: 'Status: 550 5.1.1 no such user\r\n', status: '5.1.1' },
    { fields: 'Status: 553 Exceeded maximum inbound message size\r\n', status: '5.0.0' },
    { fields: 'Status: 450\r\n', status: '4.0.0' },
    { fields: 'Diagnostic-Code: SMTP; 550 5.1.1 User unknown\r\n', status: '5.1.1' },
    { fields: 'Diagnostic-Code: smtp; 550-5.1.1 User unknown\r\n', status: '5.1.1' },
    { fields: 'Diagnostic-Code: smtp; 421 busy\r\n', status: '4.0.0' },
    { fields: 'Status: 553 too large\r\nDiagnostic-Code: smtp; 552 5.3.4 too large\r\n', status: '5.3.4' },
    { fields: 'Status: 5.1.1\r\nDiagnostic-Code: smtp; 552 5.3.4 too large\r\n', status: '5.1.1' },
    { fields: 'Status: 5.1\r\n', status: undefined },
    { fields: 'Status: 5.1.1.1\r\n', status: undefined },
    { fields: 'Status: 5.1.1111\r\n', status: undefined },
    { fields: 'Status: 3.1.1\r\n', status: undefined },
    { fields: 'Status: 5500\r\nDiagnostic-Code: x; 10.5.1.1\r\n', status: undefined },
    { fields: '', status: undefined },
  ])('reads $status of "$fields"', ({ fields, status }) => {
    expect(read(fields).status).toBe(status)
  })
})

describe('Diagnostic-Code (RFC 3461 §9.2)', () => {
  it.each([
    { value: 'smtp; 550 5.1.1 no', reply: { code: 550, status: '5.1.1', lines: ['no'] } },
    { value: 'SMTP;250 ok', reply: { code: 250, status: undefined, lines: ['ok'] } },
    {
      value: 'smtp; 550-5.1.1 mailbox unavailable\r\n 550 5.1.1 user has moved',
      reply: { code: 550, status: '5.1.1', lines: ['mailbox unavailable', 'user has moved'] },
    },
    { value: 'smtp; 550-a 550-b 550 c 550 d', reply: { code: 550, status: undefined, lines: ['a', 'b', 'c 550 d'] } },
    { value: 'smtp; 550-a 551 b', reply: { code: 550, status: undefined, lines: ['a 551 b'] } },
    { value: 'smtp; 550- 550 b', reply: { code: 550, status: undefined, lines: ['', 'b'] } },
    { value: 'smtp; 550 ', reply: undefined },
    { value: 'smtp; no such user', reply: undefined },
    { value: 'smtp; 650 no', reply: undefined },
    { value: 'x-unix; 550 no', reply: undefined },
    { value: '550 no', reply: undefined },
  ])('reads "$value"', ({ value, reply }) => {
    expect(read(`Diagnostic-Code: ${value}\r\n`).reply).toEqual(reply)
  })

  it('takes a megabyte of lines', () => {
    expect(read(`Diagnostic-Code: smtp; ${'550-a '.repeat(170_000)}\r\n`).reply?.lines).toHaveLength(170_000)
  })
})

it('reads a localized diagnostic, and no other (RFC 6533 §4.1)', () => {
  const fields =
    'Localized-Diagnostic: de; Kein Postfach\r\nLocalized-Diagnostic: fr;\r\nLocalized-Diagnostic: none\r\n'
  expect(read(fields).localizedDiagnostics).toEqual([
    { language: 'de', text: 'Kein Postfach' },
    { language: 'fr', text: '' },
  ])
})

describe('Last-Attempt-Date (RFC 3464 §2.3.7)', () => {
  it.each([
    { value: 'Mon, 27 Mar 2006 18:06:29 +0000', at: Date.UTC(2006, 2, 27, 18, 6, 29) },
    { value: 'Mon Mar 27 18:06:29 2006 GMT', at: Date.UTC(2006, 2, 27, 18, 6, 29) },
    { value: 'Mon Mar  7 18:06:29 2006', at: Date.UTC(2006, 2, 7, 18, 6, 29) },
    { value: 'Mon, Mar 27 18:06:29 2006 -0100', at: Date.UTC(2006, 2, 27, 19, 6, 29) },
    { value: 'tomorrow', at: undefined },
    { value: '', at: undefined },
  ])('reads "$value"', ({ value, at }) => {
    expect(read(`Last-Attempt-Date: ${value}\r\n`).lastAttemptDate?.at).toBe(at)
  })
})

it('takes any fields', () => {
  const name = fc.constantFrom(
    'Action',
    'Status',
    'Diagnostic-Code',
    'Final-Recipient',
    'Arrival-Date',
    'Last-Attempt-Date',
  )
  const field = fc.tuple(name, fc.string({ unit: 'binary' })).map(([name, value]) => `${name}: smtp; ${value}\r\n`)
  fc.assert(
    fc.property(fc.array(field), (fields) => {
      expect(read(fields.join('')).fields.fields.length).toBeGreaterThanOrEqual(fields.length)
    }),
  )
})
