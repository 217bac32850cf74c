/**
 * The configuration file of the apps: schema, units, errors, origins.
 *
 * @packageDocumentation
 */

export {}
