/** Which mechanisms there are, which may be offered, and which one is taken. */

import { systemCryptography as cryptography, systemRandom as random } from '@postroad/runtime/system'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  chooseMechanism,
  type ClientCredentials,
  CLIENT_MECHANISMS,
  createClientMechanism,
  createServerMechanism,
  findMechanism,
  MECHANISMS,
  type MechanismSituation,
  offerMechanisms,
} from '../src/index.ts'
import { the } from './exchange.ts'

const ALL = [
  'SCRAM-SHA-256-PLUS',
  'SCRAM-SHA-256',
  'SCRAM-SHA-1-PLUS',
  'SCRAM-SHA-1',
  'CRAM-MD5',
  'OAUTHBEARER',
  'XOAUTH2',
  'EXTERNAL',
  'PLAIN',
  'LOGIN',
]
const channelBinding = () => new Uint8Array(32)
const tools = { cryptography, random, channelBinding, decoy: { key: new Uint8Array(32) } }
const password: ClientCredentials = { username: 'tim', password: 'secret' }
const token: ClientCredentials = { kind: 'token', username: 'tim', token: 'abc' }
const external: ClientCredentials = { kind: 'external' }
const credentialsFor = { password, token, certificate: external }

describe('the list', () => {
  it('has every mechanism, best first', () => {
    expect(MECHANISMS.map(({ name }) => name)).toEqual(ALL)
    expect(CLIENT_MECHANISMS).toEqual(ALL.filter((name) => name !== 'CRAM-MD5'))
  })

  it.each(MECHANISMS)('has $name on both sides, in any case', ({ name, proves }) => {
    expect(findMechanism(name.toLowerCase())?.name).toBe(name)
    expect(createServerMechanism(name.toLowerCase(), tools)?.name).toBe(name)
    expect(createClientMechanism(name.toLowerCase(), credentialsFor[proves], tools)?.name).toBe(name)
  })

  it('has no other', () => {
    expect(findMechanism('NTLM')).toBeUndefined()
    expect(createServerMechanism('NTLM', tools)).toBeUndefined()
    expect(createClientMechanism('DIGEST-MD5', password, tools)).toBeUndefined()
  })

  it.each(MECHANISMS)('lets $name be used with nothing but what it proves', ({ name, proves }) => {
    for (const [kind, credentials] of Object.entries(credentialsFor)) {
      if (kind !== proves) expect(createClientMechanism(name, credentials, tools)).toBeUndefined()
    }
  })

  it.each(MECHANISMS)('knows whether a client of $name speaks first', ({ name, proves, clientFirst }) => {
    const speaks = the(createClientMechanism(name, credentialsFor[proves], tools)).start() !== undefined
    expect(speaks).toBe(clientFirst === 'yes')
  })
})

describe('what a server may offer', () => {
  const everything: MechanismSituation = {
    confidential: true,
    bindable: true,
    certificate: true,
    keys: true,
    secrets: true,
  }

  it('is all that it is ready to, in its order, where there is all that is needed', () => {
    expect(offerMechanisms(['plain', 'X-OTHER', 'SCRAM-SHA-256'], everything)).toEqual(['PLAIN', 'SCRAM-SHA-256'])
    expect(offerMechanisms(ALL, everything)).toEqual(ALL)
  })

  it.each([
    { lacking: 'confidential', without: ['OAUTHBEARER', 'XOAUTH2', 'PLAIN', 'LOGIN'] },
    { lacking: 'bindable', without: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-1-PLUS'] },
    { lacking: 'certificate', without: ['EXTERNAL'] },
    {
      lacking: 'keys',
      without: ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256', 'SCRAM-SHA-1-PLUS', 'SCRAM-SHA-1'],
    },
    { lacking: 'secrets', without: ['CRAM-MD5'] },
  ])('is $without less where it lacks $lacking', ({ lacking, without }) => {
    const offered = offerMechanisms(ALL, { ...everything, [lacking]: false })
    expect(offered).toEqual(ALL.filter((name) => !without.includes(name)))
  })

  it('shows no password where that is not confidential, whatever else there is', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean(), (bindable, certificate, keys, secrets) => {
        const offered = offerMechanisms(ALL, { confidential: false, bindable, certificate, keys, secrets })
        for (const name of offered) expect(findMechanism(name)?.secrecy).not.toBe('plain')
      }),
    )
  })
})

