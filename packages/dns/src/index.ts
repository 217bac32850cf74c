/**
 * Resolver, MX host selection, and a resolver over a zone given as text.
 *
 * @packageDocumentation
 */

export {}
