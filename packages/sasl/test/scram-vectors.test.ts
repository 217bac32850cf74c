/** SCRAM by the examples of RFC 5802 §5 and RFC 7677 §3, both sides. */

import { fromLatin1, toBase64, toLatin1 } from '@postroad/bytes'
import type { Random } from '@postroad/runtime'
import { systemCryptography as cryptography } from '@postroad/runtime/system'
import { describe, expect, it } from 'vitest'
import {
  type ClientMechanism,
  createClientMechanism,
  createServerMechanism,
  deriveScramKeys,
  type ScramKeys,
  type ScramName,
  type ServerMechanism,
} from '../src/index.ts'
import { hasCorpus, readCorpus } from './corpus.ts'
import { base64, challengeOf, responseOf, the } from './exchange.ts'

interface ScramCase {
  readonly source: string
  readonly mechanism: ScramName
  readonly username: string
  readonly password: string
  readonly salt_base64: string
  readonly iterations: number
  readonly client_first: string
  readonly server_first: string
  readonly client_final: string
  readonly server_final: string
}

const cases: readonly ScramCase[] = [
  {
    source: 'RFC 5802 §5',
    mechanism: 'SCRAM-SHA-1',
    username: 'user',
    password: 'pencil',
    salt_base64: 'QSXCR+Q6sek8bf92',
    iterations: 4_096,
    client_first: 'n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL',
    server_first: 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
    client_final: 'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    server_final: 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
  {
    source: 'RFC 7677 §3',
    mechanism: 'SCRAM-SHA-256',
    username: 'user',
    password: 'pencil',
    salt_base64: 'W22ZaJ0SNY7soEsUEjb6gQ==',
    iterations: 4_096,
    client_first: 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
    server_first: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    client_final:
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    server_final: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
]

/** A client whose nonce is the example's: what it makes of randomness, base64, must give it back. */
function clientOf({ mechanism, username, password, client_first }: ScramCase): ClientMechanism {
  const nonce = client_first.slice(client_first.indexOf('r=') + 2)
  const random: Random = { bytes: () => base64(nonce) }
  return the(createClientMechanism(mechanism, { username, password }, { cryptography, random }))
}

async function keysOf({ mechanism, password, salt_base64, iterations }: ScramCase): Promise<ScramKeys> {
  const salt = base64(salt_base64)
  return the(await deriveScramKeys(password, { mechanism, salt, iterations, cryptography }))
}

/** A server whose part of the nonce is the example's; that of RFC 7677 is no base64, so it is put in afterwards. */
function serverOf({ mechanism }: ScramCase): ServerMechanism {
  const random: Random = { bytes: (length) => new Uint8Array(length) }
  const decoy = { key: new Uint8Array(32) }
  return the(createServerMechanism(mechanism, { cryptography, random, decoy }))
}

const corpus: readonly ScramCase[] = hasCorpus ? JSON.parse(readCorpus('sasl/vectors.json')).scram : []

describe.each([...cases, ...corpus.map((each) => ({ ...each, source: `${each.source} in the corpus` }))])(
  'the example of $source',
  (example) => {
    it('is what the client says', async () => {
      const client = clientOf(example)
      expect(toLatin1(the(client.start()))).toBe(example.client_first)
      const step = client.receive(fromLatin1(example.server_first))
      if (step.kind !== 'derive') throw new Error(step.kind)
      expect(step.derivation).toMatchObject({ salt: base64(example.salt_base64), iterations: 4_096 })
      const { algorithm, password, salt, iterations } = step.derivation
      const key = await cryptography.pbkdf2(algorithm, password, salt, iterations)
      expect(responseOf(client.derived(key))).toBe(example.client_final)
      expect(client.finish()).toEqual({ kind: 'fail', reason: 'server-proof' })
      expect(client.receive(fromLatin1(example.server_final))).toEqual({ kind: 'respond', bytes: new Uint8Array(0) })
      expect(client.finish()).toEqual({ kind: 'done' })
    })

    it('is a success, too, where the last message comes beside it (RFC 5802 §5)', async () => {
      const client = clientOf(example)
      client.start()
      const step = client.receive(fromLatin1(example.server_first))
      if (step.kind !== 'derive') throw new Error(step.kind)
      const { algorithm, password, salt, iterations } = step.derivation
      client.derived(await cryptography.pbkdf2(algorithm, password, salt, iterations))
      expect(client.finish(fromLatin1(example.server_final))).toEqual({ kind: 'done' })
    })

    it('has keys whose signature is the one that the server gives', async () => {
      const { storedKey, serverKey } = await keysOf(example)
      const algorithm = example.mechanism === 'SCRAM-SHA-1' ? 'sha1' : 'sha256'
      const [withoutProof = '', proof = ''] = example.client_final.split(',p=')
      const said = fromLatin1(`${example.client_first.slice(3)},${example.server_first},${withoutProof}`)
      expect(`v=${toBase64(cryptography.hmac(algorithm, serverKey, said))}`).toBe(example.server_final)
      const signature = cryptography.hmac(algorithm, storedKey, said)
      const clientKey = base64(proof).map((byte, index) => byte ^ (signature[index] ?? 0))
      expect(cryptography.digest(algorithm, clientKey)).toEqual(storedKey)
    })

    it('is understood by the server, but for its own nonce', async () => {
      const server = serverOf(example)
      expect(server.start(fromLatin1(example.client_first))).toEqual({
        kind: 'keys',
        username: 'user',
        mechanism: example.mechanism,
      })
      const nonce = example.client_first.slice(example.client_first.indexOf('r=') + 2) + 'A'.repeat(24)
      expect(challengeOf(server.keys(await keysOf(example)))).toBe(`r=${nonce},s=${example.salt_base64},i=4096`)
      expect(server.receive(fromLatin1(example.client_final))).toEqual({ kind: 'failure', reason: 'malformed' })
    })
  },
)
