import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readDisposition } from '../src/index.ts'
import type { DispositionMessage } from '../src/index.ts'
import { bytes } from './report-of.ts'

const TYPE = 'Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nread\n--b\n'
const notification = (fields: string, rest = '', type = 'disposition-notification'): Uint8Array =>
  bytes(`${TYPE}Content-Type: message/${type}\n\n${fields}\n--b${rest === '' ? '' : `\n${rest}\n--b`}--\n`)

function read(message: Uint8Array): DispositionMessage {
  const result = readDisposition(message)
  if (!result.ok) throw new Error(result.error.expected)
  return result.value
}

describe('readDisposition', () => {
  it('reads every field (RFC 8098 §3.2)', () => {
    const fields = [
      'Reporting-UA: joes-pc.cs.example.com; Foomail 97.1',
      'MDN-Gateway: dns; gateway.example.org',
      'Original-Recipient: rfc822;Joe_Recipient@example.com',
      'Final-Recipient: rfc822;Joe_Recipient@example.com (Joe)',
      'Original-Message-ID: <199509192301.23456@example.org>',
      'Disposition: manual-action/MDN-sent-manually; displayed',
      'Error: one',
      'Error: two',
      'X-Own: y',
    ].join('\r\n')
    const { fields: all, ...rest } = read(notification(fields, 'Content-Type: message/rfc822\n\nMessage-ID: <2@a>\n'))
    expect(rest).toEqual({
      place: 'message',
      reportingUa: 'joes-pc.cs.example.com; Foomail 97.1',
      mdnGateway: { type: 'dns', text: 'gateway.example.org' },
      originalRecipient: { type: 'rfc822', address: 'Joe_Recipient@example.com' },
      finalRecipient: { type: 'rfc822', address: 'Joe_Recipient@example.com' },
      originalMessageId: '199509192301.23456@example.org',
      disposition: { action: 'manual', sending: 'manual', type: 'displayed', modifiers: [] },
      errors: ['one', 'two'],
      originalHeader: expect.objectContaining({}),
    })
    expect(all.first('X-Own')?.value).toBe('y')
  })

  it.each([
    {
      value: 'Automatic-Action / MDN-sent-automatically ; Deleted / Error, x-own ,',
      disposition: { action: 'automatic', sending: 'automatic', type: 'deleted', modifiers: ['error', 'x-own'] },
    },
    {
      value: 'manual-action/MDN-sent-automatically; dispatched (printed)',
      disposition: { action: 'manual', sending: 'automatic', type: 'dispatched', modifiers: [] },
    },
    {
      value: 'automatic-action/MDN-sent-manually;processed/',
      disposition: { action: 'automatic', sending: 'manual', type: 'processed', modifiers: [] },
    },
    { value: 'displayed', disposition: { action: undefined, sending: undefined, type: undefined, modifiers: [] } },
    { value: 'x/y; eaten', disposition: { action: undefined, sending: undefined, type: undefined, modifiers: [] } },
    { value: ';denied', disposition: { action: undefined, sending: undefined, type: 'denied', modifiers: [] } },
    { value: '', disposition: { action: undefined, sending: undefined, type: undefined, modifiers: [] } },
  ])('reads "$value" (RFC 8098 §3.2.6)', ({ value, disposition }) => {
    expect(read(notification(`Disposition: ${value}`)).disposition).toEqual(disposition)
  })

  it('reads the UTF-8 form (RFC 6533 §5)', () => {
    const message = notification('Final-Recipient: utf-8; jürgen@example.org', '', 'global-disposition-notification')
    expect(read(message).finalRecipient).toEqual({ type: 'utf-8', address: 'jürgen@example.org' })
  })

  it('takes the Message-ID of what was returned where no field has it', () => {
    const message = notification(
      '\n\nFinal-Recipient: rfc822; a@b',
      'Content-Type: text/rfc822-headers\n\nMessage-ID: <2@a>\n',
    )
    expect(read(message)).toMatchObject({ originalMessageId: '2@a', finalRecipient: { address: 'a@b' } })
  })

  it('knows what is missing', () => {
    expect(read(notification(''))).toMatchObject({
      reportingUa: undefined,
      mdnGateway: undefined,
      originalRecipient: undefined,
      finalRecipient: undefined,
      originalMessageId: undefined,
      errors: [],
      originalHeader: undefined,
    })
  })

  it.each([
    { what: 'plain text', message: bytes('Subject: x\n\nhello') },
    { what: 'a report of delivery', message: notification('Action: failed', '', 'delivery-status') },
    { what: 'fields that are too large', message: notification(`A: ${'x'.repeat(300_000)}`) },
  ])('finds none in $what', ({ message }) => {
    expect(readDisposition(message)).toEqual({
      ok: false,
      error: { rule: 'multipart/report', offset: 0, expected: 'a message/disposition-notification part' },
    })
  })

  it('takes any bytes', () => {
    const piece = fc.oneof(
      fc.constantFrom('--b', '\n', 'Content-Type: message/disposition-notification', 'Disposition: a/b;c/d', ';', '/'),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(typeof readDisposition(bytes(TYPE + pieces.join(''))).ok).toBe('boolean')
        expect(typeof readDisposition(notification(pieces.join(''))).ok).toBe('boolean')
      }),
    )
  })
})
