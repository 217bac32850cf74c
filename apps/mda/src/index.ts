/**
 * The delivery service of Postroad: LMTP (RFC 2033) into Maildirs.
 *
 * @packageDocumentation
 */

export { createService } from './create-service.ts'
export type { MdaService } from './create-service.ts'
