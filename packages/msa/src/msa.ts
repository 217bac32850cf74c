/**
 * The Mail Submission Agent (RFC 6409): takes mail from people who have proved who they are, completes it, and hands it
 * to the intake.
 *
 * Policy: nothing without AUTH (RFC 6409 §4.3), names and passwords prepared by SASLprep (RFC 4616 §2); the reverse-path
 * must be one that the account may use (RFC 6409 §6.1); every recipient must have a way; the header gets what it lacks
 * (RFC 6409 §8) and loses Bcc (RFC 5322 §3.6.3); 250 to the end of data only when the message is durable.
 */

import { formatMailbox, type Mailbox } from '@postroad/address'
import type { Directory } from '@postroad/directory'
import { reply, type Reply } from '@postroad/envelope'
import { Transaction, type Intake } from '@postroad/intake'
import type { Clock } from '@postroad/runtime'
import type { ServerCredentials } from '@postroad/sasl'
import {
  envelopeOf,
  recipientOf,
  withProtocol,
  type Answer,
  type Authentication,
  type ContentSink,
  type MailRequest,
  type RcptRequest,
  type SessionView,
  type SubmissionHandler,
} from '@postroad/smtp'
import { completeHeader } from './complete-header.ts'
import { preparePresented } from './prepare-password.ts'

/** What a submission agent stands on. */
export interface MsaOptions {
  /** Resolves recipients and stores messages; what it acknowledges is durable. */
  readonly intake: Intake
  /** Judges passwords, and says which addresses an account may use; recipients are the intake's affair. */
  readonly directory: Directory
  /** `now` alone is read: for Date fields that are added, and for what HOLDFOR= and BY= count from. */
  readonly clock: Clock
  /** Our name, the domain of Message-IDs that we add. */
  readonly hostname: string
  /** Who gets mail for `<postmaster>` without a domain (RFC 5321 §4.5.1). */
  readonly postmaster: Mailbox
  /** Most recipients of one message. Default 100; RFC 5321 §4.5.3.1.8 asks for at least that. */
  readonly maxRecipients?: number
}

/** Creates the agent: a handler for each session of an SMTP server that speaks `submission`. */
export function createMsa(options: MsaOptions): (session: SessionView) => SubmissionHandler {
  return (session) => new SubmissionSession(options, session)
}

const NO_TRANSACTION = reply(503, '5.5.1', 'MAIL first')
const REFUSED: Authentication = { kind: 'refused' }
const AUTHENTICATION_REQUIRED = reply(530, '5.7.0', 'Authentication required')

class SubmissionSession implements SubmissionHandler {
  readonly #options: MsaOptions
  readonly #session: SessionView
  #transaction: Transaction | undefined

  constructor(options: MsaOptions, session: SessionView) {
    this.#options = options
    this.#session = session
  }

  async authenticate(credentials: ServerCredentials): Promise<Authentication> {
    if (credentials.kind !== 'password') return REFUSED
    const { authorizationId, authenticationId } = credentials
    const name = preparePresented(authenticationId)
    const password = preparePresented(credentials.password)
    if (name === undefined || password === undefined) return REFUSED
    // RFC 4616 §2: acting for somebody else needs a right that nobody has here.
    if (authorizationId !== '' && authorizationId !== authenticationId && authorizationId !== name) return REFUSED
    const account = await this.#options.directory.authenticate({ name, password })
    return account === undefined ? REFUSED : { kind: 'accepted', account: account.name }
  }

  async mail(mail: MailRequest): Promise<Reply> {
    const { account } = this.#session
    if (account === undefined) return AUTHENTICATION_REQUIRED
    const { reversePath, size } = mail
    // The null reverse-path is for notifications that a mail client sends (RFC 8098 §3); it belongs to nobody.
    if (reversePath !== null && !(await this.#options.directory.maySendAs(account, reversePath))) {
      return reply(550, '5.7.1', `${formatMailbox(reversePath)} is not an address of this account`)
    }
    const { intake, directory, clock, hostname } = this.#options
    const transaction: Transaction = new Transaction({
      intake,
      envelope: envelopeOf(mail, clock.now()),
      trace: {
        helo: this.#session.hello?.name,
        remoteAddress: this.#session.remoteAddress,
        protocol: withProtocol(this.#session, mail.smtputf8 === true),
        tls: this.#session.tls,
        account,
      },
      maxRecipients: this.#options.maxRecipients ?? 100,
      ...(size !== undefined && { sizeHint: size }),
      onHeader: (header) =>
        completeHeader(header, {
          directory,
          account,
          reversePath,
          hostname,
          at: clock.now(),
          messageId: transaction.message,
        }),
    })
    this.#transaction = transaction
    return reply(250, '2.1.0', 'Sender accepted')
  }

  rcpt(rcpt: RcptRequest): Answer {
    const { forwardPath } = rcpt
    const mailbox = forwardPath === 'postmaster' ? this.#options.postmaster : forwardPath
    return this.#transaction?.rcpt(recipientOf(rcpt, mailbox)) ?? NO_TRANSACTION
  }

  content(): Promise<ContentSink> | Reply {
    return this.#transaction?.content() ?? NO_TRANSACTION
  }

  reset(): void {
    this.#transaction = undefined
  }
}
