/**
 * Completes the header section of a submission, or says why it is none (RFC 6409 §8, RFC 5322 §3.6).
 */

import { readAddressList, type Address, type Mailbox, type ReversePath } from '@postroad/address'
import type { Directory } from '@postroad/directory'
import { reply } from '@postroad/envelope'
import type { HeaderVerdict } from '@postroad/intake'
import { checkForm, completeSubmission, type Header } from '@postroad/message'

/** Who submits, and when. */
export interface CompletionContext {
  readonly directory: Directory
  readonly account: string
  readonly reversePath: ReversePath
  /** Domain of a Message-ID that is added. */
  readonly hostname: string
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Left part of a Message-ID that is added: our id of the message. */
  readonly messageId: string
}

/**
 * Accepts the header with what it lacked, or refuses it with the reason and the place.
 *
 * A Sender field is added where an author is not an address of the account (RFC 6409 §8.1), so that it shows who
 * submitted. Rejects with `DirectoryUnavailableError`.
 */
export async function completeHeader(header: Header, context: CompletionContext): Promise<HeaderVerdict> {
  const sender = (await hasForeignAuthor(header, context)) ? (context.reversePath ?? undefined) : undefined
  const completed = completeSubmission(header, {
    at: context.at,
    messageId: context.messageId,
    domain: context.hostname,
    ...(sender !== undefined && { sender }),
  })
  const [fault] = checkForm(completed.header)
  return fault === undefined
    ? { kind: 'accept', header: completed.header, added: [] }
    : { kind: 'refuse', reply: reply(550, '5.6.0', fault.explain) }
}

async function hasForeignAuthor(header: Header, { directory, account }: CompletionContext): Promise<boolean> {
  const from = header.first('From')
  if (from === undefined) return false
  for (const mailbox of mailboxesOf(readAddressList(from.value).addresses)) {
    if (!(await directory.maySendAs(account, mailbox))) return true
  }
  return false
}

function* mailboxesOf(addresses: readonly Address[]): Generator<Mailbox> {
  for (const address of addresses) {
    if (address.kind === 'mailbox') yield address.mailbox
    else for (const member of address.members) yield member.mailbox
  }
}
