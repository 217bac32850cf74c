import { reply, type EnhancedStatusCode } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { outcomeOfReply, type ClientPhase } from '../src/client-outcome.ts'

const outcome = (code: number, status: EnhancedStatusCode | undefined, phase: ClientPhase) =>
  outcomeOfReply(reply(code, status, 'text'), phase)

const kept = (text: string) => {
  const made = outcomeOfReply(reply(550, undefined, text), 'rcpt')
  return made.kind === 'failed' ? (made.reply?.lines ?? []) : []
}

describe('outcomeOfReply', () => {
  it.each([
    { code: 250, status: '2.1.5', phase: 'end-of-data', kind: 'delivered', expected: undefined },
    { code: 299, status: undefined, phase: 'end-of-data', kind: 'delivered', expected: undefined },
    { code: 354, status: undefined, phase: 'end-of-data', kind: 'deferred', expected: '4.5.0' },
    { code: 451, status: '4.7.1', phase: 'rcpt', kind: 'deferred', expected: '4.7.1' },
    { code: 450, status: undefined, phase: 'rcpt', kind: 'deferred', expected: '4.2.0' },
    { code: 452, status: undefined, phase: 'rcpt', kind: 'deferred', expected: '4.5.3' },
    { code: 452, status: undefined, phase: 'end-of-data', kind: 'deferred', expected: '4.3.1' },
    { code: 421, status: undefined, phase: 'mail', kind: 'deferred', expected: '4.3.2' },
    { code: 499, status: undefined, phase: 'mail', kind: 'deferred', expected: '4.0.0' },
    { code: 550, status: '5.1.1', phase: 'rcpt', kind: 'failed', expected: '5.1.1' },
    { code: 550, status: undefined, phase: 'rcpt', kind: 'failed', expected: '5.1.1' },
    { code: 550, status: undefined, phase: 'end-of-data', kind: 'failed', expected: '5.0.0' },
    { code: 553, status: undefined, phase: 'mail', kind: 'failed', expected: '5.1.7' },
    { code: 501, status: undefined, phase: 'mail', kind: 'failed', expected: '5.5.4' },
    { code: 599, status: undefined, phase: 'rcpt', kind: 'failed', expected: '5.0.0' },
    { code: 554, status: undefined, phase: 'end-of-data', kind: 'failed', expected: '5.0.0' },
    { code: 550, status: '4.7.1', phase: 'data', kind: 'failed', expected: '5.0.0' },
    { code: 552, status: undefined, phase: 'end-of-data', kind: 'failed', expected: '5.3.4' },
  ] as const)('makes $code $status at $phase $kind', ({ code, status, phase, kind, expected }) => {
    const made = outcome(code, status, phase)
    expect(made.kind).toBe(kind)
    expect('status' in made ? made.status : undefined).toBe(expected)
  })

  it('defers 552 at RCPT, which once meant too many recipients (RFC 5321 §4.5.3.1.10)', () => {
    expect(outcome(552, undefined, 'rcpt')).toMatchObject({ kind: 'deferred', status: '4.5.3' })
    expect(outcome(552, '5.5.3', 'rcpt')).toMatchObject({ kind: 'deferred', status: '4.5.3' })
    expect(outcome(552, '5.2.2', 'rcpt')).toMatchObject({ kind: 'failed', status: '5.2.2' })
  })

  it('keeps a bounded part of the text', () => {
    expect(kept('x'.repeat(1_024))).toEqual(['x'.repeat(1_024)])
    expect(kept('x'.repeat(5_000))).toEqual(['x'.repeat(1_024)])
    expect(kept('a\n'.repeat(40))).toHaveLength(16)
    expect(kept(`${'x'.repeat(1_000)}\n${'y'.repeat(100)}\nz`)).toEqual(['x'.repeat(1_000), 'y'.repeat(24)])
  })
})
