/**
 * Clock, randomness and cryptography as values, with manual versions of time and chance for tests. The real ones are in
 * `@postroad/runtime/system`.
 *
 * @packageDocumentation
 */

// Time
export { createManualClock } from './clock.ts'
export type { Clock, ManualClock } from './clock.ts'

// Randomness
export { createSeededRandom, randomFraction } from './random.ts'
export type { Random } from './random.ts'

// Digests and keys
export type { Cryptography, DigestAlgorithm } from './cryptography.ts'
