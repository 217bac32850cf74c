/**
 * EXTERNAL (RFC 4422 Appendix A): the client is known already, by a certificate of TLS; it says only whom it acts as.
 *
 * Whoever judges the credentials has the certificate from the channel, and must refuse where there is none.
 */

import { createClientExchange, sayOnce } from './client-exchange.ts'
import type { ClientMechanism } from './client-mechanism.ts'
import { type ExternalLogin, readField, writeField } from './credentials.ts'
import { askFirst, createServerExchange, judge, MALFORMED } from './server-exchange.ts'
import type { ServerMechanism } from './server-mechanism.ts'

/** The server's side. */
export function createExternalServer(): ServerMechanism {
  return createServerExchange(
    'EXTERNAL',
    askFirst((response) => {
      const authorizationId = readField(response)
      return authorizationId === undefined ? MALFORMED : judge({ kind: 'certificate', authorizationId })
    }),
  )
}

/** The client's side: whom to act as is the initial response, empty for whom the server knows. */
export function createExternalClient(login: ExternalLogin): ClientMechanism | undefined {
  const identity = writeField(login.authorizationId ?? '')
  return identity && createClientExchange('EXTERNAL', sayOnce(identity))
}
