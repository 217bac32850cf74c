/** Talks with a `ClientSession` in memory: a test plays the server and reads what the client did. */

import { mailboxOf } from '@postroad/address'
import { fromUtf8, toUtf8 } from '@postroad/bytes'
import type { ContentFacts, Envelope, RecipientOutcome } from '@postroad/envelope'
import type { ClientEvent } from '../src/client-event.ts'
import type { ClientSessionOptions } from '../src/client-session-options.ts'
import { ClientSession } from '../src/client-session.ts'
import type { TransactionRequest } from '../src/client-request.ts'

/** 2026-05-04T03:02:01Z. */
export const NOW = Date.UTC(2026, 4, 4, 3, 2, 1)

export const CONTENT = 'Subject: x\r\n\r\n.dot\r\nlast\r\n'

export function facts(content = CONTENT, more: Partial<ContentFacts> = {}): ContentFacts {
  return {
    sizeBytes: fromUtf8(content).length,
    headerBytes: 14,
    eightBit: false,
    binary: false,
    utf8Header: false,
    longestLineBytes: 10,
    dotLines: content.split('\r\n').filter((line) => line.startsWith('.')).length,
    endsWithCrlf: content === '' || content.endsWith('\r\n'),
    ...more,
  }
}

export function envelope(...recipients: string[]): Envelope {
  return {
    reversePath: mailboxOf('eve@example.org'),
    recipients: recipients.map((text) => ({ mailbox: mailboxOf(text) })),
  }
}

export class Talk {
  readonly session: ClientSession
  readonly events: ClientEvent[] = []
  readonly lines: string[] = []
  readonly cut: number
  content = CONTENT
  /** The test gives the content itself. */
  manual = false

  constructor(options: Partial<ClientSessionOptions> = {}, cut = 0) {
    this.cut = cut
    this.session = new ClientSession({
      hostname: 'client.example.org',
      protocol: 'smtp',
      onLine: (from, line) => this.lines.push(`${from === 'client' ? 'C' : 'S'}: ${line}`),
      ...options,
    })
  }

  /** The server says these lines; gives what the client sent in answer. */
  says(...lines: string[]): string {
    const bytes = fromUtf8(lines.map((line) => `${line}\r\n`).join(''))
    const step = this.cut === 0 ? bytes.length : this.cut
    for (let at = 0; at < bytes.length; at += step) {
      this.session.receive(bytes.subarray(at, at + step))
      this.drain()
    }
    return this.sent()
  }

  drain(): void {
    for (let event = this.session.next(); event !== undefined; event = this.session.next()) {
      this.events.push(event)
      if (event.type === 'content' && !this.manual) {
        this.session.content(fromUtf8(this.content))
        this.session.endContent()
      }
    }
  }

  sent(): string {
    this.drain()
    const bytes = this.session.takeOutput()
    this.drain()
    return bytes === undefined ? '' : toUtf8(bytes)
  }

  /** Greets and offers the keywords. */
  greet(...keywords: string[]): this {
    this.says('220 mx.example.net ESMTP')
    this.hello(...keywords)
    return this
  }

  hello(...keywords: string[]): void {
    const lines = ['mx.example.net', ...keywords]
    this.says(...lines.map((line, index) => `250${index === lines.length - 1 ? ' ' : '-'}${line}`))
  }

  transact(request: Partial<TransactionRequest> = {}): string {
    this.session.transact({ envelope: envelope('ada@example.net'), facts: facts(this.content), now: NOW, ...request })
    return this.sent()
  }

  get outcomes(): (RecipientOutcome | undefined)[] {
    const outcomes: (RecipientOutcome | undefined)[] = []
    for (const event of this.events) {
      if (event.type !== 'outcome') continue
      if (outcomes[event.recipient] !== undefined) throw new Error('A recipient was settled twice.')
      outcomes[event.recipient] = event.outcome
    }
    return outcomes
  }

  /** `delivered`, `deferred 4.4.2` ... for each recipient. */
  get summary(): string[] {
    return Array.from(this.outcomes, (outcome) => {
      if (outcome === undefined) return 'missing'
      return 'status' in outcome ? `${outcome.kind} ${outcome.status}` : outcome.kind
    })
  }

  /** Gives a piece of content; what leaves. */
  give(content: string): string {
    this.session.content(fromUtf8(content))
    return this.sent()
  }

  /** Forgets what happened, for the next transaction. */
  forget(): this {
    this.events.length = 0
    return this
  }

  get ended(): string | undefined {
    const event = this.events.find(({ type }) => type === 'transaction-ended')
    return event?.type === 'transaction-ended' ? event.phase : undefined
  }

  get closed(): string | undefined {
    const event = this.events.at(-1)
    return event?.type === 'closed' ? `${event.cause} at ${event.phase}` : undefined
  }
}
