/** A real Redis for tests: found, or unpacked from the distribution's packages without root. */

// The one that a whole test run shares
export { provideRedis } from './provide.ts'
export type { ProvidedRedis } from './provide.ts'

// One for a test that kills it
export { startRedis } from './server.ts'
export type { StartedRedis, StartOptions } from './server.ts'
