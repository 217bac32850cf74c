/**
 * One connection of a scripted peer: does as the script says, and as a polite server would where it says nothing, which
 * refuses what comes out of order.
 *
 * What the client sends is recorded: its command lines, and the content of its messages. All of it is kept, for tests.
 */

import type { Duplex } from 'node:stream'
import type { PeerConversation } from './peer-conversation.ts'
import type { PeerMove } from './peer-move.ts'
import type { PeerMoment, PeerRules } from './peer-rules.ts'
import { PeerStream } from './peer-stream.ts'
import { PeerTransaction } from './peer-transaction.ts'
import type { StageCertificate } from './server-stages.ts'

/** What conversations have of their peer. */
export interface PeerGround {
  readonly rules: PeerRules
  readonly hostname: string
  readonly keywords: readonly string[]
  readonly lmtp: boolean
  readonly implicitTls: boolean
  certificate: StageCertificate | undefined
  /** Something was heard. */
  readonly onHeard: (conversation: ScriptedConversation, what: 'connect' | 'line' | 'content', text: string) => void
}

const MOMENT_OF: ReadonlyMap<string, PeerMoment> = new Map(
  (
    [
      ...(['ehlo', 'helo', 'lhlo', 'mail', 'rcpt', 'data', 'bdat', 'rset', 'noop', 'quit', 'vrfy', 'expn'] as const),
      ...(['help', 'starttls', 'auth', 'etrn', 'atrn'] as const),
    ] as const
  ).map((moment) => [moment.toUpperCase(), moment]),
)

const OK = '250 2.0.0 OK'
/** RFC 5321 §4.1.4. */
const DISORDER = '503 5.5.1 Not in this order'

/** One client of a scripted peer. */
export class ScriptedConversation implements PeerConversation {
  readonly lines: string[] = []
  readonly contents: string[] = []
  secured = false
  readonly #ground: PeerGround
  readonly #stream: PeerStream
  readonly #transaction = new PeerTransaction()
  #chunks = ''
  #drip: (() => void) | undefined
  #over = false
  /** How what is said in a move begins. */
  #code = ''

  constructor(stream: Duplex, ground: PeerGround) {
    this.#stream = new PeerStream(stream)
    this.#ground = ground
  }

  get closed(): boolean {
    return this.#stream.closed
  }

  say(text: string): void {
    this.write(`${text.replaceAll('\n', '\r\n')}\r\n`)
  }

