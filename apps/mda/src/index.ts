/**
 * The mda service.
 *
 * @packageDocumentation
 */

export {}
