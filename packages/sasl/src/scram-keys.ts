/**
 * What a server stores of a user for SCRAM (RFC 5802 §3): keys made of the password, by which it can be proved that the
 * other knows it, and from which it cannot be had back but by guessing.
 */

import { concat, fromLatin1, fromUtf8 } from '@postroad/bytes'
import type { Cryptography, DigestAlgorithm } from '@postroad/runtime'
import { SaslKeysError } from './errors.ts'
import { saslprep } from './saslprep.ts'

/** A member of the family, without `-PLUS`: the form with channel binding uses the same keys. */
export type ScramName = 'SCRAM-SHA-1' | 'SCRAM-SHA-256'

/** The keys of one user and one hash function. Whoever has them can pose as the server, and try passwords. */
export interface ScramKeys {
  /** Whose they are: those of one member open no other. */
  readonly mechanism: ScramName
  /** 1 to 1,024 bytes, random, of this user and password alone. */
  readonly salt: Uint8Array
  /** How often the hash function was applied: 1 to 2^31-1; at least 4,096 (RFC 7677 §4), better many times that. */
  readonly iterations: number
  /** 20 (SHA-1) or 32 bytes (SHA-256). */
  readonly storedKey: Uint8Array
  /** As long; with it the server proves that it knows the password (RFC 5802 §3). */
  readonly serverKey: Uint8Array
}

/** The hash function of each member. */
export const SCRAM_DIGESTS: Readonly<Record<ScramName, DigestAlgorithm>> = {
  'SCRAM-SHA-1': 'sha1',
  'SCRAM-SHA-256': 'sha256',
}

/** How long a digest of each is, in bytes. */
export const SCRAM_DIGEST_BYTES: Readonly<Record<ScramName, number>> = { 'SCRAM-SHA-1': 20, 'SCRAM-SHA-256': 32 }

/** What keys are made with. */
export interface ScramKeyOptions {
  /** The member that they are for; each needs keys of its own. */
  readonly mechanism: ScramName
  /** Random, of this user alone, 1 to 1,024 bytes: 16 of the system's randomness do. */
  readonly salt: Uint8Array
  /** 1 to 2^31-1: see `ScramKeys`. */
  readonly iterations: number
  /** Must have PBKDF2 with the hash function of the mechanism, else making the keys rejects. */
  readonly cryptography: Cryptography
}

/**
 * Makes the keys to store for a password. The password is prepared by SASLprep as a stored string (RFC 5802 §2.2);
 * `undefined` where that refuses it, or leaves nothing: SCRAM cannot carry it.
 *
 * @throws {SaslKeysError} (rejects) where nobody could be let in by the keys: salt or iterations are out of range.
 */
export async function deriveScramKeys(password: string, options: ScramKeyOptions): Promise<ScramKeys | undefined> {
  const { mechanism, salt, iterations, cryptography } = options
  if (!isSalt(salt) || !isIterations(iterations)) throw new SaslKeysError('no keys can have this salt or iterations')
  const prepared = preparePassword(password)
  if (prepared === undefined) return undefined
  const saltedPassword = await cryptography.pbkdf2(SCRAM_DIGESTS[mechanism], prepared, salt, iterations)
  const { storedKey, serverKey } = splitSaltedPassword(mechanism, saltedPassword, cryptography)
  return { mechanism, salt, iterations, storedKey, serverKey }
}

/**
 * Whether the password is the one that the keys were made of: so PLAIN and LOGIN work with nothing stored but these.
 * Takes as long as making them; a service bounds how many run at once.
 *
 * @throws {SaslKeysError} (rejects) where the salt or the iterations of the keys are out of range.
 */
export async function verifyScramPassword(
  password: string,
  keys: ScramKeys,
  cryptography: Cryptography,
): Promise<boolean> {
  const { mechanism, salt, iterations } = keys
  const made = await deriveScramKeys(password, { mechanism, salt, iterations, cryptography })
  return made !== undefined && cryptography.equal(made.storedKey, keys.storedKey)
}

