/**
 * The border service of Postroad: takes mail from other MTAs (RFC 5321).
 *
 * @packageDocumentation
 */

export { createService } from './create-service.ts'
