/** Recipients by mailbox: one that comes twice, by itself and through an alias, is kept once with both wishes. */

import { mailboxKey } from '@postroad/address'
import type { Notify } from '@postroad/envelope'
import type { RoutedRecipient } from './resolve.ts'

/** Recipients in the order in which they came, by the keys of their mailboxes. */
export type DistinctRecipients = Map<string, RoutedRecipient>

/**
 * Adds a recipient. One that is there stays as it came first, but is reported on as either asked (RFC 3461 §4.1): who
 * asked must not go without because somebody else did not.
 */
export function addRecipient(recipients: DistinctRecipients, added: RoutedRecipient): void {
  const key = mailboxKey(added.recipient.mailbox)
  const first = recipients.get(key)
  if (first === undefined) {
    recipients.set(key, added)
    return
  }
  const { notify: earlier, ...recipient } = first.recipient
  const notify = eitherWish(earlier, added.recipient.notify)
  recipients.set(key, { ...first, recipient: { ...recipient, ...(notify !== undefined && { notify }) } })
}

/** RFC 3461 §4.1: what no NOTIFY means, where it stands beside one. */
const BY_DEFAULT: readonly Notify[] = ['failure', 'delay']

function eitherWish(
  one: readonly Notify[] | undefined,
  other: readonly Notify[] | undefined,
): readonly Notify[] | undefined {
  if (one === undefined && other === undefined) return undefined
  if (one?.includes('never') === true) return other
  if (other?.includes('never') === true) return one
  return [...new Set([...(one ?? BY_DEFAULT), ...(other ?? BY_DEFAULT)])]
}
