/**
 * Commands outside of a transaction, as lines: VRFY, EXPN, HELP, NOOP (RFC 5321 §4.1.1.6 to §4.1.1.9), ETRN
 * (RFC 1985 §5), ATRN (RFC 2645 §5.2.1), XCLIENT and XFORWARD as Postfix documents them, and what else is agreed on.
 */

import { isOneLine } from './client-commands.ts'
import { ClientSessionError } from './client-fault.ts'
import { toXtext } from './client-parameters.ts'

/** A command that is under way. */
export interface ClientQuestion {
  /** The command word in upper case. */
  readonly command: string
  /** The line, without CRLF. */
  readonly line: string
  /** What is asked once this was answered with 2yz, as part of the same command; absent: nothing. */
  readonly rest?: ClientQuestion
}

/** RFC 5321 §4.5.3.1.4: a command line with its CRLF. */
const MAX_COMMAND_BYTES = 512

/**
 * A command of one line.
 *
 * @throws {ClientSessionError} `SMTP_CLIENT_COMMAND` where the line is empty or holds a control character.
 */
export function askLine(line: string): ClientQuestion {
  const [word = ''] = line.split(' ', 1)
  if (word === '' || !isOneLine(line)) {
    throw new ClientSessionError('SMTP_CLIENT_COMMAND', 'The command is empty or holds a control character.')
  }
  return { command: word.toUpperCase(), line }
}

/** Commands that change what the session must know: each has its method, or is a part of one. */
const OWN_METHODS: ReadonlySet<string> = new Set(
  'EHLO HELO LHLO STARTTLS AUTH MAIL RCPT DATA BDAT RSET QUIT'.split(' '),
)

/**
 * A command that was agreed on.
 *
 * @throws {ClientSessionError} `SMTP_CLIENT_COMMAND`, as `askLine` and where it is one that the session says itself.
 */
export function askOther(line: string): ClientQuestion {
  const question = askLine(line)
  if (!OWN_METHODS.has(question.command)) return question
  throw new ClientSessionError('SMTP_CLIENT_COMMAND', 'The session says this command itself.')
}

/**
 * VRFY or EXPN; `smtputf8`: the peer offers it. SMTPUTF8 says that we can read an answer in UTF-8 (RFC 6531 §3.7.4.2); it is
 * only said where what is asked about needs it, for some servers that offer it take the word for a part of the name.
 */
export function askAbout(command: 'VRFY' | 'EXPN', text: string, smtputf8: boolean): ClientQuestion {
  return askLine(`${command} ${text}${smtputf8 && NON_ASCII.test(text) ? ' SMTPUTF8' : ''}`)
}

const NON_ASCII = /[^\u0000-\u007f]/

/**
 * XCLIENT or XFORWARD: names and values, the values in xtext, `undefined` as `[UNAVAILABLE]`. XFORWARD may come in many
 * lines and is cut so that each fits; XCLIENT starts the session over each time and comes in one.
 *
 * @throws {ClientSessionError} `SMTP_CLIENT_COMMAND` where there is no attribute, or a name is not made of letters,
 *   digits, `-` and `_`.
 */
export function askAttributes(
  command: 'XCLIENT' | 'XFORWARD',
  attributes: ReadonlyMap<string, string | undefined>,
): ClientQuestion {
  const lines: string[] = []
  let line = ''
  for (const [name, value] of attributes) {
    if (!ATTRIBUTE.test(name)) {
      throw new ClientSessionError(
        'SMTP_CLIENT_COMMAND',
        'The name of an attribute holds other than letters and digits.',
      )
    }
    const attribute = ` ${name.toUpperCase()}=${value === undefined ? '[UNAVAILABLE]' : toXtext(value)}`
    if (line !== '' && command === 'XFORWARD' && line.length + attribute.length + 2 > MAX_COMMAND_BYTES) {
      lines.push(line)
      line = ''
    }
    line = (line === '' ? command : line) + attribute
  }
  if (line === '') throw new ClientSessionError('SMTP_CLIENT_COMMAND', 'There is no attribute to send.')
  return lines.reduceRight<ClientQuestion>((rest, before) => ({ command, line: before, rest }), { command, line })
}

const ATTRIBUTE = /^[A-Za-z0-9_-]+$/
