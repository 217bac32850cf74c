/** A client for the tests: writes what it is told, reads lines. */

import { once } from 'node:events'
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

  async startTls(): Promise<void> {
    this.stream.removeAllListeners('data')
    this.stream.removeAllListeners('end')
    this.stream.removeAllListeners('close')
    const secured = connectTls({ socket: this.stream, rejectUnauthorized: false })
    secured.on('error', () => {})
    await once(secured, 'secureConnect')
    this.stream = secured
    this.#listen()
  }

  /** What came and was not read. */
  get unread(): string {
    return this.#text
  }

  #listen(): void {
    const { stream } = this
    stream.on('error', () => {})
    stream.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('utf8')
      this.#wake?.()
    })
    for (const event of ['end', 'close']) {
      stream.on(event, () => {
        this.closed = true
        this.#wake?.()
      })
    }
  }
}
