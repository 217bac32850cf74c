/** Judges the answers that a session is given: what does not fit the question is our own mistake, and thrown. */

import type { Reply } from '@postroad/envelope'
import { LocalProtocolError } from './errors.ts'
import { isReply } from './reply-writer.ts'
import type { QuestionEvent } from './server-event.ts'

/** What a session may be answered with. */
export type GivenAnswer = Reply | readonly Reply[] | undefined

/**
 * The replies that accept, for each question; any 4yz or 5yz refuses it. None: going on is said with `undefined`.
 *
 * RFC 5321 §4.3.2; of the extensions RFC 4954 §4, RFC 1985 §5.1, RFC 2645 §7.
 */
const ACCEPTED_WITH: Readonly<Record<QuestionEvent['type'], readonly number[] | 'any 2yz'>> = {
  connect: [220],
  hello: [250],
  starttls: [],
  auth: [235],
  'auth-response': [235],
  mail: [250],
  rcpt: [250, 251],
  data: [],
  'end-of-data': [250],
  vrfy: [250, 251, 252],
  expn: [250, 252],
  help: [211, 214],
  etrn: [250, 251, 252, 253],
  atrn: [250],
  xclient: [],
  xforward: [],
  command: 'any 2yz',
}

/** A question that is answered with a reply. */
export type PlainQuestion = Extract<
  QuestionEvent,
  { readonly type: 'mail' | 'rcpt' | 'auth' | 'auth-response' | 'etrn' | 'atrn' | 'command' }
>
/** A question where `undefined` means: as usual. */
export type UsualQuestion = Exclude<QuestionEvent, PlainQuestion | { readonly type: 'end-of-data' }>

/** The answer to a question that needs a reply. */
export function judgeReply(type: PlainQuestion['type'], given: GivenAnswer): Reply {
  if (given === undefined || isList(given) || !isAnswerTo(type, given)) throw unfit(type)
  return given
}

/** The answer to a question that has a usual one. */
export function judgeAnswer(type: UsualQuestion['type'], given: GivenAnswer): Reply | undefined {
  if (given !== undefined && (isList(given) || !isAnswerTo(type, given))) throw unfit(type)
  return given
}

/** The answer to `end-of-data`: as many replies as are `expected`; a single one stands for all. */
export function judgeContentAnswer(given: GivenAnswer, expected: number): readonly Reply[] {
  const replies = isList(given) ? given : given === undefined ? [] : repeat(given, expected)
  if (replies.length !== expected) {
    throw new LocalProtocolError('SMTP_REPLY_COUNT', 'the end of data needs one reply, in LMTP one for each recipient')
  }
  for (const each of replies) if (!isAnswerTo('end-of-data', each)) throw unfit('end-of-data')
  return replies
}

/** The same reply, so many times. */
export function repeat(reply: Reply, times: number): readonly Reply[] {
  return times === 1 ? [reply] : Array.from({ length: times }, () => reply)
}

/** Whether the reply is a 2yz. */
export function isAcceptance({ code }: Reply): boolean {
  return code < 300
}

function isAnswerTo(type: QuestionEvent['type'], given: Reply): boolean {
  if (!isReply(given)) return false
  if (given.code >= 300) return given.code >= 400
  const accepted = ACCEPTED_WITH[type]
  return accepted === 'any 2yz' || accepted.includes(given.code)
}

function unfit(type: QuestionEvent['type']): LocalProtocolError {
  return new LocalProtocolError('SMTP_REPLY_NOT_ALLOWED', `not an answer to ${type}`)
}

function isList(given: GivenAnswer): given is readonly Reply[] {
  return Array.isArray(given)
}
