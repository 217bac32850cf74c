/**
 * The job that stands in the queue: one message for one destination, with its recipients and what is known of each.
 *
 * Plain data. `workItemCodec` turns it into bytes; it carries a version and reads what every released version wrote.
 */

import { fromUtf8, toUtf8Strict } from '@postroad/bytes'
import type { ContentFacts, Envelope, MessageId, Recipient, RecipientOutcome } from '@postroad/envelope'
import type { Codec } from '@postroad/queue'
import type { Destination } from '@postroad/routes'

/** One message for one destination, with all that its envelope says. */
export interface WorkItem extends Omit<Envelope, 'recipients'> {
  /** Shared by all entries of the message. */
  readonly message: MessageId
  /** Of all its recipients; decided when the message was accepted, and not again. */
  readonly destination: Destination
  /** In the order they were accepted; those whose fate is settled are taken out when the attempt is settled. */
  readonly recipients: readonly WorkRecipient[]
  /** Facts of the content as it lies on the spool. */
  readonly facts: ContentFacts
  /** When the message was accepted here, in milliseconds since the epoch; what "give up after" counts from. */
  readonly acceptedAt: number
  /** A delay notice went out for this entry (RFC 3461 §4.1); absent means no. */
  readonly delayReported?: boolean
}

/** A recipient and what the last attempt learned. */
export interface WorkRecipient extends Recipient {
  /**
   * Absent: not tried yet. `delivered` and `failed` are final; they stand here where the worker died before it settled,
   * or where the report on them could not be made: then the next attempt does only that for them.
   */
  readonly outcome?: RecipientOutcome
}

/** The version that is written. */
const VERSION = 1

/** Thrown by the codec where bytes are no work item of a version that is known here. */
export class WorkItemError extends Error {
  override readonly name = 'WorkItemError'
  /** The only code; the message tells what is wrong with the bytes. */
  readonly code = 'INTAKE_WORK_ITEM' as const
}

/** JSON with a version. The queue holds an entry that cannot be decoded, with the sentence of the error as reason. */
export const workItemCodec: Codec<WorkItem> = {
  encode: (item) => fromUtf8(JSON.stringify({ v: VERSION, ...item })),
  decode(bytes) {
    const text = toUtf8Strict(bytes)
    if (text === undefined) throw new WorkItemError('the work item is not UTF-8')
    let parsed: unknown
    try {
      parsed = JSON.parse(text)
    } catch (cause) {
      throw new WorkItemError('the work item is not JSON', { cause })
    }
    if (!isStored(parsed)) throw new WorkItemError('the work item lacks a field that it must have')
    if (parsed.v !== VERSION) {
      throw new WorkItemError(`the work item has version ${parsed.v}, and this program knows ${VERSION} only`)
    }
    const { v: _version, ...item } = parsed
    return item
  },
}

/** What we wrote ourselves is trusted as far as its outline; a foreign or cut value fails here. */
function isStored(value: unknown): value is WorkItem & { readonly v: number } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'v' in value &&
    typeof value.v === 'number' &&
    'message' in value &&
    typeof value.message === 'string' &&
    'reversePath' in value &&
    'destination' in value &&
    typeof value.destination === 'object' &&
    'recipients' in value &&
    Array.isArray(value.recipients) &&
    'facts' in value &&
    typeof value.facts === 'object' &&
    'acceptedAt' in value &&
    typeof value.acceptedAt === 'number'
  )
}
