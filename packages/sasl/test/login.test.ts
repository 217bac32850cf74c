/** LOGIN, both sides. */

import { fromLatin1, fromUtf8 } from '@postroad/bytes'
import { describe, expect, it } from 'vitest'

import { createClientMechanism, createServerMechanism, type ServerMechanism } from '../src/index.ts'
import { responseOf, the } from './exchange.ts'

const server = (): ServerMechanism => {
  const mechanism = createServerMechanism('LOGIN')
  if (mechanism === undefined) throw new Error('no LOGIN')
  return mechanism
}

const MALFORMED = { kind: 'failure', reason: 'malformed' }
const VERIFY = {
  kind: 'verify',
  credentials: { kind: 'password', authorizationId: '', authenticationId: 'tim', password: 'secret' },
}

describe('the server', () => {
  it('asks for the name, then for the password', () => {
    const mechanism = server()
    expect(mechanism.start(undefined)).toEqual({ kind: 'challenge', bytes: fromLatin1('Username:') })
    expect(mechanism.receive(fromUtf8('tim'))).toEqual({ kind: 'challenge', bytes: fromLatin1('Password:') })
    expect(mechanism.receive(fromUtf8('secret'))).toEqual(VERIFY)
    expect(mechanism.verified(true)).toEqual({ kind: 'success', authorizationId: 'tim', authenticationId: 'tim' })
  })

  it('takes the name from an initial response', () => {
    const mechanism = server()
    expect(mechanism.start(fromUtf8('tim'))).toEqual({ kind: 'challenge', bytes: fromLatin1('Password:') })
    expect(mechanism.receive(fromUtf8('secret'))).toEqual(VERIFY)
    expect(mechanism.verified(false)).toEqual({ kind: 'failure', reason: 'credentials' })
  })

  it.each([
    { what: 'empty', text: '' },
    { what: 'longer than 255 octets', text: 'x'.repeat(256) },
    { what: 'not UTF-8', text: '\xff' },
    { what: 'with a NUL', text: 'a\0b' },
  ])('ends where the name or the password is $what', ({ text }) => {
    expect(server().start(fromLatin1(text))).toEqual(MALFORMED)
    const mechanism = server()
    mechanism.start(fromUtf8('tim'))
    expect(mechanism.receive(fromLatin1(text))).toEqual(MALFORMED)
  })
})

describe('the client', () => {
  it('waits to be asked, and answers twice, whatever the words', () => {
    const client = the(createClientMechanism('LOGIN', { username: 'tim', password: 'secret' }))
    expect(client.name).toBe('LOGIN')
    expect(client.start()).toBeUndefined()
    expect(responseOf(client.receive(fromLatin1('User Name')))).toBe('tim')
    expect(responseOf(client.receive(fromLatin1('')))).toBe('secret')
    expect(client.finish()).toEqual({ kind: 'done' })
    expect(client.receive(fromLatin1('Password:'))).toEqual({ kind: 'fail', reason: 'malformed' })
  })

  it('does not believe in success before it has said its password', () => {
    const client = the(createClientMechanism('LOGIN', { username: 'tim', password: 'secret' }))
    client.start()
    expect(client.finish()).toEqual({ kind: 'fail', reason: 'malformed' })
    client.receive(fromLatin1('User Name'))
    expect(client.finish()).toEqual({ kind: 'fail', reason: 'malformed' })
  })

  it.each([
    { username: '', password: 'x' },
    { username: 'x', password: '' },
    { username: 'a\0b', password: 'x' },
    { username: 'x', password: 'a\0b' },
    { username: 'x', password: 'x', authorizationId: 'y' },
  ])('is not made where it could not carry %j', (credentials) => {
    expect(createClientMechanism('LOGIN', credentials)).toBeUndefined()
  })
})
