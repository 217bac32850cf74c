/**
 * One attempt at one entry: deliver to the recipients that are left, then say how the lease is to be settled.
 *
 * Crash points: while sending, what is known of recipients travels with each renewal of the lease; the settlement then
 * ends the attempt, plans the next and adds the reports in one atomic step. A crash in between repeats at most what
 * the last renewal did not know.
 */

import type { DeliveryReport } from '@postroad/delivery'
import { type Envelope, formatReply, type RecipientOutcome } from '@postroad/envelope'
import type { WorkItem, WorkRecipient } from '@postroad/intake'
import { ContentMissingError, type Feedback, type Lease, type NewEntry, type Settlement } from '@postroad/queue'
import type { RelayEvent } from './observer.ts'
import type { RelayContext } from './relay.ts'
import { createReport, type PreparedReports, type ReportAction, type ReportSubject } from './report.ts'
import { nextAttemptAt } from './schedule.ts'
import { deliverTo } from './transport.ts'

type TriedRecipient = WorkRecipient & { readonly outcome: RecipientOutcome }

/** What the attempt knows while it runs; `item` is what a renewal keeps. */
export interface AttemptProgress {
  item: WorkItem
  changed: boolean
  /** The attempt took too long and was ended for it: not our stop, but a failed attempt. */
  late: boolean
}

/** How an attempt ended. */
export interface AttemptEnd {
  readonly settlement: Settlement<WorkItem>
  /** The reports that go out with the settlement, to be told when it is done. */
  readonly sent: readonly RelayEvent[]
}

/** Makes the attempt and gives the settlement. Where reports cannot be made now, the next attempt does only that. */
export async function makeAttempt(
  context: RelayContext,
  lease: Lease<WorkItem>,
  progress: AttemptProgress,
  signal: AbortSignal,
): Promise<AttemptEnd> {
  const { clock, schedule, random } = context
  const startedAt = clock.monotonic()
  const delivered = await deliverPending(context, lease, progress, signal)
  if (delivered.kind === 'missing') {
    const reason = 'the content is not on the spool'
    return { settlement: { kind: 'hold', token: lease.token, job: progress.item, reason }, sent: [] }
  }

  const now = clock.now()
  const { item } = progress
  const old = now - item.acceptedAt
  // Who was not reached because we stopped is not given up for it.
  const stopped = signal.aborted && !progress.late
  const tooOld = old >= schedule.giveUpAfterMs && !stopped
  const recipients = item.recipients.map((recipient) => judged(recipient, tooOld))
  const pending = recipients.filter(({ outcome }) => outcome.kind === 'deferred' || outcome.kind === 'unknown')
  const notBefore =
    pending.length === 0
      ? undefined
      : stopped
        ? now
        : nextAttemptAt(schedule, lease.attempt, pending.some(isUnknown), now, random)

  const tell = (tried: readonly TriedRecipient[]): void => {
    for (const { outcome, ...recipient } of tried) {
      context.observer?.({
        type: 'attempt.finished',
        message: item.message,
        entry: lease.id,
        group: lease.group,
        recipient,
        outcome,
        peer: delivered.report?.peer,
        attempt: lease.attempt,
        delayMs: old,
        durationMs: clock.monotonic() - startedAt,
        notBefore: isFinal(outcome) ? undefined : notBefore,
      })
    }
  }

  const noticeDue = item.delayReported !== true && old >= schedule.delayNoticeAfterMs && pending.length > 0
  let made: PreparedReports
  try {
    made = await reports(context, { lease, item, peer: delivered.report?.peer }, recipients, noticeDue ? pending : [])
  } catch (error) {
    // The store or the directory is away. Nothing is delivered twice: the outcomes go with the entry.
    context.observer?.({ type: 'fault', message: item.message, error })
    // What is final is told by the attempt that makes the reports.
    tell(pending)
    const job = { ...item, recipients }
    const again = nextAttemptAt(schedule, 0, false, now, random)
    const settlement = { kind: 'retry', token: lease.token, job, notBefore: again, ...lastReplyOf(pending) } as const
    return { settlement, sent: [] }
  }
  tell(recipients)
  const { entries: spawn, sent } = made
  // An attempt that we stopped says nothing of the destination.
  const feedback = stopped ? undefined : progress.late ? 'slow' : feedbackOf(delivered.report)
  const common = {
    token: lease.token,
    ...(spawn.length > 0 && { spawn }),
    ...(feedback !== undefined && { feedback }),
    record: {
      at: now,
      event: 'attempt.finished',
      detail: {
        attempt: lease.attempt,
        outcomes: recipients.map(({ mailbox, outcome }) => ({ mailbox, outcome })),
        peer: delivered.report?.peer,
        notBefore,
      },
    },
  }
  if (notBefore === undefined) return { settlement: { kind: 'done', ...common }, sent }
  const job = { ...item, recipients: pending, ...(noticeDue && { delayReported: true }) }
  return { settlement: { kind: 'retry', job, notBefore, ...lastReplyOf(pending), ...common }, sent }
}

