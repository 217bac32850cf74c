/** Judges the answers that a session is given: what does not fit the question is our own mistake, and thrown. */

import type { Reply } from '@postroad/envelope'
import { LocalProtocolError } from './errors.ts'
import { isReply } from './reply-writer.ts'
import type { QuestionEvent } from './server-event.ts'

/** What a session may be answered with. */
export type GivenAnswer = Reply | readonly Reply[] | undefined

/** Where `undefined` means: as usual. */
const HAVE_USUAL_ANSWER: ReadonlySet<string> = new Set<QuestionEvent['type']>([
  'connect',
  'hello',
  'starttls',
  'data',
  'vrfy',
])
/** Where going on is said with `undefined`, so that a reply can only refuse. */
const REPLY_REFUSES: ReadonlySet<string> = new Set<QuestionEvent['type']>(['starttls', 'data'])

/** The answer to any event but `end-of-data`. */
export function judgeAnswer({ type }: QuestionEvent, given: GivenAnswer): Reply | undefined {
  const fits = isList(given)
    ? false
    : given === undefined
      ? HAVE_USUAL_ANSWER.has(type)
      : isFinal(given) && !(REPLY_REFUSES.has(type) && isAcceptance(given))
  if (isList(given) || !fits) throw new LocalProtocolError('SMTP_REPLY_NOT_ALLOWED', `not an answer to ${type}`)
  return given
}

/** The answer to `end-of-data`: as many replies as are `expected`; a single one stands for all. */
export function judgeContentAnswer(given: GivenAnswer, expected: number): readonly Reply[] {
  const replies = isList(given) ? given : given === undefined ? [] : Array.from({ length: expected }, () => given)
  if (replies.length !== expected) {
    throw new LocalProtocolError('SMTP_REPLY_COUNT', 'the end of data needs one reply, in LMTP one for each recipient')
  }
  if (!replies.every(isFinal)) {
    throw new LocalProtocolError('SMTP_REPLY_NOT_ALLOWED', 'not an answer to end-of-data')
  }
  return replies
}

/** Whether the reply is a 2yz. */
export function isAcceptance({ code }: Reply): boolean {
  return code < 300
}

/** A reply that ends a command: 2yz, 4yz or 5yz. */
function isFinal(given: Reply): boolean {
  return isReply(given) && (given.code < 300 || given.code >= 400)
}

function isList(given: GivenAnswer): given is readonly Reply[] {
  return Array.isArray(given)
}
