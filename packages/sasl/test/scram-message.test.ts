/** The messages of SCRAM (RFC 5802 §7), and what either side makes of nonsense. */

import { fromLatin1, fromUtf8, toLatin1 } from '@postroad/bytes'
import { describe, expect, it } from 'vitest'
import type { ClientContext, ClientMechanism, ClientStep } from '../src/index.ts'
import { challengeOf, talk, the } from './exchange.ts'
import { client, keys, server } from './scram-sides.ts'

describe('the first message of a client (RFC 5802 §7)', () => {
  const start = (text: string): unknown => server('SCRAM-SHA-256').start(fromUtf8(text))

  it.each([
    { text: 'n,,n=tim,r=abc', username: 'tim' },
    { text: 'n,a=ada,n=tim,r=abc', username: 'tim' },
    { text: 'n,,n=tim,r=!#~,x=extension,Y=1=2', username: 'tim' },
    { text: 'n,,n=t=2Ci=3Dm,r=abc', username: 't,i=m' },
    { text: 'n,,n==3D2C,r=abc', username: '=2C' },
    { text: `n,,n=${'é'.repeat(127)},r=${'r'.repeat(1_024)}`, username: 'é'.repeat(127) },
  ])('$text is read', ({ text, username }) => {
    expect(start(text)).toEqual({ kind: 'keys', username, mechanism: 'SCRAM-SHA-256' })
  })

  it.each([
    { what: 'empty', text: '' },
    { what: 'without header', text: 'n=tim,r=abc' },
    { what: 'with half a header', text: 'n,' },
    { what: 'with another flag', text: 'x,,n=tim,r=abc' },
    { what: 'with a binding of no type', text: 'p=,,n=tim,r=abc' },
    { what: 'with a binding of a bad name', text: 'p=a b,,n=tim,r=abc' },
    { what: 'with another attribute for the identity', text: 'n,b=ada,n=tim,r=abc' },
    { what: 'with an empty identity', text: 'n,a=,n=tim,r=abc' },
    { what: 'with an identity that is badly escaped', text: 'n,a=a=b,n=tim,r=abc' },
    { what: 'with an identity that comes to nothing', text: 'n,a=\u00ad,n=tim,r=abc' },
    { what: 'with an identity that is prohibited', text: 'n,a=\u0007,n=tim,r=abc' },
    { what: 'with an extension that must be understood', text: 'n,,m=x,n=tim,r=abc' },
    { what: 'with such an extension behind', text: 'n,,n=tim,r=abc,m=x' },
    { what: 'without name', text: 'n,,r=abc' },
    { what: 'with an empty name', text: 'n,,n=,r=abc' },
    { what: 'with a name that is badly escaped', text: 'n,,n=a=2cb,r=abc' },
    { what: 'with a name that comes to nothing', text: 'n,,n=\u00ad,r=abc' },
    { what: 'with a name that is prohibited', text: 'n,,n=\u0007,r=abc' },
    { what: 'with a NUL', text: 'n,,n=a\0b,r=abc' },
    { what: 'with a name of 256 octets', text: `n,,n=${'é'.repeat(128)},r=abc` },
    { what: 'without nonce', text: 'n,,n=tim' },
    { what: 'with an empty nonce', text: 'n,,n=tim,r=' },
    { what: 'with a nonce that is not ASCII', text: 'n,,n=tim,r=é' },
    { what: 'with a nonce that has a space', text: 'n,,n=tim,r=a b' },
    { what: 'with a nonce of 1,025 characters', text: `n,,n=tim,r=${'r'.repeat(1_025)}` },
    { what: 'with an extension that is none', text: 'n,,n=tim,r=abc,x' },
    { what: 'with an empty extension', text: 'n,,n=tim,r=abc,x=' },
    { what: 'of 4,097 octets', text: `n,,n=tim,r=abc,x=${'x'.repeat(4_080)}` },
  ])('is malformed $what', ({ text }) => {
    expect(start(text)).toEqual({ kind: 'failure', reason: 'malformed' })
  })

  it('is malformed where it is not UTF-8', () => {
    expect(server('SCRAM-SHA-256').start(fromLatin1('n,,n=\xff,r=abc'))).toEqual({
      kind: 'failure',
      reason: 'malformed',
    })
  })
})

