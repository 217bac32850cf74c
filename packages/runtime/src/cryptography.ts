/**
 * Digests and keys as a value: what authentication needs of a cryptographic library, so that pure packages can be
 * given it. The real one is `systemCryptography` in `@postroad/runtime/system`; random bytes come from `Random`.
 */

/** A hash function. `md5` and `sha1` are here for mechanisms that were built on them, not to be chosen anew. */
export type DigestAlgorithm = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512'

/**
 * Digests, keyed digests, slow keys, comparison of secrets.
 *
 * Every function throws where the machine does not have the algorithm (MD5 on one that is locked to FIPS 140).
 */
export interface Cryptography {
  /** The digest of `bytes`: 16 (MD5), 20 (SHA-1), 32, 48 or 64 bytes. */
  digest(algorithm: DigestAlgorithm, bytes: Uint8Array): Uint8Array
  /** HMAC (RFC 2104 §2): as long as the digest. A key of any length, also an empty one. */
  hmac(algorithm: DigestAlgorithm, key: Uint8Array, bytes: Uint8Array): Uint8Array
  /**
   * A key derived from a password by PBKDF2 with HMAC (RFC 8018 §5.2), as long as the digest. Takes time in proportion
   * to `iterations` (from 1 on), off the event loop. Rejects where the machine has not got the algorithm.
   */
  pbkdf2(algorithm: DigestAlgorithm, password: Uint8Array, salt: Uint8Array, iterations: number): Promise<Uint8Array>
  /** Whether both hold the same bytes, in time that depends on their lengths alone. */
  equal(a: Uint8Array, b: Uint8Array): boolean
}
