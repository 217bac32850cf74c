/** The port of a mailstore: one message is put into one mailbox. */

import type { Reply } from '@postroad/envelope'

/** Puts messages into mailboxes. Safe to call from many places at once. */
export interface Mailstore {
  /**
   * Begins one message for one mailbox. A refusal is the mailbox's own: full, switched off, name not possible.
   *
   * Rejects with `MailstoreUnavailableError` where the store cannot be reached or cannot write; callers make that 451.
   */
  begin(delivery: MailboxDelivery): Promise<MailboxWriter | MailboxRefusal>
}

/** Where to, and what goes in front. */
export interface MailboxDelivery {
  /** The account's name, as the directory gives it. Implementations make it safe for their medium. */
  readonly account: string
  /** Fields put in front of the content, whole lines with CRLF: Return-Path, Delivered-To, Received. May be empty. */
  readonly prefix: Uint8Array
  /**
   * Names this delivery to this mailbox: one with the key of a delivery that was committed may be taken for done and
   * then gives the location of the first. Whether, and for how long, is the implementation's to say. Absent: always a
   * new message.
   */
  readonly key?: string
}

/** A message on its way into a mailbox. Nobody sees it before `commit`. Used by one caller at a time. */
export interface MailboxWriter {
  readonly kind: 'writer'
  /** Takes content with CRLF line ends; bytes as for `ContentWriter.write`. Rejects as `begin` does. */
  write(chunk: Uint8Array): void | Promise<void>
  /** Makes the message visible. It is durable when the promise resolves. Rejects as `begin` does; then nothing is kept. */
  commit(): Promise<StoredMessage>
  /** Forgets what was written. Harmless after a failed `commit`, and a second time. */
  abort(): Promise<void>
}

/** Where it lies. */
export interface StoredMessage {
  /** For logs and the demo: a path, a row, whatever the medium has. */
  readonly location: string
}

/** The mailbox does not take it. */
export interface MailboxRefusal {
  readonly kind: 'refused'
  /** 4yz or 5yz, such as 452 4.2.2. */
  readonly reply: Reply
}

/** The mailstore cannot be reached or cannot write. */
export class MailstoreUnavailableError extends Error {
  override readonly name = 'MailstoreUnavailableError'
  /** Always `MAILSTORE_UNAVAILABLE`. */
  readonly code = 'MAILSTORE_UNAVAILABLE' as const
}
