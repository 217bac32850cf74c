/** The machine's clock, randomness and cryptography: the one place of the repository that reads the first two. */

import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import type { Clock } from './clock.ts'
import type { Cryptography, DigestAlgorithm } from './cryptography.ts'
import type { Random } from './random.ts'

/** Longest delay a Node timer takes; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The machine's clock. Sleeps longer than 24.8 days end after 24.8 days. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve()
      const wake = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const timer = setTimeout(wake, Math.min(Math.max(0, ms), LONGEST_TIMER_MS))
      signal?.addEventListener('abort', wake, { once: true })
    }),
}

/** The machine's cryptographic randomness. */
export const systemRandom: Random = { bytes: (length) => randomBytes(length) }

const DIGEST_BYTES: Readonly<Record<DigestAlgorithm, number>> = {
  md5: 16,
  sha1: 20,
  sha256: 32,
  sha384: 48,
  sha512: 64,
}

/** The machine's cryptography: OpenSSL by `node:crypto`. `pbkdf2` runs in the thread pool. */
export const systemCryptography: Cryptography = {
  digest: (algorithm, bytes) => createHash(algorithm).update(bytes).digest(),
  hmac: (algorithm, key, bytes) => createHmac(algorithm, key).update(bytes).digest(),
  pbkdf2: (algorithm, password, salt, iterations) =>
    new Promise((resolve, reject) => {
      pbkdf2(password, salt, iterations, DIGEST_BYTES[algorithm], algorithm, (error, key) => {
        if (error === null) resolve(key)
        else reject(error)
      })
    }),
  equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
}
