/**
 * Password verifiers: made, read and compared.
 *
 * scrypt (RFC 7914) is the default; argon2id (RFC 9106) where this Node has it (24.7 and later); PBKDF2 with
 * HMAC-SHA-256 (RFC 8018 §5.2) to read what other systems made. Every derivation runs on Node's thread pool. A verifier
 * that would cost more memory or time than stated here is refused when the file is read, so that no line of a file, and
 * nothing a client sends, can stop the service.
 */

import * as crypto from 'node:crypto'
import { formatPhc, parsePhc, type PhcString } from './phc.ts'

/** Algorithms for new verifiers. */
export type HashAlgorithm = 'scrypt' | 'argon2id'

/** A verifier that may be used. */
export interface Verifier {
  /** Derives the hash of a password with the verifier's salt and parameters, and compares in constant time. */
  verify(password: string): Promise<boolean>
}

/** A verifier, or why it is none; the reason never holds a part of it. */
export type VerifierResult =
  | { readonly ok: true; readonly verifier: Verifier }
  | { readonly ok: false; readonly message: string }

/** Most memory one verification may take. */
const MAX_MEMORY_BYTES = 256 * 1_048_576
/** Most work of scrypt (`N*r*p`): four times that of the parameters with 128 MiB that are often advised. */
const MAX_SCRYPT_WORK = 2 ** 22
/** Most work of argon2 (`m*t`, in KiB): 256 MiB four times, or less memory more often. */
const MAX_ARGON2_WORK = 2 ** 20
const MAX_PBKDF2_ITERATIONS = 5_000_000

const SALT_BYTES = { least: 8, most: 64 } as const
const HASH_BYTES = { least: 16, most: 64 } as const

/** What new scrypt verifiers cost: 32 MiB, three passes. As strong as 128 MiB and one pass, and kinder to a small host. */
const NEW_SCRYPT = new Map([
  ['ln', 15],
  ['r', 8],
  ['p', 3],
])
/** RFC 9106 §4 offers 64 MiB and three passes where memory is short. */
const NEW_ARGON2 = new Map([
  ['m', 65_536],
  ['t', 3],
  ['p', 4],
])

/**
 * Makes a verifier for a new password, with a random salt of 16 bytes and a hash of 32.
 *
 * @param algorithm Default `scrypt`; `argon2id` rejects with a `TypeError` where Node has none (before 24.7).
 */
export async function hashPassword(password: string, algorithm: HashAlgorithm = 'scrypt'): Promise<string> {
  const salt = new Uint8Array(crypto.randomBytes(16))
  const blank = { salt, hash: new Uint8Array(32) }
  const phc: PhcString =
    algorithm === 'scrypt'
      ? { algorithm, version: undefined, parameters: NEW_SCRYPT, ...blank }
      : { algorithm, version: 0x13, parameters: NEW_ARGON2, ...blank }
  const derivation = derivationOf(phc)
  if (typeof derivation === 'string') throw new TypeError(derivation)
  return formatPhc({ ...phc, hash: await derivation(password) })
}

/** A verifier with the cost of a new one that no password opens. */
export function createClosedVerifier(): Verifier {
  const [salt, hash] = [new Uint8Array(crypto.randomBytes(16)), new Uint8Array(crypto.randomBytes(32))]
  const derivation = scryptOf({ algorithm: 'scrypt', version: undefined, parameters: NEW_SCRYPT, salt, hash })
  if (typeof derivation === 'string') throw new TypeError(derivation)
  return { verify: async (password) => crypto.timingSafeEqual(await derivation(password), hash) }
}

/** Reads a verifier and judges what it would cost. */
export function parseVerifier(text: string): VerifierResult {
  const phc = parsePhc(text)
  if (phc === undefined) return { ok: false, message: 'This is no PHC string ($algorithm$parameters$salt$hash).' }
  if (!isWithin(phc.salt.length, SALT_BYTES)) return { ok: false, message: 'The salt must have 8 to 64 bytes.' }
  if (!isWithin(phc.hash.length, HASH_BYTES)) return { ok: false, message: 'The hash must have 16 to 64 bytes.' }
  const derivation = derivationOf(phc)
  if (typeof derivation === 'string') return { ok: false, message: derivation }
  return {
    ok: true,
    verifier: { verify: async (password) => crypto.timingSafeEqual(await derivation(password), phc.hash) },
  }
}

type Derivation = (password: string) => Promise<Uint8Array>

