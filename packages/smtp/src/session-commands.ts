/** Reads what a client sends while no content comes in: lines of commands, and responses within AUTH. */

import { readAuthResponse } from './auth-request.ts'
import { readCommand } from './command.ts'
import type { Deed, Refusal } from './command.ts'
import { splitCommandLine } from './command-line.ts'
import { CARRIES_MAIL, ENDS_GROUP, findVerb } from './command-order.ts'
import type { CommandState, Verb } from './command-order.ts'
import type { Line } from './line-reader.ts'
import type { ServerEvent } from './server-event.ts'
import type { SessionParts } from './session-parts.ts'
import type { RefusedEvent } from './session-refusals.ts'
import * as say from './session-replies.ts'
import { HIDDEN, showLine } from './shown-line.ts'

/** The commands of one session. */
export class SessionCommands {
  readonly #parts: SessionParts

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /** The next event; `wait`: until more comes; `undefined`: a line was read and answered. */
  read(): ServerEvent | 'wait' | undefined {
    const { phase, input, limits, tally, standing, refusals, transaction } = this.#parts
    if (phase === 'closed' || phase === 'tls' || phase === 'turned') return 'wait'
    if (phase === 'greeting') return this.#parts.ask({ type: 'connect' })
    // Deviation: RFC 4954 §4 has AUTH no longer than any command; clients send tokens of some KiB with it all the same.
    const mayBeLong = phase === 'auth' || (phase === 'ready' && standing.mayAuthenticate)
    const line = input.readLine(mayBeLong ? limits.maxAuthLineBytes : limits.maxCommandLineBytes)
    const skipped = input.takeSkippedBytes()
    if (skipped > 0 && tally.bytes(skipped, standing)) return refusals.tooMuch('')
    if (line === undefined) {
      input.release()
      return 'wait'
    }
    if (phase === 'auth') return this.#readResponse(line)
    if (phase === 'refused') return this.#readCommand('connected', line)
    return this.#readCommand(phase === 'ready' ? transaction.state : phase, line)
  }

  #readCommand(state: CommandState, line: Line): ServerEvent | undefined {
    const { tally, standing, refusals, refusedWith, options, shownLines, output, content, input, limits } = this.#parts
    const tooMany = tally.bytes(line.bytes, standing)
    if (line.kind === 'fault') {
      return tooMany ? refusals.tooMuch('') : refusals.mistake('', say.LINE_FAULTS[line.fault])
    }
    const { text } = line
    const { word, argument } = splitCommandLine(text)
    const verb = findVerb(word, options.protocol)
    const hidden = shownLines.hides(verb)
    if (output.isFollowed) output.heard(show(text, hidden))
    if (tooMany) return refusals.tooMuch(show(text, hidden))
    if (verb !== 'AUTH' && line.bytes > limits.maxCommandLineBytes) {
      return refusals.mistake(show(text, hidden), say.LINE_FAULTS['too-long'])
    }
    if (verb === 'BDAT') return content.command(argument, text, state)
    if (refusedWith !== undefined && verb !== 'QUIT') return refusals.mistake(show(text, hidden), refusedWith)
    if (verb === undefined) return this.#readWord(word, argument, show(text, hidden))
    if (ENDS_GROUP.has(verb) && input.isBehind()) return refusals.behind(showLine(text))
    const meaning = readCommand(verb, argument, state, standing)
    if (meaning.type === 'refuse') return this.#refuse(verb, state, text, meaning)
    if (!CARRIES_MAIL.has(verb) && tally.idle()) return refusals.tooMuch(showLine(text))
    if (meaning.type === 'do') return this.#carryOut(meaning)
    return meaning.type === 'qualified' ? this.#parts.ask(meaning.question, meaning.accepted) : this.#parts.ask(meaning)
  }

  #refuse(verb: Verb, state: CommandState, text: string, { reply, as }: Refusal): RefusedEvent {
    const { refusals, transaction } = this.#parts
    const line = showLine(text)
    if ((verb === 'MAIL' && state === 'ready') || (verb === 'RCPT' && state === 'mail')) transaction.refuse()
    switch (as) {
      case 'error':
        return refusals.mistake(line, reply)
      case 'recipient':
        return refusals.recipient(line, reply)
      case 'transaction':
        return refusals.idle(line, reply)
      case 'content':
        return refusals.content(line, reply)
    }
  }

  /** A word that is no verb here: one that was agreed on, or a mistake. */
  #readWord(word: string, argument: string, shown: string): ServerEvent {
    const { options, refusals, tally } = this.#parts
    const isAgreed = options.commands?.some((each) => each.toUpperCase() === word) === true
    if (!isAgreed) return refusals.word(shown, word)
    return tally.idle() ? refusals.tooMuch(shown) : this.#parts.ask({ type: 'command', word, argument })
  }

  #carryOut({ verb }: Deed): ServerEvent | undefined {
    const { output, options } = this.#parts
    if (verb === 'QUIT') {
      output.say(say.goodbye(options.hostname))
      this.#parts.end()
      return { type: 'quit' }
    }
    output.say(say.DONE)
    return verb === 'RSET' && this.#parts.resetTransaction() ? { type: 'reset' } : undefined
  }

  #readResponse(line: Line): ServerEvent {
    const { output, tally, standing, refusals, input } = this.#parts
    output.heard(HIDDEN)
    this.#parts.phase = 'ready'
    const cancel = ({ reply }: RefusedEvent): ServerEvent => ({ type: 'auth-cancel', reply })
    if (tally.bytes(line.bytes, standing)) return cancel(refusals.tooMuch(''))
    if (input.isBehind()) return cancel(refusals.behind(''))
    const response = readAuthResponse(line)
    if (response.ok) return this.#parts.ask({ type: 'auth-response', response: response.value })
    return cancel(refusals.mistake('', response.reply))
  }
}

/** A line as it may be told. */
function show(text: string, hidden: boolean): string {
  return hidden ? HIDDEN : showLine(text)
}
