/**
 * What one command means in the situation of its session: a question, something to be done, or a refusal.
 *
 * Pure: whoever asks carries it out. BDAT is not here: its octets have to be read whatever it means.
 */

import type { Reply } from '@postroad/envelope'
import { readAuth } from './auth-request.ts'
import type { AuthState } from './auth-request.ts'
import { COMMAND_ORDER } from './command-order.ts'
import type { CommandState, Verb } from './command-order.ts'
import type { ExtensionContext } from './extension.ts'
import type { ExtensionTable } from './extension-table.ts'
import { parseProxyAttributes } from './proxy-attributes.ts'
import { readMail, readRcpt } from './requests.ts'
import type { QuestionEvent } from './server-event.ts'
import * as say from './session-replies.ts'
import { parseQueueStart, parseTurnDomains } from './turn-arguments.ts'

/** What a session knows when a command comes. */
export interface Situation {
  readonly table: ExtensionTable
  readonly context: ExtensionContext
  readonly auth: AuthState
  /** Accepted in the transaction. */
  readonly recipients: number
  /** Begun in the session. */
  readonly transactions: number
  /** BODY=BINARYMIME stands among the parameters of the transaction's MAIL. */
  readonly binary: boolean
  /** What a command counts as that is out of order. */
  countsAs(verb: Verb): Refusal['as']
}

/** What a command means. */
export type CommandMeaning = QuestionEvent | Qualified | Deed | Refusal

/** A question; a 250 that answers it is said as `accepted`, unless it has the same status. */
export interface Qualified {
  readonly type: 'qualified'
  readonly question: QuestionEvent
  readonly accepted: Reply
}

/** Something that the session does without asking. */
export interface Deed {
  readonly type: 'do'
  readonly verb: 'RSET' | 'NOOP' | 'QUIT'
}

/** It is answered with this; `as`: what it counts as, a mistake, or what is too much of what is in order. */
export interface Refusal {
  readonly type: 'refuse'
  readonly reply: Reply
  readonly as: 'error' | 'recipient' | 'transaction' | 'content'
}

const WITHOUT_ARGUMENT: ReadonlySet<Verb> = new Set<Verb>(['DATA', 'RSET', 'QUIT', 'STARTTLS'])
/** Commands that exist only with an extension that brings them. */
const OF_EXTENSIONS: ReadonlySet<Verb> = new Set<Verb>([
  'STARTTLS',
  'AUTH',
  'HELP',
  'EXPN',
  'ETRN',
  'ATRN',
  'XCLIENT',
  'XFORWARD',
  'VERB',
  'ONEX',
])
/** Those without an RFC: nobody would know them without their extension. */
const UNKNOWN_WITHOUT: ReadonlySet<Verb> = new Set<Verb>(['VERB', 'ONEX'])
const OF_TRUSTED: ReadonlySet<Verb> = new Set<Verb>(['XCLIENT', 'XFORWARD'])

const DATA: QuestionEvent = { type: 'data', chunked: false }
const STARTTLS: QuestionEvent = { type: 'starttls' }
const RSET: Deed = { type: 'do', verb: 'RSET' }
const NOOP: Deed = { type: 'do', verb: 'NOOP' }
const QUIT: Deed = { type: 'do', verb: 'QUIT' }

