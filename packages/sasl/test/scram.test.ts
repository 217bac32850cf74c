/** SCRAM (RFC 5802, RFC 7677): what both sides make of each other, and of somebody in between. */

import { concat, fromLatin1, fromUtf8, toBase64, toLatin1 } from '@postroad/bytes'
import { systemCryptography as cryptography, systemRandom as random } from '@postroad/runtime/system'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ChannelBinding,
  type ClientContext,
  type ClientMechanism,
  createClientMechanism,
  createServerMechanism,
  saslprep,
  SaslKeysError,
  type ScramName,
  type ServerContext,
  type ServerMechanism,
} from '../src/index.ts'
import { challengeOf, talk, the } from './exchange.ts'
import { client, decoy, exporter, keys, keysFor, login, NAMES, server } from './scram-sides.ts'

const endPoint: ChannelBinding = (type) => (type === 'tls-exporter' ? undefined : new Uint8Array(32).fill(8))

describe.each(NAMES)('%s', (name) => {
  it('lets in who knows the password, and proves the server', async () => {
    const talked = await talk(client(name), server(name), { keys: () => keys(name) })
    expect(talked).toMatchObject({ client: 'done', server: 'tim by tim' })
    expect(talked.said).toHaveLength(5)
    expect(talked.said[4]).toBe('')
  })

  it('refuses a wrong password before the server proves anything', async () => {
    const wrong = client(name, {}, { username: 'tim', password: 'wrong' })
    const talked = await talk(wrong, server(name), { keys: () => keys(name) })
    expect(talked).toMatchObject({ client: 'refused', server: 'credentials' })
    expect(talked.said).toHaveLength(3)
  })

  it('asks for the initial response where none came (RFC 4954 §4)', async () => {
    const one = server(name)
    expect(challengeOf(one.start(undefined))).toBe('')
    const other = client(name)
    const first = the(other.start())
    expect(other.receive(new Uint8Array(0))).toEqual({ kind: 'respond', bytes: first })
    expect(one.receive(first).kind).toBe('keys')
    expect(other.receive(new Uint8Array(0))).toEqual({ kind: 'fail', reason: 'malformed' })
  })

  it('carries whom the client acts as, and leaves it to be judged', async () => {
    const who = { username: 'a=b,c', password: 'secret', authorizationId: 'd,e=' }
    const asked: unknown[] = []
    const talked = await talk(client(name, {}, who), server(name), {
      keys: (username) => (username === 'a=b,c' ? keys(name) : undefined),
      verify: (credentials) => asked.push(credentials) > 0,
    })
    expect(talked).toMatchObject({ client: 'done', server: 'd,e= by a=b,c' })
    expect(asked).toEqual([{ kind: 'proof', mechanism: name, authorizationId: 'd,e=', authenticationId: 'a=b,c' }])
    expect(talked.said[0]).toMatch(/^n,a=d=2Ce=3D,n=a=3Db=2Cc,r=/)
  })

  it('does not prove the server to who may not act so', async () => {
    const talked = await talk(client(name), server(name), { keys: () => keys(name), verify: () => false })
    expect(talked).toMatchObject({ client: 'refused', server: 'credentials' })
  })

  it('prepares names and passwords by SASLprep on both sides (RFC 5802 §5.1)', async () => {
    const who = { username: 'I\u00adX', password: 'sec\u00adret', authorizationId: '\u2168' }
    const names: string[] = []
    const talked = await talk(client(name, {}, who), server(name), {
      keys: (username) => (names.push(username) > 0 ? keys(name) : undefined),
    })
    expect(talked).toMatchObject({ client: 'done', server: 'IX by IX' })
    expect(names).toEqual(['IX'])
    const raw = server(name).start(fromUtf8('n,a=\u2168,n=I\u00adX,r=abc'))
    expect(raw).toMatchObject({ kind: 'keys', username: 'IX' })
  })
})

