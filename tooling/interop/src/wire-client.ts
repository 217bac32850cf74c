/** The client of a replay: writes bytes, reads replies, each within a bound of time. */

import { once } from 'node:events'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'

/** What came in place of a reply: the end, or nothing within the bound. */
export type Silence = 'closed' | 'nothing'

const REPLY_WITHIN_MS = 6_000
const CLOSED_WITHIN_MS = 1_500
const STRAY_WITHIN_MS = 400

/** One connection. */
export class WireClient {
  #stream: Duplex
  #text = ''
  #closed = false
  #wake: (() => void) | undefined

  private constructor(stream: Duplex) {
    this.#stream = stream
    this.#listen()
  }

  /** Connects to a port of 127.0.0.1. */
  static async open(port: number): Promise<WireClient> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    await once(socket, 'connect')
    return new WireClient(socket)
  }

  /** Writes. What the peer no longer reads is lost. */
  send(bytes: Uint8Array): void {
    if (this.#stream.writable) this.#stream.write(bytes)
  }

  /** The lines of the next reply, or what came in its place. */
  async reply(): Promise<readonly string[] | Silence> {
    const lines: string[] = []
    const deadline = performance.now() + REPLY_WITHIN_MS
    for (;;) {
      const end = this.#text.indexOf('\r\n')
      if (end !== -1) {
        const line = this.#text.slice(0, end)
        this.#text = this.#text.slice(end + 2)
        lines.push(line)
        if (line.charAt(3) !== '-') return lines
      } else if (this.#closed) return 'closed'
      else if (!(await this.#more(deadline - performance.now()))) return 'nothing'
    }
  }

  /** Whether something comes that nobody waits for. */
  async strays(): Promise<boolean> {
    await sleep(STRAY_WITHIN_MS)
    return this.#text !== ''
  }

  /** Whether the peer closes. */
  async closes(): Promise<boolean> {
    const deadline = performance.now() + CLOSED_WITHIN_MS
    while (!this.#closed) if (!(await this.#more(deadline - performance.now()))) return false
    return this.#text === ''
  }

  /** Does the handshake, whoever answers; whether it came to its end. */
  async startTls(): Promise<boolean> {
    for (const event of ['data', 'end', 'close']) this.#stream.removeAllListeners(event)
    const secured = connectTls({ socket: this.#stream, rejectUnauthorized: false })
    const done = await new Promise<boolean>((resolve) => {
      secured.once('secureConnect', () => resolve(true))
      for (const event of ['error', 'close']) secured.once(event, () => resolve(false))
    })
    this.#stream = secured
    this.#listen()
    return done
  }

  /** Ends the connection. */
  close(): void {
    this.#stream.destroy()
  }

  #listen(): void {
    const wake = (): void => this.#wake?.()
    const end = (): void => {
      this.#closed = true
      wake()
    }
    this.#stream.on('error', end)
    this.#stream.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('utf8')
      wake()
    })
    for (const event of ['end', 'close']) this.#stream.on(event, end)
  }

  /** Whether something happened within `ms` milliseconds. */
  #more(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), Math.max(0, ms))
      this.#wake = () => {
        clearTimeout(timer)
        resolve(true)
      }
    })
  }
}
