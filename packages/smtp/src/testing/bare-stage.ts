/** Stages without I/O: a bare `ServerSession`, fed whole, byte by byte, or in pieces cut by a seed. */

import { createServerMechanism } from '@postroad/sasl'
import type { ServerMechanism, ServerStep } from '@postroad/sasl'
import { reply } from '@postroad/envelope'
import type { ContentSink } from '../handler.ts'
import type { ServerEvent } from '../server-event.ts'
import { ServerSession } from '../server-session.ts'
import { createScriptedHandler } from './scripted-handler.ts'
import type { ScriptedHandler } from './scripted-handler.ts'
import type { TranscriptSettings } from './transcript-settings.ts'
import type { TranscriptPeer, TranscriptStage } from './transcript-stage.ts'

/** Cuts what a client sends at once into the pieces in which it arrives. */
export type Cut = (bytes: Uint8Array) => Iterable<Uint8Array>

/** All at once. */
export const whole: Cut = (bytes) => [bytes]

/** One byte at a time. */
export function* byteByByte(bytes: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1) yield bytes.subarray(at, at + 1)
}

/** Pieces of 1 to 12 bytes, the same for the same seed. */
export function seededPieces(seed: number): Cut {
  return function* pieces(bytes) {
    let state = seed
    for (let at = 0; at < bytes.length;) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
      const length = 1 + ((state >> 16) % 12)
      yield bytes.subarray(at, at + length)
      at += length
    }
  }
}

/** The stages of the bare session. Named `whole`, `bytes` and `pieces`. */
export const BARE_STAGES: readonly TranscriptStage[] = [
  createBareStage('whole', whole),
  createBareStage('bytes', byteByByte),
  createBareStage('pieces', seededPieces(7)),
]

/** Creates a stage that gives a bare session the client's bytes in the pieces of `cut`. */
export function createBareStage(name: string, cut: Cut): TranscriptStage {
  return { name, open: (settings) => Promise.resolve(new BarePeer(settings, cut)) }
}

class BarePeer implements TranscriptPeer {
  readonly #session: ServerSession
  readonly #handler: ScriptedHandler
  readonly #cut: Cut
  readonly #decoder = new TextDecoder()
  #mechanism: ServerMechanism | undefined
  #sink: ContentSink | undefined
  #said = ''

  constructor(settings: TranscriptSettings, cut: Cut) {
    this.#cut = cut
    this.#handler = createScriptedHandler(settings)
    this.#session = new ServerSession({
      hostname: settings.hostname,
      protocol: settings.protocol,
      limits: settings.limits,
      belowFloors: 'allow',
      extensions: settings.extensions,
      trusted: settings.trusted,
      commands: settings.commands,
      bareNewlines: settings.bareNewlines,
      startTls: settings.startTls,
      mechanisms: settings.mechanisms,
      allowPlaintextAuth: settings.allowPlaintextAuth,
    })
    if (settings.implicitTls) this.#session.secured(TLS)
  }

  async send(bytes: Uint8Array): Promise<void> {
    await this.#drain()
    for (const piece of this.#cut(bytes)) {
      // A copy, overwritten afterwards: nothing may be read from it later.
      const copy = piece.slice()
      this.#session.receive(copy)
      await this.#drain()
      copy.fill(0x21)
    }
  }

  async readLine(): Promise<string | undefined> {
    await this.#drain()
    const end = this.#said.indexOf('\r\n')
    if (end === -1) {
      if (this.#session.state === 'closed') return undefined
      throw new Error(`nothing was said; the session is in state ${this.#session.state}`)
    }
    const line = this.#said.slice(0, end)
    this.#said = this.#said.slice(end + 2)
    return line
  }

  startTls(): Promise<void> {
    this.#session.secured(TLS)
    return Promise.resolve()
  }

  end(): Promise<readonly string[]> {
    this.#session.close()
    this.#abort()
    this.#handler.end?.()
    const lines = this.#said.split('\r\n')
    lines.pop()
    return Promise.resolve(lines)
  }

  async #drain(): Promise<void> {
    for (let event = this.#session.next(); event !== undefined; event = this.#session.next()) await this.#decide(event)
    const output = this.#session.takeOutput()
    if (output !== undefined) this.#said += this.#decoder.decode(output)
  }

  async #decide(event: ServerEvent): Promise<void> {
    const session = this.#session
    const handler = this.#handler
    switch (event.type) {
      case 'connect':
        return session.answer(await handler.connection?.())
      case 'hello':
        return session.answer(await handler.hello?.(event.hello))
      case 'mail':
        return session.answer(await handler.mail(event.mail))
      case 'rcpt':
        return session.answer(await handler.rcpt(event.rcpt))
      case 'vrfy':
        return session.answer(await handler.vrfy?.(event.argument))
      case 'expn':
        return session.answer(await handler.expn(event.argument))
      case 'help':
        return session.answer(await handler.help(event.argument))
      case 'etrn':
        return session.answer(await handler.etrn(event))
      case 'atrn':
        return this.#turn(event.domains)
      case 'xclient':
        return session.answer(await handler.xclient(event.attributes))
      case 'xforward':
        return session.answer(await handler.xforward(event.attributes))
      case 'command':
        return session.answer(await handler.command(event.word, event.argument))
      case 'data': {
        const content = await handler.content()
        if (!('write' in content)) return session.answer(content)
        this.#sink = content
        return session.answer()
      }
      case 'content':
        return this.#sink?.write(event.bytes)
      case 'end-of-data': {
        const sink = this.#sink
        this.#sink = undefined
        return session.answer(await sink?.end())
      }
      case 'content-refused':
        return this.#abort()
      case 'starttls':
        return session.answer()
      case 'auth':
        this.#mechanism = createServerMechanism(event.mechanism)
        return this.#step(this.#mechanism?.start(event.initialResponse))
      case 'auth-response':
        return this.#step(this.#mechanism?.receive(event.response))
      case 'reset':
        this.#abort()
        return handler.reset?.()
      case 'auth-cancel':
      case 'refused':
      case 'flush':
      case 'quit':
    }
    return undefined
  }

  /** Aborts the sink that is open. */
  #abort(): void {
    this.#sink?.abort()
    this.#sink = undefined
  }

  /** The stream that is given away is this peer. */
  async #turn(domains: readonly string[]): Promise<void> {
    const takers: ((stream: unknown) => void)[] = []
    this.#session.answer(await this.#handler.atrn(domains, (take) => void takers.push(take)))
    if (this.#session.state === 'turned') for (const take of takers) take(this)
  }

  /** Of the mechanisms only those work here that ask for a password or a token to be judged. */
  async #step(step: ServerStep | undefined): Promise<void> {
    if (step === undefined) return this.#session.answer(reply(504, '5.5.4', 'No such mechanism'))
    if (step.kind === 'challenge') return this.#session.challenge(step.bytes)
    if (step.kind === 'verify') {
      const { kind } = await this.#handler.authenticate(step.credentials)
      return this.#step(this.#mechanism?.verified(kind === 'accepted'))
    }
    if (step.kind === 'success') return this.#session.answer(reply(235, '2.7.0', 'Authenticated'))
    const malformed = step.kind === 'failure' && step.reason === 'malformed'
    return this.#session.answer(malformed ? reply(501, '5.5.2', 'Malformed') : reply(535, '5.7.8', 'Refused'))
  }
}

const TLS = { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' }
