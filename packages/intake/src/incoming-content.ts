/**
 * The content of one message on its way to the spool: the header section is held until it is whole and judged, the rest
 * passes through; facts are learned on the way.
 *
 * Memory: the header section (bounded) and nothing else.
 */

import { concat, fromLatin1 } from '@postroad/bytes'
import { reply, type ContentFacts } from '@postroad/envelope'
import {
  ContentScanner,
  countReceived,
  formatReceived,
  HeaderReader,
  parseMessageId,
  type Header,
  type HeaderField,
  type HeaderProgress,
} from '@postroad/message'
import { formatMailbox } from '@postroad/address'
import type { ContentWriter } from '@postroad/queue'
import type { HeaderVerdict, IntakeRequest, Refusal } from './intake.ts'

const CRLF = fromLatin1('\r\n')

interface ContentLimits {
  readonly hostname: string
  readonly maxReceived: number
  readonly maxHeaderBytes: number
  readonly acceptedAt: number
}

/** What is known when all content has come. */
interface EndedContent {
  readonly kind: 'ended'
  /** To be put in front by `seal`. */
  readonly prefix: readonly HeaderField[]
  /** Of the whole, prefix included. */
  readonly facts: ContentFacts
  readonly headerMessageId: string | undefined
}

/** Takes bytes in order; `end` once, after the last. */
export class IncomingContent {
  readonly #writer: ContentWriter
  readonly #request: IntakeRequest
  readonly #limits: ContentLimits
  readonly #scanner = new ContentScanner()
  #reader: HeaderReader | undefined
  #prefix: readonly HeaderField[] = []
  #refusal: Refusal | undefined
  #headerMessageId: string | undefined

  constructor(writer: ContentWriter, request: IntakeRequest, limits: ContentLimits) {
    this.#writer = writer
    this.#request = request
    this.#limits = limits
    this.#reader = new HeaderReader({ maxBytes: limits.maxHeaderBytes })
  }

  /** The Message-ID field without its brackets; `undefined` where there is none or it has not come yet. */
  get headerMessageId(): string | undefined {
    return this.#headerMessageId
  }

  /** Takes the next bytes. Once the content is refused the rest is passed over. */
  write(bytes: Uint8Array): void | Promise<void> {
    if (this.#refusal !== undefined) return undefined
    if (this.#reader === undefined) return this.#store(bytes)
    return this.#advance(this.#reader.push(bytes))
  }

  /** Ends the content. */
  async end(): Promise<EndedContent | Refusal> {
    if (this.#refusal === undefined && this.#reader !== undefined) await this.#advance(this.#reader.end())
    if (this.#refusal !== undefined) return this.#refusal
    return {
      kind: 'ended',
      prefix: this.#prefix,
      facts: withPrefix(this.#scanner.finish(), this.#prefix),
      headerMessageId: this.#headerMessageId,
    }
  }

  /** What `prepare` says after `abort`: a mistake of the caller that must not look like acceptance. */
  aborted(): Refusal {
    return { kind: 'refused', reply: reply(451, '4.3.0', 'The message was given up') }
  }

  #store(bytes: Uint8Array): void | Promise<void> {
    this.#scanner.push(bytes)
    return this.#writer.write(bytes)
  }

  #advance(progress: HeaderProgress): void | Promise<void> {
    switch (progress.kind) {
      case 'more':
        return undefined
      case 'too-large':
        return this.#refuse(reply(552, '5.3.4', 'The header section is too large'))
      case 'header':
        this.#reader = undefined
        return this.#judge(progress.header, progress.separator, progress.rest)
    }
  }

  async #judge(header: Header, separator: Uint8Array, rest: Uint8Array): Promise<void> {
    // `rest` belongs to the caller of write, who waits for this promise.
    // RFC 5321 §6.3: a count of Received fields is the simplest sign of a loop.
    if (countReceived(header) >= this.#limits.maxReceived) {
      return this.#refuse(reply(554, '5.4.6', 'Too many Received fields: the message seems to circle'))
    }
    const verdict = await this.#look(header)
    if (verdict.kind === 'refuse') return this.#refuse(verdict.reply)

    this.#prefix = [...this.#received(), ...verdict.added]
    const id = [...verdict.added, ...verdict.header.fields].find(({ name }) => name.toLowerCase() === 'message-id')
    const parsed = id && parseMessageId(id.value)
    this.#headerMessageId = parsed?.ok === true ? parsed.value : undefined
    // A body that begins without an empty line would be read as a part of the fields that we put in front.
    const parted = separator.length > 0 || rest.length === 0 || this.#prefix.length === 0
    await this.#store(concat([verdict.header.toBytes(), parted ? separator : CRLF, rest]))
  }

  /** What the agent says; where that fails, what is written after it is not taken: it would lack its header section. */
  async #look(header: Header): Promise<HeaderVerdict> {
    try {
      return (await this.#request.onHeader?.(header)) ?? { kind: 'accept', header, added: [] }
    } catch (error) {
      this.#refuse(reply(451, '4.3.0', 'The header section could not be judged now'))
      throw error
    }
  }

  /** RFC 5321 §4.4: one field of ours in front; `for`, as the client named it, only where it gives no other away. */
  #received(): readonly HeaderField[] {
    const { trace, recipients, message } = this.#request
    if (trace === undefined) return []
    const [only, ...others] = recipients
    return [
      formatReceived({
        helo: trace.helo,
        remoteAddress: trace.remoteAddress,
        by: this.#limits.hostname,
        protocol: trace.protocol,
        id: message,
        at: this.#limits.acceptedAt,
        ...(trace.tls !== undefined && { tls: trace.tls }),
        ...(only !== undefined && others.length === 0 && { for: formatMailbox(only.alias ?? only.recipient.mailbox) }),
      }),
    ]
  }

  #refuse(because: Refusal['reply']): void {
    this.#reader = undefined
    this.#refusal = { kind: 'refused', reply: because }
  }
}

/** The facts of content with whole fields put in front of it. */
function withPrefix(facts: ContentFacts, prefix: readonly HeaderField[]): ContentFacts {
  if (prefix.length === 0) return facts
  const scanner = new ContentScanner()
  for (const field of prefix) scanner.push(field.raw)
  const front = scanner.finish()
  return {
    sizeBytes: front.sizeBytes + facts.sizeBytes,
    headerBytes: front.sizeBytes + facts.headerBytes,
    eightBit: front.eightBit || facts.eightBit,
    binary: front.binary || facts.binary,
    utf8Header: front.eightBit || facts.utf8Header,
    longestLineBytes: Math.max(front.longestLineBytes, facts.longestLineBytes),
    dotLines: front.dotLines + facts.dotLines,
    endsWithCrlf: facts.sizeBytes === 0 || facts.endsWithCrlf,
  }
}
