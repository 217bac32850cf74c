/** What one server session is made of, for those who work with several of its parts. */

import type { Reply } from '@postroad/envelope'
import type { QuestionEvent, NoticeEvent } from './server-event.ts'
import type { ServerSessionOptions } from './server-session-options.ts'
import { ServerTransaction } from './server-transaction.ts'
import { SessionContent } from './session-content.ts'
import { SessionInput } from './session-input.ts'
import { DEFAULT_SESSION_LIMITS, sessionLimits } from './session-limits.ts'
import type { SessionLimits } from './session-limits.ts'
import { SessionOutput } from './session-output.ts'
import { SessionRefusals } from './session-refusals.ts'
import { SessionStanding, tableOf } from './session-standing.ts'
import { SessionTally } from './session-tally.ts'
import { ShownLines } from './shown-line.ts'

/** What the session is about, while no transaction is open. */
export type Phase = 'greeting' | 'refused' | 'connected' | 'ready' | 'auth' | 'tls' | 'turned' | 'closed'

/** The parts of one session. */
export class SessionParts {
  readonly options: ServerSessionOptions
  readonly limits: SessionLimits
  readonly transaction: ServerTransaction
  readonly standing: SessionStanding
  readonly input: SessionInput
  readonly output: SessionOutput
  readonly tally: SessionTally
  readonly refusals: SessionRefusals
  readonly content: SessionContent
  readonly shownLines: ShownLines = new ShownLines()
  phase: Phase = 'greeting'
  /** What every command but QUIT is answered with, where the greeting has refused the client. */
  refusedWith: Reply | undefined
  /** The question that waits for its answer. */
  waiting: QuestionEvent | undefined
  /** What is to be told before anything else. */
  notice: NoticeEvent | undefined

  /** @throws {LocalProtocolError} `SMTP_LIMIT_BELOW_FLOOR`, unless `belowFloors` allows it. */
  constructor(options: ServerSessionOptions) {
    const { limits = DEFAULT_SESSION_LIMITS, belowFloors = 'refuse' } = options
    const table = tableOf(options)
    this.options = options
    this.limits = sessionLimits(limits, belowFloors, table.lineBytes)
    this.transaction = new ServerTransaction(options, this.limits)
    this.standing = new SessionStanding(options, this.limits, this.transaction)
    this.input = new SessionInput(options.bareNewlines)
    this.output = new SessionOutput(options.onLine)
    this.tally = new SessionTally(this.limits)
    this.refusals = new SessionRefusals(this)
    this.content = new SessionContent(this)
  }

  /** Takes note of the question that is asked now. */
  ask<Event extends QuestionEvent>(event: Event): Event {
    this.waiting = event
    return event
  }

  /** Forgets the transaction; whether there was one that had not failed. */
  resetTransaction(): boolean {
    const was = this.transaction.state !== 'ready' && !this.transaction.failed
    this.transaction.clear()
    return was
  }

  /** Where input is behind a command that had to be the last: 503, and the end. */
  refuseWhatIsBehind(): boolean {
    if (this.input.isBehind()) this.notice = this.refusals.behind('')
    return this.phase === 'closed'
  }

  /** The session is over: what was said is still to be written. */
  end(): void {
    this.leave('closed')
  }

  /** Nothing more is read. */
  leave(phase: 'closed' | 'turned'): void {
    this.phase = phase
    this.waiting = undefined
    this.notice = undefined
    this.transaction.clear()
    this.input.clear()
  }
}
