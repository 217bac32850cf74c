import { mailboxOf } from '@postroad/address'
import type { Envelope, Recipient } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { mailParameters, rcptParameters, requestedHold, secondsLeft, toXtext } from '../src/client-parameters.ts'
import { standing, type StandingParts } from './client-standing.ts'
import { NOW } from './client-talk.ts'

const S = 1_000
const by = (at: number, mode: 'return' | 'notify', trace = false): Partial<Envelope> => ({
  deliverBy: { at: NOW + at, mode, trace },
})
const params = (parts: StandingParts) => mailParameters(standing(parts))

describe('mailParameters', () => {
  it.each<StandingParts & { text: string }>([
    { offer: 'CHUNKING\nBINARYMIME\n8BITMIME', binary: true, facts: { eightBit: true }, text: ' BODY=BINARYMIME' },
    { offer: '8BITMIME', facts: { eightBit: true }, text: ' BODY=8BITMIME' },
  ])('names the content in$text (RFC 3030 §3, RFC 6152 §2)', ({ text, ...parts }) => {
    expect(params(parts)).toBe(text)
  })

  it.each([
    { submitter: 'eve+x=y@example.org', text: ' AUTH=eve+2Bx+3Dy@example.org' },
    { submitter: null, text: ' AUTH=<>' },
    { submitter: '', text: ' AUTH=<>' },
    { submitter: 'ü@example.org', text: ' AUTH=<>' },
    { submitter: `${'x'.repeat(482)}@example.org`, text: ` AUTH=${'x'.repeat(482)}@example.org` },
    { submitter: `${'x'.repeat(483)}@example.org`, text: ' AUTH=<>' },
  ])('tells a server that knows us who submitted the message: $submitter (RFC 4954 §5)', ({ submitter, text }) => {
    expect(params({ offer: 'AUTH PLAIN', authenticated: true, envelope: { submitter } })).toBe(text)
    expect(params({ offer: 'AUTH PLAIN', envelope: { submitter } })).toBe('')
  })

  it('says nothing of the submitter where the message came without', () => {
    expect(params({ offer: 'AUTH PLAIN', authenticated: true })).toBe('')
  })

  it.each([
    { envelope: by(98_999, 'return'), text: ' BY=98;R' },
    { envelope: by(60 * S, 'notify', true), text: ' BY=60;NT' },
    { envelope: by(-60 * S, 'notify'), text: ' BY=-60;N' },
    { envelope: by(1e15, 'notify'), text: ' BY=999999999;N' },
    { envelope: by(-1e15, 'notify'), text: ' BY=-999999999;N' },
  ])('reckons$text from now (RFC 2852 §4)', ({ envelope, text }) => {
    expect(params({ offer: 'DELIVERBY', envelope })).toBe(text)
    expect(params({ envelope })).toBe('')
  })

  it.each([
    { envelope: { holdUntil: NOW + 1 }, text: ' HOLDUNTIL=2026-05-04T03:02:02Z' },
    { envelope: { holdUntil: NOW + 60 * S }, text: ' HOLDUNTIL=2026-05-04T03:03:01Z' },
    { envelope: { holdUntil: NOW }, text: '' },
    { envelope: { holdUntil: NOW + 60 * S, reversePath: null }, text: '' },
  ] satisfies { envelope: Partial<Envelope>; text: string }[])(
    'asks to hold with "$text", never too short (RFC 4865 §4.1, §5.1.1)',
    ({ envelope, text }) => {
      expect(params({ offer: 'FUTURERELEASE 86400 2026-06-01T00:00:00Z', envelope })).toBe(text)
      expect(params({ envelope })).toBe('')
    },
  )

  it('passes a priority on to who understands it (RFC 6710 §4.2, §4.3)', () => {
    expect(params({ offer: 'MT-PRIORITY', envelope: { mtPriority: -3 } })).toBe(' MT-PRIORITY=-3')
    expect(params({ offer: 'MT-PRIORITY NSEP', envelope: { mtPriority: 0 } })).toBe(' MT-PRIORITY=0')
    expect(params({ offer: 'MT-PRIORITY' })).toBe('')
    expect(params({ envelope: { mtPriority: 6 } })).toBe('')
  })

  it('says REQUIRETLS only in a session that meets it (RFC 8689 §2)', () => {
    const request = { verifiedTls: true }
    expect(params({ offer: 'REQUIRETLS', envelope: { requireTls: true }, request })).toBe(' REQUIRETLS')
    expect(params({ offer: 'REQUIRETLS', envelope: { requireTls: true } })).toBe('')
    expect(params({ offer: 'REQUIRETLS', envelope: { requireTls: false }, request })).toBe('')
    expect(params({ envelope: { requireTls: true }, request })).toBe('')
  })

  it.each([
    {
      solicitations: ['net.example:ADV', 'org.example:ADV:ADLT'],
      text: ' SOLICIT=net.example:ADV,org.example:ADV:ADLT',
    },
    { solicitations: ['1bad', 'a b', 'good'], text: ' SOLICIT=good' },
    { solicitations: ['bad!'], text: '' },
    { solicitations: [], text: '' },
    { solicitations: ['x'.repeat(600), 'y'.repeat(600), 'z'], text: ` SOLICIT=${'x'.repeat(600)},z` },
  ])('passes valid classes of solicitation on (RFC 3865 §2.7)', ({ solicitations, text }) => {
    expect(params({ offer: 'NO-SOLICITING', envelope: { solicitations } })).toBe(text)
    expect(params({ envelope: { solicitations } })).toBe('')
  })
})

