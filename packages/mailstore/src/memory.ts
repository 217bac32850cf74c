/**
 * A mailstore in memory, with contents a test can read, and refusals and outages it can cause.
 *
 * Keeps everything that was put in, without a bound: for tests and simulations.
 */

import type { Reply } from '@postroad/envelope'
import {
  type MailboxDelivery,
  type MailboxRefusal,
  type Mailstore,
  MailstoreUnavailableError,
  type MailboxWriter,
  type StoredMessage,
} from './mailstore.ts'

/** A message in a mailbox. */
export interface MemoryMessage extends StoredMessage {
  /** As the delivery named it; `undefined` where it had none. */
  readonly key: string | undefined
  /** The prefix and the content, with CRLF line ends as they came. */
  readonly content: Uint8Array
}

/** A mailstore that can be read and broken. */
export interface MemoryMailstore extends Mailstore {
  /** The messages of one account in the order of their commits; none for an account nobody wrote to. */
  messages(account: string): readonly MemoryMessage[]
  /** The accounts that have messages. */
  accounts(): readonly string[]
  /** Empties a mailbox, as its owner would. A key that was in it is new again. */
  clear(account: string): void
  /** From now on the mailbox refuses with this reply; `undefined`: it takes messages again. */
  refuse(account: string, reply: Reply | undefined): void
  /** From now on every `begin`, `write` and `commit` rejects (`true`), or the store works again (`false`). */
  breakDown(broken: boolean): void
}

/** Creates an empty mailstore. */
export function createMemoryMailstore(): MemoryMailstore {
  const mailboxes = new Map<string, MemoryMessage[]>()
  const refusals = new Map<string, Reply>()
  let broken = false
  let stored = 0

  const checkWorking = (): void => {
    if (broken) throw new MailstoreUnavailableError('The mailstore was broken by its test.')
  }

  const put = (delivery: MailboxDelivery, content: Uint8Array): StoredMessage => {
    const { account, key } = delivery
    const messages = mailboxes.get(account) ?? []
    const known = key === undefined ? undefined : messages.find((message) => message.key === key)
    if (known !== undefined) return { location: known.location }
    stored += 1
    const message: MemoryMessage = { location: `memory:${account}/${stored}`, key, content }
    mailboxes.set(account, [...messages, message])
    return { location: message.location }
  }

  return {
    async begin(delivery): Promise<MailboxWriter | MailboxRefusal> {
      checkWorking()
      const refusal = refusals.get(delivery.account)
      if (refusal !== undefined) return { kind: 'refused', reply: refusal }
      return createWriter(delivery, checkWorking, put)
    },
    messages: (account) => mailboxes.get(account) ?? [],
    accounts: () => [...mailboxes.keys()],
    clear(account) {
      mailboxes.delete(account)
    },
    refuse(account, reply) {
      if (reply === undefined) refusals.delete(account)
      else refusals.set(account, reply)
    },
    breakDown(isBroken) {
      broken = isBroken
    },
  }
}

function createWriter(
  delivery: MailboxDelivery,
  checkWorking: () => void,
  put: (delivery: MailboxDelivery, content: Uint8Array) => StoredMessage,
): MailboxWriter {
  // Chunks are the caller's again when `write` returns, so they are copied.
  let chunks: Uint8Array[] = [delivery.prefix.slice()]
  let ended = false
  return {
    kind: 'writer',
    async write(chunk) {
      checkWorking()
      if (ended) throw new TypeError('The writer has ended.')
      chunks.push(chunk.slice())
    },
    async commit() {
      if (ended) throw new TypeError('The writer has ended.')
      ended = true
      const content = join(chunks)
      chunks = []
      checkWorking()
      return put(delivery, content)
    },
    async abort() {
      ended = true
      chunks = []
    },
  }
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0))
  let offset = 0
  for (const chunk of chunks) {
    joined.set(chunk, offset)
    offset += chunk.length
  }
  return joined
}