/** Judges a command: whether it exists here, its order, then its argument. */
export function readCommand(
  verb: Exclude<Verb, 'BDAT'>,
  argument: string,
  state: CommandState,
  situation: Situation,
): CommandMeaning {
  const { table, context } = situation
  if (OF_EXTENSIONS.has(verb) && (!table.verbs.has(verb) || (OF_TRUSTED.has(verb) && !context.trusted))) {
    return refuse(UNKNOWN_WITHOUT.has(verb) ? say.UNKNOWN_COMMAND : say.NOT_IMPLEMENTED)
  }
  if (!COMMAND_ORDER[verb].includes(state)) {
    return { type: 'refuse', reply: outOfOrder(state), as: situation.countsAs(verb) }
  }
  if (argument !== '' && WITHOUT_ARGUMENT.has(verb)) return refuse(say.NO_ARGUMENT)
  switch (verb) {
    case 'EHLO':
    case 'HELO':
    case 'LHLO':
      if (!isHelloName(argument)) return refuse(say.HELLO_SYNTAX)
      return { type: 'hello', hello: { verb, name: argument } }
    case 'MAIL': {
      const mail = readMail(argument, table, context)
      if (!mail.ok) return refuse(mail.reply)
      if (situation.transactions < context.limits.maxTransactions) {
        return qualify({ type: 'mail', mail: mail.value }, mail.accepted)
      }
      return { type: 'refuse', reply: say.TOO_MANY_TRANSACTIONS, as: 'transaction' }
    }
    case 'RCPT': {
      const rcpt = readRcpt(argument, table, context)
      if (!rcpt.ok) return refuse(rcpt.reply)
      // Only what is beyond the limit is refused; those accepted stand (RFC 5321 §4.5.3.1.10).
      if (situation.recipients < context.limits.maxRecipients) {
        return qualify({ type: 'rcpt', rcpt: rcpt.value }, rcpt.accepted)
      }
      return { type: 'refuse', reply: say.TOO_MANY_RECIPIENTS, as: 'recipient' }
    }
    case 'DATA':
      // RFC 3030 §3.
      return situation.binary ? refuse(say.NEEDS_BDAT) : DATA
    case 'VRFY':
      return readName('vrfy', argument, table.smtputf8, say.VRFY_SYNTAX)
    case 'EXPN':
      return readName('expn', argument, table.smtputf8, say.EXPN_SYNTAX)
    case 'HELP':
      return { type: 'help', argument }
    case 'STARTTLS':
      if (context.secured) return refuse(say.OUT_OF_ORDER)
      return context.startTls ? STARTTLS : refuse(say.NOT_IMPLEMENTED)
    case 'AUTH': {
      const auth = readAuth(argument, situation.auth)
      return auth.ok ? { type: 'auth', ...auth.value } : refuse(auth.reply)
    }
    case 'ETRN': {
      const start = parseQueueStart(argument)
      return start === undefined ? refuse(say.ETRN_SYNTAX) : { type: 'etrn', ...start }
    }
    case 'ATRN': {
      // RFC 2645 §5.2.1.
      if (!context.authenticated) return refuse(say.AUTH_FIRST)
      const domains = parseTurnDomains(argument)
      return domains === undefined ? refuse(say.ATRN_SYNTAX) : { type: 'atrn', domains }
    }
    case 'XCLIENT': {
      const attributes = parseProxyAttributes(argument, 'XCLIENT')
      return attributes === undefined ? refuse(say.PROXY_SYNTAX) : { type: 'xclient', attributes }
    }
    case 'XFORWARD': {
      const attributes = parseProxyAttributes(argument, 'XFORWARD')
      return attributes === undefined ? refuse(say.PROXY_SYNTAX) : { type: 'xforward', attributes }
    }
    case 'RSET':
      return RSET
    case 'QUIT':
      return QUIT
    case 'NOOP':
    case 'VERB':
    case 'ONEX':
      return NOOP
  }
}

/** The reply to a command that is not in order in this state. */
export function outOfOrder(state: CommandState): Reply {
  return state === 'connected' ? say.HELLO_FIRST : say.OUT_OF_ORDER
}

function qualify(question: QuestionEvent, accepted: Reply | undefined): QuestionEvent | Qualified {
  return accepted === undefined ? question : { type: 'qualified', question, accepted }
}

/**
 * `VRFY String [SMTPUTF8]`, `EXPN String [SMTPUTF8]` (RFC 5321 §4.1.1.6, §4.1.1.7, RFC 6531 §3.7.4.2); `offered`: there is
 * such a parameter, and it is no part of the string.
 */
function readName(type: 'vrfy' | 'expn', argument: string, offered: boolean, syntax: Reply): CommandMeaning {
  const smtputf8 = offered && / SMTPUTF8$/i.test(argument)
  const name = smtputf8 ? argument.slice(0, -' SMTPUTF8'.length).trimEnd() : argument
  return name === '' ? refuse(syntax) : { type, argument: name, smtputf8 }
}

/** A domain, an address literal, or another word of printable ASCII; up to 255 octets (RFC 5321 §4.5.3.1.2). */
function isHelloName(text: string): boolean {
  return text.length <= 255 && /^[\u0021-\u007e]+$/.test(text)
}

function refuse(reply: Reply): Refusal {
  return { type: 'refuse', reply, as: 'error' }
}
