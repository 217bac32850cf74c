import { describe, expect, it } from 'vitest'
import { EXTENSIONS, LocalProtocolError, ServerSession } from '../src/index.ts'
import { settleOptions } from '../src/settled-options.ts'
import { Driven } from './server-helper.ts'

const nameOf = (hostname: string): string => {
  try {
    return new ServerSession({ hostname, protocol: 'smtp' }).hostname
  } catch (error) {
    return error instanceof LocalProtocolError ? error.code : String(error)
  }
}

describe('settleOptions', () => {
  it.each([
    { hostname: 'mx.example.net', said: 'mx.example.net' },
    { hostname: 'MX.example.net', said: 'MX.example.net' },
    { hostname: '[192.0.2.1]', said: '[192.0.2.1]' },
    { hostname: 'mail_host', said: 'mail_host' },
    { hostname: 'a'.repeat(255), said: 'a'.repeat(255) },
    { hostname: 'mx.exämple.net', said: 'mx.xn--exmple-cua.net' },
    { hostname: 'MX.EXÄMPLE.net', said: 'mx.xn--exmple-cua.net' },
  ])('says the name $hostname as $said (RFC 6531 §3.2)', ({ hostname, said }) => {
    expect(nameOf(hostname)).toBe(said)
  })

  it.each([
    { hostname: '', why: 'is empty' },
    { hostname: 'mx.example.net at your service', why: 'is more than a word' },
    { hostname: 'mx.example.net\r\n', why: 'has line ends' },
    { hostname: 'a'.repeat(256), why: 'is too long (RFC 5321 §4.5.3.1.2)' },
    { hostname: 'mx_ä.example.net', why: 'has a label that is no U-label' },
    { hostname: 'ａ.example.net', why: 'has a full width letter' },
    { hostname: `${'ä'.repeat(60)}.${'ä.'.repeat(20)}net`, why: 'is too long for DNS in A-labels' },
  ])('makes no session whose name $why', ({ hostname }) => {
    expect(nameOf(hostname)).toBe('SMTP_HOSTNAME')
  })

  it('says the name in A-labels wherever it is said (RFC 5321 §4.1.1.1)', () => {
    const driven = new Driven({ hostname: 'mx.exämple.net', limits: { maxErrors: 2 } })
    driven.feed('EHLO a\r\nWIZ\r\nWIZ\r\n')
    expect(driven.output.match(/mx\.xn--exmple-cua\.net/g)).toHaveLength(3)
    expect(driven.output).not.toContain('?')
  })

  it('is done once for the same options', () => {
    let asked = 0
    const counting = {
      name: 'X-COUNT',
      keyword: () => {
        asked += 1
        return 'X-COUNT'
      },
    }
    const options = { hostname: 'mx.example.net', protocol: 'smtp', extensions: [...EXTENSIONS, counting] } as const
    expect(settleOptions(options)).toBe(settleOptions(options))
    const before = asked
    expect(new Driven(options).output).toContain('220 ')
    void new ServerSession(options)
    expect(new ServerSession(options).hostname).toBe('mx.example.net')
    // `Driven` makes an object of its own.
    expect(asked).toBe(before * 2)
  })
})
