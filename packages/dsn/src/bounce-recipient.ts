/** One recipient of a bounce, judged: status, whether for good, and why. */

import type { Mailbox } from '@postroad/address'
import type { EnhancedStatusCode } from '@postroad/envelope'
import { REPLY_CATEGORIES } from './classify-category.ts'
import { findCode, findStatus } from './classify-text.ts'
import { classifyReply } from './classify.ts'
import type { ReplyClass, ReplyRule } from './classify.ts'

/** One recipient whom a bounce names. */
export interface BouncedRecipient {
  /**
   * As the bounce writes it. Where it tells both the address that was sent to and the one that this stands for, a
   * report (RFC 3464 §2.3.1) gives the former, a notice both, as two recipients.
   */
  readonly mailbox: Mailbox
  /** `failed`: given up. `delayed`: it is still being tried. */
  readonly action: 'failed' | 'delayed'
  /** From the report or its text; deduced from the category and reply code where none stands. */
  readonly status: EnhancedStatusCode
  /** Whether `status` is deduced. */
  readonly isDeduced: boolean
  /**
   * Whether the same again will fail again: it was given up, and `status` is of class 5 (RFC 3463 §2). A mailbox that
   * was given up after days of 4.2.2 has not failed for good.
   */
  readonly permanent: boolean
  /** What was said of this recipient, in one line of at most 1,000 characters; `undefined` where nothing was. */
  readonly diagnostic: string | undefined
  /** What that means. */
  readonly reason: ReplyClass
}

/** What is known of a recipient before it is judged. */
export interface Evidence {
  readonly mailbox: Mailbox
  readonly action: 'failed' | 'delayed'
  /** A status that is given apart from the texts. */
  readonly status: EnhancedStatusCode | undefined
  /** What is said of the recipient, the nearest first, each in one line; may be empty. */
  readonly texts: readonly string[]
  /** What else is said, where none of the texts means anything; no diagnostic. */
  readonly context: string
}

/** What a text says, beside a status that is given. */
export type Judge = (text: string, given: EnhancedStatusCode | undefined) => Judgement

/** What a text was found to say. */
export interface Judgement {
  readonly code: number | undefined
  readonly status: EnhancedStatusCode | undefined
  readonly reason: ReplyClass
}

/** Judges texts; each only once, as a notice may say the same of a thousand recipients. */
export function createJudge(rules: readonly ReplyRule[]): Judge {
  const known = new Map<string, Judgement>()
  return (text, given) => {
    const key = `${given ?? ''} ${text}`
    const judged = known.get(key) ?? judgeText(text, given, rules)
    known.set(key, judged)
    return judged
  }
}

/**
 * A status like 5.0.0 says nothing that the text could not say better. The reason goes by what the text itself says: a
 * report may say 4.4.7 of what was refused every time with 4.7.1.
 */
function judgeText(text: string, given: EnhancedStatusCode | undefined, rules: readonly ReplyRule[]): Judgement {
  const code = findCode(text)
  const said = findStatus(text)
  const status = given === undefined || given.endsWith('.0.0') ? (said ?? given) : given
  return { code, status, reason: classifyReply({ code, status: said ?? given, text }, { rules }) }
}

const LONGEST_DIAGNOSTIC = 1_000

/** Judges a recipient: by the first text that means something, else by the first that holds a code. */
export function judgeRecipient({ mailbox, action, status, texts, context }: Evidence, judge: Judge): BouncedRecipient {
  const judged = [...texts, context].map((text) => judge(text, status))
  const best =
    judged.find(({ reason }) => reason.category !== 'unknown') ??
    judged.find((one) => one.status !== undefined || one.code !== undefined) ??
    judge('', status)
  const known = best.status ?? deduce(action, best)
  return {
    mailbox,
    action,
    status: known,
    isDeduced: best.status === undefined,
    permanent: action === 'failed' && known.startsWith('5'),
    diagnostic: texts.find((text) => text !== '')?.slice(0, LONGEST_DIAGNOSTIC),
    reason: best.reason,
  }
}

/** RFC 3463 §2: class 4 where it is still tried or the reply code says so, else 5; subject and detail by category. */
function deduce(action: 'failed' | 'delayed', { code, reason }: Judgement): EnhancedStatusCode {
  const { detail } = REPLY_CATEGORIES[reason.category]
  return action === 'delayed' || (code !== undefined && code < 500) ? `4.${detail}` : `5.${detail}`
}
