/**
 * XOAUTH2: a bearer token of OAuth 2.0, as it was sent before OAUTHBEARER was written.
 *
 * It has no RFC; large mail services ask for it. The one message of the client is
 *
 *     "user=" name %x01 "auth=Bearer " token %x01 %x01
 *
 * A token that is refused is answered with JSON as a challenge, to which the client says nothing (an empty response);
 * then the exchange fails.
 */

import { fromUtf8, toUtf8Strict } from '@postroad/bytes'
import { createClientExchange, sayOnce } from './client-exchange.ts'
import type { ClientMechanism } from './client-mechanism.ts'
import type { TokenLogin } from './credentials.ts'
import { acknowledge, isToken, isUser, judgeToken, MAX_TOKEN_MESSAGE_OCTETS } from './oauthbearer.ts'
import { askFirst, createServerExchange, MALFORMED } from './server-exchange.ts'
import type { ServerMechanism } from './server-mechanism.ts'

const SEPARATOR = '\u0001'

/** The server's side. */
export function createXoauth2Server(): ServerMechanism {
  return createServerExchange(
    'XOAUTH2',
    askFirst((response) => {
      const text = response.length > MAX_TOKEN_MESSAGE_OCTETS ? undefined : toUtf8Strict(response)
      const [user = '', auth = '', ...ends] = text?.split(SEPARATOR) ?? []
      if (!user.startsWith('user=') || !auth.startsWith('auth=') || ends.length !== 2 || ends.join('') !== '') {
        return MALFORMED
      }
      const authorizationId = user.slice('user='.length)
      return isUser(authorizationId) ? judgeToken(auth.slice('auth='.length), { authorizationId }) : MALFORMED
    }),
  )
}

/** The client's side; `undefined` where no message can carry the login. */
export function createXoauth2Client(login: TokenLogin): ClientMechanism | undefined {
  if (!isUser(login.username) || !isToken(login.token)) return undefined
  const message = [`user=${login.username}`, `auth=Bearer ${login.token}`, '', ''].join(SEPARATOR)
  return createClientExchange('XOAUTH2', sayOnce(fromUtf8(message), acknowledge('')))
}
