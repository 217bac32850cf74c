/**
 * The one door into the store, for what comes from a client, from another MTA, and for what is made here.
 *
 * A message is begun with its envelope and its resolved recipients, its content is written as it arrives, and `submit`
 * makes all of it durable at once; before that nothing exists. `prepare` stops short of the last step, for a caller
 * that has its own: the relay settles a lease with the entries of a report.
 *
 * On the way through: a Received field is put in front (RFC 5321 §4.4), messages that circle are refused (RFC 5321
 * §6.3), facts about the content are learned in the same pass, and recipients are grouped by destination, one entry
 * each.
 */

import { concat } from '@postroad/bytes'
import type { Directory } from '@postroad/directory'
import { createMessageId, type Envelope, type LeaseToken, type MessageId, type Reply } from '@postroad/envelope'
import type { Header, HeaderField } from '@postroad/message'
import type { ContentWriter, NewEntry, SealedContent, Store } from '@postroad/queue'
import type { Routes } from '@postroad/routes'
import type { Clock, Random } from '@postroad/runtime'
import { entriesOf } from './entries.ts'
import { IncomingContent } from './incoming-content.ts'
import type { IntakeObserver } from './observer.ts'
import { resolveRecipient, type Resolution, type ResolveQuery, type RoutedRecipient } from './resolve.ts'
import type { TraceStamp } from './trace-stamp.ts'
import type { WorkItem } from './work-item.ts'

/** What an intake stands on. */
export interface IntakeOptions {
  /** Content is staged on its spool, entries go into its queue; both become durable in one step. */
  readonly store: Store<WorkItem>
  /** Asked by `resolve` alone. */
  readonly directory: Directory
  /** Asked for each target after expansion; what they said is kept with the entry. */
  readonly routes: Routes
  /** `now` alone is read: when a message was accepted, for its id, its Received field and its age. */
  readonly clock: Clock
  /** Goes into each message id, so that no two are the same. */
  readonly random: Random
  /** Our name in the Received field. */
  readonly hostname: string
  /** Received fields beyond which a message is taken to circle; RFC 5321 §6.3 asks for at least 100. Default 100. */
  readonly maxReceived?: number
  /** Largest header section, in bytes. Default 256 KiB. */
  readonly maxHeaderBytes?: number
  /** How long staged content may wait for its enqueue, in milliseconds. Default one hour. */
  readonly stageTtlMs?: number
  /** Most recipients of one entry; more of one destination make several entries. Default 100 (RFC 5321 §4.5.3.1.8). */
  readonly maxRecipientsPerEntry?: number
  /** Absent: nobody is told. */
  readonly observer?: IntakeObserver
}

/** The door. Safe to use from many sessions at once. */
export interface Intake {
  /** A new message id, to be named in replies and traces before anything is stored. */
  createMessageId(): MessageId
  /** What becomes of a recipient. Rejects with `DirectoryUnavailableError`. */
  resolve(query: ResolveQuery): Promise<Resolution>
  /** Begins a message. Rejects with `QueueUnavailableError`, and with a `TypeError` where there is no recipient. */
  begin(request: IntakeRequest): Promise<IncomingMessage>
}

/** One message to be taken in. */
export interface IntakeRequest {
  /** From `createMessageId`, for this message alone: entries of an id that is known would be passed over. */
  readonly message: MessageId
  /** Goes into each entry as it is; nothing of it is judged here. */
  readonly envelope: Omit<Envelope, 'recipients'>
  /** As `resolve` gave them; one at least. The same mailbox is kept once, with the wishes for reports of all. */
  readonly recipients: readonly RoutedRecipient[]
  /** Where it came from, for the Received field; `undefined` for what is made here: then none is added. */
  readonly trace: TraceStamp | undefined
  /** Looks at the header section when it is whole, and may change or refuse it. Throwing is a fault. */
  readonly onHeader?: (header: Header) => HeaderVerdict | Promise<HeaderVerdict>
  /** A lease whose settlement will spawn the entries (`prepare`). */
  readonly beside?: LeaseToken
  /** The size the client declared, in bytes. */
  readonly sizeHint?: number
  /** As `NewEntry.priority`; default 0. */
  readonly priority?: number
}

/** What the agent makes of a header section. */
export type HeaderVerdict =
  | {
      readonly kind: 'accept'
      /** In place of the one that came. */
      readonly header: Header
      /** Put between our Received field and the header. */
      readonly added: readonly HeaderField[]
    }
  | { readonly kind: 'refuse'; readonly reply: Reply }

