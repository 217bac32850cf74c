/**
 * Every port of a store in one SQLite database: the embedded default.
 *
 * @packageDocumentation
 */

export {}
