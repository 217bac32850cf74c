import { reply } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { parseExtensions } from '../src/client-extensions.ts'

const offer = (text: string) => parseExtensions(reply(250, undefined, text), true)

describe('parseExtensions', () => {
  it('reads what is offered and keeps what it does not know (RFC 5321 §4.1.1.1)', () => {
    const peer = offer(
      'mx.example.net at your service\nSIZE 1000\npipelining\n8BITMIME\nSMTPUTF8\nSTARTTLS\nAUTH plain LOGIN\nDSN\n' +
        'ENHANCEDSTATUSCODES\nX-THING  a b\nSIZE 5\n_bad\n',
    )
    expect(peer).toMatchObject({
      name: 'mx.example.net',
      extended: true,
      size: 1000,
      pipelining: true,
      eightBitMime: true,
      smtputf8: true,
      starttls: true,
      auth: ['PLAIN', 'LOGIN'],
      dsn: true,
      enhancedStatusCodes: true,
    })
    expect(peer.keywords.get('X-THING')).toEqual(['a', 'b'])
    expect(peer.keywords.has('_BAD')).toBe(false)
  })

  it('passes over what is to be ignored, and what rests on it', () => {
    const text = 'mx\nPIPELINING\nchunking\nBINARYMIME\nX-THING a'
    const peer = parseExtensions(reply(250, undefined, text), true, new Set(['CHUNKING', 'X-THING']))
    expect(peer).toMatchObject({ pipelining: true, chunking: false, binaryMime: false })
    expect([...peer.keywords.keys()]).toEqual(['PIPELINING', 'BINARYMIME'])
  })

  it('offers nothing after HELO', () => {
    const peer = parseExtensions(reply(250, undefined, 'mx\nSIZE 1000\nSTARTTLS'), false)
    expect(peer).toMatchObject({ extended: false, size: undefined, starttls: false, auth: [] })
    expect(peer.keywords.size).toBe(0)
  })

  it.each([
    { text: 'mx', size: undefined },
    { text: 'mx\nSIZE', size: 0 },
    { text: 'mx\nSIZE 0', size: 0 },
    { text: 'mx\nSIZE ten', size: 0 },
    { text: 'mx\nSIZE 99999999999999999999', size: 0 },
    { text: 'mx\nSIZE 35882577', size: 35_882_577 },
  ])('reads the size of $text (RFC 1870 §3)', ({ text, size }) => {
    expect(offer(text).size).toBe(size)
  })

  it('reads what else may be offered', () => {
    const peer = offer(
      'mx\nCHUNKING\nBINARYMIME\nREQUIRETLS\nRRVS\nETRN\nATRN\nXCLIENT name ADDR\nXFORWARD\nMT-PRIORITY STANAG4406\n' +
        'NO-SOLICITING net.example:ADV,,org.example:ADV:ADLT\nDELIVERBY 30,X\nFUTURERELEASE 60 2026-05-04T03:02:01Z\n' +
        'LIMITS RCPTMAX=10 mailmax=2 RCPTDOMAINMAX=1 X=3',
    )
    expect(peer).toMatchObject({
      chunking: true,
      binaryMime: true,
      requireTls: true,
      rrvs: true,
      etrn: true,
      atrn: true,
      xclient: ['NAME', 'ADDR'],
      xforward: [],
      mtPriority: 'STANAG4406',
      noSoliciting: ['net.example:ADV', 'org.example:ADV:ADLT'],
      deliverBy: 30,
      futureRelease: { maxSeconds: 60, until: Date.UTC(2026, 4, 4, 3, 2, 1) },
      limits: { rcptMax: 10, mailMax: 2, rcptDomainMax: 1 },
    })
    expect(offer('mx\nMT-PRIORITY').mtPriority).toBe(true)
  })

  it('offers nothing that was not said', () => {
    expect(offer('mx')).toMatchObject({
      chunking: false,
      binaryMime: false,
      requireTls: false,
      deliverBy: undefined,
      futureRelease: undefined,
      mtPriority: undefined,
      noSoliciting: undefined,
      limits: {},
      xclient: [],
    })
  })

  it('takes BINARYMIME for nothing without CHUNKING (RFC 3030 §3)', () => {
    expect(offer('mx\nBINARYMIME').binaryMime).toBe(false)
  })

  it.each([
    { text: 'DELIVERBY', seconds: 0 },
    { text: 'DELIVERBY ,X', seconds: 0 },
    { text: 'DELIVERBY -5', seconds: 0 },
    { text: 'DELIVERBY 999999999', seconds: 999_999_999 },
    { text: 'DELIVERBY 1000000000', seconds: 0 },
  ])('reads the least time of $text (RFC 2852 §2)', ({ text, seconds }) => {
    expect(offer(`mx\n${text}`).deliverBy).toBe(seconds)
  })

  it.each(['', ' 60', ' 60 soon', ' 0 2026-05-04T03:02:01Z', ' 01 2026-05-04T03:02:01Z', ' 60 2026-02-30T00:00:00Z'])(
    'takes FUTURERELEASE%s for nothing (RFC 4865 §3)',
    (text) => {
      expect(offer(`mx\nFUTURERELEASE${text}`).futureRelease).toBeUndefined()
    },
  )

  it.each(['', ' RCPTMAX', ' RCPTMAX=', ' RCPTMAX=0', ' RCPTMAX=010', ' RCPTMAX=1000000', ' RCPTMAX=1x', ' OTHER=5'])(
    'takes LIMITS%s for no limit (RFC 9422 §4)',
    (text) => {
      expect(offer(`mx\nLIMITS${text}`).limits).toEqual({})
    },
  )

  it.each([
    { lines: [], name: '' },
    { lines: ['mx'], name: 'mx' },
    { lines: ['mx at your service'], name: 'mx' },
  ])('reads the name of $lines', ({ lines, name }) => {
    expect(parseExtensions({ code: 250, status: undefined, lines }, true).name).toBe(name)
  })

  it('forbids nothing with NO-SOLICITING alone (RFC 3865 §2.2)', () => {
    expect(offer('mx\nNO-SOLICITING').noSoliciting).toEqual([])
  })
})