/** A message on its way in. Used by one caller at a time. */
export interface IncomingMessage {
  /** As requested. */
  readonly message: MessageId
  /** Takes content with CRLF line ends; `bytes` are the caller's again once this returns or its promise resolves. */
  write(bytes: Uint8Array): void | Promise<void>
  /** Ends the content and makes what an `enqueue` or a `settle` takes. Nothing is durable yet. */
  prepare(): Promise<PreparedMessage | Refusal>
  /** Ends the content and enqueues: the message is durable when the promise resolves with `accepted`. */
  submit(): Promise<AcceptedMessage | Refusal>
  /** Forgets the message. Harmless after it was submitted or refused. */
  abort(): Promise<void>
}

/** Entries that are ready to be enqueued or spawned. */
export interface PreparedMessage {
  readonly kind: 'prepared'
  /** One at least, due at once; all name `content`. To be added together. */
  readonly entries: readonly NewEntry<WorkItem>[]
  /** To be given to `Spool.persist` first. Where no entry ever names it, it is swept after `stageTtlMs`. */
  readonly content: SealedContent
}

/** The message is in the store. */
export interface AcceptedMessage {
  readonly kind: 'accepted'
  /** As requested; to be named in the reply, so that a sender's log leads to ours. */
  readonly message: MessageId
  /** As stored, with what was added, in bytes. */
  readonly sizeBytes: number
}

/** The content is not taken, for good or for now; nothing was stored. */
export interface Refusal {
  readonly kind: 'refused'
  /**
   * To the end of data: 552 5.3.4 for a header section that is too large, 554 5.4.6 for a message that circles, 451 4.3.0
   * after `abort` or where `onHeader` failed, or what `onHeader` said.
   */
  readonly reply: Reply
}

/** Creates the door; nothing is opened. */
export function createIntake(options: IntakeOptions): Intake {
  const { store, directory, routes, clock, random, observer } = options
  const stageTtlMs = options.stageTtlMs ?? 60 * 60 * 1_000

  return {
    createMessageId: () => createMessageId(clock.now(), random.bytes(11)),
    resolve: (query) => resolveRecipient(directory, routes, query),
    async begin(request) {
      // Without entries nothing would be stored, and the content accepted would be lost.
      if (request.recipients.length === 0) throw new TypeError('A message needs a recipient.')
      const acceptedAt = clock.now()
      const startedAt = clock.monotonic()
      let writer: ContentWriter | undefined = await store.spool.stage({
        message: request.message,
        ttlMs: stageTtlMs,
        ...(request.beside !== undefined && { beside: request.beside }),
        ...(request.sizeHint !== undefined && { sizeHint: request.sizeHint }),
      })
      const content = new IncomingContent(writer, request, {
        hostname: options.hostname,
        maxReceived: options.maxReceived ?? 100,
        maxHeaderBytes: options.maxHeaderBytes ?? 256 * 1_024,
        acceptedAt,
      })

      const abort = async (): Promise<void> => {
        const open = writer
        writer = undefined
        await open?.abort()
      }

      const prepare = async (): Promise<PreparedMessage | Refusal> => {
        const ended = await content.end().catch(async (error: unknown) => {
          await abort()
          throw error
        })
        if (ended.kind === 'refused' || writer === undefined) {
          await abort()
          return ended.kind === 'refused' ? ended : content.aborted()
        }
        // From here on `abort` leaves the content alone: an enqueue may be under way. What no entry names is swept.
        const sealing = writer
        writer = undefined
        const sealed = await sealing.seal({ prefix: concat(ended.prefix.map((field) => field.raw)) })
        const entries = entriesOf({
          request,
          content: sealed,
          facts: ended.facts,
          headerMessageId: ended.headerMessageId,
          acceptedAt,
          maxRecipients: options.maxRecipientsPerEntry ?? 100,
        })
        return { kind: 'prepared', entries, content: sealed }
      }

      return {
        message: request.message,
        write: (bytes) => content.write(bytes),
        prepare,
        abort,
        async submit() {
          const prepared = await prepare()
          if (prepared.kind === 'refused') return prepared
          await store.spool.persist([prepared.content])
          await store.queue.enqueue(prepared.entries)
          observer?.({
            type: 'message.accepted',
            message: request.message,
            reversePath: request.envelope.reversePath,
            account: request.trace?.account,
            recipients: request.recipients.length,
            entries: prepared.entries.map(({ id, group }) => ({ id, group })),
            headerMessageId: content.headerMessageId,
            sizeBytes: prepared.content.sizeBytes,
            durationMs: clock.monotonic() - startedAt,
          })
          return { kind: 'accepted', message: request.message, sizeBytes: prepared.content.sizeBytes }
        },
      }
    },
  }
}