describe('the last message of a client (RFC 5802 §7)', () => {
  const answer = (make: (nonce: string) => string): unknown => {
    const one = server('SCRAM-SHA-256')
    one.start(fromLatin1('n,,n=tim,r=abc'))
    const nonce = the(/^r=([^,]+)/.exec(challengeOf(one.keys(keys('SCRAM-SHA-256'))))?.[1])
    return one.receive(fromLatin1(make(nonce)))
  }

  it.each([
    { what: 'empty', make: () => '' },
    { what: 'without binding', make: (nonce: string) => `r=${nonce},p=AAAA` },
    { what: 'with a binding that is not base64', make: (nonce: string) => `c=?,r=${nonce},p=AAAA` },
    { what: 'without nonce', make: () => 'c=biws,p=AAAA' },
    { what: 'with half of the nonce', make: () => 'c=biws,r=abc,p=AAAA' },
    { what: 'with more than the nonce', make: (nonce: string) => `c=biws,r=${nonce}x,p=AAAA` },
    { what: 'without proof', make: (nonce: string) => `c=biws,r=${nonce}` },
    { what: 'with a proof that is not base64', make: (nonce: string) => `c=biws,r=${nonce},p=A` },
    { what: 'with something behind the proof', make: (nonce: string) => `c=biws,r=${nonce},p=AAAA,x=y` },
    { what: 'with an extension that must be understood', make: (nonce: string) => `c=biws,r=${nonce},m=x,p=AAAA` },
    { what: 'not UTF-8', make: (nonce: string) => `c=biws,r=${nonce},x=\xff,p=AAAA` },
  ])('is malformed $what', ({ make }) => {
    expect(answer(make)).toEqual({ kind: 'failure', reason: 'malformed' })
  })

  it('fails with a proof of another length', () => {
    expect(answer((nonce) => `c=biws,r=${nonce},x=y,p=AAAA`)).toEqual({ kind: 'failure', reason: 'credentials' })
  })

  it('is followed by nothing (RFC 4954 §4)', async () => {
    const talked = await talk(
      client('SCRAM-SHA-256'),
      server('SCRAM-SHA-256'),
      { keys: () => keys('SCRAM-SHA-256') },
      (bytes, index) => (index === 4 ? fromLatin1('x') : bytes),
    )
    expect(talked.server).toBe('malformed')
  })
})

