/** What a delivery status notification says (RFC 3464), as plain data. */

import type { Mailbox } from '@postroad/address'
import type { ContentFacts, EnhancedStatusCode, OriginalRecipient, Reply } from '@postroad/envelope'

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
  readonly action: ReportAction
  readonly status: EnhancedStatusCode
  /** What the other side said last; absent where it said nothing. */
  readonly reply?: Reply
  /** Why, in a sentence of ours, where there is no reply to show: for the human part and `Diagnostic-Code`. */
  readonly reason?: string
  /** Who said it; absent where the decision was ours. `address` without brackets. */
  readonly remote?: { readonly host: string; readonly address?: string }
  /** Milliseconds since the epoch; absent where nothing was tried. */
  readonly lastAttemptAt?: number
  /** When it is given up, in milliseconds since the epoch; shown for `delayed` only (RFC 3464 §2.3.9). */
  readonly willRetryUntil?: number
}

/** What a report is made of. */
export interface Report {
  /** Our domain name (RFC 3464 §2.2.2). */
  readonly reportingMta: string
  /** The author: a mailbox that a person reads (RFC 3464 §2), as `MAILER-DAEMON` or `postmaster` here. */
  readonly from: Mailbox
  /** The reverse-path of the message that is reported on; the report's own is null (RFC 3461 §6.1). */
  readonly to: Mailbox
  /** ENVID of that message, decoded (RFC 3461 §4.4); absent where none was given. */
  readonly envid?: string
  /** When we took that message, in milliseconds since the epoch. */
  readonly arrivalAt?: number
  /** One at least. */
  readonly recipients: readonly ReportRecipient[]
  /** Header section of that message, without the empty line. */
  readonly originalHeader: Uint8Array
  /** How much to return. `full` holds only where somebody failed (RFC 3461 §4.3) and the content is not binary. */
  readonly ret: 'full' | 'hdrs'
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
  /** The subject, one line. */
  subject(report: Report): string
  /** The text; lines parted by `\n`. Long lines are broken at blanks where they can be. */
  text(report: Report): string
}

/** A report, written but for the returned content. */
export interface ReportParts {
  /** The header section and everything before the returned content; with `headers` that is in it too. */
  readonly head: Uint8Array
  /** `full`: the caller writes the original content, byte for byte, between `head` and `tail`. */
  readonly original: 'full' | 'headers'
  /** What ends the report. */
  readonly tail: Uint8Array
}
