/** What one server session is made of, for those who work with several of its parts. */

import type { Reply } from '@postroad/envelope'
import type { QuestionEvent, NoticeEvent } from './server-event.ts'
import type { ServerSessionOptions } from './server-session-options.ts'
import { ServerTransaction } from './server-transaction.ts'
import { SessionContent } from './session-content.ts'
import { SessionInput } from './session-input.ts'
import type { SessionLimits } from './session-limits.ts'
import { SessionOutput } from './session-output.ts'
import { SessionRefusals } from './session-refusals.ts'
import { SessionStanding } from './session-standing.ts'
import { SessionTally } from './session-tally.ts'
import { settleOptions } from './settled-options.ts'
import type { SettledOptions } from './settled-options.ts'
import { ShownLines } from './shown-line.ts'

/** What the session is about, while no transaction is open. */
export type Phase = 'greeting' | 'refused' | 'connected' | 'ready' | 'auth' | 'tls' | 'turned' | 'closed'

/** The parts of one session. */
export class SessionParts {
  readonly options: SettledOptions
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
  /** What is said in the place of a 250 that answers it, unless that has the same status. */
  accepted: Reply | undefined
  /** What is to be told before anything else. */
  notice: NoticeEvent | undefined

  /** Throws as `settleOptions` does. */
  constructor(options: ServerSessionOptions) {
    const settled = settleOptions(options)
    this.options = settled
    this.limits = settled.limits
    this.transaction = new ServerTransaction(settled, this.limits)
    this.standing = new SessionStanding(settled, this.transaction)
    this.input = new SessionInput(settled.bareNewlines)
    this.output = new SessionOutput(settled.onLine, settled.table.statusCodes)
    this.tally = new SessionTally(this.limits)
    this.refusals = new SessionRefusals(this)
    this.content = new SessionContent(this)
  }

  /** Takes note of the question that is asked now. */
  ask<Event extends QuestionEvent>(event: Event, accepted?: Reply): Event {
    this.waiting = event
    this.accepted = accepted
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

  /** The session is over: what was said is still to be written, and why it is over to be told. */
  end(): void {
    if (this.phase !== 'closed') this.leave('closed')
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
