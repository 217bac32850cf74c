/** The replies that a server session gives itself, with their enhanced status codes (RFC 5321 §4.2, RFC 3463 §3). */

import { reply } from '@postroad/envelope'
import type { Reply } from '@postroad/envelope'
import type { ContentFault } from './given-content.ts'
import type { Protocol } from './handler.ts'
import type { LineFault } from './line-reader.ts'

export const DONE: Reply = reply(250, '2.0.0', 'OK')
export const CANNOT_VRFY: Reply = reply(252, '2.0.0', 'Cannot VRFY, send some mail and see')
// RFC 6531 §3.7.4.2: 252 or 550, and X.6.8.
export const CANNOT_SHOW: Reply = reply(
  252,
  '2.6.8',
  'Cannot show this mailbox without SMTPUTF8, send some mail and see',
)
export const MUST_NOT_SHOW: Reply = reply(550, '5.6.8', 'SMTPUTF8 is needed to show this mailbox')
export const GO_ON: Reply = reply(354, undefined, 'End data with <CR><LF>.<CR><LF>')
export const READY_FOR_TLS: Reply = reply(220, '2.0.0', 'Ready to start TLS')

export const UNKNOWN_COMMAND: Reply = reply(500, '5.5.2', 'Command not recognized')
export const NOT_IMPLEMENTED: Reply = reply(502, '5.5.1', 'Command not implemented')
export const OUT_OF_ORDER: Reply = reply(503, '5.5.1', 'Bad sequence of commands')
export const HELLO_FIRST: Reply = reply(503, '5.5.1', 'Introduce yourself first')
export const NOTHING_BEHIND: Reply = reply(503, '5.5.1', 'Nothing may be sent behind this command before its reply')
export const NO_ARGUMENT: Reply = reply(501, '5.5.4', 'This command takes no argument')
export const HELLO_SYNTAX: Reply = reply(501, '5.5.4', 'Syntax: a domain or an address literal')
export const VRFY_SYNTAX: Reply = reply(501, '5.5.4', 'Syntax: VRFY address')
export const EXPN_SYNTAX: Reply = reply(501, '5.5.4', 'Syntax: EXPN list')
export const BDAT_SYNTAX: Reply = reply(501, '5.5.4', 'Syntax: BDAT octets [LAST]')
export const ETRN_SYNTAX: Reply = reply(501, '5.5.4', 'Syntax: ETRN [@]domain')
export const ATRN_SYNTAX: Reply = reply(501, '5.5.4', 'Syntax: ATRN [domain,...]')
export const PROXY_SYNTAX: Reply = reply(501, '5.5.4', 'Bad attribute or value')
export const AUTH_SYNTAX: Reply = reply(501, '5.5.4', 'Syntax: AUTH mechanism [initial-response]')
export const TOO_MANY_RECIPIENTS: Reply = reply(452, '4.5.3', 'Too many recipients')
export const TOO_MANY_TRANSACTIONS: Reply = reply(452, '4.5.3', 'Too many messages in this session')
export const NEEDS_BDAT: Reply = reply(503, '5.5.1', 'BODY=BINARYMIME needs BDAT')
export const MESSAGE_FAILED: Reply = reply(503, '5.5.1', 'The message has failed, RSET first')

export const MAIL_SYNTAX: Reply = reply(501, '5.5.4', 'Syntax: MAIL FROM:<address>')
export const RCPT_SYNTAX: Reply = reply(501, '5.5.4', 'Syntax: RCPT TO:<address>')
export const BAD_REVERSE_PATH: Reply = reply(501, '5.1.7', 'Bad sender address syntax')
export const BAD_FORWARD_PATH: Reply = reply(501, '5.1.3', 'Bad recipient address syntax')
// RFC 6531 §3.5: 550 for MAIL, 553 for RCPT.
export const MAIL_NOT_ASCII: Reply = reply(550, '5.6.7', 'SMTPUTF8 is needed for this address')
export const RCPT_NOT_ASCII: Reply = reply(553, '5.6.7', 'SMTPUTF8 is needed for this address')
export const BAD_PARAMETER: Reply = reply(501, '5.5.4', 'Syntax error in a parameter')
export const UNKNOWN_PARAMETER: Reply = reply(555, '5.5.4', 'Parameter not recognized')
export const TOO_BIG: Reply = reply(552, '5.3.4', 'Message size exceeds fixed maximum message size')

