/** What servers and clients report, as lines: a line when a session ends, the dialogue at `debug`. */

import { formatPath } from '@postroad/address'
import { formatReply } from '@postroad/envelope'
import type { SessionView } from '@postroad/smtp'
import type { ClientObserver } from '@postroad/smtp-client'
import type { ServerObservation, ServerObserver } from '@postroad/smtp-server'
import type { Log, LogFields } from './log.ts'

/** Lines of an SMTP, submission or LMTP server. */
export function observeServer(log: Log): ServerObserver {
  return (event) => {
    switch (event.type) {
      case 'session.opened':
      case 'session.secured':
      case 'session.authenticated':
        return log.isLevelEnabled('debug') ? log.debug(sessionFields(event), event.type) : undefined
      case 'session.refused':
        return log.warn(
          { event: named(event), remoteAddress: event.remoteAddress, reply: formatReply(event.reply) },
          'session refused',
        )
      case 'session.closed': {
        const { cause, durationMs, accepted, refused, bytesReceived, bytesSent } = event
        const counts = { accepted, refused, bytesReceived, bytesSent }
        return log.info(
          { ...sessionFields(event), cause, durationMs: Math.round(durationMs), ...counts },
          'session closed',
        )
      }
      case 'reply.refused':
        // RFC 4954 §6: 535 is a login that failed, which an operator wants to see.
        if (event.reply.code === 535) {
          return log.info(
            { ...sessionFields(event), event: 'smtp.authentication.refused', reply: formatReply(event.reply) },
            'login refused',
          )
        }
        return log.debug(
          { ...sessionFields(event), command: event.line, reply: formatReply(event.reply) },
          'command refused',
        )
      case 'transaction.accepted':
      case 'transaction.refused':
        return log.info(
          {
            ...sessionFields(event),
            reversePath: formatPath(event.reversePath),
            recipients: event.recipients,
            sizeBytes: event.sizeBytes,
            durationMs: Math.round(event.durationMs),
            reply: event.replies.map(formatReply).join('; '),
          },
          event.type === 'transaction.accepted' ? 'transaction accepted' : 'transaction refused',
        )
      case 'fault':
        return log.error(
          { event: named(event), ...(event.session && viewFields(event.session)), error: event.error },
          'fault; the client was told 451',
        )
      case 'dialogue':
        return log.debug(
          { event: named(event), sessionId: event.session.sessionId },
          `${event.from === 'client' ? 'C' : 'S'}: ${event.line}`,
        )
    }
  }
}

type SessionObservation = Extract<ServerObservation, { readonly session: SessionView }>

function sessionFields(event: SessionObservation): LogFields {
  return { event: named(event), ...viewFields(event.session) }
}

const named = (event: ServerObservation): string => `smtp.${event.type}`

function viewFields(session: SessionView): Record<string, unknown> {
  const { sessionId, protocol, remoteAddress, hello, tls, account } = session
  return { sessionId, protocol, remoteAddress, helo: hello?.name, tls: tls?.version, account }
}

/** Lines of an SMTP or LMTP client. */
export function observeClient(log: Log): ClientObserver {
  const observer: ClientObserver = {
    observe(event) {
      switch (event.type) {
        case 'connection-failed':
          return log.info(
            { event: 'client.connection.failed', nextHop: event.host, port: event.port, error: event.error.message },
            'no connection',
          )
        case 'tls-failed': {
          const { sessionId, clear, error } = event
          return log.warn(
            { event: 'client.tls.failed', sessionId, error: error.message },
            clear ? 'TLS failed; the host is called again without it' : 'TLS failed',
          )
        }
        case 'connection-opened':
        case 'tls-started':
        case 'transaction-retried':
        case 'connection-closed': {
          if (!log.isLevelEnabled('debug')) return undefined
          const { type, ...fields } = event
          return log.debug({ event: `client.${type.replace('-', '.')}`, ...fields }, type.replace('-', ' '))
        }
        case 'transaction-ended':
          // The relay has a line for each recipient.
          return undefined
      }
    },
  }
  if (!log.isLevelEnabled('debug')) return observer
  return {
    ...observer,
    dialogue: ({ sessionId, from, line }) =>
      log.debug({ event: 'client.dialogue', sessionId }, `${from === 'client' ? 'C' : 'S'}: ${line}`),
  }
}
