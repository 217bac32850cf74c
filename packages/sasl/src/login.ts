/**
 * LOGIN: asks for the name, then for the password.
 *
 * It has no RFC: it is what old clients and servers do where PLAIN would serve. The challenges are the ones that all
 * of them know; a client must not depend on their words, and this one does not.
 */

import { fromLatin1 } from '@postroad/bytes'

import type { ClientMechanism } from './client-mechanism.ts'
import { type ClientCredentials, readField, writeField } from './credentials.ts'
import { createPasswordExchange, MALFORMED } from './password-exchange.ts'
import type { ServerMechanism } from './server-mechanism.ts'

/** The server's side. An initial response is taken as the name. */
export function createLoginServer(): ServerMechanism {
  let name: string | undefined
  return createPasswordExchange('LOGIN', (response) => {
    if (response === undefined) return { kind: 'challenge', bytes: fromLatin1('Username:') }
    const field = readField(response)
    if (!field) return MALFORMED
    if (name !== undefined) {
      return { kind: 'verify', credentials: { authorizationId: '', authenticationId: name, password: field } }
    }
    name = field
    return { kind: 'challenge', bytes: fromLatin1('Password:') }
  })
}

/** The client's side: the name to the first challenge, the password to the second, nothing to a third. */
export function createLoginClient(credentials: ClientCredentials): ClientMechanism | undefined {
  const username = writeField(credentials.username)
  const password = writeField(credentials.password)
  if (!username?.length || !password?.length || credentials.authorizationId) return undefined
  const responses = [username, password]
  return {
    name: 'LOGIN',
    start: () => undefined,
    receive: () => responses.shift(),
  }
}
