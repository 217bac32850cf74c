import { describe, expect, it } from 'vitest'
import { withProtocol } from '../src/index.ts'
import type { Hello, Protocol, SessionView } from '../src/index.ts'

const TLS = { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' }

function view(protocol: Protocol, verb: Hello['verb'], secured: boolean, account: string | undefined): SessionView {
  return {
    sessionId: 's1',
    protocol,
    hostname: 'mx.example.net',
    remoteAddress: '192.0.2.1',
    remotePort: 1,
    localPort: 25,
    tls: secured ? TLS : undefined,
    hello: { verb, name: 'client.example.org' },
    account,
  }
}

describe('withProtocol (RFC 5321 §4.4, RFC 3848, RFC 6531 §4.3)', () => {
  it.each([
    { protocol: 'smtp', verb: 'HELO', secured: false, account: undefined, utf8: false, text: 'SMTP' },
    { protocol: 'smtp', verb: 'HELO', secured: true, account: undefined, utf8: false, text: 'ESMTPS' },
    { protocol: 'smtp', verb: 'EHLO', secured: false, account: undefined, utf8: false, text: 'ESMTP' },
    { protocol: 'submission', verb: 'EHLO', secured: false, account: 'ada', utf8: false, text: 'ESMTPA' },
    { protocol: 'submission', verb: 'EHLO', secured: true, account: 'ada', utf8: false, text: 'ESMTPSA' },
    { protocol: 'submission', verb: 'EHLO', secured: true, account: 'ada', utf8: true, text: 'UTF8SMTPSA' },
    { protocol: 'smtp', verb: 'EHLO', secured: false, account: undefined, utf8: true, text: 'UTF8SMTP' },
    { protocol: 'lmtp', verb: 'LHLO', secured: false, account: undefined, utf8: false, text: 'LMTP' },
    { protocol: 'lmtp', verb: 'LHLO', secured: true, account: undefined, utf8: false, text: 'LMTPS' },
    { protocol: 'lmtp', verb: 'LHLO', secured: true, account: undefined, utf8: true, text: 'UTF8LMTPS' },
  ] as const)('$text', ({ protocol, verb, secured, account, utf8, text }) => {
    expect(withProtocol(view(protocol, verb, secured, account), utf8)).toBe(text)
  })

  it('is ESMTP before a hello', () => {
    expect(withProtocol({ ...view('smtp', 'EHLO', false, undefined), hello: undefined }, false)).toBe('ESMTP')
  })
})
