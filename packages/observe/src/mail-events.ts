/** What intake, relay and mda report, as lines: the thread of each message from acceptance to mailbox. */

import { formatMailbox, formatPath } from '@postroad/address'
import { formatReply, type RecipientOutcome } from '@postroad/envelope'
import type { IntakeObserver } from '@postroad/intake'
import type { MdaObserver } from '@postroad/mda'
import type { RelayEvent, RelayObserver } from '@postroad/relay'
import type { Log, LogFields } from './log.ts'

/** Lines of an intake. */
export function observeIntake(log: Log): IntakeObserver {
  return (event) => {
    const { message, reversePath, entries, type, ...fields } = event
    log.info(
      {
        event: type,
        messageId: message,
        reversePath: formatPath(reversePath),
        destinations: entries.map(({ group }) => group),
        ...fields,
      },
      'message accepted',
    )
  }
}

/** Lines of a relay: one for each recipient and attempt, one for each report. */
export function observeRelay(log: Log): RelayObserver {
  return (event) => {
    switch (event.type) {
      case 'attempt.finished':
        return log.info(attemptFields(event), event.outcome.kind)
      case 'report.sent':
        return log.info(
          {
            event: event.type,
            messageId: event.message,
            reportId: event.report,
            action: event.action,
            recipients: event.recipients.map(({ mailbox }) => formatMailbox(mailbox)),
          },
          'report sent',
        )
      case 'report.dropped':
        return log.warn({ event: event.type, messageId: event.message, reason: event.reason }, 'report dropped')
      case 'lease.lost':
        return log.warn({ event: event.type, messageId: event.message, entryId: event.entry }, 'lease lost')
      case 'attempt.recovered':
        return log.warn(
          { event: event.type, messageId: event.message, entryId: event.entry, attempt: event.attempt },
          'taken over from a worker that did not end its attempt',
        )
      case 'spool.swept':
        return log.info({ event: event.type, removed: event.removed }, 'content of messages never accepted was removed')
      case 'fault':
        return log.error({ event: 'relay.fault', messageId: event.message, error: event.error }, 'fault')
    }
  }
}

function attemptFields(event: Extract<RelayEvent, { type: 'attempt.finished' }>): LogFields {
  const { outcome, peer } = event
  return {
    event: event.type,
    messageId: event.message,
    entryId: event.entry,
    recipient: formatMailbox(event.recipient.mailbox),
    outcome: outcome.kind,
    status: outcome.kind === 'delivered' ? outcome.reply.status : outcome.status,
    reply: replyOf(outcome),
    reason: outcome.kind === 'delivered' ? undefined : outcome.reason,
    destination: event.group,
    nextHop: peer?.host,
    remoteAddress: peer?.address,
    tls: peer?.tls,
    attempt: event.attempt,
    delayMs: Math.round(event.delayMs),
    durationMs: Math.round(event.durationMs),
    notBefore: event.notBefore,
  }
}

function replyOf(outcome: RecipientOutcome): string | undefined {
  return outcome.kind === 'unknown' || outcome.reply === undefined ? undefined : formatReply(outcome.reply)
}

/** Lines of an mda. */
export function observeMda(log: Log): MdaObserver {
  return (event) => {
    switch (event.type) {
      case 'mailbox.delivered':
        return log.info(
          {
            event: event.type,
            messageId: event.key,
            account: event.account,
            recipient: formatMailbox(event.recipient),
            location: event.location,
          },
          'in the mailbox',
        )
      case 'mailbox.fault':
        return log.error(
          { event: event.type, account: event.account, error: event.error },
          'the mailbox cannot be written',
        )
    }
  }
}
