/** The mail transaction of a server session (RFC 5321 §3.3): its recipients, and its content while that comes in. */

import type { Reply } from '@postroad/envelope'
import { ContentReader } from './content-reader.ts'
import type { ContentRules } from './content-reader.ts'
import type { MailRequest, Protocol } from './handler.ts'
import type { InputBuffer } from './input-buffer.ts'
import type { NoticeEvent, QuestionEvent } from './server-event.ts'
import type { ServerSessionOptions } from './server-session-options.ts'
import type { SessionLimits } from './session-limits.ts'
import { CONTENT_FAULTS } from './session-replies.ts'

const END_OF_DATA: QuestionEvent & { type: 'end-of-data' } = { type: 'end-of-data' }

/** One transaction, used again for the next. */
export class ServerTransaction {
  readonly #protocol: Protocol
  readonly #rules: ContentRules
  #content: ContentReader | undefined
  #recipients = 0
  #smtputf8 = false
  #contentFault: Reply | undefined

  constructor({ protocol, bareNewlines = 'refuse' }: ServerSessionOptions, limits: SessionLimits) {
    this.#protocol = protocol
    this.#rules = { bareNewlines, maxBytes: limits.maxMessageBytes, maxLineBytes: limits.maxContentLineBytes }
  }

  /** Accepted ones. */
  get recipients(): number {
    return this.#recipients
  }

  /** SMTPUTF8 stood among the parameters of MAIL (RFC 6531 §3.4). */
  get smtputf8(): boolean {
    return this.#smtputf8
  }

  /** Why the content is refused; to be said behind its end. */
  get contentFault(): Reply | undefined {
    return this.#contentFault
  }

  /** How many replies the end of data has: in LMTP one for each accepted recipient (RFC 2033 §4.2). */
  get replies(): number {
    return this.#protocol === 'lmtp' ? this.#recipients : 1
  }

  /** Whether refusals tell something of the client. In LMTP it is one's own, and they are a mailbox's matter. */
  get countsRefusals(): boolean {
    return this.#protocol !== 'lmtp'
  }

  /** MAIL was accepted. */
  begin({ smtputf8 }: MailRequest): void {
    this.#smtputf8 = smtputf8 === true
  }

  /** RCPT was accepted. */
  addRecipient(): void {
    this.#recipients += 1
  }

  /** DATA was accepted: what comes in now is content. */
  beginContent(): void {
    this.#contentFault = undefined
    this.#content = new ContentReader(this.#rules)
  }

  /** The next event of the content, `end-of-data` even where `contentFault` answers it; `undefined`: until more comes. */
  readContent(input: InputBuffer): NoticeEvent | typeof END_OF_DATA | undefined {
    const part = this.#content?.read(input)
    if (part === undefined) return undefined
    if (part.kind === 'bytes') return { type: 'content', bytes: part.bytes }
    if (part.kind === 'fault') {
      this.#contentFault = CONTENT_FAULTS[part.fault]
      return { type: 'content-refused', reply: this.#contentFault }
    }
    this.#content = undefined
    return END_OF_DATA
  }

  /** Gives nothing more of the content that is coming in, and answers its end so. The first refusal counts. */
  refuseContent(refusal: Reply): void {
    if (this.#content === undefined || this.#contentFault !== undefined) return
    this.#contentFault = refusal
    this.#content.refuse()
  }

  /** Forgets everything. */
  clear(): void {
    this.#content = undefined
    this.#recipients = 0
    this.#smtputf8 = false
  }
}
