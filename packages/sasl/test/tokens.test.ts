/** OAUTHBEARER (RFC 7628) and XOAUTH2, both sides. */

import { fromLatin1, fromUtf8, toBase64, toLatin1 } from '@postroad/bytes'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createClientMechanism, createServerMechanism, type ServerMechanism, type TokenLogin } from '../src/index.ts'
import { challengeOf, responseOf, talk, the } from './exchange.ts'

const TOKEN = 'vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=='
const MALFORMED = { kind: 'failure', reason: 'malformed' }
const login: TokenLogin = { kind: 'token', username: 'user@example.com', token: TOKEN }

const server = (name: string): ServerMechanism => the(createServerMechanism(name))
const client = (name: string, who: TokenLogin = login) => the(createClientMechanism(name, who))
const start = (name: string, text: string) => server(name).start(fromUtf8(text.replaceAll('^', '\u0001')))

describe('the examples of RFC 7628 §4', () => {
  it('are what a client says', () => {
    const message = the(client('OAUTHBEARER', { ...login, host: 'server.example.com', port: 587 }).start())
    expect(toBase64(message)).toBe(
      'bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9NTg3AWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB',
    )
  })

  it('are understood by a server', () => {
    const text = `n,a=user@example.com,^host=server.example.com^port=143^auth=Bearer ${TOKEN}^^`
    expect(start('OAUTHBEARER', text)).toEqual({
      kind: 'verify',
      credentials: {
        kind: 'token',
        authorizationId: 'user@example.com',
        token: TOKEN,
        host: 'server.example.com',
        port: 143,
      },
    })
  })

  it('fail without a token, told why, behind the answer of the client', () => {
    const one = server('OAUTHBEARER')
    const step = one.start(fromLatin1('n,a=user@example.com,\x01host=server.example.com\x01port=143\x01auth=\x01\x01'))
    expect(JSON.parse(challengeOf(step))).toEqual({ status: 'invalid_token' })
    expect(one.receive(fromLatin1('\x01'))).toEqual({ kind: 'failure', reason: 'credentials' })
  })
})

describe('the message of OAUTHBEARER (RFC 7628 §3.1)', () => {
  it.each([
    { text: 'n,,^auth=Bearer abc^^', authorizationId: '' },
    { text: 'y,,^auth=Bearer abc^^', authorizationId: '' },
    { text: 'n,a=t=2Ci=3Dm,^auth=bEARER abc^^', authorizationId: 't,i=m' },
    { text: 'n,a=ada,^mthd=POST^path=/^qs=^auth=Bearer abc^^', authorizationId: 'ada' },
  ])('$text is read', ({ text, authorizationId }) => {
    expect(start('OAUTHBEARER', text)).toEqual({
      kind: 'verify',
      credentials: { kind: 'token', authorizationId, token: 'abc' },
    })
  })

  it.each([
    { what: 'empty', text: '' },
    { what: 'a separator alone', text: '^' },
    { what: 'two separators alone', text: '^^' },
    { what: 'without header', text: 'auth=Bearer abc^^' },
    { what: 'with half a header', text: 'n,^auth=Bearer abc^^' },
    { what: 'with more than a header', text: 'n,,x^auth=Bearer abc^^' },
    { what: 'with more commas', text: 'n,,,^auth=Bearer abc^^' },
    { what: 'with a bound channel', text: 'p=tls-exporter,,^auth=Bearer abc^^' },
    { what: 'with another attribute', text: 'n,n=ada,^auth=Bearer abc^^' },
    { what: 'with one separator at its end', text: 'n,,^auth=Bearer abc^' },
    { what: 'with no separator at its end', text: 'n,,^auth=Bearer abc' },
    { what: 'with something behind its end', text: 'n,,^auth=Bearer abc^^x' },
    { what: 'with an empty pair', text: 'n,,^^auth=Bearer abc^^' },
    { what: 'with a pair without key', text: 'n,,^=x^auth=Bearer abc^^' },
    { what: 'with a key of digits', text: 'n,,^k1=x^auth=Bearer abc^^' },
    { what: 'with a value that is not ASCII', text: 'n,,^host=é^auth=Bearer abc^^' },
    { what: 'with a pair twice', text: 'n,,^auth=Bearer abc^auth=Bearer abc^^' },
    { what: 'with port 0', text: 'n,,^port=0^auth=Bearer abc^^' },
    { what: 'with port 65536', text: 'n,,^port=65536^auth=Bearer abc^^' },
    { what: 'with a port that is none', text: 'n,,^port=smtp^auth=Bearer abc^^' },
    { what: 'of 9,217 octets', text: `n,,^host=${'x'.repeat(9_190)}^auth=Bearer abc^^` },
  ])('is malformed $what', ({ text }) => {
    expect(start('OAUTHBEARER', text)).toEqual(MALFORMED)
  })

  it('is malformed where it is not UTF-8', () => {
    expect(server('OAUTHBEARER').start(fromLatin1('n,a=\xff,\x01auth=Bearer abc\x01\x01'))).toEqual(MALFORMED)
  })
})

it.each(['n,,^^', 'n,,^host=example.org^^'])('%s of OAUTHBEARER has no token, and is told so', (text) => {
  expect(challengeOf(start('OAUTHBEARER', text))).toBe('{"status":"invalid_token"}')
})

