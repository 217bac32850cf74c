/**
 * The relay service.
 *
 * @packageDocumentation
 */

export {}
