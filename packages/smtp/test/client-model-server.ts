/**
 * A server for property tests: keeps to the protocol (RFC 5321, RFC 2033, RFC 3030), but accepts and refuses by chance,
 * and remembers what must follow for each recipient.
 */

import { toLatin1 } from '@postroad/bytes'

export type Verdict = 'delivered' | 'deferred' | 'failed'

export interface ModelSetting {
  readonly lmtp: boolean
  readonly pipelining: boolean
  /** Drawn from for each decision, over and over: 0 to 9, mostly for yes. */
  readonly chances: readonly number[]
}

/** One message as the server took it. */
export interface TakenMessage {
  readonly content: string
  /** Of each RCPT of the transaction, in order. */
  readonly verdicts: readonly Verdict[]
}

export class ModelServer {
  /** What a client must never do. */
  readonly faults: string[] = []
  /** Messages that got at least one 2yz reply to their end. */
  readonly messages: TakenMessage[] = []
  /** Of the last MAIL. */
  mail: Verdict = 'failed'
  /** Verdict of each RCPT line since the last MAIL, as far as it is known. */
  verdicts: (Verdict | undefined)[] = []

  readonly #setting: ModelSetting
  #chance = 0
  #input = ''
  #replies: string[] = []
  #mail: 'none' | 'open' | 'refused' = 'none'
  /** Indices of `verdicts` that RCPT accepted. */
  #accepted: number[] = []
  #content = ''
  #data = false
  #octets = 0
  #last = false
  /** A BDAT failed: everything but RSET is refused. */
  #failed = false
  #chunking = false

  constructor(setting: ModelSetting) {
    this.#setting = setting
  }

  /** Takes what the client wrote; gives the replies to it, each with its CRLF. */
  take(bytes: Uint8Array): string[] {
    this.#input += toLatin1(bytes)
    while (this.#step());
    const replies = this.#replies
    this.#replies = []
    return replies
  }

  #step(): boolean {
    if (this.#data) return this.#takeData()
    if (this.#octets > 0) return this.#takeOctets()
    const end = this.#input.indexOf('\r\n')
    if (end === -1) return false
    const line = this.#input.slice(0, end)
    this.#input = this.#input.slice(end + 2)
    this.#command(line)
    if (!this.#setting.pipelining && this.#input !== '' && !this.#data && this.#octets === 0) {
      this.faults.push(`pipelined behind ${line}`)
    }
    return true
  }

  #command(line: string): void {
    if (line === 'RSET') {
      this.#reset()
      return this.#say('250 ok')
    }
    if (line.startsWith('MAIL FROM:<')) return this.#takeMail()
    if (line.startsWith('RCPT TO:<')) return this.#takeRcpt()
    if (line === 'DATA') return this.#takeDataCommand()
    const bdat = /^BDAT (\d+)( LAST)?$/.exec(line)
    if (bdat === null) return void this.faults.push(line)
    this.#octets = Number(bdat[1])
    this.#last = bdat[2] !== undefined
    this.#chunking = true
    if (this.#octets === 0) this.#endChunk()
  }

  #takeMail(): void {
    if (this.#mail === 'open' || this.#failed) {
      this.faults.push('MAIL within a transaction')
      return this.#say('503 no')
    }
    this.verdicts = []
    const code = this.#decide()
    this.#mail = code < 300 ? 'open' : 'refused'
    this.mail = verdictOf(code)
    this.#say(`${code} mail`)
  }

  #takeRcpt(): void {
    if (this.#mail !== 'open') {
      this.verdicts.push(this.mail)
      return this.#say('503 no MAIL')
    }
    const code = this.#decide()
    if (code < 300) this.#accepted.push(this.verdicts.length)
    this.verdicts.push(code < 300 ? undefined : verdictOf(code))
    this.#say(`${code} rcpt`)
  }

  #takeDataCommand(): void {
    if (this.#chunking) this.faults.push('DATA behind BDAT')
    if (this.#accepted.length === 0) return this.#say('503 nobody')
    const code = this.#decide()
    if (code < 300) {
      this.#data = true
      return this.#say('354 go')
    }
    this.#settle(code)
    this.#say(`${code} data`)
  }

  #takeData(): boolean {
    // The dot may come at once, and a line of one dot is never content.
    const text = `\r\n${this.#input}`
    const end = text.indexOf('\r\n.\r\n')
    if (end === -1) return false
    const stuffed = text.slice(2, end + 2)
    this.#input = text.slice(end + 5)
    this.#data = false
    this.#content = stuffed.replaceAll(/(^|\n)\./g, '$1')
    if (/\r(?!\n)|(?<!\r)\n/.test(stuffed)) this.faults.push('a bare newline in DATA')
    this.#finish()
    this.#reset()
    return true
  }

  #takeOctets(): boolean {
    if (this.#input === '') return false
    const taken = this.#input.slice(0, this.#octets)
    this.#input = this.#input.slice(taken.length)
    this.#octets -= taken.length
    this.#content += taken
    if (this.#octets > 0) return true
    this.#endChunk()
    if (!this.#setting.pipelining && this.#input !== '') this.faults.push('pipelined behind BDAT')
    return true
  }

  #endChunk(): void {
    if (this.#failed || this.#accepted.length === 0) {
      this.#failed = true
      return this.#say('503 no')
    }
    if (this.#last) {
      const took = this.#finish()
      if (took) this.#reset()
      else this.#failed = true
      return
    }
    const code = this.#decide()
    if (code >= 300) {
      this.#settle(code)
      this.#failed = true
    }
    this.#say(`${code} chunk`)
  }

  /** Replies to the end; whether anybody gets the message. */
  #finish(): boolean {
    const accepted = this.#accepted
    const codes = this.#setting.lmtp ? accepted.map(() => this.#decide()) : [this.#decide()]
    for (const [place, index] of accepted.entries()) {
      this.verdicts[index] = verdictOf(codes[this.#setting.lmtp ? place : 0] ?? 0)
    }
    for (const code of codes) this.#say(`${code} end`)
    const took = codes.some((code) => code < 300)
    if (took)
      this.messages.push({ content: this.#content, verdicts: this.verdicts.map((verdict) => verdict ?? 'failed') })
    return took
  }

  /** Everybody who was accepted shares the refusal. */
  #settle(code: number): void {
    for (const index of this.#accepted) this.verdicts[index] = verdictOf(code)
    this.#accepted = []
  }

  #reset(): void {
    this.#mail = 'none'
    this.#accepted = []
    this.#content = ''
    this.#failed = false
    this.#chunking = false
  }

  #decide(): number {
    const chance = this.#setting.chances[this.#chance % this.#setting.chances.length] ?? 0
    this.#chance += 1
    return chance === 9 ? 550 : chance === 8 ? 450 : chance === 7 ? 251 : 250
  }

  #say(line: string): void {
    this.#replies.push(`${line}\r\n`)
  }
}

function verdictOf(code: number): Verdict {
  return code < 300 ? 'delivered' : code < 500 ? 'deferred' : 'failed'
}
