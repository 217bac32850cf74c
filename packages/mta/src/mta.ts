/**
 * The border Mail Transfer Agent (RFC 5321): takes mail from other MTAs, only for domains that we serve or relay for.
 *
 * Policy: a recipient elsewhere is refused, so there is no open relay (RFC 5321 §3.6.1 leaves it to the site, RFC 2505
 * §2.1 asks for it); a local recipient that does not exist is refused at RCPT, so no bounce is needed; 250 to the end of
 * data only when the message is durable.
 */

import type { Mailbox } from '@postroad/address'
import { reply, type Reply } from '@postroad/envelope'
import { Transaction, type Intake } from '@postroad/intake'
import {
  envelopeOf,
  recipientOf,
  withProtocol,
  type Answer,
  type ContentSink,
  type MailRequest,
  type RcptRequest,
  type SessionHandler,
  type SessionView,
} from '@postroad/smtp'

/** What a border agent stands on. */
export interface MtaOptions {
  /** Resolves recipients and stores messages: its directory says which domains are served or relayed for. */
  readonly intake: Intake
  /** Who gets mail for `<postmaster>` without a domain (RFC 5321 §4.5.1). */
  readonly postmaster: Mailbox
  /** Most recipients of one message. Default 1,000; RFC 5321 §4.5.3.1.8 asks for at least 100. */
  readonly maxRecipients?: number
}

/** Creates the agent: a handler for each session of an SMTP server. */
export function createMta(options: MtaOptions): (session: SessionView) => SessionHandler {
  return (session) => new BorderSession(options, session)
}

const NO_TRANSACTION = reply(503, '5.5.1', 'MAIL first')
const NO_RELAY = reply(550, '5.7.1', 'We do not relay for that domain')

class BorderSession implements SessionHandler {
  readonly #options: MtaOptions
  readonly #session: SessionView
  #transaction: Transaction | undefined

  constructor(options: MtaOptions, session: SessionView) {
    this.#options = options
    this.#session = session
  }

  mail(mail: MailRequest): Reply {
    const { size } = mail
    this.#transaction = new Transaction({
      intake: this.#options.intake,
      envelope: envelopeOf(mail),
      trace: {
        helo: this.#session.hello?.name,
        remoteAddress: this.#session.remoteAddress,
        protocol: withProtocol(this.#session, mail.smtputf8 === true),
        tls: this.#session.tls,
        account: undefined,
      },
      maxRecipients: this.#options.maxRecipients ?? 1_000,
      ...(size !== undefined && { sizeHint: size }),
    })
    return reply(250, '2.1.0', 'Sender accepted')
  }

  rcpt(rcpt: RcptRequest): Answer {
    const { forwardPath } = rcpt
    const recipient = recipientOf(rcpt, forwardPath === 'postmaster' ? this.#options.postmaster : forwardPath)
    return this.#transaction?.rcpt(recipient, ({ role }) => (role === 'none' ? NO_RELAY : undefined)) ?? NO_TRANSACTION
  }

  content(): Promise<ContentSink> | Reply {
    return this.#transaction?.content() ?? NO_TRANSACTION
  }

  reset(): void {
    this.#transaction = undefined
  }
}
