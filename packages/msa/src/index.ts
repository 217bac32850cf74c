/**
 * The Mail Submission Agent (RFC 6409): policy of submission.
 *
 * @packageDocumentation
 */

export { createMsa } from './msa.ts'
export type { MsaOptions } from './msa.ts'
export { preparePassword } from './prepare-password.ts'
