/**
 * The Mail Delivery Agent: takes LMTP (RFC 2033), answers for each recipient, writes into mailboxes.
 *
 * It keeps no queue: a recipient whose mailbox cannot take the message now gets a 4yz reply, and the relay tries again
 * (RFC 2033 §3).
 */

import type { Mailbox } from '@postroad/address'
import { reply, type Reply } from '@postroad/envelope'
import { formatReceived } from '@postroad/message'
import type { Clock } from '@postroad/runtime'
import {
  withProtocol,
  type ContentSink,
  type MailRequest,
  type RcptRequest,
  type SessionHandler,
  type SessionView,
} from '@postroad/smtp'
import { findMailbox, MailboxDelivery, type MailboxDeliveryOptions, type MailboxTarget } from './mailbox-delivery.ts'

/** What a delivery agent stands on. */
export interface MdaOptions extends MailboxDeliveryOptions {
  /** `now` alone is read: the date of the Received field. */
  readonly clock: Clock
  /** Our name in the Received field. */
  readonly hostname: string
  /** Who gets mail for `<postmaster>` without a domain (RFC 5321 §4.5.1). */
  readonly postmaster: Mailbox
}

/** Creates the agent: a handler for each session of a server that speaks `lmtp`. */
export function createMda(options: MdaOptions): (session: SessionView) => SessionHandler {
  return (session) => new DeliverySession(options, session)
}

class DeliverySession implements SessionHandler {
  readonly #options: MdaOptions
  readonly #session: SessionView
  #mail: MailRequest | undefined
  #targets: MailboxTarget[] = []

  constructor(options: MdaOptions, session: SessionView) {
    this.#options = options
    this.#session = session
  }

  mail(mail: MailRequest): Reply {
    this.#mail = mail
    this.#targets = []
    return reply(250, '2.1.0', 'Sender accepted')
  }

  async rcpt({ forwardPath }: RcptRequest): Promise<Reply> {
    const mailbox = forwardPath === 'postmaster' ? this.#options.postmaster : forwardPath
    const account = await findMailbox(this.#options.directory, mailbox)
    if (typeof account !== 'string') return account
    this.#targets.push({ mailbox, account })
    return reply(250, '2.1.5', 'Recipient accepted')
  }

  async content(): Promise<ContentSink | Reply> {
    const mail = this.#mail
    if (mail === undefined) return reply(503, '5.5.1', 'MAIL first')
    const { clock, hostname } = this.#options
    const delivery = await MailboxDelivery.begin(this.#options, this.#targets, {
      reversePath: mail.reversePath,
      trace: [
        formatReceived({
          helo: this.#session.hello?.name,
          remoteAddress: this.#session.remoteAddress,
          by: hostname,
          protocol: withProtocol(this.#session, mail.smtputf8 === true),
          id: this.#session.sessionId,
          at: clock.now(),
        }),
      ],
    })
    return {
      write: (bytes) => delivery.write(bytes),
      end: () => delivery.commit(),
      abort: () => void delivery.abort(),
    }
  }

  reset(): void {
    this.#mail = undefined
    this.#targets = []
  }
}
