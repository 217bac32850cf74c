/**
 * What the fields of a delivery status (RFC 3464 §2.3) say of a recipient, from a report or as text in a notice.
 *
 * Sending programs know the address that they sent to: the original recipient counts before the final one, as far as
 * it is a mailbox (RFC 3464 §2.3.1, §2.3.2).
 */

import { parseMailbox } from '@postroad/address'
import type { Mailbox } from '@postroad/address'
import { fromUtf8 } from '@postroad/bytes'
import { parseHeader } from '@postroad/message'
import type { TypedAddress } from './address-field.ts'
import { addressAt } from './bounce-address.ts'
import type { NoticeLine } from './bounce-notice.ts'
import type { Evidence } from './bounce-recipient.ts'
import { flatten } from './classify-text.ts'
import { readRecipient } from './reported-recipient.ts'
import type { ReportedRecipient } from './reported-recipient.ts'

/**
 * What a group of fields says of a recipient: `nobody` for one without a mailbox, `disposition` for what became of the
 * message after it had arrived (RFC 8098 §3.2.6).
 */
export type StatusFields =
  | ({ readonly kind: 'failure' } & Evidence)
  | { readonly kind: 'success' | 'nobody' | 'disposition' }

/** Takes what a bounce is about. Without an action the status decides: `2.` is success, `4.` a delay, else a failure. */
export function statusFields(recipient: ReportedRecipient): StatusFields {
  const { originalRecipient, finalRecipient, diagnostic, status, fields } = recipient
  if (fields.has('Disposition')) return { kind: 'disposition' }
  const action = recipient.action ?? ACTIONS.get(status?.charAt(0) ?? '') ?? 'failed'
  if (action !== 'failed' && action !== 'delayed') return { kind: 'success' }
  const mailbox = mailboxOf(originalRecipient) ?? mailboxOf(finalRecipient)
  if (mailbox === undefined) return { kind: 'nobody' }
  // Where the diagnostic says nothing, gateways and programs that broke the status field do.
  const more = ['X400-Supplementary-Info', 'Status'].flatMap((name) => fields.all(name))
  const texts = [diagnostic?.text ?? '', ...more.map(({ value }) => value)].map(flatten)
  return { kind: 'failure', mailbox, action, status, texts, context: '' }
}

const ACTIONS: ReadonlyMap<string, 'delivered' | 'delayed'> = new Map([
  ['2', 'delivered'],
  ['4', 'delayed'],
])

/** The address where it is a mailbox, else the first thing in it that is one. */
function mailboxOf(address: TypedAddress | undefined): Mailbox | undefined {
  if (address === undefined) return undefined
  const result = parseMailbox(address.address, { smtputf8: true })
  return result.ok ? result.value : addressAt(address.address, 0)?.mailbox
}

/** Fields that begin a group when they stand in plain text. */
const FIRST_FIELD = /^(?:final|original)-recipient:/i

/** The recipients of which fields stand as text in a notice: a group is what lies between empty lines. */
export function fieldsInText(lines: readonly NoticeLine[]): readonly ReportedRecipient[] {
  const recipients: ReportedRecipient[] = []
  let block: NoticeLine[] = []
  const close = (): void => {
    if (block.some(({ text }) => FIRST_FIELD.test(text))) {
      const text = block.map((line) => (line.indent > 0 ? ` ${line.text}` : line.text)).join('\n')
      recipients.push(readRecipient(parseHeader(fromUtf8(text))))
    }
    block = []
  }
  for (const line of lines) {
    if (line.text === '') close()
    else block.push(line)
  }
  close()
  return recipients
}