describe('the first message of a server (RFC 5802 §7)', () => {
  const receive = (make: (nonce: string) => string, context: ClientContext = {}): ClientStep => {
    const one = client('SCRAM-SHA-256', context)
    const nonce = the(/r=(.*)$/.exec(toLatin1(the(one.start())))?.[1])
    return one.receive(fromLatin1(make(nonce)))
  }

  it.each([
    { what: 'as usual', make: (nonce: string) => `r=${nonce}x,s=QSXC,i=4096` },
    { what: 'with an extension', make: (nonce: string) => `r=${nonce}x,s=QSXC,i=4096,x=y` },
  ])('is taken $what', ({ make }) => {
    expect(receive(make)).toEqual({
      kind: 'derive',
      derivation: {
        algorithm: 'sha256',
        password: fromLatin1('secret'),
        salt: Uint8Array.of(0x41, 0x25, 0xc2),
        iterations: 4_096,
      },
    })
  })

  it.each([
    { what: 'empty but for a letter', make: () => 'r' },
    { what: 'with nothing of its own in the nonce', make: (nonce: string) => `r=${nonce},s=QSXC,i=4096` },
    { what: 'with another nonce', make: (nonce: string) => `r=x${nonce},s=QSXC,i=4096` },
    { what: 'without nonce', make: () => 's=QSXC,i=4096' },
    { what: 'without salt', make: (nonce: string) => `r=${nonce}x,i=4096` },
    { what: 'with an empty salt', make: (nonce: string) => `r=${nonce}x,s=,i=4096` },
    { what: 'with too long a salt', make: (nonce: string) => `r=${nonce}x,s=${'AAAA'.repeat(342)},i=4096` },
    { what: 'with a salt that is not base64', make: (nonce: string) => `r=${nonce}x,s=Q,i=4096` },
    { what: 'without iterations', make: (nonce: string) => `r=${nonce}x,s=QSXC` },
    { what: 'with 0 iterations', make: (nonce: string) => `r=${nonce}x,s=QSXC,i=0` },
    { what: 'with negative iterations', make: (nonce: string) => `r=${nonce}x,s=QSXC,i=-1` },
    { what: 'with hexadecimal iterations', make: (nonce: string) => `r=${nonce}x,s=QSXC,i=0x1000` },
    { what: 'with iterations of 10 digits', make: (nonce: string) => `r=${nonce}x,s=QSXC,i=1000000000` },
    { what: 'with an extension that must be understood', make: (nonce: string) => `m=x,r=${nonce}x,s=QSXC,i=4096` },
    { what: 'with such an extension behind', make: (nonce: string) => `r=${nonce}x,s=QSXC,i=4096,m=x` },
    { what: 'not UTF-8', make: () => '\xff' },
  ])('is malformed $what', ({ make }) => {
    expect(receive(make)).toEqual({ kind: 'fail', reason: 'malformed' })
  })

  it('may be a refusal', () => {
    expect(receive(() => 'e=unknown-user')).toEqual({ kind: 'fail', reason: 'refused' })
  })

  it.each([
    { iterations: 4_095, context: { iterations: {} } },
    { iterations: 1_000_001, context: { iterations: {} } },
    { iterations: 999_999_999, context: { iterations: {} } },
    { iterations: 9_999, context: { iterations: { min: 10_000 } } },
    { iterations: 20_001, context: { iterations: { max: 20_000 } } },
  ])('fails with $iterations iterations where $context bounds them', ({ iterations, context }) => {
    const step = receive((nonce) => `r=${nonce}x,s=QSXC,i=${iterations}`, context)
    expect(step).toEqual({ kind: 'fail', reason: 'iterations' })
  })

  it.each([4_096, 1_000_000])('asks for %i iterations at the bounds', (iterations) => {
    const step = receive((nonce) => `r=${nonce}x,s=QSXC,i=${iterations}`, { iterations: {} })
    expect(step).toMatchObject({ kind: 'derive', derivation: { iterations } })
  })
})

describe('the last message of a server (RFC 5802 §5)', () => {
  const atTheEnd = (): ClientMechanism => {
    const one = client('SCRAM-SHA-256')
    const nonce = the(/r=(.*)$/.exec(toLatin1(the(one.start())))?.[1])
    one.receive(fromLatin1(`r=${nonce}x,s=QSXC,i=1`))
    one.derived(new Uint8Array(32))
    return one
  }

  it.each([
    { said: 'v=AAAA', reason: 'server-proof' },
    { said: 'v=?', reason: 'malformed' },
    { said: 'v=', reason: 'malformed' },
    { said: '', reason: 'malformed' },
    { said: 'x=y', reason: 'malformed' },
    { said: 'v=AAAA,m=x', reason: 'malformed' },
    { said: 'e=invalid-proof', reason: 'refused' },
    { said: 'e=other-error,x=y', reason: 'refused' },
  ])('$said fails: $reason', ({ said, reason }) => {
    expect(atTheEnd().receive(fromLatin1(said))).toEqual({ kind: 'fail', reason })
    expect(atTheEnd().finish(fromLatin1(said))).toEqual({ kind: 'fail', reason })
  })

  it('is needed: success without it is none, at any point', () => {
    const unproven = { kind: 'fail', reason: 'server-proof' }
    expect(atTheEnd().finish()).toEqual(unproven)
    const begun = client('SCRAM-SHA-256')
    const nonce = the(/r=(.*)$/.exec(toLatin1(the(begun.start())))?.[1])
    expect(begun.finish()).toEqual(unproven)
    begun.receive(fromLatin1(`r=${nonce}x,s=QSXC,i=1`))
    expect(begun.finish()).toEqual(unproven)
    expect(begun.finish(fromLatin1('v=AAAA'))).toEqual(unproven)
  })

  it('is the last', async () => {
    const one = client('SCRAM-SHA-256')
    await talk(one, server('SCRAM-SHA-256'), { keys: () => keys('SCRAM-SHA-256') })
    expect(one.receive(fromLatin1('v=AAAA'))).toEqual({ kind: 'fail', reason: 'malformed' })
  })
})
