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
 * Where an author is not an address of the account a Sender field shows who submitted (RFC 6409 §8.1): it is added, and
 * put in place of one that is not the account's either. Under the null reverse-path there is nobody to show, and such a
 * header is refused (RFC 6409 §6.1). Rejects with `DirectoryUnavailableError`.
 */
export async function completeHeader(header: Header, context: CompletionContext): Promise<HeaderVerdict> {
  const isForeign = await hasForeign('From', header, context)
  if (isForeign && context.reversePath === null) {
    return { kind: 'refuse', reply: reply(550, '5.7.1', 'From names an address that is not of this account') }
  }
  const sender = isForeign ? (context.reversePath ?? undefined) : undefined
  const isForged = sender !== undefined && (await hasForeign('Sender', header, context))
  const completed = completeSubmission(isForged ? header.without('Sender') : header, {
    at: context.at,
    messageId: context.messageId,
    domain: context.hostname,
    ...(sender !== undefined && { sender }),
  })
  // Only what hides who wrote it and when refuses a submission; other faults of form are the client's affair.
  const [fault] = checkForm(completed.header, { maxFaults: 0 })
  return fault === undefined
    ? { kind: 'accept', header: completed.header, added: [] }
    : { kind: 'refuse', reply: reply(550, '5.6.0', fault.explain) }
}

/** Whether the field names somebody whom the account may not send as. */
async function hasForeign(
  name: 'From' | 'Sender',
  header: Header,
  { directory, account }: CompletionContext,
): Promise<boolean> {
  const field = header.first(name)
  if (field === undefined) return false
  for (const mailbox of mailboxesOf(readAddressList(field.value).addresses)) {
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
