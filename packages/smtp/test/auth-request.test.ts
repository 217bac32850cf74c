/** AUTH as a server reads it, and which mechanisms are offered when (RFC 4954 §4). */

import { describe, expect, it } from 'vitest'
import { offeredMechanisms, readAuth, readAuthResponse } from '../src/auth-request.ts'
import type { AuthState } from '../src/auth-request.ts'
import { latin1 } from './server-helper.ts'

const ALL = ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', 'CRAM-MD5', 'OAUTHBEARER', 'EXTERNAL', 'PLAIN', 'LOGIN', 'X-OWN']
const tls = { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' }
const certificate = { subject: 'CN=ada', fingerprint256: '00', verified: true }
const clear: AuthState = { mechanisms: ALL, safe: false, authenticated: false }
const secured: AuthState = { ...clear, safe: true, tls }

describe('what is offered', () => {
  it.each([
    { when: 'in clear', state: clear, offered: ['SCRAM-SHA-256', 'CRAM-MD5'] },
    {
      when: 'in clear where passwords may be shown',
      state: { ...clear, safe: true },
      offered: ALL.filter((name) => name !== 'EXTERNAL' && name !== 'SCRAM-SHA-256-PLUS'),
    },
    { when: 'under TLS', state: secured, offered: ALL.filter((name) => name !== 'EXTERNAL') },
    {
      when: 'under TLS that cannot be bound',
      state: { ...secured, tls: { ...tls, bindable: false } },
      offered: ALL.filter((name) => name !== 'EXTERNAL' && name !== 'SCRAM-SHA-256-PLUS'),
    },
    {
      when: 'under TLS with a certificate of the client',
      state: { ...secured, tls: { ...tls, clientCertificate: certificate } },
      offered: ALL,
    },
    {
      when: 'under TLS with a certificate that nobody vouches for',
      state: { ...secured, tls: { ...tls, clientCertificate: { ...certificate, verified: false } } },
      offered: ALL.filter((name) => name !== 'EXTERNAL'),
    },
    { when: 'after authentication', state: { ...secured, authenticated: true }, offered: [] },
  ])('$when is $offered', ({ state, offered }) => {
    expect(offeredMechanisms(state)).toEqual(offered)
  })
})

describe('AUTH', () => {
  it.each([
    { argument: 'PLAIN', value: { mechanism: 'PLAIN' } },
    { argument: 'plain', value: { mechanism: 'PLAIN' } },
    { argument: 'PLAIN YQ==', value: { mechanism: 'PLAIN', initialResponse: latin1('a') } },
    { argument: 'PLAIN =', value: { mechanism: 'PLAIN', initialResponse: latin1('') } },
    { argument: 'LOGIN YQ==', value: { mechanism: 'LOGIN', initialResponse: latin1('a') } },
    { argument: 'X-OWN YQ==', value: { mechanism: 'X-OWN', initialResponse: latin1('a') } },
    { argument: 'CRAM-MD5', value: { mechanism: 'CRAM-MD5' } },
  ])('$argument begins', ({ argument, value }) => {
    expect(readAuth(argument, secured)).toEqual({ ok: true, value })
  })

  it.each([
    {
      why: 'nothing is there to authenticate with',
      argument: 'PLAIN',
      state: { ...secured, mechanisms: [] },
      code: 502,
    },
    {
      why: 'the client has authenticated',
      argument: 'PLAIN',
      state: { ...secured, authenticated: true },
      code: 503,
      status: '5.5.1',
    },
    { why: 'no mechanism is named', argument: '', state: secured, code: 501, status: '5.5.4' },
    { why: 'there are two spaces', argument: 'PLAIN  YQ==', state: secured, code: 501, status: '5.5.4' },
    { why: 'there is a third word', argument: 'PLAIN YQ== YQ==', state: secured, code: 501, status: '5.5.4' },
    { why: 'the mechanism is not known', argument: 'NTLM', state: secured, code: 504, status: '5.5.4' },
    { why: 'there is no certificate', argument: 'EXTERNAL', state: secured, code: 504, status: '5.5.4' },
    { why: 'it shows a password in clear', argument: 'PLAIN YQ==', state: clear, code: 538, status: '5.7.11' },
    {
      why: 'nothing but passwords could be shown in clear',
      argument: 'NTLM',
      state: { ...clear, mechanisms: ['PLAIN'] },
      code: 538,
      status: '5.7.11',
    },
    { why: 'it is not known in clear', argument: 'NTLM', state: clear, code: 504, status: '5.5.4' },
    { why: 'it is not base64', argument: 'PLAIN YQ=', state: secured, code: 501, status: '5.5.2' },
    { why: 'the server speaks first', argument: 'CRAM-MD5 YQ==', state: secured, code: 501, status: '5.7.0' },
    { why: 'the server speaks first', argument: 'CRAM-MD5 =', state: secured, code: 501, status: '5.7.0' },
  ])('$argument is refused where $why: $code', ({ argument, state, code, status }) => {
    expect(readAuth(argument, state)).toMatchObject({ ok: false, reply: { code, ...(status && { status }) } })
  })
})

describe('a response', () => {
  it.each([
    { text: 'YQ==', value: latin1('a') },
    { text: '', value: latin1('') },
  ])('"$text" is read', ({ text, value }) => {
    expect(readAuthResponse({ kind: 'line', text, bytes: text.length + 2 })).toEqual({ ok: true, value })
  })

  it.each([
    { line: { kind: 'line', text: '*', bytes: 3 }, code: 501, status: '5.7.0' },
    { line: { kind: 'line', text: 'YQ', bytes: 4 }, code: 501, status: '5.5.2' },
    { line: { kind: 'fault', fault: 'nul', bytes: 4 }, code: 501, status: '5.5.2' },
    { line: { kind: 'fault', fault: 'too-long', bytes: 4 }, code: 500, status: '5.5.6' },
  ] as const)('$line is refused: $code', ({ line, code, status }) => {
    expect(readAuthResponse(line)).toMatchObject({ ok: false, reply: { code, status } })
  })
})
