/** Both sides of SCRAM as the tests make them, with the keys of somebody whose password is `secret`. */

import { fromLatin1 } from '@postroad/bytes'
import { systemCryptography as cryptography, systemRandom as random } from '@postroad/runtime/system'
import {
  type ChannelBinding,
  type ClientContext,
  type ClientMechanism,
  createClientMechanism,
  createServerMechanism,
  deriveScramKeys,
  type PasswordLogin,
  type ScramKeys,
  type ScramName,
  type ServerContext,
  type ServerMechanism,
} from '../src/index.ts'
import { the } from './exchange.ts'

export const NAMES = ['SCRAM-SHA-1', 'SCRAM-SHA-256'] as const
export const decoy = { key: fromLatin1('a secret of the server') }
export const exporter: ChannelBinding = (type) => (type === 'tls-exporter' ? new Uint8Array(32).fill(7) : undefined)
export const login: PasswordLogin = { username: 'tim', password: 'secret' }
const lenient = { iterations: { min: 1 } }

export const keysFor = async (mechanism: ScramName, password: string, iterations = 1): Promise<ScramKeys> =>
  the(await deriveScramKeys(password, { mechanism, salt: fromLatin1('salt'), iterations, cryptography }))

/** Takes few iterations, so that tests take no time. */
export const client = (name: string, context: ClientContext = {}, who: PasswordLogin = login): ClientMechanism =>
  the(createClientMechanism(name, who, { cryptography, random, ...lenient, ...context }))

export const server = (name: string, context: ServerContext = {}): ServerMechanism =>
  the(createServerMechanism(name, { cryptography, random, decoy, ...context }))

const stored = new Map(await Promise.all(NAMES.map(async (name) => [name, await keysFor(name, 'secret')] as const)))

/** Of `secret`, for a mechanism with or without `-PLUS`. */
export const keys = (name: string): ScramKeys =>
  the(stored.get(name.startsWith('SCRAM-SHA-1') ? 'SCRAM-SHA-1' : 'SCRAM-SHA-256'))
