/**
 * Authenticates on an open connection (RFC 4954): the best mechanism that the peer offers and the credentials fit.
 *
 * Nothing that shows a password or token is used in clear or with a peer that is not verified, unless that is allowed.
 * SCRAM is: it shows no password, and the peer must prove that it knows it; but somebody in between learns what a weak
 * password can be guessed by.
 *
 * A password is not tried with a second mechanism where one was refused: the peer has judged it, and a peer that cannot
 * prove itself must not be given a weaker one.
 */

import type { DeliveryPhase } from '@postroad/delivery'
import type { Deferred, TransientStatus } from '@postroad/envelope'
import { systemCryptography, systemRandom } from '@postroad/runtime/system'
import { chooseMechanism, type ChoiceContext, type ClientFailure } from '@postroad/sasl'
import { refusalOfReply, type ClientEvent } from '@postroad/smtp'
import type { ClientConnection } from './client-connection.ts'
import type { HostCredentials } from './host-destination.ts'

/** What became of it. `unexpected`: the session said something else, mostly that it is closed. */
export type AuthenticationEnd =
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'failed'; readonly outcome: Deferred; readonly error?: Error }
  | { readonly kind: 'unexpected'; readonly event: ClientEvent }

/** How a connection may be authenticated. */
export interface AuthenticationRequest {
  readonly credentials: HostCredentials
  /** The mechanisms that the peer offers. */
  readonly offered: readonly string[]
  /** Passwords and tokens may be shown in clear and to a peer that is not verified. */
  readonly expose: boolean
  /** Told as the first command is about to be sent. */
  readonly onPhase: ((phase: DeliveryPhase) => void) | undefined
}

const NOT_PRIVATE = 'Credentials are not sent without verified TLS.'
const NOT_OFFERED = 'The peer does not offer AUTH.'
const NONE_OFFERED = 'The peer offers no mechanism that can take the credentials.'

/** Why the client's own side of the exchange failed. */
const FAILURES: Readonly<Record<ClientFailure, string>> = {
  malformed: 'The peer did not keep to the mechanism of authentication.',
  iterations: 'The peer asks for fewer or more iterations than are allowed.',
  refused: 'The peer refused the credentials.',
  'server-proof': 'The peer did not prove that it knows the password.',
}

/** Authenticates. Rejects for a fault of ours alone. The session must be idle. */
export async function authenticate(
  connection: ClientConnection,
  { credentials, offered, expose, onPhase }: AuthenticationRequest,
): Promise<AuthenticationEnd> {
  const { session, destination, channelBinding } = connection
  const tools = { cryptography: systemCryptography, random: systemRandom }
  const login = credentials.kind === 'token' ? { ...where(destination), ...credentials } : credentials
  const confidential = connection.private || expose
  const { mechanisms, iterations } = credentials
  const context: ChoiceContext = {
    ...tools,
    ...(channelBinding !== undefined && { channelBinding }),
    ...(mechanisms !== undefined && { usable: mechanisms }),
    ...(iterations !== undefined && { iterations }),
  }
  const mechanism = chooseMechanism(offered, login, { ...context, confidential })
  if (mechanism === undefined) {
    const shy = !confidential && chooseMechanism(offered, login, { ...context, confidential: true }) !== undefined
    return failed('4.7.4', shy ? NOT_PRIVATE : offered.length > 0 ? NONE_OFFERED : NOT_OFFERED)
  }
  onPhase?.('auth')
  session.authenticate(mechanism)
  for (;;) {
    const event = await connection.next()
    switch (event.type) {
      case 'authenticated':
        // Where the peer has limits it is asked once more what it offers.
        if (session.idle || session.closed) return { kind: 'authenticated' }
        break
      case 'ready':
        return { kind: 'authenticated' }
      case 'derive-key': {
        const { algorithm, password, salt, iterations } = event.derivation
        // The peer may be gone meanwhile: the session takes the key only where it still waits for it.
        session.keyDerived(await tools.cryptography.pbkdf2(algorithm, password, salt, iterations))
        break
      }
      case 'authentication-refused': {
        if (event.reason !== undefined) return failed('4.7.8', FAILURES[event.reason])
        const refusal = refusalOfReply(event.reply, 'auth')
        // The peer judged a setting of ours, not the message.
        const outcome: Deferred =
          refusal.kind === 'deferred' ? refusal : { ...refusal, kind: 'deferred', status: '4.7.8' }
        return { kind: 'failed', outcome }
      }
      default:
        return { kind: 'unexpected', event }
    }
  }
}

function failed(status: TransientStatus, reason: string): AuthenticationEnd {
  return { kind: 'failed', outcome: { kind: 'deferred', reply: undefined, status }, error: new Error(reason) }
}

/** Where a token is shown, which OAUTHBEARER tells the peer (RFC 7628 §3.1). */
function where({ host, port }: { readonly host: string; readonly port: number }): { host?: string; port?: number } {
  return host.startsWith('unix:') ? {} : { host, port }
}
