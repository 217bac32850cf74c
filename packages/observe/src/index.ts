/**
 * Turns what packages report into pino log lines.
 *
 * @packageDocumentation
 */

export {}