/** The first line of what the destination said last about those who are left; nothing where it said nothing. */
function lastReplyOf(pending: readonly TriedRecipient[]): { readonly reply?: string } {
  const said = pending.flatMap(({ outcome }) => ('reply' in outcome ? (outcome.reply ?? []) : [])).at(-1)
  return said === undefined ? {} : { reply: formatReply({ ...said, lines: said.lines.slice(0, 1) }) }
}

type Delivered =
  | { readonly kind: 'delivered'; readonly report: DeliveryReport | undefined }
  | { readonly kind: 'missing' }

/** Delivers to those without a final outcome, and writes down each outcome as it becomes known. */
async function deliverPending(
  context: RelayContext,
  lease: Lease<WorkItem>,
  progress: AttemptProgress,
  signal: AbortSignal,
): Promise<Delivered> {
  const { item } = progress
  const open = item.recipients.flatMap((recipient, index) => (isFinal(recipient.outcome) ? [] : [index]))
  if (open.length === 0) return { kind: 'delivered', report: undefined }
  const { content } = lease
  if (content === undefined) return { kind: 'missing' }

  const write = (position: number, outcome: RecipientOutcome): void => {
    const at = open[position]
    progress.item = {
      ...progress.item,
      recipients: progress.item.recipients.map((known, index) => (index === at ? { ...known, outcome } : known)),
    }
    progress.changed = true
  }

  try {
    const report = await deliverTo(context.transport, item.destination, {
      envelope: envelopeOf(item, open),
      content: { facts: item.facts, open: (range) => context.store.spool.open(content, range) },
      key: item.message,
      signal,
      onOutcome: write,
    })
    report.outcomes.forEach((outcome, position) => write(position, outcome))
    return { kind: 'delivered', report }
  } catch (error) {
    // The one place where a fault of ours becomes a deferral.
    context.observer?.({ type: 'fault', message: item.message, error })
    if (error instanceof ContentMissingError) return { kind: 'missing' }
    // What was told before the fault stands.
    open.forEach((at, position) => {
      if (isFinal(progress.item.recipients[at]?.outcome)) return
      write(position, { kind: 'deferred', reply: undefined, status: '4.3.0', reason: 'a fault of our own' })
    })
    return { kind: 'delivered', report: undefined }
  }
}

function envelopeOf(item: WorkItem, open: readonly number[]): Envelope {
  const { message: _message, destination: _destination, facts: _facts, acceptedAt: _acceptedAt, ...rest } = item
  const { delayReported: _delayReported, recipients, ...envelope } = rest
  return {
    ...envelope,
    recipients: open.flatMap((index) => {
      const recipient = recipients[index]
      if (recipient === undefined) return []
      const { outcome: _outcome, ...plain } = recipient
      return [plain]
    }),
  }
}

/** A recipient that nobody answered for is deferred; one that has waited too long fails (RFC 3463: 5.4.7). */
function judged(recipient: WorkRecipient, tooOld: boolean): TriedRecipient {
  const outcome = recipient.outcome ?? { kind: 'deferred', reply: undefined, status: '4.3.0' }
  if (!tooOld || isFinal(outcome)) return { ...recipient, outcome }
  const reply = outcome.kind === 'deferred' ? outcome.reply : undefined
  const reason = outcome.kind === 'delivered' ? undefined : outcome.reason
  return {
    ...recipient,
    outcome: { kind: 'failed', reply, status: '5.4.7', ...(reason !== undefined && { reason }) },
  }
}

/** One report for each thing there is to tell; entries to be spawned with the settlement. */
async function reports(
  context: RelayContext,
  subject: Pick<ReportSubject, 'lease' | 'item' | 'peer'>,
  recipients: readonly TriedRecipient[],
  delayed: readonly TriedRecipient[],
): Promise<PreparedReports> {
  const local = subject.item.destination.transport === 'local'
  // RFC 3461 §5.2.2: only where the next hop does not take the request over.
  const passedOn = !local && subject.peer?.dsn === true
  const delivered = passedOn ? [] : recipients.filter(({ outcome }) => outcome.kind === 'delivered')
  const told: readonly (readonly [ReportAction, readonly TriedRecipient[]])[] = [
    ['failed', recipients.filter(({ outcome }) => outcome.kind === 'failed')],
    ['delayed', delayed],
    [local ? 'delivered' : 'relayed', delivered],
  ]
  const entries: NewEntry<WorkItem>[] = []
  const sent: RelayEvent[] = []
  for (const [action, those] of told) {
    const made = await createReport(context, { ...subject, action, recipients: those })
    entries.push(...made.entries)
    sent.push(...made.sent)
  }
  return { entries, sent }
}

function feedbackOf(report: DeliveryReport | undefined): Feedback | undefined {
  if (report === undefined) return undefined
  if (report.phase === 'connect' && report.outcomes.some(({ kind }) => kind === 'deferred')) return 'down'
  return report.phase === 'greeting' ? 'slow' : 'ok'
}

const isUnknown = ({ outcome }: TriedRecipient): boolean => outcome.kind === 'unknown'

function isFinal(outcome: RecipientOutcome | undefined): boolean {
  return outcome?.kind === 'delivered' || outcome?.kind === 'failed'
}
