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
  | 'RSET'
  | 'NOOP'
  | 'QUIT'
  | 'HELP'
  | 'VRFY'
  | 'STARTTLS'
  | 'AUTH'

/**
 * Where a server session stands.
 *
 * Commands are read in `connected`, `ready`, `mail` and `rcpt` only. `greeting`: nobody has said yet whether the client
 * is welcome. `auth`: the next line is a response (RFC 4954 §4). `content`: between 354 and the reply to the end of
 * data. `tls`: 220 was answered to STARTTLS and the handshake runs. `closed`: nothing more is read; what `takeOutput`
 * still gives is to be written.
 */
export type SessionState = 'greeting' | 'connected' | 'ready' | 'mail' | 'rcpt' | 'auth' | 'content' | 'tls' | 'closed'

/** The states in which commands are read. */
export type CommandState = 'connected' | 'ready' | 'mail' | 'rcpt'

/**
 * The states in which each command is in order (RFC 5321 §4.1.4).
 *
 * A command received in any other of the four command states is answered 503 5.5.1 and changes nothing. NOOP, RSET,
 * QUIT, HELP and VRFY are always in order. STARTTLS and AUTH are not permitted within a mail transaction
 * (RFC 4954 §4), nor before the client learned that they are offered.
 */
export const COMMAND_ORDER: Readonly<Record<Verb, readonly CommandState[]>> = {
  EHLO: ['connected', 'ready', 'mail', 'rcpt'],
  HELO: ['connected', 'ready', 'mail', 'rcpt'],
  LHLO: ['connected', 'ready', 'mail', 'rcpt'],
  MAIL: ['ready'],
  RCPT: ['mail', 'rcpt'],
  DATA: ['rcpt'],
  RSET: ['connected', 'ready', 'mail', 'rcpt'],
  NOOP: ['connected', 'ready', 'mail', 'rcpt'],
  QUIT: ['connected', 'ready', 'mail', 'rcpt'],
  HELP: ['connected', 'ready', 'mail', 'rcpt'],
  VRFY: ['connected', 'ready', 'mail', 'rcpt'],
  STARTTLS: ['ready'],
  AUTH: ['ready'],
}

/** Commands behind which nothing may be sent before their reply (RFC 2920 §3.1, RFC 3207 §4, RFC 4954 §4). */
export const ENDS_GROUP: ReadonlySet<Verb> = new Set<Verb>(['DATA', 'STARTTLS', 'AUTH'])

/** Commands that count as idle only where they are refused; all others when they are read (`maxIdleCommands`). */
export const CARRIES_MAIL: ReadonlySet<Verb> = new Set<Verb>(['MAIL', 'RCPT', 'DATA', 'QUIT'])

/** Commands that exist and that we do not carry out: 502 5.5.1 (RFC 5321 §4.2.4, Appendix F.6). */
export const UNIMPLEMENTED: ReadonlySet<string> = new Set(['EXPN', 'SEND', 'SOML', 'SAML', 'TURN'])

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

/** Verbs by protocol: LMTP knows LHLO, and neither HELO nor EHLO (RFC 2033 §4.1). */
const VERBS: Readonly<Record<Protocol, ReadonlyMap<string, Verb>>> = {
  smtp: verbs('LHLO'),
  submission: verbs('LHLO'),
  lmtp: verbs('EHLO', 'HELO'),
}

function verbs(...without: readonly Verb[]): ReadonlyMap<string, Verb> {
  const all: readonly Verb[] = [
    ...(['EHLO', 'HELO', 'LHLO', 'MAIL', 'RCPT', 'DATA', 'RSET', 'NOOP', 'QUIT', 'HELP', 'VRFY'] as const),
    ...(['STARTTLS', 'AUTH'] as const),
  ]
  return new Map(all.filter((verb) => !without.includes(verb)).map((verb) => [verb, verb]))
}

/** The verb that a command word means in a protocol; case does not matter (RFC 5321 §2.4). `undefined`: unknown. */
export function findVerb(word: string, protocol: Protocol): Verb | undefined {
  return VERBS[protocol].get(word.toUpperCase())
}
