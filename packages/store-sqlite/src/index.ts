/**
 * Every port of a store in one SQLite database: the embedded default.
 *
 * @packageDocumentation
 */

// The store
export { openSqliteStore } from './store.ts'
export type { SqliteStoreEvent, SqliteStoreOptions } from './store.ts'
export type { PageFault } from './protocol.ts'

// Its check
export { checkSqliteStore } from './check.ts'
export type { SqliteCheck, SqliteCheckOptions } from './check.ts'
export type { Finding } from './protocol.ts'
