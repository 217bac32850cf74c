/**
 * Makes reports to the reverse-path (RFC 3461 §6, RFC 3464) and gives them as entries to be spawned with the
 * settlement: the report and the end of the attempt become durable together, so none is lost and none is sent twice.
 */

import { needsSmtputf8, type Mailbox } from '@postroad/address'
import { concat } from '@postroad/bytes'
import type { PeerRecord } from '@postroad/delivery'
import {
  classifyReply,
  mayBounce,
  wantsReport,
  writeReport,
  type ReplyCategory,
  type ReportParts,
  type ReportRecipient,
  type ReportTransport,
} from '@postroad/dsn'
import type { RecipientOutcome } from '@postroad/envelope'
import type { IncomingMessage, RoutedRecipient, WorkItem, WorkRecipient } from '@postroad/intake'
import { createTransferEncoder } from '@postroad/message'
import { ContentMissingError, type Lease, type NewEntry } from '@postroad/queue'
import type { RelayEvent } from './observer.ts'
import type { RelayContext } from './relay.ts'

/** What is told (RFC 3464 §2.3.3). */
export type ReportAction = 'failed' | 'delayed' | 'delivered' | 'relayed'

/** Content up to this size goes back whole where the sender did not say (RFC 3461 §4.3), in bytes. */
const MAX_RETURNED_BYTES = 50 * 1_024

/** What a report is about. */
export interface ReportSubject {
  readonly lease: Lease<WorkItem>
  readonly item: WorkItem
  readonly action: ReportAction
  readonly recipients: readonly (WorkRecipient & { readonly outcome: RecipientOutcome })[]
  readonly peer: PeerRecord | undefined
}

/** Reports that are ready to go out with a settlement. */
export interface PreparedReports {
  readonly entries: readonly NewEntry<WorkItem>[]
  /** What is told of them when the settlement is done. */
  readonly sent: readonly RelayEvent[]
}

const NONE: PreparedReports = { entries: [], sent: [] }

/** A report; none where nobody wants it or nobody may get it. Rejects where store or directory are away. */
export async function createReport(context: RelayContext, subject: ReportSubject): Promise<PreparedReports> {
  const { item, action } = subject
  const recipients = subject.recipients.filter((recipient) => wantsReport(recipient, action))
  if (recipients.length === 0) return NONE
  const { reversePath } = item
  if (!mayBounce(reversePath)) {
    if (action === 'failed') drop(context, item, 'the reverse-path is null')
    return NONE
  }

  const { intake } = context
  const resolution = await intake.resolve({
    recipient: { mailbox: reversePath },
    reversePath: null,
    account: undefined,
  })
  if (resolution.kind !== 'accepted') {
    drop(context, item, 'the reverse-path cannot be reached')
    return NONE
  }
  const message = intake.createMessageId()
  const way = { to: reversePath, transport: transportTo(reversePath, resolution.targets, item) }
  const report = await intake.begin({
    message,
    envelope: { reversePath: null, ...(way.transport === 'smtputf8' && { smtputf8: true }) },
    recipients: resolution.targets,
    trace: undefined,
    beside: subject.lease.token,
  })
  try {
    await write(context, subject, recipients, way, report)
    const prepared = await report.prepare()
    if (prepared.kind === 'refused') {
      drop(context, item, 'our own intake refused the report')
      return NONE
    }
    await context.store.spool.persist([prepared.content])
    const event = { type: 'report.sent', message: item.message, report: message, action, recipients } as const
    return { entries: prepared.entries, sent: [event] }
  } catch (error) {
    await report.abort()
    throw error
  }
}

/** Where a report goes, and what that way can carry. */
interface WayBack {
  readonly to: Mailbox
  readonly transport: ReportTransport
}

/**
 * Nobody is told of a report that a next hop cannot take, and nothing converts it on its way. So to other hosts it is
 * ASCII (RFC 6533 §4.5), unless the reverse-path itself cannot be reached without SMTPUTF8; what stays here is taken as
 * the message was.
 */
function transportTo(to: Mailbox, targets: readonly RoutedRecipient[], { smtputf8 }: WorkItem): ReportTransport {
  if (needsSmtputf8(to)) return 'smtputf8'
  if (targets.some(({ destination }) => destination.transport !== 'local')) return '7bit'
  return smtputf8 === true ? 'smtputf8' : '8bitmime'
}

