/**
 * The extensions that a session offers unless it is given others: those that ask nothing of the handler.
 *
 * The longest MAIL with all of them has 1,181 octets, the longest RCPT 1,048 (RFC 5321 §4.5.3.1.4): the default of
 * `maxCommandLineBytes`, 2,048, has room for them. With every extension of this package MAIL has 2,281 (NO-SOLICITING alone
 * adds 1,007) and RCPT 1,081: the limit then grows to that. A test keeps these numbers.
 */

import { auth } from './extensions/auth.ts'
import { chunking, eightBitMime } from './extensions/body.ts'
import { help, onex, verb } from './extensions/commands.ts'
import { dsn } from './extensions/dsn.ts'
import { enhancedStatusCodes, pipelining } from './extensions/keywords.ts'
import { limits } from './extensions/limits.ts'
import { size } from './extensions/size.ts'
import { smtputf8 } from './extensions/smtputf8.ts'
import { startTls } from './extensions/start-tls.ts'
import type { Extension } from './extension.ts'

/** In the order of the reply to EHLO; VERB and ONEX are not announced. */
export const EXTENSIONS: readonly Extension[] = [
  pipelining,
  size,
  eightBitMime,
  smtputf8,
  enhancedStatusCodes,
  dsn,
  chunking,
  help,
  limits,
  startTls,
  auth,
  verb,
  onex,
]
