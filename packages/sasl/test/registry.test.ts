/** Which mechanisms there are, and which one is taken. */

import { expect, it } from 'vitest'

import {
  chooseMechanism,
  CLIENT_MECHANISMS,
  createClientMechanism,
  createServerMechanism,
  SERVER_MECHANISMS,
} from '../src/index.ts'

const credentials = { username: 'tim', password: 'secret' }

it('makes every mechanism that it lists, under that name', () => {
  expect(SERVER_MECHANISMS.map((name) => createServerMechanism(name)?.name)).toEqual(['PLAIN', 'LOGIN'])
  expect(CLIENT_MECHANISMS.map((name) => createClientMechanism(name, credentials)?.name)).toEqual(['PLAIN', 'LOGIN'])
})

it('knows a name in any case', () => {
  expect(createServerMechanism('plain')?.name).toBe('PLAIN')
  expect(createClientMechanism('Login', credentials)?.name).toBe('LOGIN')
})

it('makes no other', () => {
  expect(createServerMechanism('NTLM')).toBeUndefined()
  expect(createClientMechanism('DIGEST-MD5', credentials)).toBeUndefined()
})

it.each([
  { offered: ['LOGIN', 'PLAIN'], chosen: 'PLAIN' },
  { offered: ['login'], chosen: 'LOGIN' },
  { offered: ['GSSAPI', 'NTLM'], chosen: undefined },
  { offered: [], chosen: undefined },
])('takes the best of $offered', ({ offered, chosen }) => {
  expect(chooseMechanism(offered)).toBe(chosen)
})

it('takes what the caller would rather use', () => {
  expect(chooseMechanism(['PLAIN', 'LOGIN'], ['LOGIN', 'PLAIN'])).toBe('LOGIN')
  expect(chooseMechanism(['PLAIN'], ['LOGIN'])).toBeUndefined()
})
