/** The words of a report in one language: all that a translation has to give. */

import type { ReplyCategory } from './classify-category.ts'
import type { ReportAction } from './report.ts'

/** Words for `createTemplate`. Texts given to its functions are on one line; dates are as in a Date field. */
export interface ReportWords {
  /** Tag of the language (BCP 47). */
  readonly language: string
  /** The name beside the author's address. */
  readonly fromName: string
  /** The subject of a report on `name` and so many more recipients; `more` may be 0. */
  subject(action: ReportAction, name: string, more: number): string
  /** The first sentence: who writes. */
  greeting(host: string): string
  /** What became of the message for the recipients that are listed below, one or more. */
  opening(action: ReportAction, count: number): string
  /** Names in front of what is said of a recipient. */
  readonly labels: {
    /** The address that the recipient's became. */
    readonly sentOn: string
    readonly happened: string
    readonly toDo: string
    /** A reason of ours, where there is no reply. */
    readonly reason: string
    readonly lastAttempt: string
    readonly willRetryUntil: string
  }
  /** In front of the reply of a host; `undefined`: which one is not known. */
  said(host: string | undefined): string
  /** What each category means to the sender, and what the sender can do; whole sentences. */
  readonly categories: Readonly<Record<ReplyCategory, { readonly meaning: string; readonly advice: string }>>
  /** What the message was: the heading, and the names of its rows. */
  readonly message: {
    readonly heading: string
    readonly subject: string
    readonly date: string
    readonly messageId: string
    readonly arrival: string
  }
  /** The last sentence, below a report of failure or delay: whom to ask. */
  closing(postmaster: string): string
}
