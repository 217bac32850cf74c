/**
 * Delivery status notifications: written and read (RFC 3464, RFC 6522, RFC 6533), and who wants them (RFC 3461).
 *
 * @packageDocumentation
 */

// Writing
export { writeReport } from './write-report.ts'
export type { Report, ReportAction, ReportParts, ReportRecipient, ReportTemplate } from './report.ts'
export { englishTemplate } from './template.ts'

// Reading
export { readReport } from './read-report.ts'
export type { DeliveryReportMessage, ReportedRecipient, TypedText } from './read-report.ts'
export type { TypedAddress } from './address-field.ts'

// When to write
export { mayBounce, mayRespond, wantsReport } from './notify.ts'
