/** Drives a bare server session for the tests: answers every question, keeps the events and the output. */

import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import { isQuestion, ServerSession } from '../src/index.ts'
import type { QuestionEvent, ServerEvent, ServerSessionOptions } from '../src/index.ts'

export const OK: Reply = reply(250, '2.0.0', 'OK')

export const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))
export const text = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')

export type AnswerOf = (event: QuestionEvent, session: ServerSession) => Reply | readonly Reply[] | undefined

/** Needs no reply of one's own: the session knows one. */
const USUAL = new Set(['connect', 'hello', 'starttls', 'data', 'vrfy', 'expn', 'help', 'xclient', 'xforward'])
const AUTHENTICATED: Reply = reply(235, '2.7.0', 'Welcome')

export { isQuestion }

export const usualAnswer: AnswerOf = ({ type }) => {
  if (USUAL.has(type)) return undefined
  return type === 'auth' || type === 'auth-response' ? AUTHENTICATED : OK
}

/** A session, its events as text (content joined), and what it said. */
export class Driven {
  readonly session: ServerSession
  readonly events: ServerEvent[] = []
  readonly #answer: AnswerOf
  output = ''
  content = ''
  mostOutput = 0

  constructor(options: Partial<ServerSessionOptions> = {}, answer: AnswerOf = usualAnswer) {
    this.session = new ServerSession({
      hostname: 'mx.example.net',
      protocol: 'smtp',
      belowFloors: 'allow',
      ...options,
    })
    this.#answer = answer
    this.drain()
  }

  feed(input: string | Uint8Array): this {
    this.session.receive(typeof input === 'string' ? latin1(input) : input)
    this.drain()
    return this
  }

  /** Feeds in pieces of `size` bytes. */
  drip(input: string | Uint8Array, size: number): this {
    const bytes = typeof input === 'string' ? latin1(input) : input
    for (let at = 0; at < bytes.length; at += size) this.feed(bytes.slice(at, at + size))
    return this
  }

  drain(): void {
    for (let event = this.session.next(); event !== undefined; event = this.session.next()) {
      if (event.type === 'content') this.content += text(event.bytes)
      else if (event.type === 'flush') this.take()
      else this.events.push(event)
      if (!isQuestion(event)) continue
      const answer = this.#answer(event, this.session)
      // It may have answered otherwise.
      if (this.session.waiting) this.session.answer(answer)
    }
    this.take()
  }

  take(): void {
    const output = this.session.takeOutput()
    this.mostOutput = Math.max(this.mostOutput, output?.length ?? 0)
    if (output !== undefined) this.output += text(output)
  }

  /** What was said since the last call. */
  said(): string {
    const { output } = this
    this.output = ''
    return output
  }

  /** Types of the events since the last call. */
  types(): string[] {
    return this.events.splice(0).map(({ type }) => type)
  }
}

/** A session in which the content is awaited. */
export function atContent(options: Partial<ServerSessionOptions> = {}, answer: AnswerOf = usualAnswer): Driven {
  const hello = options.protocol === 'lmtp' ? 'LHLO' : 'EHLO'
  const driven = new Driven(options, answer)
  driven.feed(`${hello} client.example.org\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n`)
  driven.said()
  driven.types()
  return driven
}
