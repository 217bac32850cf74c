/** Servers that do as a test says, on streams in memory or on sockets. */

import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { duplexPair, type Duplex } from 'node:stream'
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls'
import type { Dial } from '../src/dial.ts'

/** How a server speaks TLS; with `context` its sessions can be resumed over several connections. */
export interface ServerPem {
  readonly key: string
  readonly cert: string
  readonly context?: SecureContext
  readonly requestCert?: boolean
}

/** The server's end of one connection. */
export class Peer {
  stream: Duplex
  /** The client's end, where both are in memory. */
  near: Duplex | undefined
  /** The stream once it is under TLS. */
  tls: TLSSocket | undefined
  /** Every line that came in, content left out. */
  readonly lines: string[] = []
  /** How many bytes each read brought: on a stream in memory, each write of the client. */
  readonly reads: number[] = []
  #buffer = ''
  #ended = false
  #waiting: (() => void)[] = []

  constructor(stream: Duplex) {
    this.stream = stream
    this.#attach()
  }

  say(text: string): void {
    if (!this.stream.destroyed && this.stream.writable) this.stream.write(text, 'latin1')
  }

  /** How much has come that nobody read. */
  get buffered(): number {
    return this.#buffer.length
  }

  /** The next line; `undefined` where the client is gone. */
  async line(): Promise<string | undefined> {
    const text = await this.#until('\r\n')
    if (text !== undefined) this.lines.push(text)
    return text
  }