/** The bytes of a password that keys are derived from; `undefined` where SCRAM cannot carry it. */
export function preparePassword(password: string): Uint8Array | undefined {
  const prepared = saslprep(password, 'stored')
  return prepared ? fromUtf8(prepared) : undefined
}

/** What the salted password gives (RFC 5802 §3). The client key is the client's secret; a server never stores it. */
export function splitSaltedPassword(
  mechanism: ScramName,
  saltedPassword: Uint8Array,
  cryptography: Cryptography,
): { readonly clientKey: Uint8Array; readonly storedKey: Uint8Array; readonly serverKey: Uint8Array } {
  const algorithm = SCRAM_DIGESTS[mechanism]
  const clientKey = cryptography.hmac(algorithm, saltedPassword, CLIENT_KEY)
  const storedKey = cryptography.digest(algorithm, clientKey)
  return { clientKey, storedKey, serverKey: cryptography.hmac(algorithm, saltedPassword, SERVER_KEY) }
}

const CLIENT_KEY = fromLatin1('Client Key')
const SERVER_KEY = fromLatin1('Server Key')

/** What a server goes on with where there is no such user, so that it does not tell who exists. */
export interface ScramDecoy {
  /**
   * A secret of 16 bytes at least, from which the salt of each unknown name follows: the same name has the same salt.
   * It should be the same on every server of a service, and stay so.
   */
  readonly key: Uint8Array
  /** As the users that exist have: 1 to 2^31-1; default 4,096. */
  readonly iterations?: number
  /** As long as the salts of users that exist: 1 to 32; default 16. */
  readonly saltBytes?: number
}

const MAX_SALT_BYTES = 1_024
const MIN_DECOY_KEY_BYTES = 16
/** One HMAC gives no more. */
const MAX_DECOY_SALT_BYTES = 32

/** @throws {SaslKeysError} where these are no keys of the mechanism. */
export function checkKeys(mechanism: ScramName, keys: ScramKeys): void {
  const length = SCRAM_DIGEST_BYTES[mechanism]
  if (
    keys.mechanism !== mechanism ||
    keys.storedKey.length !== length ||
    keys.serverKey.length !== length ||
    !isSalt(keys.salt) ||
    !isIterations(keys.iterations)
  ) {
    throw new SaslKeysError(`these are no keys of ${mechanism}`)
  }
}

/** @throws {SaslKeysError} where nobody could have what follows from it. */
export function checkDecoy({ key, iterations, saltBytes }: ScramDecoy): void {
  if (
    key.length < MIN_DECOY_KEY_BYTES ||
    !isIterations(iterations ?? 1) ||
    !isWithin(saltBytes ?? 1, 1, MAX_DECOY_SALT_BYTES)
  ) {
    throw new SaslKeysError('the decoy has a key that is too short, or a salt or iterations that nobody can have')
  }
}

function isSalt(salt: Uint8Array): boolean {
  return isWithin(salt.length, 1, MAX_SALT_BYTES)
}

function isIterations(count: number): boolean {
  return isWithin(count, 1, 2 ** 31 - 1)
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}

/** Keys that no password fits, the same each time for the same name. */
export function makeDecoyKeys(
  mechanism: ScramName,
  username: string,
  { key, iterations = 4_096, saltBytes = 16 }: ScramDecoy,
  cryptography: Cryptography,
): ScramKeys {
  const derive = (what: string): Uint8Array =>
    cryptography.hmac('sha256', key, concat([fromLatin1(`${mechanism} ${what}\0`), fromUtf8(username)]))
  return {
    mechanism,
    salt: derive('salt').subarray(0, saltBytes),
    iterations,
    storedKey: derive('stored key').subarray(0, SCRAM_DIGEST_BYTES[mechanism]),
    serverKey: derive('server key').subarray(0, SCRAM_DIGEST_BYTES[mechanism]),
  }
}
