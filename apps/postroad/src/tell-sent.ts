/** Tells the person at the terminal what became of a message that was submitted, and what to do where it was not. */

import { reasonOf } from '@postroad/config'
import { formatReply, type RecipientOutcome } from '@postroad/envelope'
import type { SendMessageReport } from '@postroad/smtp-client'

/** What was tried, for the sentences. */
export interface Attempted {
  readonly server: string
  readonly port: number
  readonly user: string | undefined
  /** The recipients as they were given, in the envelope's order. */
  readonly to: readonly string[]
}

/** Exit codes; 69, 75 and 77 are those of `sysexits.h`. */
const EXIT = { sent: 0, refused: 1, later: 75, noLogin: 77 } as const

/** What Node says of a certificate that no root it knows has signed. */
const UNTRUSTED: ReadonlySet<string> = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
])

/** Prints a line for each recipient, and what is wrong before any of them was told; gives the exit code. */
export function tellSent(attempted: Attempted, report: SendMessageReport): number {
  const { outcomes } = report
  const problem = problemOf(attempted, report)
  const before = report.phase !== 'done' && problem !== undefined
  outcomes.forEach((outcome, index) => {
    const told = before && (outcome.kind === 'deferred' || outcome.kind === 'failed') ? 'not sent' : sentenceOf(outcome)
    process.stdout.write(`${attempted.to[index]}: ${told}\n`)
  })
  if (problem !== undefined) process.stderr.write(`postroad send: ${problem}\n`)
  else if (attempted.user === undefined && outcomes.some(wantsLogin))
    process.stderr.write('postroad send: log in with --user NAME\n')
  if (report.phase === 'auth' && outcomes.some(isRefusal)) return EXIT.noLogin
  if (outcomes.some(({ kind }) => kind === 'failed')) return EXIT.refused
  return outcomes.every(({ kind }) => kind === 'delivered') ? EXIT.sent : EXIT.later
}

/** What kept the transaction from beginning; `undefined` where each recipient's reply tells all there is. */
function problemOf(
  { server, port, user }: Attempted,
  { phase, error, outcomes }: SendMessageReport,
): string | undefined {
  const refusal = outcomes.find(isRefusal)?.reply
  if (phase === 'auth' && refusal !== undefined) {
    return `${server} refused the login of ${user ?? ''}: ${formatReply(refusal)}`
  }
  if (error === undefined) return undefined
  if (phase === 'connect') return `cannot reach ${server}${portOf(server, port)}: ${reasonOf(error)}`
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (phase === 'tls' && UNTRUSTED.has(code)) {
    const [reason = ''] = error.message.split(';')
    return `the certificate of ${server} is not trusted (${reason}); if it is the right one, name its file with --ca`
  }
  return `${error.message} (${phase})`
}

const portOf = (server: string, port: number): string => (server.startsWith('unix:') ? '' : ` port ${port}`)

const wantsLogin = (outcome: RecipientOutcome): boolean =>
  outcome.kind !== 'unknown' && outcome.reply !== undefined && outcome.reply.code === 530

type Replied = RecipientOutcome & {
  readonly reply: Exclude<Extract<RecipientOutcome, { kind: 'failed' }>['reply'], undefined>
}

/** Whether somebody said no for good. */
function isRefusal(outcome: RecipientOutcome): outcome is Replied {
  return outcome.kind !== 'unknown' && outcome.reply !== undefined && outcome.reply.code >= 500
}

function sentenceOf(outcome: RecipientOutcome): string {
  switch (outcome.kind) {
    case 'delivered':
      return `accepted: ${formatReply(outcome.reply)}`
    case 'failed':
      return `refused: ${outcome.reply === undefined ? (outcome.reason ?? outcome.status) : formatReply(outcome.reply)}`
    case 'deferred':
      return `not now: ${outcome.reply === undefined ? (outcome.reason ?? outcome.status) : formatReply(outcome.reply)}`
    case 'unknown':
      return 'unknown: it was sent and no answer came'
  }
}
