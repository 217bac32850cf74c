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
export { parseDateStrict } from './strict-date.ts'
export { readDate } from './lenient-date.ts'
export {
  formatMessageId,
  formatMessageIds,
  parseMessageId,
  parseMessageIds,
  parseMessageIdsStrict,
} from './message-id.ts'

// Addresses
export {
  formatAddressField,
  parseAddressField,
  parseAddressValue,
  readAddressField,
  readAddressValue,
} from './address-field.ts'
export type { AddressFieldName, AddressFieldOptions } from './address-field.ts'
export { readResentBlocks } from './resent.ts'
export type { ResentBlock } from './resent.ts'

// Trace fields
export { countReceived, formatReceived, formatReturnPath } from './trace.ts'
export type { Stamp } from './trace.ts'
export { parseReceived } from './received.ts'
export type { ReceivedClause, ReceivedTokens } from './received.ts'
export { parseReceivedStrict } from './received-strict.ts'
export type { ExtendedDomain, Received } from './received-strict.ts'
export { parseReturnPath, readReturnPath } from './return-path.ts'
export { formatTransmissionType, TRANSMISSION_TYPES } from './transmission-type.ts'
export type { TransmissionType } from './transmission-type.ts'

// Encoded words and parameters
export { decodeBase64 } from './base64.ts'
export {
  decodeCharset,
  decodeWords,
  decodeWordsStrict,
  encodeWords,
  formatPhrase,
  isKnownCharset,
} from '@postroad/address'
export type { EncodeWordsOptions, StrictWordsOptions } from '@postroad/address'
export { formatParameter } from './format-parameters.ts'
export type { Parameters } from './parameters.ts'

// Fields of MIME
export { formatContentType, parseContentType, parseContentTypeStrict } from './content-type.ts'
export type { ContentType } from './content-type.ts'
export {
  formatContentDisposition,
  parseContentDisposition,
  parseContentDispositionStrict,
  readFileName,
} from './content-disposition.ts'
export type { ContentDisposition } from './content-disposition.ts'
export { parseContentLanguage } from './content-language.ts'
export { parseContentLocation } from './content-location.ts'
export { parseMimeVersion } from './mime-version.ts'
export type { MimeVersion } from './mime-version.ts'

// Fields of lists, automata and checks
export { formatKeywords, parseKeywords } from './keywords.ts'
export { formatListCommands, parseListCommands } from './list-commands.ts'
export type { ListCommand, ListCommands } from './list-commands.ts'
export { formatListId, parseListId } from './list-id.ts'
export type { ListId } from './list-id.ts'
export { LIST_UNSUBSCRIBE_POST, readOneClickUri } from './one-click.ts'
export { formatAutoSubmitted, parseAutoSubmitted, parseAutoSubmittedStrict } from './auto-submitted.ts'
export type { AutoSubmitted, AutoSubmittedToWrite } from './auto-submitted.ts'
export { parseAuthenticationResults, parseAuthenticationResultsStrict } from './authentication-results.ts'
export type { AuthenticationProperty, AuthenticationResult, AuthenticationResults } from './authentication-results.ts'
export { formatAuthenticationResults } from './format-authentication-results.ts'
export type { AuthenticationResultsToWrite, AuthenticationResultToWrite } from './format-authentication-results.ts'

// Content
export { ContentScanner } from './facts.ts'

// Submission
export { completeSubmission } from './completion.ts'
export type { Completion, CompletionOptions } from './completion.ts'
export { qualifyField, qualifyHeader } from './qualify.ts'
export type { QualificationOptions } from './qualify.ts'
export { checkForm } from './form.ts'
export type { FormFault, FormOptions, FormPlace } from './form-fault.ts'

// The parts of a message
export { MimeWalker } from './mime-walker.ts'
export type {
  MimeBytesType,
  MimeEvent,
  MimePart,
  MimePartKind,
  MimeWalkerOptions,
  UndividedReason,
} from './mime-part.ts'
export { readStructure } from './mime-structure.ts'
export type { ByteRange, MimeTree } from './mime-structure.ts'

// Transfer encodings
export { createTransferDecoder, createTransferEncoder, parseTransferEncoding } from './transfer-encoding.ts'
export type { TransferDecoder, TransferEncoder, TransferEncoderOptions, TransferEncoding } from './transfer-encoding.ts'

// Conversion to 7-bit
export { ConversionPlanner } from './convert-plan.ts'
export { Converter } from './converter.ts'
export type { ConversionEdit, ConversionEncode, ConversionPlan, ConversionRefusal } from './convert-edit.ts'

// Our own mistakes
export { MessageError } from './errors.ts'
export type { MessageErrorCode } from './errors.ts'
