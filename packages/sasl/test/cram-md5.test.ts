/** CRAM-MD5 (RFC 2195), both sides. */

import { fromLatin1, fromUtf8 } from '@postroad/bytes'
import type { Cryptography } from '@postroad/runtime'
import { systemCryptography as cryptography, systemRandom as random } from '@postroad/runtime/system'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  chooseMechanism,
  createClientMechanism,
  createServerMechanism,
  type PasswordLogin,
  type ServerMechanism,
} from '../src/index.ts'
import { hasCorpus, readCorpus } from './corpus.ts'
import { challengeOf, responseOf, talk, the } from './exchange.ts'

const client = (login: PasswordLogin) => the(createClientMechanism('CRAM-MD5', login, { cryptography }))
const server = (hostname?: string): ServerMechanism =>
  the(createServerMechanism('CRAM-MD5', { cryptography, random, ...(hostname !== undefined && { hostname }) }))

interface CramCase {
  readonly source: string
  readonly username: string
  readonly password: string
  readonly challenge: string
  readonly response_text: string
}

const example: CramCase = {
  source: 'RFC 2195 §2',
  username: 'tim',
  password: 'tanstaaftanstaaf',
  challenge: '<1896.697170952@postoffice.reston.mci.net>',
  response_text: 'tim b913a602c7eda7a495b4e6e7334d3890',
}
const corpus: readonly CramCase[] = hasCorpus ? JSON.parse(readCorpus('sasl/vectors.json')).cram_md5 : []

it.each([example, ...corpus.map((each) => ({ ...each, source: `${each.source} in the corpus` }))])(
  'a client answers as in $source',
  ({ username, password, challenge, response_text }) => {
    const one = client({ username, password })
    expect(one.start()).toBeUndefined()
    expect(responseOf(one.receive(fromLatin1(challenge)))).toBe(response_text)
    expect(one.finish()).toEqual({ kind: 'done' })
  },
)

describe('the server', () => {
  it('makes a challenge like a Message-ID, each time another (RFC 2195 §2)', () => {
    const said = [1, 2].map(() => challengeOf(server('mx.example.net').start(undefined)))
    for (const each of said) expect(each).toMatch(/^<[\da-f]{32}@mx\.example\.net>$/)
    expect(said[0]).not.toBe(said[1])
    expect(challengeOf(server().start(undefined))).toMatch(/@localhost>$/)
  })

  it('takes no initial response (RFC 4954 §4)', () => {
    expect(server().start(new Uint8Array(0))).toEqual({ kind: 'failure', reason: 'malformed' })
  })

  it.each([
    { what: 'empty', text: '' },
    { what: 'without name', text: ` ${'0'.repeat(32)}` },
    { what: 'without digest', text: 'tim' },
    { what: 'with a short digest', text: `tim ${'0'.repeat(31)}` },
    { what: 'with a digest in capitals', text: `tim ${'A'.repeat(32)}` },
    { what: 'with a digest that is none', text: `tim ${'x'.repeat(32)}` },
    { what: 'with a digest that is not UTF-8', text: `tim ${'\xff'.repeat(32)}` },
    { what: 'with a name that is not UTF-8', text: `\xff ${'0'.repeat(32)}` },
    { what: 'with a name of 256 octets', text: `${'x'.repeat(256)} ${'0'.repeat(32)}` },
    { what: 'without space', text: `tim${'0'.repeat(32)}` },
  ])('refuses a response $what', ({ text }) => {
    const one = server()
    one.start(undefined)
    expect(one.receive(fromLatin1(text))).toEqual({ kind: 'failure', reason: 'malformed' })
  })

  it('lets in who knows the secret, where that is judged so', async () => {
    const login = { username: 'tim the second', password: 'secret' }
    const asked: unknown[] = []
    const judge = {
      secret: (username: string) => (username === 'tim the second' ? 'secret' : undefined),
      verify: (credentials: unknown) => asked.push(credentials) > 0,
    }
    expect(await talk(client(login), server(), judge)).toMatchObject({
      client: 'done',
      server: 'tim the second by tim the second',
    })
    expect(asked).toEqual([
      { kind: 'proof', mechanism: 'CRAM-MD5', authorizationId: '', authenticationId: 'tim the second' },
    ])
    expect(await talk(client(login), server(), { ...judge, verify: () => false })).toMatchObject({
      server: 'credentials',
    })
  })

  it.each([
    { what: 'wrong', found: 'other' },
    { what: 'unknown', found: undefined },
  ])('refuses where the secret is $what', async ({ found }) => {
    const login = { username: 'tim', password: 'secret' }
    const talked = await talk(client(login), server(), { secret: () => found })
    expect(talked).toMatchObject({ client: 'refused', server: 'credentials' })
  })

  it('takes an empty secret for none, even from who knows that it is empty', () => {
    const one = server()
    const digest = Buffer.from(cryptography.hmac('md5', fromLatin1(''), fromLatin1(challengeOf(one.start(undefined)))))
    one.receive(fromLatin1(`tim ${digest.toString('hex')}`))
    expect(one.secret('')).toEqual({ kind: 'failure', reason: 'credentials' })
  })

  it.each([{ context: { random } }, { context: { cryptography } }])('needs its tools', ({ context }) => {
    expect(createServerMechanism('CRAM-MD5', context)).toBeUndefined()
  })
})

