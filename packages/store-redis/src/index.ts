/**
 * Every port of a store on Redis through ioredis: the shared queue.
 *
 * @packageDocumentation
 */

// The store
export { openRedisStore } from './open.ts'
export type { RedisStoreOptions } from './open.ts'
export type { RedisTlsOptions } from './endpoint.ts'
export type { ReplicaOptions } from './confirmation.ts'

// Its check
export { checkRedisStore } from './check.ts'
export type { RedisCheck, RedisCheckOptions } from './check.ts'
export type { Finding } from './findings.ts'

// What it reports
export type { RedisStoreEvent, RedisStoreObserver } from './observer.ts'

// Faults
export { RedisStoreError } from './errors.ts'
export type { RedisStoreErrorCode } from './errors.ts'