  write(bytes: string | Uint8Array): void {
    this.#stream.write(bytes)
    if (this.#code.length < 3) this.#code = (this.#code + Buffer.from(bytes).toString('latin1', 0, 3)).slice(0, 3)
  }

  drip(): boolean {
    const go = this.#drip
    this.#drip = undefined
    go?.()
    return go !== undefined
  }

  dripped(): Promise<void> {
    return new Promise((resolve) => {
      this.#drip = resolve
    })
  }

  pause(): void {
    this.#stream.stream.pause()
  }

  resume(): void {
    this.#stream.stream.resume()
  }

  hangUp(): void {
    this.#over = true
    this.#stream.stream.end()
    this.#stream.stream.resume()
  }

  reset(): void {
    this.#over = true
    this.#stream.reset()
  }

  gone(): Promise<void> {
    return this.#stream.gone()
  }

  async play(move: PeerMove | undefined | void): Promise<void> {
    for (let next = move; next !== undefined && !this.#over;) {
      if (typeof next === 'string') return this.say(next)
      if (next instanceof Uint8Array) return this.write(next)
      next = await next(this)
    }
  }

  async line(): Promise<string | undefined> {
    const line = await this.#stream.until('\r\n')
    if (line === undefined) return undefined
    this.lines.push(line)
    this.#ground.onHeard(this, 'line', line)
    return line
  }

  async content(): Promise<string | undefined> {
    // The CRLF of the command counts as the first of CRLF.CRLF (RFC 5321 §4.1.1.4).
    this.#stream.unread('\r\n')
    const stuffed = await this.#stream.until('\r\n.\r\n')
    if (stuffed === undefined) return undefined
    const content = `${stuffed}\r\n`.replaceAll('\r\n.', '\r\n').slice(2)
    this.contents.push(content)
    this.#ground.onHeard(this, 'content', content)
    return content
  }

  async startTls(): Promise<boolean> {
    const { certificate } = this.#ground
    if (certificate === undefined) return false
    try {
      await this.#stream.secure(certificate)
      this.secured = true
    } catch {
      this.hangUp()
    }
    return this.secured
  }

  /** Runs it from the greeting to the end. */
  async run(): Promise<void> {
    this.#ground.onHeard(this, 'connect', '')
    if (this.#ground.implicitTls && !(await this.#secure())) return
    await this.#move('connect', `220 ${this.#ground.hostname} ESMTP`)
    while (!this.#over) {
      const line = await this.line()
      if (line === undefined) break
      await this.#answer(line)
    }
    this.hangUp()
  }

  /** Does what the script says of a moment, or what is usual; the code of what was said, 0 where that is none. */
  async #move(moment: PeerMoment, usual: string): Promise<number> {
    this.#code = ''
    await this.play(this.#ground.rules.take(moment) ?? usual)
    return Number(this.#code) || 0
  }

  async #answer(line: string): Promise<void> {
    const word = line.split(' ', 1)[0]?.toUpperCase() ?? ''
    const moment = MOMENT_OF.get(word) ?? 'other'
    const transaction = this.#transaction
    switch (moment) {
      case 'ehlo':
      case 'lhlo':
      case 'helo':
        if (isSuccess(await this.#move(moment, moment === 'helo' ? OK : this.#offer()))) this.#forget()
        break
      case 'mail':
        if (isSuccess(await this.#move(moment, transaction.takesMail ? '250 2.1.0 OK' : DISORDER))) transaction.begin()
        break
      case 'rcpt':
        if (isSuccess(await this.#move(moment, transaction.takesRcpt ? '250 2.1.5 OK' : DISORDER))) {
          transaction.addRecipient()
        }
        break
      case 'data':
        if ((await this.#move(moment, transaction.takesData ? '354 Go on' : DISORDER)) !== 354) break
        if ((await this.content()) !== undefined) await this.#answerContent()
        break
      case 'bdat':
        await this.#takeChunk(line)
        break
      case 'starttls':
        if ((await this.#move(moment, '220 2.0.0 Go on')) !== 220) break
        this.#forget()
        await this.#secure()
        break
      case 'auth':
        await this.#authenticate(line)
        break
      case 'quit':
        await this.#move(moment, '221 2.0.0 Bye')
        this.hangUp()
        break
      case 'vrfy':
        await this.#move(moment, '252 2.0.0 Perhaps')
        break
      case 'help':
        await this.#move(moment, '214 2.0.0 This is a scripted peer')
        break
      case 'expn':
      case 'atrn':
      case 'other':
        await this.#move(moment, '502 5.5.1 Not here')
        break
      case 'rset':
        if (isSuccess(await this.#move(moment, OK))) this.#forget()
        break
      default:
        await this.#move(moment, OK)
    }
  }

  #offer(): string {
    const { hostname, keywords, certificate } = this.#ground
    const lines = [hostname, ...keywords, ...(certificate !== undefined && !this.secured ? ['STARTTLS'] : [])]
    return lines.map((line, index) => `250${index === lines.length - 1 ? ' ' : '-'}${line}`).join('\n')
  }

  /** BDAT: as many octets as it says, whatever becomes of them (RFC 3030 §2). */
  async #takeChunk(line: string): Promise<void> {
    const [, size = '', last = ''] = line.split(' ')
    const octets = await this.#stream.octets(Number(size) || 0)
    if (octets === undefined) return
    const inOrder = this.#transaction.takesChunk
    if (last.toUpperCase() !== 'LAST') {
      const taken = isSuccess(await this.#move('bdat', inOrder ? `250 2.0.0 ${size} octets` : DISORDER))
      if (taken) this.#chunks += octets
      if (taken || inOrder) this.#transaction.chunked(taken)
      return
    }
    if (!inOrder) {
      // No message ends with it, so nobody is told of a content.
      await this.#move('content', DISORDER)
      return
    }
    this.#chunks += octets
    const content = this.#chunks
    this.contents.push(content)
    this.#ground.onHeard(this, 'content', content)
    await this.#answerContent()
  }

  async #answerContent(): Promise<void> {
    const replies = this.#ground.lmtp ? this.#transaction.recipients : 1
    for (let count = 0; count < replies && !this.#over; count += 1) await this.#move('content', '250 2.0.0 Taken')
    this.#forget()
  }

  #forget(): void {
    this.#chunks = ''
    this.#transaction.end()
  }

  /** 334 to what is no initial response, as often as the mechanism needs it; anything is the right password. */
  async #authenticate(line: string): Promise<void> {
    const [, mechanism = '', initial] = line.split(' ')
    const challenges =
      mechanism.toUpperCase() === 'LOGIN'
        ? ['334 VXNlcm5hbWU6', '334 UGFzc3dvcmQ6']
        : initial === undefined
          ? ['334 ']
          : []
    const usual = [...challenges.slice(initial === undefined ? 0 : 1), '235 2.7.0 Welcome']
    let code = await this.#move('auth', usual.shift() ?? '')
    while (code === 334 && !this.#over) {
      if ((await this.line()) === undefined) return
      code = await this.#move('response', usual.shift() ?? '235 2.7.0 Welcome')
    }
  }

  /** False where the handshake did not take place. */
  async #secure(): Promise<boolean> {
    const move = this.#ground.rules.take('handshake')
    if (move === undefined) return this.startTls()
    // Said before the client begins it would not be an answer to that.
    await this.#stream.some()
    await this.play(move)
    await this.gone()
    return false
  }
}

function isSuccess(code: number): boolean {
  return code >= 200 && code < 300
}
