/**
 * Runs one session over one stream: all reading and writing of a server passes through here.
 *
 * Every event that can be decided at once is, before anything is written, so a pipelined group costs one write. While
 * an answer is on its way, one chunk more may come in; then the stream is paused. While the client does not take what was
 * written, nothing is read. So it holds two chunks (64 KiB each), one line, and 16 KiB of output and one reply at most.
 *
 * One deadline, which the server's watchdog looks at: a command moves it once it is whole, content as its pace allows.
 */

import type { Duplex } from 'node:stream'
import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import type { ChannelBindingType } from '@postroad/sasl'
import { ServerSession } from '@postroad/smtp'
import type { ServerEvent, TlsView } from '@postroad/smtp'
import { channelBinding } from './channel-binding.ts'
import { ChunkMemory } from './chunk-memory.ts'
import type { ConnectionGround } from './connection-ground.ts'
import { Dialogue } from './dialogue.ts'
import type { DialogueHost } from './dialogue.ts'
import { endsGroup } from './ends-group.ts'
import type { LiveSession } from './live-session.ts'
import type { CloseCause } from './observer.ts'
import { takeReadAhead } from './read-ahead.ts'
import { agreedTls, secureStream } from './secure-stream.ts'
import type { ServerHandler } from './server-handler.ts'
import { SessionDeadline } from './session-deadline.ts'
import { SessionReport } from './session-report.ts'
import type { SettingsOfSession } from './session-settings.ts'
import type { Watched } from './watchdog.ts'

/** What one connection is made of. */
export interface ConnectionParts extends SettingsOfSession {
  readonly stream: Duplex
  readonly view: LiveSession
  readonly handler: ServerHandler
  /** For who waits for this session alone. */
  readonly onEnd: () => void
}

/** One client, from its first byte to its last. */
export class Connection implements Watched, DialogueHost {
  readonly #ground: ConnectionGround<Connection>
  /** The stream it was given. */
  readonly #raw: Duplex
  readonly #view: LiveSession
  readonly #session: ServerSession
  readonly #dialogue: Dialogue
  readonly #deadline: SessionDeadline
  readonly #report: SessionReport
  /** What it reads from and writes to: the stream it was given, or TLS over it. */
  #stream: Duplex
  /** The decision that is on its way. */
  #decision: Promise<void> | undefined
  /** What is waited for is time: a reply to one mistake too many. Cut short where nobody is left to wait. */
  #delay: AbortController | undefined
  /** `closing`: all was said; what the client still sends is dropped. `turned`: the stream was given away behind ATRN. */
  #phase: 'talking' | 'handshake' | 'closing' | 'turned' = 'talking'
  #gone = false
  #finished = false
  #inputEnded = false
  #stopping = false
  #lastEvent: ServerEvent['type'] | undefined
  /** What has come in is being decided; what comes meanwhile is next. */
  #pumping = false
  #again = false
  /** Where memory is given back at once. */
  readonly #memory: ChunkMemory | undefined
  /** The address it is counted to. */
  admittedAs: string
  readonly onEnd: () => void

