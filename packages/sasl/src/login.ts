/**
 * LOGIN: asks for the name, then for the password.
 *
 * It has no RFC: it is what old clients and servers do where PLAIN would serve. The challenges are the ones that all
 * of them know; a client must not depend on their words, and this one does not.
 */

import { fromLatin1 } from '@postroad/bytes'
import { BROKEN, broken, createClientExchange, DONE } from './client-exchange.ts'
import type { ClientMechanism } from './client-mechanism.ts'
import { type PasswordLogin, readField, writeField } from './credentials.ts'
import { createServerExchange, judge, MALFORMED, type ServerTurn } from './server-exchange.ts'
import type { ServerMechanism } from './server-mechanism.ts'

/** The server's side. An initial response is taken as the name. */
export function createLoginServer(): ServerMechanism {
  const readName = (response: Uint8Array): ServerTurn => {
    const authenticationId = readField(response)
    if (!authenticationId) return MALFORMED
    return {
      kind: 'challenge',
      bytes: fromLatin1('Password:'),
      next: (answer) => {
        const password = readField(answer)
        return password ? judge({ kind: 'password', authorizationId: '', authenticationId, password }) : MALFORMED
      },
    }
  }
  return createServerExchange('LOGIN', (initial) =>
    initial === undefined ? { kind: 'challenge', bytes: fromLatin1('Username:'), next: readName } : readName(initial),
  )
}

/** The client's side: the name to the first challenge, the password to the second, nothing to a third. */
export function createLoginClient(login: PasswordLogin): ClientMechanism | undefined {
  const username = writeField(login.username)
  const password = writeField(login.password)
  if (!username?.length || !password?.length || login.authorizationId) return undefined
  return createClientExchange('LOGIN', {
    bytes: undefined,
    end: BROKEN,
    next: () => ({
      kind: 'respond',
      bytes: username,
      end: BROKEN,
      next: () => ({ kind: 'respond', bytes: password, end: DONE, next: broken }),
    }),
  })
}
