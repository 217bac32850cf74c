/**
 * Reads bounces: delivery status notifications (RFC 3464) and the notices that other programs write instead.
 *
 * What a mailing program asks of a message that came back: is it a bounce, who failed, for good or for now, and why.
 * Pure, never throws, linear; of notices that are not RFC 3464 a bounded part is looked at. A bounce proves nothing:
 * anybody can write one, so match it with what you sent.
 */

import { parseMessageIds } from '@postroad/message'
import type { Header } from '@postroad/message'
import { fieldsInText, statusFields } from './bounce-fields.ts'
import { authorDomain, failedRecipients, isFromProgram, looksLikeBounce } from './bounce-header.ts'
import { distinct, matchBounce, MOST_RECIPIENTS } from './bounce-match.ts'
import type { NamedRecipient } from './bounce-match.ts'
import { readNotice } from './bounce-notice.ts'
import type { Notice } from './bounce-notice.ts'
import { createJudge, judgeRecipient } from './bounce-recipient.ts'
import type { BouncedRecipient, Judge } from './bounce-recipient.ts'
import { BOUNCE_RULES, BRACKETED_RULE, DELAY_WORDS, TRANSCRIPT_RULE } from './bounce-rules.ts'
import type { BounceRule } from './bounce-rules.ts'
import type { ReplyRule } from './classify.ts'
import { withoutSeparator } from './find-report.ts'
import { readPart } from './multipart.ts'
import { readReport } from './read-report.ts'
import type { ReportedRecipient } from './reported-recipient.ts'

/** A message that says that another one was not delivered, or not yet. */
export interface Bounce {
  /**
   * How it was known: `rfc3464`; `rfc3464-text` where the fields of a report stand as plain text; else the name of a
   * rule, or `x-failed-recipients` where the header section alone names somebody.
   */
  readonly by: string
  /** In the order in which they are named, each once; at most 1,000. Empty where nobody is named. */
  readonly recipients: readonly BouncedRecipient[]
  /**
   * Message-ID of the message that came back, without angle brackets: from what was returned of it, else from
   * In-Reply-To. `undefined` where neither tells.
   */
  readonly originalMessageId: string | undefined
}

/** How to read. */
export interface ReadBounceOptions {
  /** Own rules for notices, tried in their order before `BOUNCE_RULES`; default none. */
  readonly rules?: readonly BounceRule[]
  /** Own rules for what was said, as `ClassifyOptions.rules`; default none. */
  readonly replyRules?: readonly ReplyRule[]
}

/**
 * Reads a message: a report (RFC 3464), else a notice in words. `undefined` where it is no bounce: other mail, answers
 * of people and vacation programs, reports of success (RFC 3464 §2.3.3) and of abuse (RFC 5965 §2).
 *
 * @param message The whole message, header section and body; line ends may be LF alone.
 */
export function readBounce(message: Uint8Array, options: ReadBounceOptions = {}): Bounce | undefined {
  const judge = createJudge(options.replyRules ?? [])
  const result = readReport(message)
  const report = result.ok ? judgeReported(result.value.recipients, 'rfc3464', judge, result.value) : undefined
  // A report that is attached, or stands in the text, may be a part of what came back: then the notice counts.
  if (result.ok && result.value.place === 'message' && tells(report)) return report === 'success' ? undefined : report
  const part = readPart(withoutSeparator(message))
  if (part === undefined || !looksLikeBounce(part.header)) return undefined
  const notice = readNotice(part)
  if (notice.isFeedback) return undefined
  const fields = judgeReported(fieldsInText(notice.lines), 'rfc3464-text', judge)
  const words = readWords(part.header, notice, options.rules ?? [], judge)
  const found = [fields, words, report].find(tells) ?? words ?? report
  if (found === undefined || found === 'success') return undefined
  return { ...found, originalMessageId: found.originalMessageId ?? idOf(part.header, notice) }
}

/** Whether it says of somebody what became of the message. */
const tells = (found: Bounce | 'success' | undefined): boolean =>
  found === 'success' || (found !== undefined && found.recipients.length > 0)

function idOf(header: Header, notice: Notice): string | undefined {
  return notice.returnedId ?? parseMessageIds(header.first('In-Reply-To')?.value ?? '')[0]
}

/**
 * What fields say of those who did not get the message; `success` where all whom they name did, `undefined` where they
 * are of another kind of report.
 */
function judgeReported(
  reported: readonly ReportedRecipient[],
  by: string,
  judge: Judge,
  { originalMessageId }: Partial<Pick<Bounce, 'originalMessageId'>> = {},
): Bounce | 'success' | undefined {
  const groups = reported.map(statusFields)
  const failed = groups.flatMap((group) => (group.kind === 'failure' ? [judgeRecipient(group, judge)] : []))
  if (failed.length > 0) return { by, recipients: distinct(failed), originalMessageId }
  if (groups.some(({ kind }) => kind === 'success')) return 'success'
  return groups.some(({ kind }) => kind === 'disposition') ? undefined : { by, recipients: [], originalMessageId }
}

/** Reads the notice in words, then what the header section alone says. */
function readWords(header: Header, notice: Notice, rules: readonly BounceRule[], judge: Judge): Bounce | undefined {
  const end = notice.flat.length
  const inHeader = failedRecipients(header)
    .slice(0, MOST_RECIPIENTS)
    .map((mailbox) => ({ mailbox, from: end, to: end }))
  const bounce = (by: string, named: readonly NamedRecipient[]): Bounce => ({
    by,
    recipients: distinct(judgeNamed(named, notice, judge)),
    originalMessageId: undefined,
  })

  const ours = isFromProgram(header) ? [...BOUNCE_RULES, TRANSCRIPT_RULE, BRACKETED_RULE] : BOUNCE_RULES
  const domain = authorDomain(header)
  let announced: string | undefined
  for (const rule of [...rules, ...ours]) {
    const named = matchBounce(rule, notice, domain)
    if (named === undefined) continue
    announced ??= rule.name
    if (named.length > 0) return bounce(rule.name, [...named, ...inHeader])
  }
  if (inHeader.length > 0) return bounce('x-failed-recipients', inHeader)
  return announced === undefined ? undefined : bounce(announced, [])
}

function judgeNamed(
  named: readonly NamedRecipient[],
  { flat, key }: Notice,
  judge: Judge,
): readonly BouncedRecipient[] {
  const action = DELAY_WORDS.some((words) => key.includes(words)) ? 'delayed' : 'failed'
  // What follows the last of them may be said of all, as a transcript is.
  const common = withoutPunctuation(flat.slice(Math.max(0, ...named.map(({ to }) => to))))
  return named.map(({ mailbox, from, to }) => {
    const own = withoutPunctuation(flat.slice(from, Math.min(to, from + LONGEST_OWN)))
    return judgeRecipient({ mailbox, action, status: undefined, texts: [own, common], context: flat }, judge)
  })
}

/** What is looked at of what is said of one recipient. */
const LONGEST_OWN = 2_000

/** What is left of the address at the front of what is said of it. */
const withoutPunctuation = (text: string): string => text.replace(/^[\s>:;,.)"'\]*=-]+/, '')
