/**
 * Clock and randomness as values, with manual versions for tests. The real ones are in `@postroad/runtime/system`.
 *
 * @packageDocumentation
 */

// Time
export { createManualClock } from './clock.ts'
export type { Clock, ManualClock } from './clock.ts'

// Randomness
export { createSeededRandom, randomFraction } from './random.ts'
export type { Random } from './random.ts'
