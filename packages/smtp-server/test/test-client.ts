/** A client for the tests: writes what it is told, reads lines. */

import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'

export class TestClient {
  stream: Duplex
  closed = false
  #text = ''
  #wake: (() => void) | undefined

  constructor(stream: Duplex) {
    this.stream = stream
    this.#listen()
  }

  /** Sends text as Latin-1; bytes as they are. */
  send(text: string | Uint8Array): void {
    this.stream.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text)
  }

  /** The next line without CRLF; `undefined` at the end. */
  async readLine(): Promise<string | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\r\n')
      if (end !== -1) {
        const line = this.#text.slice(0, end)
        this.#text = this.#text.slice(end + 2)
        return line
      }
      if (this.closed) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** The next reply; its lines joined with a line feed. */
  async reply(): Promise<string | undefined> {
    const lines: string[] = []
    for (let line = await this.readLine(); line !== undefined; line = await this.readLine()) {
      lines.push(line)
      if (line.charAt(3) !== '-') return lines.join('\n')
    }
    return undefined
  }

  /** Sends lines, and reads a reply for each. */
  async talk(...lines: string[]): Promise<(string | undefined)[]> {
    this.send(lines.map((line) => `${line}\r\n`).join(''))
    const replies: (string | undefined)[] = []
    for (const _ of lines) replies.push(await this.reply())
    return replies
  }

  /** Waits until the server has closed. */
  async end(): Promise<void> {
    while (!this.closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async startTls(): Promise<void> {
    this.stream.off('data', this.#onData)
    for (const event of ['end', 'close']) this.stream.off(event, this.#onEnd)
    this.stream = await new Promise<Duplex>((resolve, reject) => {
      const secured = connectTls({ socket: this.stream, rejectUnauthorized: false })
      secured.on('error', reject)
      secured.on('secureConnect', () => resolve(secured))
      // Over a pair of streams all may be done before `connectTls` returns; Node then misses its own event.
      if (
        secured.getProtocol() === 'TLSv1.3' &&
        secured.getCipher() !== undefined &&
        secured.getFinished() !== undefined
      ) {
        resolve(secured)
      }
    })
    this.#listen()
  }

  /** What came and was not read. */
  get unread(): string {
    return this.#text
  }

  #listen(): void {
    this.stream.on('error', () => {})
    this.stream.on('data', this.#onData)
    for (const event of ['end', 'close']) this.stream.on(event, this.#onEnd)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#text += chunk.toString('utf8')
    this.#wake?.()
  }

  readonly #onEnd = (): void => {
    this.closed = true
    this.#wake?.()
  }
}
