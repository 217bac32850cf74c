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
})