  constructor(
    ground: ConnectionGround<Connection>,
    { stream, view, handler, session, authRules, onEnd }: ConnectionParts,
  ) {
    const { clock, limits, observer, freeContent } = ground
    this.#ground = ground
    this.#raw = stream
    this.#stream = stream
    this.#view = view
    this.#deadline = new SessionDeadline(limits, clock)
    this.#report = new SessionReport(view, observer)
    this.#memory = freeContent ? ChunkMemory.of(stream) : undefined
    this.admittedAs = view.remoteAddress
    this.onEnd = onEnd
    this.#session = new ServerSession(session)
    view.follow(this.#session)
    this.#dialogue = new Dialogue({ session: this.#session, handler, view, clock, observer, host: this, authRules })
  }

  get deadlineAt(): number {
    return this.#deadline.at
  }

  /** Begins. The stream must not have been read from, but may be paused. */
  start(): void {
    const stream = this.#raw.on('close', this.#onClose)
    // An error is always followed by `close`; without a listener it would end the process.
    stream.on('error', ignore)
    this.#report.opened()
    const given = agreedTls(stream)
    if (stream.destroyed) this.#onClose()
    else if (given !== undefined) this.#secure(given)
    else if (this.#ground.tls?.implicit === true) this.#handshake()
    else this.#read()
  }

  /** Ends the session as soon as no transaction is open: 421 4.3.2. */
  stop(): void {
    this.#stopping = true
    this.#delay?.abort()
    if (this.#canPump()) this.#pump()
    else if (this.#phase === 'handshake') this.#deadline.hasten(this.#ground.limits.lingerMs)
  }

  /** Ends it at once, whatever it does. */
  destroy(cause: CloseCause): void {
    this.#report.because(cause)
    this.#stream.destroy()
    this.#raw.destroy()
  }

  /** Ends it at once and waits for no handler; what one still answers is too late. */
  abandon(): void {
    this.destroy('stopped')
    this.#gone = true
    this.#decision = undefined
    this.#delay?.abort()
    this.#finish()
  }

  /** The deadline is over. */
  expire(): void {
    if (this.#decision !== undefined) {
      this.#decision = undefined
      this.#dialogue.giveUp()
      this.#session.close(this.#farewell('4.3.0', 'Local error in processing'))
      this.#report.because('fault')
      if (this.#gone) this.#finish()
      else this.#close()
    } else if (this.#phase === 'handshake') this.destroy('handshake')
    else if (this.#phase !== 'talking' || this.#stream.writableNeedDrain) this.destroy('timeout')
    else {
      this.#session.close(this.#farewell('4.4.2', 'Timeout'))
      this.#report.because('timeout')
      this.#close()
    }
  }

  readmit(address: string): Reply | undefined {
    return this.#ground.readmit(this, address) ? undefined : this.#farewell('4.7.0', 'Too many sessions')
  }

  channelBinding(type: ChannelBindingType): Uint8Array | undefined {
    return channelBinding(this.#stream, type)
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#report.bytesReceived += chunk.length
    if (this.#phase === 'closing') return
    this.#deadline.came(chunk.length)
    this.#session.receive(chunk)
    this.#memory?.came(chunk)
    if (this.#canPump()) this.#pump()
    else this.#stream.pause()
  }

  readonly #onEnd = (): void => {
    this.#inputEnded = true
    if (this.#canPump()) this.#pump()
  }

  readonly #onClose = (): void => {
    if (this.#gone) return
    this.#gone = true
    this.#stream.destroy()
    this.#raw.destroy()
    this.#delay?.abort()
    // What the handler is doing is waited for, so that `end` is the last it hears.
    if (this.#decision === undefined) this.#finish()
  }

  /** Nothing is waited for but the client. */
  #canPump(): boolean {
    return this.#decision === undefined && this.#phase === 'talking' && !this.#gone && !this.#stream.writableNeedDrain
  }

  /**
   * Has everything decided that has come in, then writes, then reads on. Over a pair of streams a client may answer within
   * the write: that is looked at afterwards.
   */
  #pump(): void {
    this.#again = true
    if (this.#pumping) return
    this.#pumping = true
    try {
      while (this.#again && this.#canPump()) {
        this.#again = false
        this.#decideAll()
      }
    } finally {
      this.#pumping = false
    }
  }

  #decideAll(): void {
    for (;;) {
      // A handler may have had the server stopped.
      if (this.#gone) return
      if (this.#stopping && !this.#dialogue.transactions.open && !this.#isLeaving()) {
        this.#report.because('stopped')
        this.#session.close(this.#farewell('4.3.2', 'Service shutting down'))
      }
      const event = this.#session.next()
      if (event === undefined) break
      this.#lastEvent = event.type
      if (event.type === 'data') this.#deadline.beginContent()
      if (endsGroup(event) && this.#stream.readableLength > 0) this.#takeWhatHasCome()
      const decision = this.#dialogue.decide(event)
      if (decision !== undefined) {
        void this.#await(decision)
        // What comes until its answer is behind it, too: of a stream that was paused before, the first chunk of that.
        if (endsGroup(event) && this.#session.unreadBytes === 0) this.#stream.resume()
        return
      }
      if (event.type !== 'flush') continue
      const { delayMs } = this.#session
      if (delayMs > 0) {
        this.#stream.pause()
        this.#delay = new AbortController()
        void this.#await(this.#ground.clock.sleep(delayMs, this.#delay.signal), delayMs)
        return
      }
      if (!this.#flush()) return
    }
    // Whoever gets the stream next must get what the client says to our last reply.
    if (this.#isLeaving()) this.#stopReading()
    const taken = this.#flush()
    this.#memory?.release(this.#session.unreadBytes)
    const { state } = this.#session
    this.#deadline.followContent(state)
    if (state === 'refused') this.#report.because('refused')
    if (state === 'tls' && !this.#inputEnded) this.#handshake()
    else if (state === 'closed') this.#close()
    else if (state === 'turned' && !this.#inputEnded) this.#turn()
    else if (!taken) return
    else if (this.#inputEnded) {
      this.#session.close()
      this.#close()
    } else if (this.#stream.isPaused()) this.#stream.resume()
  }

  /** What was answered is obeyed first: the stream is about to change hands. */
  #isLeaving(): boolean {
    const { state } = this.#session
    return state === 'tls' || state === 'turned'
  }

  /** @param delayMs Where it is only time that is waited for: nothing is written before. */
  async #await(decision: Promise<void>, delayMs?: number): Promise<void> {
    this.#decision = decision
    if (delayMs === undefined) this.#flush()
    this.#deadline.allow(this.#ground.limits.answerTimeoutMs + (delayMs ?? 0))
    await decision
    // Given up meanwhile: then everything has gone on already.
    if (this.#decision !== decision) return
    this.#decision = undefined
    this.#delay = undefined
    if (delayMs !== undefined) this.#flush()
    this.#deadline.wait(this.#session.deadlineMs)
    if (this.#gone) this.#finish()
    else if (this.#canPump()) this.#pump()
  }

  /** Writes what the session has said; false where the client has not taken it yet: then `drain` goes on. */
  #flush(): boolean {
    const output = this.#session.takeOutput()
    const stream = this.#stream
    if (output === undefined) return !stream.writableNeedDrain
    this.#report.bytesSent += output.length
    this.#deadline.wait(this.#session.deadlineMs)
    if (!stream.writable || stream.write(output)) return true
    stream.once('drain', () => {
      if (this.#canPump()) this.#pump()
    })
    return false
  }

  /** Says the last, ends our side, and gives the client a moment to end its own. */
  #close(): void {
    this.#flush()
    this.#phase = 'closing'
    this.#report.because(this.#causeOfEnd())
    this.#dialogue.end()
    this.#deadline.allow(this.#ground.limits.lingerMs)
    this.#stream.end()
    this.#stream.resume()
  }

  /** Gives the stream to the client role (RFC 2645 §5.3). It counts as long as it is open. */
  #turn(): void {
    this.#stopReading()
    this.#phase = 'turned'
    this.#deadline.rest()
    if (this.#dialogue.turn(this.#stream)) this.#report.because('turned')
    else this.destroy('fault')
    this.#dialogue.end()
  }

  /** Why the session ended by itself. */
  #causeOfEnd(): CloseCause {
    if (this.#lastEvent === 'quit') return 'quit'
    if (this.#inputEnded) return 'peer'
    return this.#lastEvent === 'connect' ? 'refused' : 'limit'
  }

  /** It counts no longer, whatever an observer throws. */
  #finish(): void {
    if (this.#finished) return
    this.#finished = true
    this.#dialogue.end()
    try {
      this.#report.closed(this.#dialogue.transactions, this.#deadline.ageMs)
    } finally {
      this.#ground.onClosed(this)
    }
  }

  #read(): void {
    this.#stream.on('data', this.#onData)
    this.#stream.on('end', this.#onEnd)
    this.#pump()
  }

  /** Leaves the stream to another reader. */
  #stopReading(): void {
    this.#stream.off('data', this.#onData)
    this.#stream.off('end', this.#onEnd)
    this.#stream.pause()
  }

  /** The session must see what came before its reply. */
  #takeWhatHasCome(): void {
    for (const chunk of takeReadAhead(this.#stream, this.#onData)) {
      this.#report.bytesReceived += chunk.length
      this.#session.receive(chunk)
    }
  }

  #handshake(): void {
    const { tls, limits } = this.#ground
    if (tls === undefined) return this.destroy('fault')
    this.#stopReading()
    this.#phase = 'handshake'
    this.#deadline.allow(limits.handshakeTimeoutMs)
    try {
      this.#stream = secureStream(this.#raw, tls, (agreed, error) => this.#onHandshakeEnd(agreed, error))
    } catch (error) {
      this.#handshakeFault(error)
    }
  }

  #onHandshakeEnd(agreed: TlsView | undefined, error?: unknown): void {
    if (error !== undefined) return this.#handshakeFault(error)
    this.#phase = 'talking'
    if (agreed === undefined || this.#gone) return this.destroy('handshake')
    this.#stream.on('close', this.#onClose)
    this.#secure(agreed)
  }

  /** TLS protects the session from here on. */
  #secure(agreed: TlsView): void {
    this.#session.secured(agreed)
    // Who the client was before counts no longer (RFC 3207 §4.2).
    const view = this.#view
    view.tls = agreed
    view.hello = undefined
    view.account = undefined
    this.#report.secured()
    this.#deadline.wait(this.#ground.limits.commandTimeoutMs)
    this.#read()
  }

  /** No certificate could be had: a fault of ours. */
  #handshakeFault(error: unknown): void {
    this.#phase = 'talking'
    this.#report.fault(error)
    this.destroy('fault')
  }

  #farewell(status: '4.3.0' | '4.3.2' | '4.4.2' | '4.7.0', text: string): Reply {
    return reply(421, status, `${this.#view.hostname} ${text}`)
  }
}

function ignore(): void {
  // `close` tells.
}
