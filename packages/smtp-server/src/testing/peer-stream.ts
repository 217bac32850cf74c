/** The scripted peer's end of one stream: lines and octets in, text out. Everything is Latin-1: a character is an octet. */

import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { StageCertificate } from './server-stages.ts'

/** Reads and writes. */
export class PeerStream {
  /** What it speaks over; TLS once that was agreed on. */
  stream: Duplex
  readonly #raw: Duplex
  /** The client has closed its side, or all is gone. */
  closed = false
  #text = ''
  #waiting: (() => void)[] = []
  readonly #onData = (bytes: Buffer): void => {
    this.#text += bytes.toString('latin1')
    this.#wake()
  }
  readonly #onEnd = (): void => {
    this.closed = true
    this.#wake()
  }

  constructor(stream: Duplex) {
    this.stream = stream
    this.#raw = stream
    this.#attach()
  }

  /** Closes at once: a socket with RST, which a pair of streams has not. */
  reset(): void {
    if (this.#raw instanceof Socket) this.#raw.resetAndDestroy()
    else this.#raw.end().resume()
  }

  write(bytes: string | Uint8Array): void {
    if (this.stream.writable) this.stream.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** What comes before a mark, the mark taken, too; `undefined` where the client is gone before. Looks at each octet once. */
  async until(mark: string): Promise<string | undefined> {
    let before = ''
    for (;;) {
      const at = this.#text.indexOf(mark)
      if (at !== -1) return before + this.#take(at, mark.length)
      if (this.closed) return undefined
      before += this.#take(Math.max(0, this.#text.length - mark.length + 1), 0)
      await this.#more()
    }
  }

  /** Waits for anything. */
  async some(): Promise<void> {
    while (this.#text === '' && !this.closed) await this.#more()
  }

  /** So many octets; `undefined` where the client is gone before. */
  async octets(count: number): Promise<string | undefined> {
    while (this.#text.length < count) {
      if (this.closed) return undefined
      await this.#more()
    }
    return this.#take(count, 0)
  }

  /** Puts text back, to be read next. */
  unread(text: string): void {
    this.#text = text + this.#text
  }

  async gone(): Promise<void> {
    while (!this.closed) await this.#more()
  }

  /** Turns the stream into TLS as its server; rejects where the handshake fails. */
  async secure(certificate: StageCertificate): Promise<void> {
    this.stream.off('data', this.#onData)
    for (const event of ['end', 'close']) this.stream.off(event, this.#onEnd)
    this.stream.pause()
    const secured = new TLSSocket(this.stream, { isServer: true, secureContext: createSecureContext(certificate) })
    this.stream = secured
    this.#attach()
    await new Promise<void>((resolve, reject) => {
      secured.once('secure', () => resolve())
      secured.once('close', () => reject(new Error('the handshake failed')))
      secured.once('error', reject)
    })
  }

  #take(length: number, markLength: number): string {
    const text = this.#text.slice(0, length)
    this.#text = this.#text.slice(length + markLength)
    return text
  }

  #attach(): void {
    this.stream.on('data', this.#onData)
    for (const event of ['end', 'close']) this.stream.on(event, this.#onEnd)
    this.stream.on('error', this.#onEnd)
  }

  #more(): Promise<void> {
    return new Promise((resolve) => void this.#waiting.push(resolve))
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }
}
