/** The order of commands as data: which command is in order in which state (RFC 5321 §4.1.4). */

import type { Protocol } from './handler.ts'

/** The commands that a server session knows, each with its own place in the order. */
export type Verb =
  | 'EHLO'
  | 'HELO'
  | 'LHLO'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'BDAT'
  | 'RSET'
  | 'NOOP'
  | 'QUIT'
  | 'HELP'
  | 'VRFY'
  | 'EXPN'
  | 'STARTTLS'
  | 'AUTH'
  | 'ETRN'
  | 'ATRN'
  | 'XCLIENT'
  | 'XFORWARD'
  | 'VERB'
  | 'ONEX'

/**
 * Where a server session stands.
 *
 * Commands are read in `connected`, `ready`, `mail`, `rcpt` and `chunks` only. `greeting`: nobody has said yet whether
 * the client is welcome. `refused`: it was greeted with 5yz; QUIT is awaited, and all else refused (RFC 5321 §3.1).
 * `auth`: the next line is a response (RFC 4954 §4). `content`: between 354 and the reply to the end of data, and while
 * the octets of a BDAT come, whatever becomes of them. `chunks`: behind a BDAT that was not the last of its message
 * (RFC 3030 §2). `tls`: 220 was answered to STARTTLS and the handshake runs. `turned`: 250 was answered to ATRN, and the
 * stream belongs to the client role (RFC 2645 §5.3); nothing more is read. `closed`: nothing more is read; what
 * `takeOutput` still gives is to be written.
 */
export type SessionState =
  | 'greeting'
  | 'refused'
  | 'connected'
  | 'ready'
  | 'mail'
  | 'rcpt'
  | 'chunks'
  | 'auth'
  | 'content'
  | 'tls'
  | 'turned'
  | 'closed'

/** The states in which commands are read. */
export type CommandState = 'connected' | 'ready' | 'mail' | 'rcpt' | 'chunks'

const ALWAYS = ['connected', 'ready', 'mail', 'rcpt', 'chunks'] as const

/**
 * The states in which each command is in order (RFC 5321 §4.1.4).
 *
 * A command received in any other of the command states is answered 503 5.5.1 and changes nothing; the octets of a BDAT
 * are read and dropped. NOOP, RSET, QUIT, HELP, VRFY and EXPN are always in order; so is a hello, which ends a
 * transaction as RSET does. STARTTLS, AUTH, ETRN, ATRN, XCLIENT and XFORWARD are not permitted within a mail transaction
 * (RFC 4954 §4, RFC 1985 §5), nor, but for XCLIENT, before the client learned that they are offered.
 */
export const COMMAND_ORDER: Readonly<Record<Verb, readonly CommandState[]>> = {
  EHLO: ALWAYS,
  HELO: ALWAYS,
  LHLO: ALWAYS,
  MAIL: ['ready'],
  RCPT: ['mail', 'rcpt'],
  DATA: ['rcpt'],
  BDAT: ['rcpt', 'chunks'],
  RSET: ALWAYS,
  NOOP: ALWAYS,
  QUIT: ALWAYS,
  HELP: ALWAYS,
  VRFY: ALWAYS,
  EXPN: ALWAYS,
  STARTTLS: ['ready'],
  AUTH: ['ready'],
  ETRN: ['ready'],
  ATRN: ['ready'],
  XCLIENT: ['connected', 'ready'],
  XFORWARD: ['ready'],
  VERB: ALWAYS,
  ONEX: ALWAYS,
}

/**
 * Commands behind which nothing may be sent before their reply (RFC 2920 §3.1, RFC 3207 §4, RFC 4954 §4). A client that
 * sends something behind ATRN does not know who speaks next.
 */
export const ENDS_GROUP: ReadonlySet<Verb> = new Set<Verb>(['DATA', 'STARTTLS', 'AUTH', 'ATRN'])

/** Commands that count as idle only where they are refused; all others when they are read (`maxIdleCommands`). */
export const CARRIES_MAIL: ReadonlySet<Verb> = new Set<Verb>(['MAIL', 'RCPT', 'DATA', 'BDAT', 'QUIT'])

/** Commands that exist and that we do not carry out: 502 5.5.1 (RFC 5321 §4.2.4, Appendix F.6). */
export const UNIMPLEMENTED: ReadonlySet<string> = new Set(['SEND', 'SOML', 'SAML', 'TURN'])

/**
 * First words of HTTP requests. Who sends one is a browser, told by a web page to post what then would be read as
 * commands, line by line.
 */
export const HTTP_METHODS: ReadonlySet<string> = new Set([
  'CONNECT',
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
  'TRACE',
])

const VERB_NAMES: readonly Verb[] = [
  ...([
    'EHLO',
    'HELO',
    'LHLO',
    'MAIL',
    'RCPT',
    'DATA',
    'BDAT',
    'RSET',
    'NOOP',
    'QUIT',
    'HELP',
    'VRFY',
    'EXPN',
  ] as const),
  ...(['STARTTLS', 'AUTH', 'ETRN', 'ATRN', 'XCLIENT', 'XFORWARD', 'VERB', 'ONEX'] as const),
]

/** Verbs by protocol: LMTP knows LHLO, and neither HELO nor EHLO (RFC 2033 §4.1). */
const VERBS: Readonly<Record<Protocol, ReadonlyMap<string, Verb>>> = {
  smtp: verbs('LHLO'),
  submission: verbs('LHLO'),
  lmtp: verbs('EHLO', 'HELO'),
}

function verbs(...without: readonly string[]): ReadonlyMap<string, Verb> {
  const known = new Map<string, Verb>()
  for (const verb of VERB_NAMES) if (!without.includes(verb)) known.set(verb, verb)
  return known
}

/** The verb that a command word in upper case means in a protocol; `undefined`: unknown. */
export function findVerb(word: string, protocol: Protocol): Verb | undefined {
  return VERBS[protocol].get(word)
}
