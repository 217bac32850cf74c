/** A client for tests: sends what it is told, word for word, and reads lines and replies. */

import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { ConnectionOptions, TLSSocket } from 'node:tls'

/** The client's end of one session. It knows nothing of SMTP but where a reply ends. */
export class LineClient {
  /** What it speaks over; another one after `startTls`. */
  stream: Duplex
  /** The server has closed its side, or all is gone. */
  closed = false
  #text = ''
  #wake: (() => void) | undefined

  constructor(stream: Duplex) {
    this.stream = stream
    this.#listen()
  }

  /** Sends text as Latin-1, without adding anything; bytes as they are. */
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
      await this.#more()
    }
  }

  /** The next reply, its lines joined with a line feed; `undefined` at the end. */
  async reply(): Promise<string | undefined> {
    const lines: string[] = []
    for (let line = await this.readLine(); line !== undefined; line = await this.readLine()) {
      lines.push(line)
      if (line.charAt(3) !== '-') return lines.join('\n')
    }
    return undefined
  }

  /** Sends lines in one write, and reads a reply for each. */
  async talk(...lines: string[]): Promise<(string | undefined)[]> {
    this.send(lines.map((line) => `${line}\r\n`).join(''))
    const replies: (string | undefined)[] = []
    for (const _ of lines) replies.push(await this.reply())
    return replies
  }

  /** Waits until the server has closed. */
  async end(): Promise<void> {
    while (!this.closed) await this.#more()
  }

  /** Does the client's part of a handshake; rejects where it fails. No certificate is checked unless `options` say so. */
  async startTls(options: ConnectionOptions = {}): Promise<TLSSocket> {
    this.stream.off('data', this.#onData)
    for (const event of ['end', 'close']) this.stream.off(event, this.#onEnd)
    // Where it fails nothing more can be said.
    this.closed = true
    const secured = await new Promise<TLSSocket>((resolve, reject) => {
      const socket = connectTls({ socket: this.stream, rejectUnauthorized: false, ...options })
      socket.once('error', reject)
      socket.once('close', () => reject(new Error('closed within the handshake')))
      socket.once('secureConnect', () => resolve(socket))
      // Over a pair of streams all may be done before `connectTls` returns; Node then misses its own event.
      if (
        socket.getProtocol() === 'TLSv1.3' &&
        socket.getCipher() !== undefined &&
        socket.getFinished() !== undefined
      ) {
        resolve(socket)
      }
    })
    this.closed = false
    this.stream = secured
    this.#listen()
    return secured
  }

  /** What came and was not read. */
  get unread(): string {
    return this.#text
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  #listen(): void {
    this.stream.on('error', ignore)
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

function ignore(): void {
  // `close` tells.
}