describe('channel binding (RFC 5802 §6)', () => {
  const plus = 'SCRAM-SHA-256-PLUS'

  it.each([
    { type: 'tls-exporter', channelBinding: exporter },
    { type: 'tls-server-end-point', channelBinding: endPoint },
    { type: 'tls-exporter', channelBinding: () => new Uint8Array(32) },
  ])('binds to $type, the best that the channel gives', async ({ type, channelBinding }) => {
    const talked = await talk(client(plus, { channelBinding }), server(plus, { channelBinding }), {
      keys: () => keys(plus),
    })
    expect(talked).toMatchObject({ client: 'done', server: 'tim by tim' })
    expect(talked.said[0]).toMatch(new RegExp(`^p=${type},,n=tim,r=`))
  })

  it('fails on its own account where the ends see different channels', async () => {
    const other: ChannelBinding = () => new Uint8Array(32).fill(9)
    const talked = await talk(client(plus, { channelBinding: exporter }), server(plus, { channelBinding: other }), {
      keys: () => keys(plus),
    })
    expect(talked).toMatchObject({ client: 'refused', server: 'channel-binding' })
  })

  it('fails where the server has no such type, or knows none of that name', async () => {
    const talked = await talk(
      client(plus, { channelBinding: exporter }),
      server(plus, { channelBinding: endPoint }),
      {},
    )
    expect(talked.server).toBe('channel-binding')
    const unknown = server(plus, { channelBinding: exporter }).start(fromLatin1('p=tls-unique,,n=tim,r=abc'))
    expect(unknown).toEqual({ kind: 'failure', reason: 'channel-binding' })
  })

  it.each([
    { flag: 'n', name: plus, failure: 'with a mechanism that binds' },
    { flag: 'y', name: plus, failure: 'with a mechanism that binds' },
    { flag: 'p=tls-exporter', name: 'SCRAM-SHA-256', failure: 'with one that does not' },
  ])('fails for $flag $failure', ({ flag, name }) => {
    const step = server(name, { channelBinding: exporter }).start(fromLatin1(`${flag},,n=tim,r=abc`))
    expect(step).toEqual({ kind: 'failure', reason: 'channel-binding' })
  })

  it('says y where the client could bind and was not offered to, n where it could not or was', () => {
    const flag = (context: ClientContext): string => toLatin1(the(client('SCRAM-SHA-256', context).start())).slice(0, 3)
    expect(flag({ channelBinding: exporter, offered: ['SCRAM-SHA-256'] })).toBe('y,,')
    expect(flag({ channelBinding: exporter })).toBe('y,,')
    expect(flag({ offered: ['SCRAM-SHA-256', plus] })).toBe('n,,')
    expect(flag({ channelBinding: exporter, offered: ['scram-sha-256-plus'] })).toBe('n,,')
  })

  it.each([
    { what: 'could be bound', context: { channelBinding: exporter } },
    { what: 'was offered', context: { channelBinding: exporter, offered: ['scram-sha-256-plus'] } },
  ])('fails for y where the channel $what: our offer was changed on its way', async ({ context }) => {
    const talked = await talk(client('SCRAM-SHA-256', { channelBinding: exporter }), server('SCRAM-SHA-256', context), {
      keys: () => keys(plus),
    })
    expect(talked.server).toBe('channel-binding')
  })

  it.each([
    { what: 'cannot be bound', context: {} },
    { what: 'cannot be bound now', context: { offered: ['SCRAM-SHA-256-PLUS'] } },
    { what: 'was not offered to be bound', context: { channelBinding: exporter, offered: ['SCRAM-SHA-256'] } },
  ])('takes y where the channel $what', async ({ context }) => {
    const talked = await talk(client('SCRAM-SHA-256', { channelBinding: exporter }), server('SCRAM-SHA-256', context), {
      keys: () => keys(plus),
    })
    expect(talked).toMatchObject({ client: 'done', server: 'tim by tim' })
  })

  it('is told from a header that was changed', async () => {
    const one = server('SCRAM-SHA-256')
    one.start(fromLatin1('n,,n=tim,r=abc'))
    const nonce = the(/^r=([^,]+)/.exec(challengeOf(one.keys(undefined)))?.[1])
    expect(one.receive(fromLatin1(`c=${toBase64(fromLatin1('y,,'))},r=${nonce},p=AAAA`))).toEqual({
      kind: 'failure',
      reason: 'channel-binding',
    })
  })
})

