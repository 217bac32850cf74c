/**
 * PLAIN (RFC 4616): one message with the identity to act as, the identity whose password it is, and the password.
 *
 * ABNF that is followed (RFC 4616 §2):
 *
 *     message = [authzid] UTF8NUL authcid UTF8NUL passwd
 *     authzid, authcid, passwd = 1*SAFE    ; UTF-8 without NUL, up to 255 octets each
 *
 * The fields are given as they came: preparing them is the verifier's, who knows how what is stored was prepared.
 */

import { concat, indexOfByte } from '@postroad/bytes'
import { createClientExchange, sayOnce } from './client-exchange.ts'
import type { ClientMechanism } from './client-mechanism.ts'
import { type PasswordLogin, readField, writeField } from './credentials.ts'
import { askFirst, createServerExchange, judge, MALFORMED, type ServerTurn } from './server-exchange.ts'
import type { ServerMechanism } from './server-mechanism.ts'

const NUL = new Uint8Array(1)

/** The server's side. */
export function createPlainServer(): ServerMechanism {
  return createServerExchange('PLAIN', askFirst(readMessage))
}

/** The client's side: all is in the initial response. */
export function createPlainClient(login: PasswordLogin): ClientMechanism | undefined {
  const authorizationId = writeField(login.authorizationId ?? '')
  const username = writeField(login.username)
  const password = writeField(login.password)
  if (authorizationId === undefined || !username?.length || !password?.length) return undefined
  return createClientExchange('PLAIN', sayOnce(concat([authorizationId, NUL, username, NUL, password])))
}

/** Splits the message. A third NUL falls to `readField`. */
function readMessage(message: Uint8Array): ServerTurn {
  const first = indexOfByte(message, 0)
  const second = indexOfByte(message, 0, first + 1)
  if (first === -1 || second === -1) return MALFORMED
  const authorizationId = readField(message, 0, first)
  const authenticationId = readField(message, first + 1, second)
  const password = readField(message, second + 1)
  if (authorizationId === undefined || !authenticationId || !password) return MALFORMED
  return judge({ kind: 'password', authorizationId, authenticationId, password })
}
