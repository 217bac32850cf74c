/** Which mechanisms there are, best first, and which one to take of those a server offers. */

import type { ClientMechanism } from './client-mechanism.ts'
import type { ClientCredentials } from './credentials.ts'
import { createLoginClient, createLoginServer } from './login.ts'
import { createPlainClient, createPlainServer } from './plain.ts'
import type { ServerMechanism } from './server-mechanism.ts'

const SERVERS: ReadonlyMap<string, () => ServerMechanism> = new Map([
  ['PLAIN', createPlainServer],
  ['LOGIN', createLoginServer],
])

const CLIENTS: ReadonlyMap<string, (credentials: ClientCredentials) => ClientMechanism | undefined> = new Map([
  ['PLAIN', createPlainClient],
  ['LOGIN', createLoginClient],
])

/** Names of the mechanisms that a server can offer, best first. All send the password: for use under TLS only. */
export const SERVER_MECHANISMS: readonly string[] = [...SERVERS.keys()]

/** Names of the mechanisms that a client can use, best first. All send the password: for use under TLS only. */
export const CLIENT_MECHANISMS: readonly string[] = [...CLIENTS.keys()]

/** Begins an exchange; `undefined` where there is no such mechanism. Case does not matter. */
export function createServerMechanism(name: string): ServerMechanism | undefined {
  return SERVERS.get(name.toUpperCase())?.()
}

/**
 * Begins an exchange; `undefined` where there is no such mechanism, or where it cannot carry these credentials (a NUL
 * or a lone surrogate in them, longer than 255 octets, an empty name or password, an `authorizationId` for LOGIN).
 */
export function createClientMechanism(name: string, credentials: ClientCredentials): ClientMechanism | undefined {
  return CLIENTS.get(name.toUpperCase())?.(credentials)
}

/**
 * The best mechanism that both sides know; `undefined` where there is none.
 *
 * @param offered As the server lists them, in any case and order.
 * @param usable What the client would use, best first; default `CLIENT_MECHANISMS`.
 */
export function chooseMechanism(
  offered: readonly string[],
  usable: readonly string[] = CLIENT_MECHANISMS,
): string | undefined {
  const names = new Set(offered.map((name) => name.toUpperCase()))
  return usable.find((name) => names.has(name.toUpperCase()))
}
