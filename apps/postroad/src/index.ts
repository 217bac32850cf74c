/**
 * Everything in one process, and the command-line tool.
 *
 * @packageDocumentation
 */

export {}
