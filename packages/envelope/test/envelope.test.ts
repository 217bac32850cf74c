import { describe, expect, it } from 'vitest'
import {
  contentId,
  createEntryId,
  createMessageId,
  entryId,
  formatReply,
  groupId,
  isPermanent,
  isPositive,
  isStatus,
  isTransient,
  leaseToken,
  messageId,
  messageOf,
  reply,
  splitStatus,
} from '../src/index.ts'

describe('enhanced status codes (RFC 3463 §2)', () => {
  it.each(['2.0.0', '4.7.1', '5.1.1', '5.10.999'])('takes %s', (text) => expect(isStatus(text)).toBe(true))
  it.each(['3.0.0', '5.1', '5.1.1.1', '5.01.1', '5.1.1000', ' 5.1.1', '5.1.x', ''])('refuses "%s"', (text) =>
    expect(isStatus(text)).toBe(false),
  )

  it('tells transient from permanent', () => {
    expect([isTransient('4.1.1'), isTransient('5.1.1')]).toEqual([true, false])
    expect([isPermanent('4.1.1'), isPermanent('5.1.1')]).toEqual([false, true])
  })
})

describe('replies (RFC 5321 §4.2)', () => {
  it('splits lines and removes what could forge one', () => {
    expect(reply(550, '5.1.1', 'no\r\nsuch\u0000user').lines).toEqual(['no?', 'such?user'])
  })

  it('formats on one line', () => {
    expect(formatReply(reply(250, '2.1.5', 'a\nb'))).toBe('250 2.1.5 a b')
    expect(formatReply(reply(354, undefined, ''))).toBe('354')
  })

  it('takes the status from the front of a line (RFC 2034 §4)', () => {
    expect(splitStatus('5.1.1 no such user')).toEqual({ status: '5.1.1', text: 'no such user' })
    expect(splitStatus('5.1.1')).toEqual({ status: '5.1.1', text: '' })
    expect(splitStatus('no such user')).toEqual({ status: undefined, text: 'no such user' })
    expect(splitStatus('')).toEqual({ status: undefined, text: '' })
  })

  it.each([
    [250, true],
    [354, true],
    [421, false],
    [550, false],
  ])('knows whether %i is positive', (code, positive) => expect(isPositive(reply(code, undefined, ''))).toBe(positive))
})

describe('ids', () => {
  it('makes message ids that sort by age', () => {
    const early = createMessageId(1_000, new Uint8Array(11).fill(31))
    const late = createMessageId(1_001, new Uint8Array(11))
    expect(early < late).toBe(true)
    expect(early).toMatch(/^[0-9A-Z]{20}$/)
    expect(createMessageId(-5, new Uint8Array(0))).toBe('0'.repeat(20))
  })

  it('names the entries of a message and finds the way back', () => {
    const message = messageId('0ABC')
    expect(createEntryId(message, 3)).toBe('0ABC.3')
    expect(messageOf(createEntryId(message, 3))).toBe(message)
    expect(messageOf(entryId('bare'))).toBe('bare')
  })

  it('brands text without changing it', () => {
    expect([contentId('c'), groupId('g'), leaseToken('l')]).toEqual(['c', 'g', 'l'])
  })
})
