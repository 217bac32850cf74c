/** EXTERNAL (RFC 4422 Appendix A), both sides. */

import { fromLatin1 } from '@postroad/bytes'
import { describe, expect, it } from 'vitest'
import { createClientMechanism, createServerMechanism } from '../src/index.ts'
import { challengeOf, responseOf, talk, the } from './exchange.ts'

const client = (authorizationId?: string) =>
  the(
    createClientMechanism('EXTERNAL', { kind: 'external', ...(authorizationId !== undefined && { authorizationId }) }),
  )
const server = () => the(createServerMechanism('EXTERNAL'))

it.each([
  { name: undefined, asked: '', ends: ' by ' },
  { name: 'fred@example.com', asked: 'fred@example.com', ends: 'fred@example.com by ' },
])('carries whom the client acts as: $name (RFC 4422 Appendix A.2)', async ({ name, asked, ends }) => {
  const verify = (credentials: unknown) => {
    expect(credentials).toEqual({ kind: 'certificate', authorizationId: asked })
    return true
  }
  expect(await talk(client(name), server(), { verify })).toMatchObject({ client: 'done', server: ends, said: [asked] })
})

it('fails where the certificate does not allow it (RFC 4422 Appendix A.1)', async () => {
  const talked = await talk(client('ada'), server(), { verify: () => false })
  expect(talked).toMatchObject({ client: 'refused', server: 'credentials' })
})

it('asks with an empty challenge where no initial response came (RFC 4422 Appendix A.1)', () => {
  const one = server()
  expect(challengeOf(one.start(undefined))).toBe('')
  const other = client()
  other.start()
  expect(one.receive(fromLatin1(responseOf(other.receive(new Uint8Array(0))))).kind).toBe('verify')
})

describe('an identity', () => {
  it.each(['a\0b', '\xff', 'x'.repeat(256)])('is malformed as %j', (text) => {
    expect(server().start(fromLatin1(text))).toEqual({ kind: 'failure', reason: 'malformed' })
  })

  it.each(['a\0b', '\ud800', 'x'.repeat(256)])('cannot be said as %j', (authorizationId) => {
    expect(createClientMechanism('EXTERNAL', { kind: 'external', authorizationId })).toBeUndefined()
  })
})
