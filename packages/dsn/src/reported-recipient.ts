/**
 * What a report says of one recipient (RFC 3464 §2.3), read leniently: where a sender breaks the grammar and the sense
 * is plain, the sense is given. The fields are kept as they came.
 */

import { isStatus, splitStatus } from '@postroad/envelope'
import type { EnhancedStatusCode, Reply } from '@postroad/envelope'
import type { Header, MailDate } from '@postroad/message'
import { parseTypedAddress } from './address-field.ts'
import type { TypedAddress } from './address-field.ts'
import type { ReportAction } from './report.ts'
import { dateOf, localizedTextsOf, typedTextOf, valueOf } from './typed-text.ts'
import type { LocalizedText, TypedText } from './typed-text.ts'

/** One recipient of a report. What is missing or cannot be read is `undefined`. */
export interface ReportedRecipient {
  /** As the one who reports knew it, after aliases and forwarding (RFC 3464 §2.3.2). */
  readonly finalRecipient: TypedAddress | undefined
  /** As the sender gave it, where the report says so. */
  readonly originalRecipient: TypedAddress | undefined
  /**
   * Words that are none of RFC 3464 §2.3.3 are read by their sense (`failure`, `error` are `failed`; `deliverable`, which
   * Postfix answers to a probe, is `delivered`); without one, a permanent status is `failed`.
   */
  readonly action: ReportAction | undefined
  /** Where the field has none: what the diagnostic code says, or X.0.0 by the reply code in either (RFC 3461 §6.3). */
  readonly status: EnhancedStatusCode | undefined
  /** The host whose word is reported (RFC 3464 §2.3.5); `undefined` also where the one who reports decided itself. */
  readonly remoteMta: TypedText | undefined
  /** What went wrong, in the words of the one who said so (RFC 3464 §2.3.6); of type `smtp`: see `reply`. */
  readonly diagnostic: TypedText | undefined
  /** The diagnostic code as a reply (RFC 3461 §9.2); `undefined` where it is not of type `smtp` or is none. */
  readonly reply: Reply | undefined
  /** RFC 6533 §4.1; may be empty. */
  readonly localizedDiagnostics: readonly LocalizedText[]
  /** When it was last tried (RFC 3464 §2.3.7). */
  readonly lastAttemptDate: MailDate | undefined
  /** RFC 3464 §2.3.8. */
  readonly finalLogId: string | undefined
  /** When it will be given up (RFC 3464 §2.3.9); means something for `delayed` alone. */
  readonly willRetryUntil: MailDate | undefined
  /** All fields of the group, those of other programs too. */
  readonly fields: Header
}

/** Reads the group of a recipient. */
export function readRecipient(fields: Header): ReportedRecipient {
  const diagnostic = typedTextOf(fields, 'Diagnostic-Code')
  const status =
    parseStatus(valueOf(fields, 'Status')) ??
    parseStatus(diagnostic?.text ?? '') ??
    statusOf(valueOf(fields, 'Status')) ??
    statusOf(diagnostic?.text ?? '')
  return {
    finalRecipient: parseTypedAddress(valueOf(fields, 'Final-Recipient')),
    originalRecipient: parseTypedAddress(valueOf(fields, 'Original-Recipient')),
    action: parseAction(valueOf(fields, 'Action')) ?? (status?.startsWith('5') === true ? 'failed' : undefined),
    status,
    remoteMta: typedTextOf(fields, 'Remote-MTA'),
    diagnostic,
    reply: diagnostic?.type === 'smtp' ? parseReply(diagnostic.text) : undefined,
    localizedDiagnostics: localizedTextsOf(fields, 'Localized-Diagnostic'),
    lastAttemptDate: dateOf(fields, 'Last-Attempt-Date'),
    finalLogId: fields.first('Final-Log-ID')?.value,
    willRetryUntil: dateOf(fields, 'Will-Retry-Until'),
    fields,
  }
}

/** RFC 3464 §2.3.3, and the words that are written in place of its. */
const ACTIONS: ReadonlyMap<string, ReportAction> = new Map([
  ['failed', 'failed'],
  ['failure', 'failed'],
  ['fail', 'failed'],
  ['error', 'failed'],
  ['rejected', 'failed'],
  ['bounced', 'failed'],
  ['undelivered', 'failed'],
  ['undeliverable', 'failed'],
  ['delayed', 'delayed'],
  ['delay', 'delayed'],
  ['deferred', 'delayed'],
  ['warning', 'delayed'],
  ['delivered', 'delivered'],
  ['deliverable', 'delivered'],
  ['success', 'delivered'],
  ['relayed', 'relayed'],
  ['expanded', 'expanded'],
])

/** A word in any case; a comment or more text may follow. */
function parseAction(value: string): ReportAction | undefined {
  const [word = ''] = /^[a-z]{0,20}(?![a-z])/i.exec(value.trim()) ?? []
  return ACTIONS.get(word.toLowerCase())
}

/** RFC 3464 §2.3.4, also behind a reply code and with leading zeros; a comment or more text may follow. */
function parseStatus(text: string): EnhancedStatusCode | undefined {
  const [, digits = '', subject, detail] = STATUS.exec(text) ?? []
  const status = `${digits}.${Number(subject)}.${Number(detail)}`
  return isStatus(status) ? status : undefined
}

const STATUS = /^\s{0,9}(?:[245]\d\d[ -])?\s{0,9}#?([245])\.(\d{1,3})\.(\d{1,3})(?![.\d])/

/** RFC 3461 §6.3: the class alone, where there is a reply code alone. */
function statusOf(text: string): EnhancedStatusCode | undefined {
  const [, digits] = /^\s{0,9}([245])\d\d(?!\d)/.exec(text) ?? []
  const status = `${digits}.0.0`
  return isStatus(status) ? status : undefined
}

/** RFC 3461 §9.2: `550-first line 550 last line`, unfolded. */
function parseReply(text: string): Reply | undefined {
  const [head, digits = ''] = /^([2-5]\d\d)[ -]/.exec(text) ?? []
  if (head === undefined) return undefined
  const lines: string[] = []
  const next = new RegExp(` ${digits}[- ]`, 'g')
  let start = head.length
  next.lastIndex = start - 1
  for (let mark = head; mark.endsWith('-');) {
    const found = next.exec(text)
    if (found === null) break
    lines.push(text.slice(start, found.index))
    start = next.lastIndex
    mark = found[0]
  }
  lines.push(text.slice(start))
  const split = lines.map((line) => splitStatus(line.trim()))
  return { code: Number(digits), status: split.at(0)?.status, lines: split.map((line) => line.text) }
}
