/**
 * Every port of a store on Redis through ioredis: the shared queue.
 *
 * @packageDocumentation
 */

// The store
export { openRedisStore } from './open.ts'
export type { RedisStoreOptions } from './open.ts'

// What it reports
export type { RedisStoreEvent, RedisStoreObserver } from './observer.ts'

// Faults
export { RedisStoreError } from './errors.ts'
export type { RedisStoreErrorCode } from './errors.ts'
