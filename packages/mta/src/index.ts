/**
 * The border Mail Transfer Agent (RFC 5321): policy of accepting mail from others.
 *
 * @packageDocumentation
 */

export { createMta } from './mta.ts'
export type { MtaOptions } from './mta.ts'
