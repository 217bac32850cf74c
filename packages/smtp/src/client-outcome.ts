/**
 * What a reply means for a recipient: 2yz delivered, 4yz deferred, 5yz failed (RFC 5321 §4.2.1).
 *
 * The code alone decides (RFC 5321 §4.2). The enhanced status code is the peer's where it sent one of the same class,
 * else one that says as much as the code does (RFC 3463 §3, RFC 5248 §3).
 */

import type { Deferred, Failed, PermanentStatus, RecipientOutcome, Reply, TransientStatus } from '@postroad/envelope'

/** The part of a session a reply belongs to. */
export type ClientPhase =
  | 'greeting'
  | 'hello'
  | 'tls'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'content'
  | 'end-of-data'
  | 'done'

/** The outcome that a reply gives in a phase. A 3yz reply where none belongs defers with 4.5.0. */
export function outcomeOfReply(said: Reply, phase: ClientPhase): RecipientOutcome {
  const reply = boundReply(said)
  if (reply.code < 300) return { kind: 'delivered', reply }
  return refusalOfReply(reply, phase)
}

/** As `outcomeOfReply`, for a reply that does not accept. */
export function refusalOfReply(said: Reply, phase: ClientPhase): Deferred | Failed {
  const reply = boundReply(said)
  if (reply.code < 400) return { kind: 'deferred', reply, status: '4.5.0' }
  const [subject, detail] = partsOf(reply, phase)
  if (reply.code < 500 || isTooManyRecipients(reply, phase)) {
    return { kind: 'deferred', reply, status: transient(subject, detail) }
  }
  return { kind: 'failed', reply, status: permanent(subject, detail) }
}

/** A deferral without a reply. */
export function deferral(status: TransientStatus): Deferred {
  return { kind: 'deferred', reply: undefined, status }
}

/** A failure that we decided. */
export function failure(status: PermanentStatus): Failed {
  return { kind: 'failed', reply: undefined, status }
}

const KEPT_LINES = 16
const KEPT_CHARACTERS = 1_024

/** Replies are kept with a queue entry: at most 16 lines and 1,024 characters of the text stay. */
function boundReply(reply: Reply): Reply {
  let left = KEPT_CHARACTERS
  if (reply.lines.length <= KEPT_LINES && reply.lines.every((line) => (left -= line.length) >= 0)) return reply
  left = KEPT_CHARACTERS
  const lines: string[] = []
  for (const line of reply.lines.slice(0, KEPT_LINES)) {
    if (left <= 0) break
    lines.push(line.slice(0, left))
    left -= line.length
  }
  return { ...reply, lines }
}

/** RFC 5321 §4.5.3.1.10: 552 at RCPT once meant "too many recipients", unless the status says something else. */
function isTooManyRecipients({ code, status }: Reply, phase: ClientPhase): boolean {
  return code === 552 && phase === 'rcpt' && (status === undefined || status === '5.5.3')
}

type Parts = readonly [subject: number, detail: number]

function partsOf(reply: Reply, phase: ClientPhase): Parts {
  if (reply.status !== undefined && Number(reply.status.charAt(0)) === Math.floor(reply.code / 100)) {
    const [, subject = '0', detail = '0'] = reply.status.split('.')
    return [Number(subject), Number(detail)]
  }
  if (phase === 'rcpt') return RCPT_PARTS[reply.code] ?? PARTS[reply.code] ?? [0, 0]
  if (phase === 'mail') return MAIL_PARTS[reply.code] ?? PARTS[reply.code] ?? [0, 0]
  return PARTS[reply.code] ?? [0, 0]
}

const PARTS: Readonly<Record<number, Parts>> = {
  421: [3, 2],
  450: [2, 0],
  451: [3, 0],
  452: [3, 1],
  454: [7, 0],
  455: [5, 4],
  500: [5, 2],
  501: [5, 4],
  502: [5, 1],
  503: [5, 1],
  504: [5, 4],
  521: [3, 2],
  530: [7, 0],
  534: [7, 9],
  535: [7, 8],
  538: [7, 11],
  551: [1, 6],
  552: [3, 4],
  555: [5, 4],
  556: [1, 10],
}
const MAIL_PARTS: Readonly<Record<number, Parts>> = { 553: [1, 7] }
const RCPT_PARTS: Readonly<Record<number, Parts>> = { 452: [5, 3], 550: [1, 1], 552: [5, 3], 553: [1, 3] }

function transient(subject: number, detail: number): TransientStatus {
  return `4.${subject}.${detail}`
}

function permanent(subject: number, detail: number): PermanentStatus {
  return `5.${subject}.${detail}`
}