describe('rcptParameters', () => {
  const write = (recipient: Partial<Recipient>, parts: StandingParts) =>
    rcptParameters({ mailbox: mailboxOf('ada@example.net'), ...recipient }, standing(parts))

  it.each([
    { action: 'reject', text: ' RRVS=2026-05-04T03:02:01Z;R' },
    { action: 'continue', text: ' RRVS=2026-05-04T03:02:01Z;C' },
  ] as const)('passes on since when the mailbox must be valid, to $action (RFC 7293 §5.1.1)', ({ action, text }) => {
    expect(write({ validSince: { at: NOW + 999, action } }, { offer: 'RRVS' })).toBe(text)
    expect(write({ validSince: { at: NOW, action } }, {})).toBe('')
    expect(write({}, { offer: 'RRVS' })).toBe('')
  })

  it.each([
    { notify: undefined, text: ' NOTIFY=FAILURE,DELAY' },
    { notify: ['success'], text: ' NOTIFY=SUCCESS,DELAY' },
    { notify: ['delay'], text: ' NOTIFY=DELAY' },
    { notify: ['never'], text: ' NOTIFY=NEVER' },
  ] satisfies { notify: Recipient['notify'] | undefined; text: string }[])(
    'asks who does not know the deadline to tell of a delay:$text (RFC 2852 §4.1.4.2)',
    ({ notify, text }) => {
      const recipient = notify === undefined ? {} : { notify }
      const asked = notify === undefined ? '' : ` NOTIFY=${notify.join(',').toUpperCase()}`
      expect(write(recipient, { offer: 'DSN', envelope: by(60 * S, 'notify') })).toBe(text)
      expect(write(recipient, { offer: 'DSN', envelope: by(-60 * S, 'notify') })).toBe(asked)
      expect(write(recipient, { offer: 'DSN\nDELIVERBY', envelope: by(60 * S, 'notify') })).toBe(asked)
      expect(write(recipient, { offer: 'DSN', envelope: by(60 * S, 'return') })).toBe(asked)
    },
  )
})

describe('requestedHold and secondsLeft', () => {
  it('knows no hold where none is asked for', () => {
    expect(requestedHold(standing({}).request)).toBeUndefined()
  })

  it('counts whole seconds, never more than there are', () => {
    expect(secondsLeft({ at: 1_999, mode: 'return', trace: false }, 0)).toBe(1)
    expect(secondsLeft({ at: -1, mode: 'return', trace: false }, 0)).toBe(-1)
  })
})

describe('toXtext', () => {
  it('encodes what is not printable ASCII, + and = (RFC 3461 §4)', () => {
    expect(toXtext('plain!~')).toBe('plain!~')
    expect(toXtext('a b\n')).toBe('a+20b+0A')
  })
})
