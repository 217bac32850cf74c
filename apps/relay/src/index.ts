/**
 * The relay service of Postroad: delivers what is queued, retries, reports.
 *
 * @packageDocumentation
 */

export { createService } from './create-service.ts'
export type { RelayParts } from './create-service.ts'