describe('a user that does not exist', () => {
  const ask = (username: string, context: ServerContext = {}, name: ScramName = 'SCRAM-SHA-256'): string[] => {
    const one = server(name, context)
    one.start(fromUtf8(`n,,n=${username},r=abc`))
    return challengeOf(one.keys(undefined)).split(',').slice(1)
  }

  it('has the same salt each time, and no other has it', () => {
    expect(ask('nobody')).toEqual(ask('nobody'))
    expect(ask('nobody')).not.toEqual(ask('nemo'))
    expect(ask('nobody')).not.toEqual(ask('nobody', {}, 'SCRAM-SHA-1'))
    expect(ask('nobody')).not.toEqual(ask('nobody', { decoy: { key: fromLatin1('another secret of it') } }))
  })

  it('has salt and iterations like anybody', () => {
    expect(ask('nobody')[0]).toHaveLength('s='.length + 24)
    expect(ask('nobody')[1]).toBe('i=4096')
    expect(ask('nobody', { decoy: { ...decoy, iterations: 10_000, saltBytes: 9 } })).toEqual([
      expect.stringMatching(/^s=.{12}$/),
      'i=10000',
    ])
  })

  it.each([
    { what: 'a key of 15 bytes', wrong: { key: new Uint8Array(15) } },
    { what: 'no salt', wrong: { saltBytes: 0 } },
    { what: 'a salt of 33 bytes', wrong: { saltBytes: 33 } },
    { what: 'half a byte of salt', wrong: { saltBytes: 1.5 } },
    { what: 'no iterations', wrong: { iterations: 0 } },
    { what: 'half an iteration', wrong: { iterations: 1.5 } },
    { what: 'more iterations than a machine counts', wrong: { iterations: 2 ** 31 } },
  ])('is a fault of ours with $what, before anybody could tell by it who exists', ({ wrong }) => {
    expect(() => server('SCRAM-SHA-256', { decoy: { ...decoy, ...wrong } })).toThrow(SaslKeysError)
  })

  it.each([
    { key: new Uint8Array(16), saltBytes: 1, iterations: 1 },
    { key: new Uint8Array(16), saltBytes: 32, iterations: 2 ** 31 - 1 },
  ])('may have $saltBytes bytes of salt and $iterations iterations', (decoy) => {
    expect(ask('nobody', { decoy })[1]).toBe(`i=${decoy.iterations}`)
  })

  it.each(NAMES)('fails at the end, as with a wrong password (%s)', async (name) => {
    const talked = await talk(client(name), server(name), { keys: () => undefined })
    expect(talked).toMatchObject({ client: 'refused', server: 'credentials' })
    expect(talked.said).toHaveLength(3)
  })
})

describe('keys that are looked up', () => {
  it.each([
    { what: 'of another mechanism', wrong: { mechanism: 'SCRAM-SHA-1' } },
    { what: 'with a short stored key', wrong: { storedKey: new Uint8Array(20) } },
    { what: 'with a long server key', wrong: { serverKey: new Uint8Array(33) } },
    { what: 'without salt', wrong: { salt: new Uint8Array(0) } },
    { what: 'with too long a salt', wrong: { salt: new Uint8Array(1_025) } },
    { what: 'with half an iteration', wrong: { iterations: 1.5 } },
    { what: 'without iterations', wrong: { iterations: 0 } },
    { what: 'with more iterations than a machine counts', wrong: { iterations: 2 ** 31 } },
  ] as const)('are a fault of ours $what', ({ wrong }) => {
    const one = server('SCRAM-SHA-256')
    one.start(fromLatin1('n,,n=tim,r=abc'))
    expect(() => one.keys({ ...keys('SCRAM-SHA-256'), ...wrong })).toThrow(SaslKeysError)
    expect(() => one.keys({ ...keys('SCRAM-SHA-256'), ...wrong })).toThrow(
      expect.objectContaining({ name: 'SaslKeysError', code: 'SASL_KEYS' }),
    )
  })
})

