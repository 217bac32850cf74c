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
  /** It is the rest of another, which was answered with 2yz; absent: it is not. */
  readonly follows?: boolean
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
 * XCLIENT or XFORWARD: names and values, the values in xtext, `undefined` as `[UNAVAILABLE]`, as what fits into no line.
 *
 * What is too long for one line is asked in several, packed from the end. The address and the login go last: behind the
 * address a server may take no more XCLIENT, and each XCLIENT says anew who is logged in.
 *
 * @throws {ClientSessionError} `SMTP_CLIENT_COMMAND` where there is no attribute, or a name is not made of letters,
 *   digits, `-` and `_`.
 */
export function askAttributes(
  command: 'XCLIENT' | 'XFORWARD',
  attributes: ReadonlyMap<string, string | undefined>,
): ClientQuestion {
  const words = [...attributes]
    .map(([name, value]) => ({ name: name.toUpperCase(), value }))
    .toSorted((one, other) => LAST.indexOf(one.name) - LAST.indexOf(other.name))
    .map(({ name, value }) => formatAttribute(command, name, value))
  const question = packLines(command, words).reduceRight<ClientQuestion | undefined>(
    (rest, line, index) => ({ command, line, follows: index > 0, ...(rest !== undefined && { rest }) }),
    undefined,
  )
  if (question !== undefined) return question
  throw new ClientSessionError('SMTP_CLIENT_COMMAND', 'There is no attribute to send.')
}

const LAST: readonly string[] = ['ADDR', 'LOGIN']

/** The words in as few lines as hold them, in order; the last ones together. */
function packLines(command: string, words: readonly string[]): readonly string[] {
  const lines: string[] = []
  for (const word of words.toReversed()) {
    const [next] = lines
    if (next !== undefined && fits(command, word + next)) lines[0] = word + next
    else lines.unshift(word)
  }
  return lines.map((line) => command + line)
}

/** With the space before it. */
function formatAttribute(command: string, name: string, value: string | undefined): string {
  if (!ATTRIBUTE.test(name)) {
    throw new ClientSessionError('SMTP_CLIENT_COMMAND', 'The name of an attribute holds other than letters and digits.')
  }
  const word = ` ${name}=${value === undefined ? UNAVAILABLE : toXtext(value)}`
  return fits(command, word) ? word : ` ${name}=${UNAVAILABLE}`
}

function fits(command: string, words: string): boolean {
  return command.length + words.length + 2 <= MAX_COMMAND_BYTES
}

const UNAVAILABLE = '[UNAVAILABLE]'
const ATTRIBUTE = /^[A-Z0-9_-]+$/
