/** PLAIN, both sides (RFC 4616). */

import { fromBase64, fromLatin1, fromUtf8, toBase64 } from '@postroad/bytes'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createClientMechanism, createServerMechanism, type ServerMechanism } from '../src/index.ts'
import { hasCorpus, readCorpus } from './corpus.ts'
import { responseOf, the } from './exchange.ts'

const server = (): ServerMechanism => {
  const mechanism = createServerMechanism('PLAIN')
  if (mechanism === undefined) throw new Error('no PLAIN')
  return mechanism
}

const MALFORMED = { kind: 'failure', reason: 'malformed' }

describe('the examples of RFC 4616 §4', () => {
  it('asks with an empty challenge where no initial response came, and derives the authorization identity', () => {
    const mechanism = server()
    expect(mechanism.name).toBe('PLAIN')
    expect(mechanism.start(undefined)).toEqual({ kind: 'challenge', bytes: new Uint8Array(0) })
    expect(mechanism.receive(fromUtf8('\0tim\0tanstaaftanstaaf'))).toEqual({
      kind: 'verify',
      credentials: { kind: 'password', authorizationId: '', authenticationId: 'tim', password: 'tanstaaftanstaaf' },
    })
    expect(mechanism.verified(true)).toEqual({ kind: 'success', authorizationId: 'tim', authenticationId: 'tim' })
  })

  it('refuses Kurt who would act as Ursel', () => {
    const mechanism = server()
    expect(mechanism.start(fromUtf8('Ursel\0Kurt\0xipj3plmq'))).toEqual({
      kind: 'verify',
      credentials: { kind: 'password', authorizationId: 'Ursel', authenticationId: 'Kurt', password: 'xipj3plmq' },
    })
    expect(mechanism.verified(false)).toEqual({ kind: 'failure', reason: 'credentials' })
  })

  it('lets one act as another where that was accepted', () => {
    const mechanism = server()
    mechanism.start(fromUtf8('Ursel\0Kurt\0xipj3plmq'))
    expect(mechanism.verified(true)).toEqual({ kind: 'success', authorizationId: 'Ursel', authenticationId: 'Kurt' })
  })
})

describe('the message (RFC 4616 §2)', () => {
  it.each([
    { what: 'empty', text: '' },
    { what: 'without NUL', text: 'tim tanstaaf' },
    { what: 'with one NUL', text: 'tim\0tanstaaf' },
    { what: 'with one NUL at its start', text: '\0tim' },
    { what: 'with three NUL', text: '\0tim\0tan\0staaf' },
    { what: 'with a NUL at its end', text: '\0tim\0tanstaaf\0' },
    { what: 'without a name', text: '\0\0tanstaaf' },
    { what: 'without a password', text: '\0tim\0' },
    { what: 'of nothing but NUL', text: '\0\0' },
    { what: 'with a name of 256 octets', text: `\0${'é'.repeat(128)}\0x` },
    { what: 'with a password of 256 octets', text: `\0tim\0${'x'.repeat(256)}` },
    { what: 'with an authorization identity of 256 octets', text: `${'x'.repeat(256)}\0tim\0x` },
  ])('is malformed $what', ({ text }) => {
    expect(server().start(fromUtf8(text))).toEqual(MALFORMED)
  })

  it.each([
    { what: 'name', text: '\0t\xffm\0x' },
    { what: 'password', text: '\0tim\0\xc0\xaf' },
    { what: 'authorization identity', text: '\x80\0tim\0x' },
  ])('is malformed where its $what is not UTF-8', ({ text }) => {
    expect(server().start(fromLatin1(text))).toEqual(MALFORMED)
  })

  it('takes fields of 255 octets each', () => {
    const field = `${'é'.repeat(127)}x`
    expect(server().start(fromUtf8(`${field}\0${field}\0${field}`))).toEqual({
      kind: 'verify',
      credentials: { kind: 'password', authorizationId: field, authenticationId: field, password: field },
    })
  })

  it('never makes the server throw or succeed, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 0x61, 0x80, 0xc3, 0xa9), { maxLength: 12 }), (values) => {
        expect(['verify', 'failure']).toContain(server().start(Uint8Array.from(values)).kind)
      }),
    )
  })
})

describe('the client', () => {
  it('says all at once', () => {
    const client = createClientMechanism('PLAIN', { username: 'tim', password: 'tanstaaftanstaaf' })
    expect(client?.name).toBe('PLAIN')
    expect(toBase64(client?.start() ?? new Uint8Array(0))).toBe('AHRpbQB0YW5zdGFhZnRhbnN0YWFm')
  })

  it('says it again to a server that asks with an empty challenge, once (RFC 4954 §4)', () => {
    const client = the(createClientMechanism('PLAIN', { username: 'Kurt', password: 'x', authorizationId: 'Ursel' }))
    client.start()
    expect(responseOf(client.receive(new Uint8Array(0)))).toBe('Ursel\0Kurt\0x')
    expect(client.receive(new Uint8Array(0))).toEqual({ kind: 'fail', reason: 'malformed' })
  })

  it('answers no other challenge', () => {
    const client = the(createClientMechanism('PLAIN', { username: 'Kurt', password: 'x' }))
    client.start()
    expect(client.receive(fromLatin1('Username:'))).toEqual({ kind: 'fail', reason: 'malformed' })
    expect(client.finish()).toEqual({ kind: 'fail', reason: 'malformed' })
  })

  it('believes a server that says success', () => {
    const client = the(createClientMechanism('PLAIN', { username: 'Kurt', password: 'x' }))
    client.start()
    expect(client.finish()).toEqual({ kind: 'done' })
  })

  it.each([
    { username: '', password: 'x' },
    { username: 'x', password: '' },
    { username: 'a\0b', password: 'x' },
    { username: 'x', password: 'a\0b' },
    { username: 'x', password: '\ud800' },
    { username: 'x'.repeat(256), password: 'x' },
    { username: 'x', password: 'x', authorizationId: 'a\0b' },
  ])('is not made where no message could carry %j', (credentials) => {
    expect(createClientMechanism('PLAIN', credentials)).toBeUndefined()
  })

  it('is understood by the server', () => {
    const field = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0'))
    fc.assert(
      fc.property(field, field, fc.option(field, { nil: '' }), (username, password, authorizationId) => {
        const message = createClientMechanism('PLAIN', { username, password, authorizationId })?.start()
        expect(server().start(message)).toEqual({
          kind: 'verify',
          credentials: { kind: 'password', authorizationId, authenticationId: username, password },
        })
      }),
    )
  })
})

interface PlainCase {
  readonly source: string
  readonly base64?: string
  readonly text?: string
  readonly authzid: string
  readonly authcid: string
  readonly password: string
}

const sasl: { readonly plain: readonly PlainCase[] } = hasCorpus
  ? JSON.parse(readCorpus('sasl/vectors.json'))
  : { plain: [] }

describe.skipIf(!hasCorpus)('the corpus', () => {
  it.each(sasl.plain)('reads the example of $source for $authcid', ({ base64, text, authzid, authcid, password }) => {
    const message = base64 === undefined ? fromUtf8(text ?? '') : fromBase64(base64)
    expect(server().start(message)).toEqual({
      kind: 'verify',
      credentials: { kind: 'password', authorizationId: authzid, authenticationId: authcid, password },
    })
  })
})
