import { mailboxOf } from '@postroad/address'
import type { Envelope } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { refusalOfMessage, refusalOfRecipient } from '../src/client-refusal.ts'
import { standing, type StandingParts } from './client-standing.ts'
import { NOW } from './client-talk.ts'

const HELD = 'FUTURERELEASE 3600 2026-05-04T04:00:00Z'
const by = (seconds: number, mode: 'return' | 'notify'): Partial<Envelope> => ({
  deliverBy: { at: NOW + seconds * 1_000, mode, trace: false },
})
const hold = (seconds: number, more: Partial<Envelope> = {}): Partial<Envelope> => ({
  holdUntil: NOW + seconds * 1_000,
  ...more,
})

describe('refusalOfMessage', () => {
  it.each<StandingParts & { rule: string; status: string | undefined }>([
    { rule: 'RFC 3030 §3', facts: { binary: true }, status: '5.6.0' },
    { rule: 'RFC 3030 §3', facts: { binary: true }, binary: true, status: undefined },
    { rule: 'RFC 3030 §3', facts: { binary: true }, request: { bareNewlines: false }, status: undefined },
    { rule: 'RFC 3030 §3', request: { bareNewlines: true }, status: '5.6.0' },
    { rule: 'RFC 1870 §7', offer: 'SIZE 10', status: '5.3.4' },
    { rule: 'RFC 1870 §7', offer: 'SIZE 0', status: undefined },
    { rule: 'RFC 1870 §7', offer: 'SIZE 1000', status: undefined },
    { rule: 'RFC 6531 §3.5', envelope: { smtputf8: true }, status: '5.6.7' },
    { rule: 'RFC 6531 §3.5', envelope: { reversePath: mailboxOf('ü@example.org') }, status: '5.6.7' },
    { rule: 'RFC 6531 §3.5', offer: 'SMTPUTF8', envelope: { smtputf8: true }, status: undefined },
    { rule: 'RFC 6152 §3', facts: { eightBit: true }, status: '5.6.3' },
    { rule: 'RFC 6152 §3', facts: { eightBit: true }, offer: '8BITMIME', status: undefined },
    { rule: 'RFC 6152 §3', facts: { eightBit: true, binary: true }, binary: true, status: undefined },

    { rule: 'RFC 8689 §4.2.1', envelope: { requireTls: true }, offer: 'REQUIRETLS', status: '5.7.10' },
    { rule: 'RFC 8689 §4.2.1', envelope: { requireTls: true }, request: { verifiedTls: true }, status: '5.7.30' },
    {
      rule: 'RFC 8689 §4.2.1',
      envelope: { requireTls: true },
      offer: 'REQUIRETLS',
      request: { verifiedTls: true },
      status: undefined,
    },
    { rule: 'RFC 8689 §5', envelope: { requireTls: true, reversePath: null }, status: undefined },
    {
      rule: 'RFC 8689 §4.4',
      envelope: { requireTls: true },
      request: { verifiedTls: true },
      lmtp: true,
      status: undefined,
    },
    { rule: 'RFC 8689 §4.2.1', envelope: { requireTls: true }, lmtp: true, status: '5.7.10' },

    { rule: 'RFC 2852 §4.1.3', envelope: by(0, 'return'), offer: 'DELIVERBY', status: '5.4.7' },
    { rule: 'RFC 2852 §4.1.3', envelope: by(-5, 'return'), lmtp: true, status: '5.4.7' },
    { rule: 'RFC 2852 §4.1.3', envelope: by(-5, 'notify'), offer: 'DELIVERBY', status: undefined },
    { rule: 'RFC 2852 §4.1.4.1', envelope: by(98, 'return'), status: '5.3.3' },
    { rule: 'RFC 2852 §4.1.4.1', envelope: by(98, 'return'), offer: 'DELIVERBY 240', status: '5.3.3' },
    { rule: 'RFC 2852 §4.1.4.1', envelope: by(98, 'return'), offer: 'DELIVERBY 98', status: undefined },
    { rule: 'RFC 2852 §4.1.4.1', envelope: by(98, 'return'), offer: 'DELIVERBY', status: undefined },
    { rule: 'RFC 2852 §4.1.4', envelope: by(98, 'return'), lmtp: true, status: undefined },
    { rule: 'RFC 2852 §4.1.4.2', envelope: by(98, 'notify'), status: undefined },

    { rule: 'RFC 4865 §4.1', envelope: hold(60), status: '5.3.3' },
    { rule: 'RFC 4865 §4.1', envelope: hold(60), offer: HELD, status: undefined },
    { rule: 'RFC 4865 §4.1', envelope: hold(3_600), offer: HELD, status: '5.5.4' },
    { rule: 'RFC 4865 §4.1', envelope: hold(60), offer: 'FUTURERELEASE 59 2027-01-01T00:00:00Z', status: '5.5.4' },
    { rule: 'RFC 4865 §4.1', envelope: hold(60), offer: 'FUTURERELEASE 60 2027-01-01T00:00:00Z', status: undefined },
    { rule: 'RFC 4865 §4.1', envelope: hold(-1), status: undefined },
    { rule: 'RFC 4865 §5.1.1', envelope: hold(60, { reversePath: null }), status: undefined },
    {
      rule: 'RFC 4865 §5.2.1',
      envelope: hold(60, by(59, 'notify')),
      offer: `${HELD}\nDELIVERBY`,
      status: '5.5.4',
    },
    { rule: 'RFC 4865 §5.2.1', envelope: hold(60, by(61, 'notify')), offer: HELD, status: undefined },

    {
      rule: 'RFC 3865 §2.1',
      envelope: { solicitations: ['a:ADV'] },
      offer: 'NO-SOLICITING a:ADV,b:X',
      status: '5.7.1',
    },
    { rule: 'RFC 3865 §2.1', envelope: { solicitations: ['a:ADV'] }, offer: 'NO-SOLICITING b:X', status: undefined },
    { rule: 'RFC 3865 §2.2', envelope: { solicitations: ['a:ADV'] }, offer: 'NO-SOLICITING', status: undefined },
    { rule: 'RFC 3865 §2.7', envelope: { solicitations: ['a:ADV'] }, status: undefined },
  ])('keeps $rule: $status for $envelope$facts$request at "$offer"', ({ status, ...parts }) => {
    expect(refusalOfMessage(standing(parts))?.status).toBe(status)
  })
})

describe('refusalOfRecipient', () => {
  const refuse = (text: string, action: 'continue' | 'reject' | undefined, offer: string) =>
    refusalOfRecipient(
      { mailbox: mailboxOf(text), ...(action !== undefined && { validSince: { at: NOW, action } }) },
      standing({ offer }),
    )?.status

  it.each([
    { text: 'ü@example.net', action: undefined, offer: '', status: '5.6.7' },
    { text: 'ü@example.net', action: undefined, offer: 'SMTPUTF8', status: undefined },
    { text: 'a@example.net', action: undefined, offer: '', status: undefined },
    { text: 'a@example.net', action: 'reject', offer: '', status: '5.7.19' },
    { text: 'a@example.net', action: 'reject', offer: 'RRVS', status: undefined },
    { text: 'a@example.net', action: 'continue', offer: '', status: undefined },
  ] as const)(
    'makes $status of $text, $action, at "$offer" (RFC 6531 §3.5, RFC 7293 §5.1.1)',
    ({ text, action, offer, status }) => {
      expect(refuse(text, action, offer)).toBe(status)
    },
  )
})
