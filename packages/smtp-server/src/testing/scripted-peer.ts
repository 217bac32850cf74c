/**
 * A server that does as a test says, for people who test what sends mail: it refuses the third recipient, falls silent
 * behind the final dot, drips its replies, breaks a handshake, closes at any point; and tells what it heard.
 *
 * It has no timers of its own and listens on loopback, at a free port. Nothing here is for production.
 */

import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Server } from 'node:net'
import type { Duplex } from 'node:stream'
import type { PeerConversation } from './peer-conversation.ts'
import { PeerRules } from './peer-rules.ts'
import type { PeerScript } from './peer-rules.ts'
import { ScriptedConversation } from './scripted-conversation.ts'
import type { PeerGround } from './scripted-conversation.ts'
import type { StageCertificate } from './server-stages.ts'
import { streamPair } from './stream-pair.ts'

/** What a scripted peer is. All of it may be left out. */
export interface ScriptedPeerOptions {
  /** Its name; `mx.example.net`. */
  readonly hostname?: string
  /** What it offers in the reply to EHLO; PIPELINING, 8BITMIME, ENHANCEDSTATUSCODES. */
  readonly keywords?: readonly string[]
  /** `lmtp`: content is answered once for each recipient; `smtp`. */
  readonly protocol?: 'smtp' | 'lmtp'
  /** Any certificate, the right one or not. Where there is one STARTTLS is offered. */
  readonly certificate?: StageCertificate
  /** TLS from the first byte; false. */
  readonly implicitTls?: boolean
  /** Runs each conversation in the place of the script: all that happens is what it does. The connection closes behind it. */
  readonly converse?: (conversation: PeerConversation) => Promise<void>
}

/** A server that does as it is told. */
export interface ScriptedPeer extends AsyncDisposable {
  /** `127.0.0.1`. */
  readonly host: string
  /** Where it listens: a free one. */
  readonly port: number
  /** Says what is to be done, at any time: `peer.on.rcpt(3, '452 4.5.3 Too many recipients')`. */
  readonly on: PeerScript
  /** In the order in which clients came. */
  readonly conversations: readonly PeerConversation[]
  /** All command lines, over all conversations, in the order in which they were heard. */
  readonly lines: readonly string[]
  /** All contents in the same way, each once it is whole. */
  readonly contents: readonly string[]
  /** What scripts and `converse` threw, in order: each reset its connection. */
  readonly faults: readonly unknown[]
  /** What handshakes use from now on; absent: STARTTLS is not offered, and a handshake fails. */
  certificate: StageCertificate | undefined
  /** A client's end of a new conversation, in memory. */
  dial(): Duplex
  /** Resolves with the n-th conversation once its client is there, from 1. Rejects when the peer closes before. */
  connected(nth?: number): Promise<PeerConversation>
  /** Resolves with the n-th line that begins so, case aside, once it was heard. Rejects when the peer closes before. */
  heard(beginning: string, nth?: number): Promise<string>
  /** Resolves with the n-th content, once it is whole. Rejects when the peer closes before. */
  took(nth?: number): Promise<string>
  /** Ends everything, also by disposing. */
  close(): Promise<void>
}

/**
 * Starts a scripted peer on loopback. It is polite until its script says otherwise, and keeps the order of a transaction:
 * it answers 503 5.5.1 to RCPT, DATA and BDAT without an accepted MAIL, to DATA and BDAT without an accepted RCPT, to MAIL
 * within a transaction, and to all but RSET and a hello behind a chunk that was refused (RFC 5321 §4.1.4, RFC 3030 §2).
 */
export async function startScriptedPeer(options: ScriptedPeerOptions = {}): Promise<ScriptedPeer> {
  const peer = new LoopbackPeer(options)
  await peer.listen()
  return peer
}

/** Somebody waits for something to be heard. */
interface Waiter {
  readonly look: () => boolean
  readonly fail: (error: Error) => void
}

class LoopbackPeer implements ScriptedPeer {
  readonly host = '127.0.0.1'
  port = 0
  readonly conversations: PeerConversation[] = []
  readonly lines: string[] = []
  readonly contents: string[] = []
  readonly faults: unknown[] = []
  readonly #rules = new PeerRules()
  readonly #ground: PeerGround
  readonly #converse: ScriptedPeerOptions['converse']
  readonly #server: Server
  readonly #streams = new Set<Duplex>()
  #waiters: Waiter[] = []
  #closed = false

  constructor(options: ScriptedPeerOptions) {
    this.#converse = options.converse
    this.#ground = {
      rules: this.#rules,
      hostname: options.hostname ?? 'mx.example.net',
      keywords: options.keywords ?? ['PIPELINING', '8BITMIME', 'ENHANCEDSTATUSCODES'],
      lmtp: options.protocol === 'lmtp',
      implicitTls: options.implicitTls === true,
      certificate: options.certificate,
      onHeard: (conversation, what, text) => {
        if (what === 'connect') this.conversations.push(conversation)
        else if (what === 'line') this.lines.push(text)
        else this.contents.push(text)
        this.#waiters = this.#waiters.filter((waiter) => !waiter.look())
      },
    }
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#begin(socket))
  }

  get on(): PeerScript {
    return this.#rules.script
  }

  get certificate(): StageCertificate | undefined {
    return this.#ground.certificate
  }

  set certificate(certificate: StageCertificate | undefined) {
    this.#ground.certificate = certificate
  }

  async listen(): Promise<void> {
    this.#server.listen({ port: 0, host: this.host })
    await once(this.#server, 'listening')
    const address = this.#server.address()
    if (address !== null && typeof address === 'object') this.port = address.port
  }

  dial(): Duplex {
    const [client, side] = streamPair()
    this.#begin(side)
    return client
  }

  connected(nth = 1): Promise<PeerConversation> {
    return this.#wait(() => this.conversations[nth - 1])
  }

  heard(beginning: string, nth = 1): Promise<string> {
    const start = beginning.toUpperCase()
    return this.#wait(() => this.lines.filter((line) => line.toUpperCase().startsWith(start))[nth - 1])
  }

  took(nth = 1): Promise<string> {
    return this.#wait(() => this.contents[nth - 1])
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const waiters = this.#waiters
    this.#waiters = []
    for (const { fail } of waiters) fail(new Error('the scripted peer closed before that was heard'))
    for (const stream of this.#streams) stream.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #begin(stream: Duplex): void {
    this.#streams.add(stream)
    stream.once('close', () => this.#streams.delete(stream))
    const conversation = new ScriptedConversation(stream, this.#ground)
    // What a script throws ends its conversation: the client sees a connection that was reset.
    this.#run(conversation).catch((error: unknown) => {
      this.faults.push(error)
      conversation.reset()
    })
  }

  async #run(conversation: ScriptedConversation): Promise<void> {
    if (this.#converse === undefined) return conversation.run()
    this.#ground.onHeard(conversation, 'connect', '')
    await this.#converse(conversation)
    conversation.hangUp()
  }

  #wait<Value>(look: () => Value | undefined): Promise<Value> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        look: () => {
          const value = look()
          if (value !== undefined) resolve(value)
          return value !== undefined
        },
        fail: reject,
      }
      if (this.#closed) reject(new Error('the scripted peer is closed'))
      else if (!waiter.look()) this.#waiters.push(waiter)
    })
  }
}
