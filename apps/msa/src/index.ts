/**
 * The submission service of Postroad (RFC 6409).
 *
 * @packageDocumentation
 */

export { createService } from './create-service.ts'
