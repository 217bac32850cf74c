/**
 * The one door into the store: trace, facts, aliases, routes, staging, enqueueing.
 *
 * @packageDocumentation
 */

export {}
