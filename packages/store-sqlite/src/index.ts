/**
 * Every port of a store in one SQLite database: the embedded default.
 *
 * @packageDocumentation
 */

export { openSqliteStore } from './store.ts'
export type { SqliteStoreEvent, SqliteStoreOptions } from './store.ts'
