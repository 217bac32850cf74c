/**
 * The msa service.
 *
 * @packageDocumentation
 */

export {}
