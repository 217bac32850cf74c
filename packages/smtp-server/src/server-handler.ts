/** What a handler of this package's servers may be: a `SessionHandler`, and any of the add-ons beside it. */

import type { Duplex } from 'node:stream'
import type {
  CommandHandler,
  ExpandingHandler,
  ForwardingHandler,
  HelpingHandler,
  QueueStartingHandler,
  SessionHandler,
  SubmissionHandler,
  TurningHandler,
} from '@postroad/smtp'

/**
 * Decides what happens in one session.
 *
 * Methods beyond those of `SessionHandler` are looked for: without `authenticate` no AUTH is offered, without `etrn` and
 * `atrn` neither of these even where their extension is given, and a command that needs one of the others is answered as
 * its interface says. With ATRN the client role gets the stream that the session ran over, paused, with TLS where it has
 * it; the session counts until that stream is closed.
 */
export type ServerHandler = SessionHandler &
  Partial<Omit<SubmissionHandler, keyof SessionHandler>> &
  Partial<ExpandingHandler> &
  Partial<HelpingHandler> &
  Partial<QueueStartingHandler> &
  Partial<TurningHandler<Duplex>> &
  ForwardingHandler &
  Partial<CommandHandler>

/** Whether it can judge credentials. */
export function authenticates(handler: ServerHandler): handler is ServerHandler & SubmissionHandler {
  return handler.authenticate !== undefined
}
