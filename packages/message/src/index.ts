/**
 * Header sections byte for byte, trace fields, dates, identifiers, encoded words, parameters and facts about content.
 *
 * Pure and linear; nothing here throws for any bytes or text that a peer may send.
 *
 * @packageDocumentation
 */

// Header sections
export { Header, parseHeader } from './header.ts'
export type { HeaderField } from './header.ts'
export { HeaderReader } from './header-reader.ts'
export type { HeaderProgress, HeaderReaderOptions } from './header-reader.ts'
export { createField } from './field.ts'

// Dates and identifiers
export { formatDate, parseDate } from './date.ts'
export type { MailDate } from './date.ts'
export { formatMessageId, parseMessageId, parseMessageIds } from './message-id.ts'

// Trace fields
export { countReceived, formatReceived, formatReturnPath } from './trace.ts'
export type { Stamp } from './trace.ts'
export { parseReceived } from './received.ts'
export type { ReceivedClause, ReceivedTokens } from './received.ts'

// Encoded words and parameters
export { decodeBase64 } from './base64.ts'
export { decodeCharset } from './charset.ts'
export { decodeWords, encodeWords } from './words.ts'
export type { EncodeWordsOptions } from './words.ts'
export { formatParameter, parseContentType } from './structure.ts'
export type { ContentType } from './structure.ts'

// Content
export { ContentScanner } from './facts.ts'

// Submission
export { completeSubmission } from './completion.ts'
export type { Completion, CompletionOptions } from './completion.ts'
export { checkForm } from './form.ts'
export type { FormFault } from './form.ts'

// Our own mistakes
export { MessageError } from './errors.ts'
export type { MessageErrorCode } from './errors.ts'
