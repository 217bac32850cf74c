/**
 * PLAIN (RFC 4616): one message with the identity to act as, the identity whose password it is, and the password.
 *
 * ABNF that is followed (RFC 4616 §2):
 *
 *     message = [authzid] UTF8NUL authcid UTF8NUL passwd
 *     authzid, authcid, passwd = 1*SAFE    ; UTF-8 without NUL, up to 255 octets each
 */

import { concat, indexOfByte } from '@postroad/bytes'

import type { ClientMechanism } from './client-mechanism.ts'
import { type ClientCredentials, readField, writeField } from './credentials.ts'
import { createPasswordExchange, MALFORMED } from './password-exchange.ts'
import type { PasswordCredentials, ServerMechanism } from './server-mechanism.ts'

const NUL = new Uint8Array(1)

/** The server's side. Where no initial response came the challenge is empty (RFC 4422 §3, RFC 4954 §4). */
export function createPlainServer(): ServerMechanism {
  return createPasswordExchange('PLAIN', (response) => {
    if (response === undefined) return { kind: 'challenge', bytes: new Uint8Array(0) }
    const credentials = parseMessage(response)
    return credentials === undefined ? MALFORMED : { kind: 'verify', credentials }
  })
}

/**
 * The client's side: all is in the initial response. A challenge is answered only where it is empty, by a server that
 * did not get the initial response and asks for it (RFC 4954 §4).
 */
export function createPlainClient(credentials: ClientCredentials): ClientMechanism | undefined {
  const authorizationId = writeField(credentials.authorizationId ?? '')
  const username = writeField(credentials.username)
  const password = writeField(credentials.password)
  if (authorizationId === undefined || username === undefined || password === undefined) return undefined
  if (username.length === 0 || password.length === 0) return undefined
  const message = concat([authorizationId, NUL, username, NUL, password])
  return {
    name: 'PLAIN',
    start: () => message,
    receive: (challenge) => (challenge.length === 0 ? message : undefined),
  }
}

/** Splits the message; `undefined` where it departs from the grammar. A third NUL falls to `readField`. */
function parseMessage(message: Uint8Array): PasswordCredentials | undefined {
  const first = indexOfByte(message, 0)
  const second = indexOfByte(message, 0, first + 1)
  if (first === -1 || second === -1) return undefined
  const authorizationId = readField(message, 0, first)
  const authenticationId = readField(message, first + 1, second)
  const password = readField(message, second + 1)
  if (authorizationId === undefined || !authenticationId || !password) return undefined
  return { authorizationId, authenticationId, password }
}
