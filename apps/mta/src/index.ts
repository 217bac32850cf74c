/**
 * The mta service.
 *
 * @packageDocumentation
 */

export {}
