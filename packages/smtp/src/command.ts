/**
 * What one command means in the situation of its session: a question, something to be done, or a refusal.
 *
 * Pure: whoever asks carries it out.
 */

import type { Reply } from '@postroad/envelope'
import { readAuth } from './auth-request.ts'
import type { AuthState } from './auth-request.ts'
import { COMMAND_ORDER } from './command-order.ts'
import type { CommandState, Verb } from './command-order.ts'
import type { Extension, ExtensionContext } from './extension.ts'
import { readMail, readRcpt } from './requests.ts'
import type { QuestionEvent } from './server-event.ts'
import * as say from './session-replies.ts'

/** What a session knows when a command comes. */
export interface Situation {
  readonly state: CommandState
  readonly extensions: readonly Extension[]
  readonly context: ExtensionContext
  readonly auth: AuthState
  /** Accepted in the transaction. */
  readonly recipients: number
}

/** What a command means. */
export type CommandMeaning =
  | { readonly kind: 'ask'; readonly event: QuestionEvent }
  | { readonly kind: 'do'; readonly verb: 'RSET' | 'NOOP' | 'HELP' | 'QUIT' }
  /** `error`: it counts as a mistake of the client. */
  | { readonly kind: 'refuse'; readonly reply: Reply; readonly error: boolean }

const WITHOUT_ARGUMENT: ReadonlySet<Verb> = new Set<Verb>(['DATA', 'RSET', 'QUIT', 'STARTTLS'])
const DATA: CommandMeaning = { kind: 'ask', event: { type: 'data' } }
const STARTTLS: CommandMeaning = { kind: 'ask', event: { type: 'starttls' } }

/** Judges a command: its order, then its argument. */
export function readCommand(verb: Verb, argument: string, situation: Situation): CommandMeaning {
  const { state, extensions, context } = situation
  if (!COMMAND_ORDER[verb].includes(state)) {
    return refuse(state === 'connected' ? say.HELLO_FIRST : say.OUT_OF_ORDER)
  }
  if (WITHOUT_ARGUMENT.has(verb) && argument !== '') return refuse(say.NO_ARGUMENT)
  switch (verb) {
    case 'EHLO':
    case 'HELO':
    case 'LHLO':
      if (!isHelloName(argument)) return refuse(say.HELLO_SYNTAX)
      return { kind: 'ask', event: { type: 'hello', hello: { verb, name: argument } } }
    case 'MAIL': {
      const mail = readMail(argument, extensions, context)
      return mail.ok ? { kind: 'ask', event: { type: 'mail', mail: mail.value } } : refuse(mail.reply)
    }
    case 'RCPT': {
      const rcpt = readRcpt(argument, extensions, context)
      if (!rcpt.ok) return refuse(rcpt.reply)
      // Only what is beyond the limit is refused; those accepted stand (RFC 5321 §4.5.3.1.10).
      if (situation.recipients >= context.limits.maxRecipients) {
        return { kind: 'refuse', reply: say.TOO_MANY_RECIPIENTS, error: false }
      }
      return { kind: 'ask', event: { type: 'rcpt', rcpt: rcpt.value } }
    }
    case 'DATA':
      return DATA
    case 'VRFY':
      return readVrfy(argument)
    case 'STARTTLS':
      if (context.secured) return refuse(say.OUT_OF_ORDER)
      return context.startTls ? STARTTLS : refuse(say.NOT_IMPLEMENTED)
    case 'AUTH': {
      const auth = readAuth(argument, situation.auth)
      return auth.ok ? { kind: 'ask', event: { type: 'auth', ...auth.value } } : refuse(auth.reply)
    }
    case 'RSET':
    case 'NOOP':
    case 'HELP':
    case 'QUIT':
      break
  }
  return { kind: 'do', verb }
}

/** `VRFY String [SMTPUTF8]` (RFC 5321 §4.1.1.6, RFC 6531 §3.7.4.2) */
function readVrfy(argument: string): CommandMeaning {
  const smtputf8 = / SMTPUTF8$/i.test(argument)
  const name = smtputf8 ? argument.slice(0, -' SMTPUTF8'.length).trimEnd() : argument
  return name === '' ? refuse(say.VRFY_SYNTAX) : { kind: 'ask', event: { type: 'vrfy', argument: name, smtputf8 } }
}

/** A domain, an address literal, or another word of printable ASCII; up to 255 octets (RFC 5321 §4.5.3.1.2). */
function isHelloName(text: string): boolean {
  return text.length <= 255 && /^[\u0021-\u007e]+$/.test(text)
}

function refuse(reply: Reply): CommandMeaning {
  return { kind: 'refuse', reply, error: true }
}
