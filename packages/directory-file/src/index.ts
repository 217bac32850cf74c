/**
 * Users, domains and aliases from files.
 *
 * @packageDocumentation
 */

export {}
