/**
 * Delivery status notifications: written and read (RFC 3464, RFC 6522, RFC 6533), who wants them (RFC 3461), and what
 * must never be answered (RFC 3834).
 *
 * @packageDocumentation
 */

// Writing
export { writeReport } from './write-report.ts'
export type {
  Report,
  ReportAction,
  ReportAdvice,
  ReportHost,
  ReportParts,
  ReportRecipient,
  ReportTemplate,
  ReportTransport,
} from './report.ts'
export { chooseTemplate, createTemplate, englishTemplate, germanTemplate } from './template.ts'
export type { ReportWords } from './template-words.ts'

// Reading
export { readReport } from './read-report.ts'
export type { DeliveryReportMessage } from './read-report.ts'
export type { ReportedRecipient } from './reported-recipient.ts'
export type { ReportPlace } from './find-report.ts'
export { readDisposition } from './read-disposition.ts'
export type { Disposition, DispositionMessage } from './read-disposition.ts'
export { reportKind } from './report-kind.ts'
export type { ReportKind } from './report-kind.ts'
export type { TypedAddress } from './address-field.ts'
export type { LocalizedText, TypedText } from './typed-text.ts'

// When to write, and when not to answer
export { mayBounce, wantsReport } from './notify.ts'
export { forbidsResponse, mayRespond } from './respond.ts'
export type { ResponseRefusal, ResponseRule, ResponseSubject } from './respond.ts'

// Bounces in other forms
export { readBounce } from './bounce.ts'
export type { Bounce, ReadBounceOptions } from './bounce.ts'
export type { BouncedRecipient } from './bounce-recipient.ts'
export { BOUNCE_RULES } from './bounce-rules.ts'
export type { BounceRule } from './bounce-rules.ts'

// What replies mean
export { classifyReply } from './classify.ts'
export type { ClassifyOptions, ReplyClass, ReplyExplanation, ReplyRule, SaidReply } from './classify.ts'
export { REPLY_CATEGORIES } from './classify-category.ts'
export type { CategoryFacts, ReplyCategory, ReplyScope } from './classify-category.ts'
export { REPLY_RULES } from './classify-rules.ts'