  /** Content up to and without CRLF.CRLF, as it came. */
  async content(): Promise<string | undefined> {
    // The CRLF that ended DATA counts as the first of an empty content's terminator (RFC 5321 §4.1.1.4).
    this.#buffer = `\r\n${this.#buffer}`
    return (await this.#until('\r\n.\r\n'))?.slice(2)
  }

  /** So many octets as they come, behind BDAT (RFC 3030 §2); `undefined` where the client is gone before. */
  async octets(count: number): Promise<string | undefined> {
    while (this.#buffer.length < count) {
      if (this.#ended) return undefined
      await this.#more()
    }
    const text = this.#buffer.slice(0, count)
    this.#buffer = this.#buffer.slice(count)
    return text
  }

  /** Waits until the client closes. */
  async gone(): Promise<void> {
    while (!this.#ended) await this.#more()
  }

  /** Closes; what was said before still arrives. */
  close(): void {
    this.stream.end()
    this.stream.resume()
  }

  /** Breaks the connection: the client's stream ends with an error, and what was on the way is lost. */
  reset(): void {
    this.near?.destroy(new Error('read ECONNRESET'))
    this.stream.destroy()
  }

  /** Turns the stream into TLS as its server; rejects where the handshake fails. */
  async upgrade(pem: ServerPem): Promise<void> {
    this.stream.removeAllListeners('data')
    this.stream.pause()
    // What was read with what came before the handshake.
    if (this.#buffer !== '') this.stream.unshift(Buffer.from(this.#buffer, 'latin1'))
    this.#buffer = ''
    const { context = createSecureContext(pem), ...options } = pem
    const socket = new TLSSocket(this.stream, {
      isServer: true,
      secureContext: context,
      requestCert: options.requestCert === true,
      rejectUnauthorized: false,
    })
    this.stream = socket
    this.tls = socket
    this.#attach()
    await new Promise<void>((resolve, reject) => {
      socket.once('secure', () => resolve())
      socket.once('close', () => reject(new Error('no handshake')))
      socket.once('error', reject)
    })
  }

  #attach(): void {
    this.stream.on('data', (bytes: Buffer) => {
      this.reads.push(bytes.length)
      this.#buffer += bytes.toString('latin1')
      this.#wake()
    })
    const end = (): void => {
      this.#ended = true
      this.#wake()
    }
    this.stream.on('end', end).on('close', end).on('error', end)
  }

  async #until(mark: string): Promise<string | undefined> {
    let at = this.#buffer.indexOf(mark)
    for (let from = 0; at === -1; at = this.#buffer.indexOf(mark, from)) {
      if (this.#ended) return undefined
      from = Math.max(0, this.#buffer.length - mark.length)
      await this.#more()
    }
    const text = this.#buffer.slice(0, at)
    this.#buffer = this.#buffer.slice(at + mark.length)
    return text
  }

  #more(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const wake of waiting) wake()
  }
}

/** What a server does with one connection. */
export type Script = (peer: Peer) => Promise<void>

export interface PoliteOptions {
  readonly greeting?: string
  readonly keywords?: readonly string[]
  /** A reply without CRLF, or `close`, or `silence`; `undefined`: as a polite server would. Called for each line. */
  readonly answer?: (line: string, peer: Peer) => string | undefined
  /** The replies to the end of data, also where it is BDAT LAST. */
  readonly final?: (content: string) => string | undefined
  readonly pem?: ServerPem
  readonly contents?: string[]
}

/** A server that takes everything but for what the test says. */
export function polite(options: PoliteOptions = {}): Script {
  const { greeting = '220 mx.example.net', keywords = ['PIPELINING', 'ENHANCEDSTATUSCODES', '8BITMIME'] } = options
  return async (peer) => {
    let chunks: string[] = []
    if (!(await play(peer, greeting))) return
    for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
      const verb = line.split(' ', 1)[0] ?? ''
      const offer = ['mx.example.net', ...keywords]
      const usual =
        verb === 'EHLO' || verb === 'LHLO'
          ? offer.map((word, index) => `250${index === offer.length - 1 ? ' ' : '-'}${word}`).join('\r\n')
          : verb === 'DATA'
            ? '354 go'
            : verb === 'QUIT'
              ? '221 bye'
              : verb === 'STARTTLS'
                ? '220 go'
                : verb === 'AUTH'
                  ? '235 2.7.0 ok'
                  : '250 2.0.0 ok'
      const given = options.answer?.(line, peer)
      if (verb === 'BDAT') {
        if (!(await takeChunk(peer, line, given, chunks, options))) return
        continue
      }
      if (verb === 'MAIL' || verb === 'RSET') chunks = []
      const reply = given ?? usual
      if (!(await play(peer, reply))) return
      if (verb === 'QUIT') return peer.close()
      if (verb === 'STARTTLS' && reply.startsWith('220') && options.pem !== undefined) await peer.upgrade(options.pem)
      if (reply.startsWith('354')) {
        const content = await peer.content()
        if (content === undefined) return
        options.contents?.push(content)
        if (!(await play(peer, options.final?.(content) ?? '250 2.0.0 queued'))) return
      }
    }
  }
}

/** BDAT: the announced octets are taken whatever is said of them; `given` refuses, or is a move. */
async function takeChunk(
  peer: Peer,
  line: string,
  given: string | undefined,
  chunks: string[],
  options: PoliteOptions,
): Promise<boolean> {
  const [, count = '0', last] = line.split(' ')
  if (given === 'close' || given === 'silence') return play(peer, given)
  const octets = await peer.octets(Number(count))
  if (octets === undefined) return false
  if (given !== undefined) return play(peer, given)
  chunks.push(octets)
  if (last !== 'LAST') return play(peer, '250 2.0.0 taken')
  const content = chunks.splice(0).join('')
  options.contents?.push(content)
  return play(peer, options.final?.(content) ?? '250 2.0.0 queued')
}

async function play(peer: Peer, reply: string): Promise<boolean> {
  if (reply === 'close') {
    peer.close()
    return false
  }
  if (reply === 'silence') {
    await peer.gone()
    return false
  }
  peer.say(`${reply}\r\n`)
  return true
}

/** A network in memory: the n-th call meets the n-th script, the last one again and again. */
export function network(...scripts: Script[]) {
  const peers: Peer[] = []
  const dial: Dial = async () => {
    const script = scripts[Math.min(peers.length, scripts.length - 1)]
    if (script === undefined) throw new Error('ECONNREFUSED')
    const [near, far] = streamPair()
    const peer = new Peer(far)
    peer.near = near
    peers.push(peer)
    script(peer).catch(() => peer.close())
    return near
  }
  return { dial, peers }
}

/** A script on a real socket: on loopback, or at a path. */
export async function listen(script: Script, path?: string) {
  const peers: Peer[] = []
  const server: Server = createServer((socket) => {
    const peer = new Peer(socket)
    peers.push(peer)
    script(peer).catch(() => peer.close())
  })
  server.listen(path === undefined ? { port: 0, host: '127.0.0.1' } : { path })
  await once(server, 'listening')
  const address = server.address()
  return {
    peers,
    port: path === undefined ? (address as AddressInfo).port : 1,
    async [Symbol.asyncDispose]() {
      for (const peer of peers) peer.stream.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A pair of which one ends where the other is destroyed, as sockets do; Node's own does so from version 24 on. */
function streamPair(): [Duplex, Duplex] {
  const [one, other] = duplexPair()
  const tell = (from: Duplex, to: Duplex): void => {
    from.once('close', () => {
      if (!to.destroyed && !to.readableEnded) to.push(null)
    })
  }
  tell(one, other)
  tell(other, one)
  return [one, other]
}
