/** Groups the recipients of a message by destination: one queue entry each, in the order the groups appear. */

import { formatMailbox } from '@postroad/address'
import { createEntryId, type ContentFacts, type GroupId } from '@postroad/envelope'
import type { Labels, NewEntry, SealedContent } from '@postroad/queue'
import { addRecipient, type DistinctRecipients } from './distinct-recipients.ts'
import type { IntakeRequest } from './intake.ts'
import type { RoutedRecipient } from './resolve.ts'
import type { WorkItem } from './work-item.ts'

/** Longest text of a label. */
const MAX_LABEL = 1_000

interface EntrySource {
  readonly request: IntakeRequest
  readonly content: SealedContent
  readonly facts: ContentFacts
  readonly headerMessageId: string | undefined
  readonly acceptedAt: number
  readonly maxRecipients: number
}

/** The entries of one message. A mailbox that is there twice is kept once. */
export function entriesOf(source: EntrySource): readonly NewEntry<WorkItem>[] {
  const { request, content, facts, acceptedAt } = source
  return portions(request.recipients, source.maxRecipients).map(({ group, recipients }, index) => ({
    id: createEntryId(request.message, index),
    group,
    content,
    priority: request.priority ?? 0,
    // Due at once by the store's clock, which need not agree with ours.
    notBefore: 0,
    labels: labelsOf(source, recipients),
    job: {
      ...request.envelope,
      message: request.message,
      // A group is the key of a destination: all its recipients share it.
      destination: recipients[0].destination,
      recipients: recipients.map(({ recipient }) => recipient),
      facts,
      acceptedAt,
    },
  }))
}

interface Portion {
  readonly group: GroupId
  readonly recipients: [RoutedRecipient, ...RoutedRecipient[]]
}

function portions(recipients: readonly RoutedRecipient[], maxRecipients: number): readonly Portion[] {
  const distinct: DistinctRecipients = new Map()
  for (const routed of recipients) addRecipient(distinct, routed)
  const all: Portion[] = []
  const open = new Map<GroupId, Portion>()
  for (const routed of distinct.values()) {
    const portion = open.get(routed.group)
    if (portion !== undefined && portion.recipients.length < maxRecipients) {
      portion.recipients.push(routed)
    } else {
      const begun: Portion = { group: routed.group, recipients: [routed] }
      open.set(routed.group, begun)
      all.push(begun)
    }
  }
  return all
}

function labelsOf({ request, headerMessageId }: EntrySource, [first]: Portion['recipients']): Labels {
  const { reversePath } = request.envelope
  const labels = {
    sender: reversePath === null ? '<>' : formatMailbox(reversePath),
    recipient: formatMailbox(first.recipient.mailbox),
    ...(headerMessageId !== undefined && { 'header-message-id': headerMessageId }),
    ...(request.trace?.account !== undefined && { account: request.trace.account }),
  }
  return Object.fromEntries(Object.entries(labels).map(([name, text]) => [name, text.slice(0, MAX_LABEL)]))
}