describe('what a client takes', () => {
  const choose = (offered: readonly string[], credentials: ClientCredentials, context = {}): string | undefined =>
    chooseMechanism(offered, credentials, { ...tools, confidential: true, ...context })?.name

  it.each([
    { offered: ALL, chosen: 'SCRAM-SHA-256-PLUS' },
    { offered: ['login', 'plain', 'scram-sha-1', 'scram-sha-256'], chosen: 'SCRAM-SHA-256' },
    { offered: ['PLAIN', 'SCRAM-SHA-1-PLUS', 'SCRAM-SHA-1'], chosen: 'SCRAM-SHA-1-PLUS' },
    { offered: ['LOGIN', 'PLAIN', 'CRAM-MD5'], chosen: 'PLAIN' },
    { offered: ['login'], chosen: 'LOGIN' },
    { offered: ['GSSAPI', 'NTLM', 'CRAM-MD5', 'EXTERNAL', 'XOAUTH2'], chosen: undefined },
    { offered: [], chosen: undefined },
  ])('is the best of $offered for a password', ({ offered, chosen }) => {
    expect(choose(offered, password)).toBe(chosen)
  })

  it('is what fits its credentials', () => {
    expect(choose(ALL, token)).toBe('OAUTHBEARER')
    expect(choose(['PLAIN', 'XOAUTH2'], token)).toBe('XOAUTH2')
    expect(choose(ALL, external)).toBe('EXTERNAL')
  })

  it('binds no channel where there is none', () => {
    expect(choose(ALL, password, { channelBinding: undefined })).toBe('SCRAM-SHA-256')
  })

  it('is what can carry its credentials', () => {
    const emoji = { username: 'tim', password: '\u{1f600}' }
    expect(choose(ALL, emoji)).toBe('PLAIN')
    expect(choose(['LOGIN'], { ...password, authorizationId: 'ada' })).toBeUndefined()
  })

  it('shows no password or token unless it is told that nobody sees it', () => {
    expect(chooseMechanism(['PLAIN', 'LOGIN', 'CRAM-MD5'], password, tools)).toBeUndefined()
    expect(chooseMechanism(['PLAIN', 'SCRAM-SHA-1'], password, tools)?.name).toBe('SCRAM-SHA-1')
    expect(chooseMechanism(['OAUTHBEARER', 'XOAUTH2'], token, tools)).toBeUndefined()
    expect(chooseMechanism(['EXTERNAL'], external)?.name).toBe('EXTERNAL')
    expect(chooseMechanism(['PLAIN'], password)).toBeUndefined()
  })

  it('is what the caller would rather use, CRAM-MD5 too where it is named', () => {
    expect(choose(ALL, password, { usable: ['X-OTHER', 'login', 'PLAIN'] })).toBe('LOGIN')
    expect(choose(['PLAIN', 'CRAM-MD5'], password, { usable: ['CRAM-MD5', 'PLAIN'] })).toBe('CRAM-MD5')
    expect(choose(['PLAIN'], password, { usable: ['LOGIN'] })).toBeUndefined()
  })

  it('tells the server that it was offered no binding, where it was not', () => {
    const first = (offered: readonly string[]): string =>
      Buffer.from(the(chooseMechanism(offered, password, tools)?.start())).toString()
    expect(first(['SCRAM-SHA-256'])).toMatch(/^y,,/)
    expect(first(['SCRAM-SHA-256', 'SCRAM-SHA-256-PLUS'])).toMatch(/^p=tls-exporter,,/)
  })
})

describe('any bytes', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ unit: fc.constantFrom('n', ',', 'r', 's', 'i', 'e', '=', 'v', 'm', '\0', '\u0001', 'A', '9') }),
  )
  const toBytes = (given: Uint8Array | string): Uint8Array => (typeof given === 'string' ? Buffer.from(given) : given)

  it.each(MECHANISMS)('make no server of $name throw, or succeed', ({ name }) => {
    fc.assert(
      fc.property(fc.option(bytes, { nil: undefined }), fc.array(bytes, { maxLength: 6 }), (initial, responses) => {
        const server = the(createServerMechanism(name, tools))
        let step = server.start(initial === undefined ? undefined : toBytes(initial))
        for (const response of responses) {
          if (step.kind === 'keys') step = server.keys(undefined)
          if (step.kind === 'secret') step = server.secret(undefined)
          if (step.kind !== 'challenge') break
          step = server.receive(toBytes(response))
        }
        expect(step.kind).not.toBe('success')
      }),
    )
  })

  it.each(MECHANISMS)('make no client of $name throw, or derive a key without bound', ({ name, proves }) => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 6 }), (challenges) => {
        const client = the(createClientMechanism(name, credentialsFor[proves], tools))
        client.start()
        for (const challenge of challenges) {
          const step = client.receive(toBytes(challenge))
          if (step.kind === 'derive') expect(step.derivation.iterations).toBeLessThanOrEqual(1_000_000)
          if (step.kind !== 'respond') break
        }
        expect(['done', 'fail']).toContain(client.finish(toBytes(challenges[0] ?? '')).kind)
      }),
    )
  })
})