describe('the message of XOAUTH2', () => {
  it('is what a client says and a server reads', () => {
    const message = the(client('XOAUTH2').start())
    expect(toLatin1(message)).toBe(`user=user@example.com\x01auth=Bearer ${TOKEN}\x01\x01`)
    expect(server('XOAUTH2').start(message)).toEqual({
      kind: 'verify',
      credentials: { kind: 'token', authorizationId: 'user@example.com', token: TOKEN },
    })
  })

  it.each([
    { what: 'empty', text: '' },
    { what: 'without name', text: 'user=^auth=Bearer abc^^' },
    { what: 'without user', text: 'auth=Bearer abc^^' },
    { what: 'without token', text: 'user=ada^^' },
    { what: 'with one separator at its end', text: 'user=ada^auth=Bearer abc^' },
    { what: 'with three of them', text: 'user=ada^auth=Bearer abc^^^' },
    { what: 'with something behind its end', text: 'user=ada^auth=Bearer abc^^x' },
    { what: 'with something between its separators', text: 'user=ada^auth=Bearer abc^x^' },
    { what: 'with a control character in the name', text: 'user=a\u0002^auth=Bearer abc^^' },
    { what: 'with a name of 256 octets', text: `user=${'x'.repeat(256)}^auth=Bearer abc^^` },
    { what: 'of 9,217 octets', text: `user=ada^auth=Bearer ${'x'.repeat(9_194)}^^` },
  ])('is malformed $what', ({ text }) => {
    expect(start('XOAUTH2', text)).toEqual(MALFORMED)
  })
})

describe.each(['OAUTHBEARER', 'XOAUTH2'])('%s', (name) => {
  it('lets in who has the token', async () => {
    const verify = (credentials: unknown) => {
      expect(credentials).toEqual({ kind: 'token', authorizationId: 'user@example.com', token: TOKEN })
      return true
    }
    expect(await talk(client(name), server(name), { verify })).toMatchObject({
      client: 'done',
      server: 'user@example.com by ',
    })
  })

  it('tells why a token is refused, and fails behind the answer (RFC 7628 §3.2.3)', async () => {
    const refusal = { status: 'insufficient_scope', scope: 'mail', openidConfiguration: 'https://example.com/openid' }
    const talked = await talk(client(name), server(name), { verify: () => refusal })
    expect(talked).toMatchObject({ client: 'refused', server: 'credentials' })
    expect(JSON.parse(the(talked.said[1]))).toEqual({
      status: 'insufficient_scope',
      scope: 'mail',
      'openid-configuration': 'https://example.com/openid',
    })
    expect(talked.said[2]).toBe(name === 'XOAUTH2' ? '' : '\x01')
  })

  it('says so where nothing more is known', async () => {
    const talked = await talk(client(name), server(name), { verify: () => false })
    expect(talked.said[1]).toBe('{"status":"invalid_token"}')
  })

  it('does not believe in success behind a refusal', () => {
    const one = client(name)
    one.start()
    expect(one.finish()).toEqual({ kind: 'done' })
    expect(responseOf(one.receive(fromLatin1('{"status":"invalid_token"}')))).toBe(name === 'XOAUTH2' ? '' : '\x01')
    expect(one.finish()).toEqual({ kind: 'fail', reason: 'refused' })
    expect(one.receive(fromLatin1('{}'))).toEqual({ kind: 'fail', reason: 'refused' })
  })

  it('asks for the initial response where none came (RFC 4954 §4)', () => {
    const one = server(name)
    expect(challengeOf(one.start(undefined))).toBe('')
    const other = client(name)
    other.start()
    expect(one.receive(fromLatin1(responseOf(other.receive(new Uint8Array(0))))).kind).toBe('verify')
  })

  it.each([
    { what: 'no scheme', auth: 'abc' },
    { what: 'another scheme', auth: 'Basic abc' },
    { what: 'no token', auth: 'Bearer ' },
    { what: 'two tokens', auth: 'Bearer abc def' },
    { what: 'a token that is none', auth: 'Bearer a,b' },
    { what: 'a padded token that goes on', auth: 'Bearer a=b' },
    { what: 'a token of 8,193 characters', auth: `Bearer ${'x'.repeat(8_193)}` },
  ])('asks nobody about $what', ({ auth }) => {
    const text = name === 'XOAUTH2' ? `user=ada^auth=${auth}^^` : `n,,^auth=${auth}^^`
    expect(challengeOf(start(name, text))).toBe('{"status":"invalid_token"}')
  })

  it.each([
    { username: '', token: 'abc' },
    { username: 'a\u0001b', token: 'abc' },
    { username: 'x'.repeat(256), token: 'abc' },
    { username: '\ud800', token: 'abc' },
    { username: 'ada', token: '' },
    { username: 'ada', token: 'a b' },
    { username: 'ada', token: 'x'.repeat(8_193) },
  ])('is not made where no message could carry $username', (who) => {
    expect(createClientMechanism(name, { kind: 'token', ...who })).toBeUndefined()
  })

  it('carries any name', async () => {
    const user = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((text) => /^[^\p{Cc}]+$/u.test(text) && fromUtf8(text).length <= 255)
    await fc.assert(
      fc.asyncProperty(user, async (username) => {
        const talked = await talk(client(name, { ...login, username }), server(name), {})
        expect(talked).toMatchObject({ client: 'done', server: `${username} by ` })
      }),
    )
  })
})

it.each([
  { host: '', port: 25 },
  { host: 'a\u0001b', port: 25 },
  { host: 'é', port: 25 },
  { host: 'example.org', port: 0 },
  { host: 'example.org', port: 65_536 },
  { host: 'example.org', port: 1.5 },
])('a client of OAUTHBEARER cannot tell $host and $port', (where) => {
  expect(createClientMechanism('OAUTHBEARER', { ...login, ...where })).toBeUndefined()
})