/** How the verifier derives, or why it must not. */
function derivationOf(phc: PhcString): Derivation | string {
  switch (phc.algorithm) {
    case 'scrypt':
      return scryptOf(phc)
    case 'argon2id':
      return argon2Of(phc)
    case 'pbkdf2-sha256':
      return pbkdf2Of(phc)
    default:
      return 'The algorithm is none of scrypt, argon2id and pbkdf2-sha256.'
  }
}

/** RFC 7914 §2: N is a power of two, here `2^ln`; r the block size, p the parallelization. */
function scryptOf({ version, parameters, salt, hash }: PhcString): Derivation | string {
  const ln = parameters.get('ln')
  const r = parameters.get('r')
  const p = parameters.get('p')
  if (version !== undefined || parameters.size !== 3 || ln === undefined || r === undefined || p === undefined)
    return 'scrypt needs the parameters ln, r and p, and no others.'
  if (ln < 1 || ln > 30 || r < 1 || p < 1) return 'The parameters of scrypt are out of range.'
  const memory = 128 * r * (2 ** ln + p + 2)
  if (memory > MAX_MEMORY_BYTES || 2 ** ln * r * p > MAX_SCRYPT_WORK)
    return 'The parameters of scrypt would cost more than a server may spend on one password.'
  const options = { N: 2 ** ln, r, p, maxmem: MAX_MEMORY_BYTES + 1_048_576 }
  return (password) =>
    new Promise((resolve, reject) => {
      crypto.scrypt(password, salt, hash.length, options, settle(resolve, reject))
    })
}

/** RFC 9106 §3.1: m is memory in KiB, t the passes, p the lanes; only version 0x13 is known. */
function argon2Of({ version, parameters, salt, hash }: PhcString): Derivation | string {
  const memory = parameters.get('m')
  const passes = parameters.get('t')
  const parallelism = parameters.get('p')
  if (parameters.size !== 3 || memory === undefined || passes === undefined || parallelism === undefined)
    return 'argon2id needs the parameters m, t and p, and no others.'
  if (version !== 0x13) return 'Only version 19 of argon2id is known (v=19).'
  if (passes < 1 || parallelism < 1 || parallelism > 16 || memory < 8 * parallelism)
    return 'The parameters of argon2id are out of range.'
  if (memory * 1_024 > MAX_MEMORY_BYTES || memory * passes > MAX_ARGON2_WORK)
    return 'The parameters of argon2id would cost more than a server may spend on one password.'
  const argon2: unknown = Reflect.get(crypto, 'argon2')
  if (!isArgon2(argon2)) return 'This Node has no argon2; it came with Node 24.7.'
  return (password) =>
    new Promise((resolve, reject) => {
      const given = { message: password, nonce: salt, parallelism, tagLength: hash.length, memory, passes }
      argon2('argon2id', given, settle(resolve, reject))
    })
}

/** `argon2` of `node:crypto`, which the declarations for older Node do not have. */
type Argon2 = (
  algorithm: 'argon2id',
  parameters: {
    readonly message: string
    readonly nonce: Uint8Array
    readonly parallelism: number
    readonly tagLength: number
    readonly memory: number
    readonly passes: number
  },
  done: (fault: Error | null, hash: Uint8Array) => void,
) => void

const isArgon2 = (value: unknown): value is Argon2 => typeof value === 'function'

/** RFC 8018 §5.2 with HMAC-SHA-256: i is the iteration count, l the length of the hash where it is given. */
function pbkdf2Of({ version, parameters, salt, hash }: PhcString): Derivation | string {
  const iterations = parameters.get('i')
  const length = parameters.get('l') ?? hash.length
  const extra = parameters.size - (parameters.has('l') ? 2 : 1)
  if (version !== undefined || iterations === undefined || extra !== 0 || length !== hash.length)
    return 'pbkdf2-sha256 needs the parameter i, perhaps l (the length of the hash), and no others.'
  if (iterations < 1_000) return 'Fewer than 1,000 iterations protect no password (RFC 8018 §4.2).'
  if (iterations > MAX_PBKDF2_ITERATIONS)
    return 'The parameters of pbkdf2-sha256 would cost more than a server may spend on one password.'
  return (password) =>
    new Promise((resolve, reject) => {
      crypto.pbkdf2(password, salt, iterations, hash.length, 'sha256', settle(resolve, reject))
    })
}

function settle(
  resolve: (hash: Uint8Array) => void,
  reject: (fault: Error) => void,
): (fault: Error | null, hash: Uint8Array) => void {
  return (fault, hash) => (fault === null || fault === undefined ? resolve(hash) : reject(fault))
}

const isWithin = (length: number, { least, most }: { readonly least: number; readonly most: number }): boolean =>
  length >= least && length <= most
