import { mailboxOf } from '@postroad/address'
import { describe, expect, it } from 'vitest'
import { messageId } from '@postroad/envelope'
import { workItemCodec, WorkItemError, type WorkItem } from '../src/index.ts'

const ITEM: WorkItem = {
  message: messageId('M'),
  reversePath: null,
  smtputf8: true,
  destination: { transport: 'local' },
  recipients: [
    { mailbox: mailboxOf('ada@example.org') },
    {
      mailbox: mailboxOf('bob@example.org'),
      outcome: { kind: 'deferred', reply: undefined, status: '4.4.1', reason: 'no connection' },
    },
  ],
  facts: {
    sizeBytes: 10,
    headerBytes: 5,
    eightBit: false,
    binary: false,
    utf8Header: false,
    longestLineBytes: 3,
    dotLines: 0,
    endsWithCrlf: true,
  },
  acceptedAt: 1_000,
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

describe('the codec of work items', () => {
  it('gives back what it was given', () => {
    const decoded = workItemCodec.decode(workItemCodec.encode(ITEM))
    expect(JSON.parse(JSON.stringify(decoded))).toEqual(JSON.parse(JSON.stringify(ITEM)))
  })

  it('reads what version 1 wrote', () => {
    const written =
      '{"v":1,"message":"M","reversePath":{"localPart":"a","domain":"example.org"},"destination":{"transport":"mx","domain":"example.net"},"recipients":[],"facts":{},"acceptedAt":5}'
    expect(workItemCodec.decode(text(written))).toMatchObject({ message: 'M', destination: { domain: 'example.net' } })
  })

  it.each([
    ['bytes that are not UTF-8', Uint8Array.of(0xff)],
    ['text that is not JSON', text('{')],
    ['a value that is no item', text('[1]')],
    ['an item that lacks a field', text('{"v":1,"message":"M"}')],
    ['null', text('null')],
  ])('refuses %s', (_, bytes) => expect(() => workItemCodec.decode(bytes)).toThrow(WorkItemError))

  it('names a version that it does not know', () => {
    const later = Buffer.from(workItemCodec.encode(ITEM)).toString().replace('"v":1', '"v":2')
    expect(() => workItemCodec.decode(text(later))).toThrow('version 2')
  })
})