describe('the client', () => {
  it.each([
    { username: '', password: 'x' },
    { username: 'x', password: '' },
    { username: 'a\0b', password: 'x' },
    { username: 'x', password: 'x', authorizationId: 'y' },
  ])('is not made where it could not carry %j', (login) => {
    expect(createClientMechanism('CRAM-MD5', login, { cryptography })).toBeUndefined()
  })

  it('needs cryptography', () => {
    expect(createClientMechanism('CRAM-MD5', { username: 'x', password: 'x' })).toBeUndefined()
  })

  it.each([
    { what: 'an empty challenge', bytes: new Uint8Array(0) },
    { what: 'a challenge of 1,025 octets', bytes: new Uint8Array(1_025) },
  ])('does not answer $what', ({ bytes }) => {
    const one = client({ username: 'x', password: 'x' })
    one.start()
    expect(one.receive(bytes)).toEqual({ kind: 'fail', reason: 'malformed' })
  })

  it('answers once, and believes nothing before', () => {
    const one = client({ username: 'x', password: 'x' })
    one.start()
    expect(one.finish()).toEqual({ kind: 'fail', reason: 'malformed' })
    one.receive(fromLatin1('<a@b>'))
    expect(one.receive(fromLatin1('<a@b>'))).toEqual({ kind: 'fail', reason: 'malformed' })
  })
})

describe('both sides', () => {
  const field = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((text) => !text.includes('\0') && fromUtf8(text).length <= 255)

  it('meet for any name and password', async () => {
    await fc.assert(
      fc.asyncProperty(field, field, async (username, password) => {
        const talked = await talk(client({ username, password }), server(), { secret: () => password })
        expect(talked).toMatchObject({ client: 'done', server: `${username} by ${username}` })
      }),
    )
  })

  it('part where any byte of a message is changed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 1 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (message, place, change) => {
          const secret = (username: string) => (username === 'tim' ? 'secret' : undefined)
          const talked = await talk(
            client({ username: 'tim', password: 'secret' }),
            server(),
            { secret },
            (bytes, index) => {
              if (index !== message) return bytes
              const changed = bytes.slice()
              const at = place % changed.length
              changed[at] = (changed[at] ?? 0) ^ change
              return changed
            },
          )
          expect(talked.client).not.toBe('done')
          expect(talked.server).toMatch(/^(malformed|credentials|cancelled)$/)
        },
      ),
    )
  })
})

describe('a machine without MD5, as one that is locked to FIPS 140', () => {
  const locked: Cryptography = {
    ...cryptography,
    hmac(algorithm, key, bytes) {
      if (algorithm === 'md5') throw new Error('digital envelope routines::unsupported')
      return cryptography.hmac(algorithm, key, bytes)
    },
  }
  const login = { username: 'tim', password: 'secret' }

  it('has no CRAM-MD5: nothing throws once the peer speaks', () => {
    expect(createServerMechanism('CRAM-MD5', { cryptography: locked, random })).toBeUndefined()
    expect(createClientMechanism('CRAM-MD5', login, { cryptography: locked })).toBeUndefined()
  })

  it('takes what comes next', () => {
    const context = { cryptography: locked, random, confidential: true, usable: ['CRAM-MD5', 'PLAIN'] }
    expect(chooseMechanism(['CRAM-MD5', 'PLAIN'], login, context)?.name).toBe('PLAIN')
  })
})
