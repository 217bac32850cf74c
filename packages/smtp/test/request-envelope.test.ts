import { describe, expect, it } from 'vitest'
import type { Mailbox } from '@postroad/address'
import { envelopeOf, recipientOf } from '../src/index.ts'

const MAILBOX = { localPart: 'ada', domain: 'example.net' } as unknown as Mailbox

describe('envelopeOf', () => {
  it('keeps what is said and adds nothing', () => {
    expect(envelopeOf({ reversePath: null, size: 5, parameters: new Map([['X-A', 'b']]) }, 1_000)).toEqual({
      reversePath: null,
    })
    const all = {
      reversePath: MAILBOX,
      body: 'binarymime',
      smtputf8: true,
      ret: 'hdrs',
      envid: 'e',
      submitter: null,
      mtPriority: -3,
      requireTls: true,
      solicitations: ['net.example:ADV'],
    } as const
    expect(envelopeOf(all)).toEqual(all)
  })

  it('makes times absolute (RFC 2852 §4, RFC 4865 §3)', () => {
    const deliverBy = { seconds: -60, mode: 'notify', trace: true } as const
    expect(envelopeOf({ reversePath: null, deliverBy, hold: { forSeconds: 30 } }, 100_000)).toEqual({
      reversePath: null,
      deliverBy: { at: 40_000, mode: 'notify', trace: true },
      holdUntil: 130_000,
    })
    expect(envelopeOf({ reversePath: null, hold: { until: 7 } }, 100_000)).toEqual({ reversePath: null, holdUntil: 7 })
  })

  it('leaves times out where it has no clock', () => {
    const deliverBy = { seconds: 60, mode: 'return', trace: false } as const
    expect(envelopeOf({ reversePath: null, deliverBy, hold: { until: 7 } })).toEqual({ reversePath: null })
  })
})

describe('recipientOf', () => {
  it('keeps what is said and adds nothing', () => {
    const all = {
      notify: ['never'],
      orcpt: { type: 'rfc822', address: 'a@b.test' },
      validSince: { at: 5, action: 'continue' },
    } as const
    expect(recipientOf({ forwardPath: 'postmaster', ...all, parameters: new Map() }, MAILBOX)).toEqual({
      mailbox: MAILBOX,
      ...all,
    })
    expect(recipientOf({ forwardPath: MAILBOX }, MAILBOX)).toEqual({ mailbox: MAILBOX })
  })
})
