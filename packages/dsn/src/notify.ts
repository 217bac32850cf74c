/** Who is to be told what: NOTIFY (RFC 3461 §4.1), and to whom no report may go. */

import type { Mailbox, ReversePath } from '@postroad/address'
import type { Notify, Recipient } from '@postroad/envelope'
import type { ReportAction } from './report.ts'

/** The condition under which each action is reported (RFC 3461 §5.2). */
const CONDITIONS: Readonly<Record<ReportAction, Notify>> = {
  failed: 'failure',
  delayed: 'delay',
  delivered: 'success',
  relayed: 'success',
  expanded: 'success',
}

/** RFC 3461 §4.1: what the absence of NOTIFY may mean; a delay is worth a word. */
const BY_DEFAULT: readonly Notify[] = ['failure', 'delay']

/** Whether the sender wants to be told that this became of the recipient. */
export function wantsReport({ notify }: Pick<Recipient, 'notify'>, action: ReportAction): boolean {
  return (notify ?? BY_DEFAULT).includes(CONDITIONS[action])
}

/**
 * Whether a report may be sent to this reverse-path: to all but the null one (RFC 5321 §6.1, RFC 3461 §5.2).
 *
 * Nothing else forbids it: a message that a program made (Auto-Submitted) must not be lost silently either. The report
 * itself goes out with the null path, so no loop can come of it.
 */
export function mayBounce(reversePath: ReversePath): reversePath is Mailbox {
  return reversePath !== null
}
