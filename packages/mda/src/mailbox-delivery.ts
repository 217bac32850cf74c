/**
 * Delivers one message into the mailboxes of its recipients: one pass over the content, an outcome for each.
 *
 * A mailbox that refuses or fails leaves the others alone. An outcome is `delivered` only when the message is durable
 * in that mailbox.
 */

import { formatMailbox, formatPath, type Mailbox, type ReversePath } from '@postroad/address'
import { concat } from '@postroad/bytes'
import type { Directory } from '@postroad/directory'
import { reply, type Reply } from '@postroad/envelope'
import { createField, formatReturnPath, type HeaderField } from '@postroad/message'
import type { MailboxWriter, Mailstore } from '@postroad/mailstore'
import type { MdaObserver } from './observer.ts'

/** What a delivery stands on. */
export interface MailboxDeliveryOptions {
  /** Says whose mailbox a recipient is. Of an alias nothing is known here: 550 5.1.1. */
  readonly directory: Directory
  /** What it has committed is durable, and only then is a recipient told so; what it throws is 451 4.3.0. */
  readonly mailstore: Mailstore
  /** Absent: nobody is told, of faults neither. */
  readonly observer?: MdaObserver
}

const NO_SUCH_MAILBOX = 'no such mailbox here'
const FAULT = reply(451, '4.3.0', 'The mailbox cannot be written now')

/**
 * Finds the mailbox of a recipient: the account's name, or the reply that refuses it. Aliases are not expanded here:
 * the intake has done that. Rejects with `DirectoryUnavailableError`.
 */
export async function findMailbox(directory: Directory, mailbox: Mailbox): Promise<string | Reply> {
  const answer = await directory.recipient(mailbox)
  switch (answer.kind) {
    case 'mailbox':
      return answer.account
    case 'alias':
    case 'unknown':
      return reply(550, '5.1.1', `${formatMailbox(mailbox)}: ${NO_SUCH_MAILBOX}`)
    case 'relay':
    case 'elsewhere':
      return reply(550, '5.7.1', `${formatMailbox(mailbox)}: we do not deliver for that domain`)
  }
}

/** One mailbox that gets the message. */
export interface MailboxTarget {
  readonly mailbox: Mailbox
  /** The account, as `findMailbox` gave it. */
  readonly account: string
}

/** What goes in front of the content in each mailbox, and how the delivery is named. */
export interface DeliveryStamp {
  readonly reversePath: ReversePath
  /** Put after Return-Path and Delivered-To: the Received field of an LMTP hop. */
  readonly trace: readonly HeaderField[]
  /** Names the message, so that a repeated delivery may be recognised; absent where nobody can name it. */
  readonly key?: string
}

interface OpenMailbox {
  readonly target: MailboxTarget
  writer: MailboxWriter | undefined
  reply: Reply
}

/** A message on its way into several mailboxes. Used by one caller at a time. */
export class MailboxDelivery {
  readonly #options: MailboxDeliveryOptions
  readonly #open: readonly OpenMailbox[]
  readonly #key: string | undefined
  #aborted = false

  private constructor(options: MailboxDeliveryOptions, open: readonly OpenMailbox[], key: string | undefined) {
    this.#options = options
    this.#open = open
    this.#key = key
  }

  /** Opens every mailbox. Never rejects for what a mailstore does: its recipient gets the reply. */
  static async begin(
    options: MailboxDeliveryOptions,
    targets: readonly MailboxTarget[],
    stamp: DeliveryStamp,
  ): Promise<MailboxDelivery> {
    const open = targets.map(async (target): Promise<OpenMailbox> => {
      try {
        const begun = await options.mailstore.begin({
          account: target.account,
          prefix: prefixOf(target.mailbox, stamp),
          ...(stamp.key !== undefined && { key: `${stamp.key} ${formatPath(target.mailbox)}` }),
        })
        return begun.kind === 'refused'
          ? { target, writer: undefined, reply: begun.reply }
          : { target, writer: begun, reply: FAULT }
      } catch (error) {
        options.observer?.({ type: 'mailbox.fault', account: target.account, error })
        return { target, writer: undefined, reply: FAULT }
      }
    })
    return new MailboxDelivery(options, await Promise.all(open), stamp.key)
  }

  /** Takes content with CRLF line ends. A promise means: wait before the next. Never rejects. */
  write(chunk: Uint8Array): void | Promise<void> {
    const pending: Promise<void>[] = []
    for (const mailbox of this.#open) {
      try {
        const written = mailbox.writer?.write(chunk)
        if (written !== undefined) pending.push(written.catch((error: unknown) => this.#fail(mailbox, error)))
      } catch (error) {
        pending.push(this.#fail(mailbox, error))
      }
    }
    return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined)
  }

  /** Makes the message visible in every mailbox that took it; a reply for each target, in order. Never rejects. */
  async commit(): Promise<readonly Reply[]> {
    await Promise.all(
      this.#open.map(async (mailbox) => {
        try {
          const stored = await mailbox.writer?.commit()
          if (stored === undefined) return
          mailbox.reply = reply(250, '2.1.5', `${formatMailbox(mailbox.target.mailbox)}: delivered`)
          this.#options.observer?.({
            type: 'mailbox.delivered',
            account: mailbox.target.account,
            recipient: mailbox.target.mailbox,
            key: this.#key,
            location: stored.location,
          })
        } catch (error) {
          await this.#fail(mailbox, error)
        }
      }),
    )
    return this.#open.map(({ reply }) => reply)
  }

  /** Leaves no trace in any mailbox, also where a write still runs: that is no fault. Never rejects. */
  async abort(): Promise<void> {
    this.#aborted = true
    await Promise.all(this.#open.map(async ({ writer }) => writer?.abort().catch(() => undefined)))
  }

  async #fail(mailbox: OpenMailbox, error: unknown): Promise<void> {
    const { writer } = mailbox
    mailbox.writer = undefined
    mailbox.reply = FAULT
    if (!this.#aborted) this.#options.observer?.({ type: 'mailbox.fault', account: mailbox.target.account, error })
    await writer?.abort().catch(() => undefined)
  }
}

/** RFC 5321 §4.4: the delivery agent writes the reverse-path down, in front of everything. */
function prefixOf(mailbox: Mailbox, { reversePath, trace }: DeliveryStamp): Uint8Array {
  const fields = [formatReturnPath(reversePath), createField('Delivered-To', formatMailbox(mailbox)), ...trace]
  return concat(fields.map(({ raw }) => raw))
}