describe('what is needed', () => {
  it.each([
    { what: 'cryptography', context: { random, decoy } },
    { what: 'randomness', context: { cryptography, decoy } },
    { what: 'a decoy', context: { cryptography, random } },
  ])('is $what, for a server', ({ context }) => {
    expect(createServerMechanism('SCRAM-SHA-256', context)).toBeUndefined()
  })

  it.each([
    { what: 'cryptography', context: { random } },
    { what: 'randomness', context: { cryptography } },
  ])('is $what, for a client', ({ context }) => {
    expect(createClientMechanism('SCRAM-SHA-256', login, context)).toBeUndefined()
  })

  it('is a channel, to bind', () => {
    const context = { cryptography, random, decoy, channelBinding: () => undefined }
    expect(createServerMechanism('SCRAM-SHA-1-PLUS', context)).toBeUndefined()
    expect(createClientMechanism('SCRAM-SHA-1-PLUS', login, context)).toBeUndefined()
    expect(createClientMechanism('SCRAM-SHA-1-PLUS', login, { cryptography, random })).toBeUndefined()
  })

  it.each([
    { username: '', password: 'x' },
    { username: '\u00ad', password: 'x' },
    { username: '\u0007', password: 'x' },
    { username: 'x'.repeat(256), password: 'x' },
    { username: 'x', password: '' },
    { username: 'x', password: '\u00ad' },
    { username: 'x', password: '\u{1f600}' },
    { username: 'x', password: 'x'.repeat(256) },
    { username: 'x', password: 'x', authorizationId: '\u0007' },
    { username: 'x', password: 'x', authorizationId: '\u00ad' },
  ])('is what SASLprep leaves something of: not %j', (who) => {
    expect(createClientMechanism('SCRAM-SHA-256', who, { cryptography, random })).toBeUndefined()
  })
})

describe('somebody in between', () => {
  const sides = (plus: boolean): [ClientMechanism, ServerMechanism] => {
    const name = plus ? 'SCRAM-SHA-256-PLUS' : 'SCRAM-SHA-256'
    const context = plus ? { channelBinding: exporter } : {}
    const who = { username: 'tim', password: 'secret', authorizationId: 'ada' }
    return [client(name, context, who), server(name, context)]
  }

  it('breaks the exchange with any change of any byte of any message', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.nat({ max: 3 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (plus, message, place, change) => {
          const [one, other] = sides(plus)
          const talked = await talk(one, other, { keys: () => keys('SCRAM-SHA-256') }, (bytes, index) => {
            if (index !== message) return bytes
            const changed = bytes.slice()
            const at = place % changed.length
            changed[at] = (changed[at] ?? 0) ^ change
            return changed
          })
          expect(talked.client).not.toBe('done')
          // The server's own proof is the last word: once it is said, only the client can still fail.
          if (message < 3) expect(talked.server).not.toBe('ada by tim')
        },
      ),
      { numRuns: 400 },
    )
  })

  it('breaks the exchange with what is added or cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.nat({ max: 4 }),
        fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 4 }), fc.integer({ min: -4, max: -1 })),
        async (plus, message, change) => {
          const [one, other] = sides(plus)
          const talked = await talk(one, other, { keys: () => keys('SCRAM-SHA-256') }, (bytes, index) => {
            if (index !== message) return bytes
            if (typeof change === 'number') return bytes.length === 0 ? fromLatin1('x') : bytes.slice(0, change)
            return concat([bytes, change])
          })
          expect(talked.client === 'done' && talked.server === 'ada by tim').toBe(false)
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('any login that SASLprep allows', () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((value) => fromUtf8(value).length <= 255 && (saslprep(value, 'stored') ?? '') !== '')

  it.each(['SCRAM-SHA-1', 'SCRAM-SHA-256', 'SCRAM-SHA-1-PLUS', 'SCRAM-SHA-256-PLUS'])(
    'is carried by %s',
    async (name) => {
      const mechanism = name.startsWith('SCRAM-SHA-1') ? 'SCRAM-SHA-1' : 'SCRAM-SHA-256'
      const context = { channelBinding: exporter, offered: [name] }
      await fc.assert(
        fc.asyncProperty(text, text, async (username, password) => {
          const stored = await keysFor(mechanism, password)
          const prepared = the(saslprep(username, 'query'))
          const talked = await talk(client(name, context, { username, password }), server(name, context), {
            keys: (asked) => (asked === prepared ? stored : undefined),
          })
          expect(talked).toMatchObject({ client: 'done', server: `${prepared} by ${prepared}` })
        }),
      )
    },
  )
})
