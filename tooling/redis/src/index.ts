/** A real Redis for tests: found, or unpacked from the distribution's packages without root. */

// The one that a whole test run shares
export { provideRedis } from './provide.ts'
export type { ProvidedRedis } from './provide.ts'

// One for a test that kills it
export { startRedis } from './server.ts'
export type { StartedRedis, StartOptions } from './server.ts'

// Several that belong together
export { startRedisSentinels } from './sentinels.ts'
export type { SentinelOptions, StartedSentinels } from './sentinels.ts'
export { startRedisCluster } from './cluster.ts'
export type { ClusterOptions, StartedCluster } from './cluster.ts'

// Questions to a server
export { ask, becomes } from './ask.ts'