async function write(
  context: RelayContext,
  { lease, item, action, peer }: ReportSubject,
  recipients: ReportSubject['recipients'],
  way: WayBack,
  report: IncomingMessage,
): Promise<void> {
  const { clock, random, hostname, postmaster, schedule, store } = context
  const content = lease.content === undefined ? undefined : store.spool.open.bind(store.spool, lease.content)
  const originalHeader = content && (await headerOf(content, item))
  const original = originalHeader && content
  // RFC 3461 §4.3: the whole content goes back only with a failure.
  const returned = item.ret ?? (item.facts.sizeBytes <= MAX_RETURNED_BYTES ? 'full' : 'hdrs')
  const parts = writeReport({
    reportingMta: hostname,
    from: { ...postmaster, localPart: 'MAILER-DAEMON' },
    ...way,
    ...(item.envid !== undefined && { envid: item.envid }),
    arrivalAt: item.acceptedAt,
    recipients: recipients.map((recipient) => reported(recipient, action, peer, clock.now(), schedule, item)),
    originalHeader: originalHeader ?? new Uint8Array(),
    ret: action === 'failed' && original !== undefined ? returned : 'hdrs',
    facts: item.facts,
    messageId: report.message,
    boundary: Array.from(random.bytes(24), (byte) => (byte % 36).toString(36)).join(''),
    at: clock.now(),
  })
  await report.write(parts.head)
  if (parts.original === 'full' && original !== undefined) await writeContent(original, parts, report)
  await report.write(parts.tail)
}

async function writeContent(open: OpenContent, parts: ReportParts, report: IncomingMessage): Promise<void> {
  const encoder = createTransferEncoder(parts.encoding === 'base64' ? 'base64' : 'binary')
  for await (const chunk of open(parts.range)) await report.write(encoder.push(chunk))
  await report.write(encoder.finish())
}

type OpenContent = (range?: { readonly start: number; readonly end?: number }) => AsyncIterable<Uint8Array>

/** `undefined` where the content is gone: the sender is told all the same. */
async function headerOf(open: OpenContent, { facts }: WorkItem): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of open({ start: 0, end: facts.headerBytes })) chunks.push(chunk.slice())
  } catch (error) {
    if (error instanceof ContentMissingError) return undefined
    throw error
  }
  const section = concat(chunks)
  // Without the empty line that ends it, where there is one.
  return section.length >= 2 && section.at(-3) === 10 ? section.subarray(0, -2) : section
}

function reported(
  { outcome, mailbox, orcpt }: WorkRecipient & { readonly outcome: RecipientOutcome },
  action: ReportAction,
  peer: PeerRecord | undefined,
  now: number,
  schedule: RelayContext['schedule'],
  item: WorkItem,
): ReportRecipient {
  const reply = outcome.kind === 'unknown' ? undefined : outcome.reply
  const reason = outcome.kind === 'delivered' ? undefined : outcome.reason
  return {
    mailbox,
    action,
    status: outcome.kind === 'delivered' ? (outcome.reply.status ?? '2.0.0') : outcome.status,
    lastAttemptAt: now,
    ...(orcpt !== undefined && { orcpt }),
    ...(reply !== undefined && { reply }),
    ...(reason !== undefined && { reason }),
    ...((action === 'failed' || action === 'delayed') && { advice: { category: categoryOf(outcome) } }),
    // RFC 3464 §2.3.5: who said it; where nobody said anything the decision was ours.
    ...(reply !== undefined && peer !== undefined && { remote: { host: peer.host, address: peer.address } }),
    ...(action === 'delayed' && { willRetryUntil: item.acceptedAt + schedule.giveUpAfterMs }),
  }
}

/**
 * What the failure means to the sender. What was said last tells more than our status does: what is given up after days
 * (5.4.7) may be a mailbox that was full all the time. In the words of the report's template, which are its reader's.
 */
function categoryOf(outcome: RecipientOutcome): ReplyCategory {
  const reply = outcome.kind === 'unknown' ? undefined : outcome.reply
  const said = reply === undefined ? 'unknown' : classifyReply(reply).category
  if (said !== 'unknown' || outcome.kind === 'delivered') return said
  return classifyReply({ status: outcome.status, text: outcome.reason ?? '' }).category
}

function drop({ observer }: RelayContext, { message }: WorkItem, reason: string): void {
  observer?.({ type: 'report.dropped', message, reason })
}