export const AUTH_FIRST: Reply = reply(530, '5.7.0', 'Authentication required')
export const AUTH_NEEDS_TLS: Reply = reply(538, '5.7.11', 'Encryption required')
export const AUTH_ALREADY: Reply = reply(503, '5.5.1', 'Already authenticated')
export const AUTH_UNKNOWN: Reply = reply(504, '5.5.4', 'Authentication mechanism not supported')
export const AUTH_NOT_BASE64: Reply = reply(501, '5.5.2', 'Not base64')
export const AUTH_CANCELLED: Reply = reply(501, '5.7.0', 'Authentication cancelled')
export const AUTH_LINE_TOO_LONG: Reply = reply(500, '5.5.6', 'Authentication exchange line is too long')

/** Why a line was refused. */
export const LINE_FAULTS: Readonly<Record<LineFault, Reply>> = {
  'too-long': reply(500, '5.5.6', 'Line too long'),
  'bare-newline': reply(500, '5.5.2', 'Bare <CR> or <LF> received'),
  nul: reply(500, '5.5.2', 'NUL received'),
  'not-utf8': reply(500, '5.5.2', 'Not ASCII and not UTF-8'),
}

/** Why content was refused, told after its end. */
export const CONTENT_FAULTS: Readonly<Record<ContentFault, Reply>> = {
  'bare-newline': reply(550, '5.6.0', 'Bare <CR> or <LF> in the content'),
  nul: reply(550, '5.6.0', 'NUL in the content'),
  'too-big': TOO_BIG,
  'line-too-long': reply(550, '5.6.0', 'Line in the content too long'),
}

/** Names our host in a reply; the same reply again while the host is the same, as it is for all sessions of a server. */
function naming(make: (hostname: string) => Reply): (hostname: string) => Reply {
  let named = ''
  let made = make(named)
  return (hostname) => {
    if (hostname !== named) made = make(hostname)
    named = hostname
    return made
  }
}

const ESMTP_GREETING = naming((hostname) => reply(220, undefined, `${hostname} ESMTP`))
const LMTP_GREETING = naming((hostname) => reply(220, undefined, `${hostname} LMTP`))

/** The greeting (RFC 5321 §3.1; RFC 2033 §5 for LMTP). */
export function greeting(hostname: string, protocol: Protocol): Reply {
  return protocol === 'lmtp' ? LMTP_GREETING(hostname) : ESMTP_GREETING(hostname)
}

/** The answer to QUIT (RFC 5321 §4.1.1.10). */
export const goodbye: (hostname: string) => Reply = naming((hostname) =>
  reply(221, '2.0.0', `${hostname} closing connection`),
)

/** The last word to who reached a limit of the session. */
export function tooMuch(hostname: string): Reply {
  return reply(421, '4.7.0', `${hostname} Too many errors or idle commands`)
}

/** The last word to who announced octets that cannot be counted. */
export function lost(hostname: string): Reply {
  return reply(421, '4.7.0', `${hostname} Nobody knows where the next command begins`)
}

/** What HELP says by itself: the commands (RFC 5321 §4.1.1.8), EXPN where it is offered. */
export function help(protocol: Protocol, expn: boolean): Reply {
  const hello = protocol === 'lmtp' ? 'LHLO' : 'EHLO HELO'
  return reply(214, '2.0.0', `Commands: ${hello} MAIL RCPT DATA RSET VRFY ${expn ? 'EXPN ' : ''}HELP NOOP QUIT`)
}

/** The last word to who does not speak SMTP at all. */
export function wrongProtocol(hostname: string): Reply {
  return reply(421, '4.7.0', `${hostname} This is no HTTP server`)
}
