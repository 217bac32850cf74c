/**
 * The delivery port straight into mailboxes: what the relay uses in one process, in place of LMTP over a socket.
 */

import type { Delivery, DeliveryReport, DeliveryRequest } from '@postroad/delivery'
import { reply, type RecipientOutcome, type Reply, isPermanent, isTransient } from '@postroad/envelope'
import { findMailbox, MailboxDelivery, type MailboxDeliveryOptions, type MailboxTarget } from './mailbox-delivery.ts'

/** The destination of a local delivery: there is only one. */
export interface LocalDestination {
  readonly transport: 'local'
}

/** Creates the delivery. Faults of directory and mailstore defer the recipient they concern. */
export function createLocalDelivery(options: MailboxDeliveryOptions): Delivery<LocalDestination> {
  return { deliver: (request) => deliver(options, request) }
}

async function deliver(
  options: MailboxDeliveryOptions,
  request: DeliveryRequest<LocalDestination>,
): Promise<DeliveryReport> {
  const { envelope, signal, onOutcome } = request
  const progress: Progress = { committing: false }
  const outcomes =
    (await beforeAbort(signal, () => put(options, request, progress))) ??
    envelope.recipients.map((): RecipientOutcome => (progress.committing ? CUT_OFF : outcomeOf(STOPPED)))
  outcomes.forEach((outcome, index) => onOutcome?.(index, outcome))
  return { outcomes, phase: 'done', peer: undefined }
}

/** How far it came; a message that is being made visible may be there when we give up. */
interface Progress {
  committing: boolean
}

/** What `run` gives; `undefined` where the signal fires before. A mailstore or directory that hangs is left behind. */
async function beforeAbort<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T | undefined> {
  if (signal.aborted) return undefined
  let stop = (): void => undefined
  const stopped = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined)
    signal.addEventListener('abort', stop, { once: true })
  })
  const running = run()
  // What fails after we gave up has nobody to tell.
  running.catch(() => undefined)
  try {
    return await Promise.race([running, stopped])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Puts the message into the mailbox of each recipient; an outcome each. Leaves no trace where the signal fires. */
async function put(
  options: MailboxDeliveryOptions,
  { envelope, content, signal, key }: DeliveryRequest<LocalDestination>,
  progress: Progress,
): Promise<readonly RecipientOutcome[]> {
  const found = await Promise.all(
    envelope.recipients.map(({ mailbox }) =>
      findMailbox(options.directory, mailbox).catch(() => reply(451, '4.3.0', 'The directory cannot answer now')),
    ),
  )
  const targets: MailboxTarget[] = []
  envelope.recipients.forEach(({ mailbox }, index) => {
    const account = found[index]
    if (typeof account === 'string') targets.push({ mailbox, account })
  })

  const given = targets.length === 0 || signal.aborted ? [] : await write()
  let next = 0
  return found.map((answer) => outcomeOf(typeof answer === 'string' ? (given[next++] ?? STOPPED) : answer))

  async function write(): Promise<readonly Reply[]> {
    const delivery = await MailboxDelivery.begin(options, targets, {
      reversePath: envelope.reversePath,
      trace: [],
      ...(key !== undefined && { key }),
    })
    try {
      for await (const chunk of content.open()) {
        if (signal.aborted) break
        await delivery.write(chunk)
      }
      if (!signal.aborted) {
        progress.committing = true
        return await delivery.commit()
      }
    } catch (error) {
      // The content cannot be read: a fault of ours, for the caller to see.
      await delivery.abort()
      throw error
    }
    await delivery.abort()
    return targets.map(() => STOPPED)
  }
}

const STOPPED = reply(451, '4.3.2', 'The delivery was stopped')
/** The mailstore was making the message visible and did not answer in time: it may or may not be there. */
const CUT_OFF: RecipientOutcome = { kind: 'unknown', status: '4.3.2' }

function outcomeOf(answer: Reply): RecipientOutcome {
  const { code, status } = answer
  if (code < 300) return { kind: 'delivered', reply: answer }
  if (code >= 500) {
    return { kind: 'failed', reply: answer, status: status !== undefined && isPermanent(status) ? status : '5.0.0' }
  }
  return { kind: 'deferred', reply: answer, status: status !== undefined && isTransient(status) ? status : '4.0.0' }
}
