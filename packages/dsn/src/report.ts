/** What a delivery status notification says (RFC 3464), as plain data. */

import type { Mailbox } from '@postroad/address'
import type { ContentFacts, EnhancedStatusCode, OriginalRecipient, Reply } from '@postroad/envelope'
import type { ReplyCategory } from './classify-category.ts'

/**
 * What became of a recipient (RFC 3464 §2.3.3). `relayed` and `expanded` are for those who asked to be told of
 * success.
 */
export type ReportAction = 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded'

/** One recipient of the message that is reported on. */
export interface ReportRecipient {
  /** As it stood in the envelope when we took the message. */
  readonly mailbox: Mailbox
  /** As the sender gave it (RFC 3461 §4.2), decoded; absent where ORCPT was not given. */
  readonly orcpt?: OriginalRecipient
  /** Recipients of one report may differ; the gravest gives its subject, and one `failed` may return the content. */
  readonly action: ReportAction
  /** Written as it is (RFC 3464 §2.3.4): that its class fits `action` is the caller's to see to. */
  readonly status: EnhancedStatusCode
  /** What the other side said last; absent where it said nothing. */
  readonly reply?: Reply
  /** Why, in a sentence of ours, where there is no reply to show: for the human part and `Diagnostic-Code`. */
  readonly reason?: string
  /** What the reply was classified as, for the human part; absent: the words go by `status`. */
  readonly advice?: ReportAdvice
  /** Who said it; absent where the decision was ours. */
  readonly remote?: ReportHost
  /** Id under which the MTA that delivers knows the message (RFC 3464 §2.3.8); absent where it told none. */
  readonly finalLogId?: string
  /** Milliseconds since the epoch; absent where nothing was tried. */
  readonly lastAttemptAt?: number
  /** When it is given up, in milliseconds since the epoch; shown for `delayed` only (RFC 3464 §2.3.9). */
  readonly willRetryUntil?: number
}

/** What a failure means. What `classifyReply` gives will do. */
export interface ReportAdvice {
  /** Chooses the words of the template; `status` and `reply` of the recipient are not classified again. */
  readonly category: ReplyCategory
  /** Sentences for the sender, shown in place of what the template has for the category; absent: the template's. */
  readonly text?: string
}

/** A host that we spoke with. */
export interface ReportHost {
  /** Its name, or the one it gave. */
  readonly host: string
  /** IP address without brackets; absent where not known. */
  readonly address?: string
}

/**
 * What the way back to the reverse-path can carry: ASCII alone, 8-bit content (RFC 6152), or UTF-8 header sections as
 * well (RFC 6531).
 */
export type ReportTransport = '7bit' | '8bitmime' | 'smtputf8'

/** What a report is made of. */
export interface Report {
  /** Our domain name in A-labels (RFC 3464 §2.2.2); a name without a dot is written as a local one (RFC 3461 §6.3). */
  readonly reportingMta: string
  /** The author: a mailbox that a person reads (RFC 3464 §2), as `MAILER-DAEMON` or `postmaster` here. */
  readonly from: Mailbox
  /** The reverse-path of the message that is reported on; the report's own is null (RFC 3461 §6.1). */
  readonly to: Mailbox
  /** Who gave us that message, by the name of EHLO (RFC 3464 §2.2.4); absent: not said. */
  readonly receivedFrom?: ReportHost
  /** ENVID of that message, decoded (RFC 3461 §4.4); absent where none was given. */
  readonly envid?: string
  /** When we took that message, in milliseconds since the epoch. */
  readonly arrivalAt?: number
  /** One at least. */
  readonly recipients: readonly ReportRecipient[]
  /** Header section of that message, without the empty line. */
  readonly originalHeader: Uint8Array
  /**
   * How much to return. `full` is a wish: the header section alone goes back where nobody failed (RFC 3461 §4.3), where
   * the content is over `maxReturnedBytes`, cannot travel, or is a report itself.
   */
  readonly ret: 'full' | 'hdrs'
  /** The most bytes of content to return (RFC 3461 §6.2); default 10,485,760 (10 MiB). */
  readonly maxReturnedBytes?: number
  /**
   * What the way back can carry; default `smtputf8` where the message had a UTF-8 header section or `to` needs it, else
   * `8bitmime`.
   *
   * Without `smtputf8` UTF-8 addresses and returned UTF-8 header sections are written in ASCII (RFC 6533 §3, §4.5).
   */
  readonly transport?: ReportTransport
  /** Facts about that message's content. */
  readonly facts: ContentFacts
  /** Left side of the report's own Message-ID; the right one is `reportingMta`. */
  readonly messageId: string
  /**
   * Random text for the boundary: 16 to 60 letters and digits that a sender could not foresee, so that no content can
   * hold it. Other characters are left out.
   */
  readonly boundary: string
  /** The report's date, in milliseconds since the epoch. */
  readonly at: number
  /** The human part; default English. */
  readonly template?: ReportTemplate
}

/** The words of a report. */
export interface ReportTemplate {
  /** Tag of its language (BCP 47), for Content-Language: `en`. */
  readonly language: string
  /** The name beside the author's address. */
  readonly fromName: string
  /** The subject, one line; what is over 500 characters is cut. */
  subject(report: Report): string
  /** The text; lines parted by `\n`. Long lines are broken at blanks where they can be. */
  text(report: Report): string
}

/** A report, written but for the returned content. */
export interface ReportParts {
  /** The header section and everything before the returned content; with `headers` that is in it too. */
  readonly head: Uint8Array
  /** `full`: the caller writes the original content between `head` and `tail`. */
  readonly original: 'full' | 'headers'
  /**
   * With `full`: how the content is to be written, byte for byte or as base64 in lines (RFC 6533 §4.5): what a
   * `createTransferEncoder('base64')` makes of the bytes.
   */
  readonly encoding: 'identity' | 'base64'
  /** With `full`: the bytes of the content to return, `end` excluded; empty with `headers`. */
  readonly range: { readonly start: number; readonly end: number }
  /** What ends the report. */
  readonly tail: Uint8Array
}
