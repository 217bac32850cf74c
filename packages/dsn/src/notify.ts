/** Who is to be told what: NOTIFY (RFC 3461 §4.1), and what must never be answered. */

import type { Mailbox, ReversePath } from '@postroad/address'
import type { Notify, Recipient } from '@postroad/envelope'
import type { Header } from '@postroad/message'
import type { ReportAction } from './report.ts'

/** The condition under which each action is reported (RFC 3461 §5.2, §6). */
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
 * Whether a report may be sent to this reverse-path: to all but the null one (RFC 5321 §6.1, RFC 3464 §2).
 *
 * Nothing else forbids it: a message that a program made (Auto-Submitted) must not be lost silently either. The report
 * itself goes out with the null path, so no loop can come of it.
 */
export function mayBounce(reversePath: ReversePath): reversePath is Mailbox {
  return reversePath !== null
}

/**
 * Whether a message may be answered by a program, as a vacation notice does (RFC 3834 §2). Stricter than for reports.
 *
 * Not: the null reverse-path; what says Auto-Submitted other than `no`; what came over a list (List-*, Precedence
 * bulk, junk, list); local parts that programs use (`owner-*`, `*-request`, `*-owner`, `mailer-daemon` ...).
 */
export function mayRespond(reversePath: ReversePath, header: Header): reversePath is Mailbox {
  if (reversePath === null || PROGRAMS.test(reversePath.localPart)) return false
  const submitted = header.all('Auto-Submitted').map(({ value }) => firstWord(value))
  if (submitted.some((keyword) => keyword !== 'no')) return false
  const precedence = firstWord(header.first('Precedence')?.value ?? '')
  if (['bulk', 'junk', 'list'].includes(precedence)) return false
  return !header.fields.some(({ name }) => name.toLowerCase().startsWith('list-'))
}

const PROGRAMS = /^(?:owner-.*|.*-owner|.*-request|.*-bounces?|mailer-daemon|listserv|majordomo|no-?reply)$/is

/** RFC 3834 §5: a keyword; parameters and comments may follow. */
function firstWord(value: string): string {
  return /^[^\s;(]*/.exec(value.trim())?.[0].toLowerCase() ?? ''
}
