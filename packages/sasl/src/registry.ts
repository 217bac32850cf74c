/** Makes the machines of mechanisms by name, and chooses the best one for a client. */

import type { ClientContext } from './client-context.ts'
import type { ClientMechanism } from './client-mechanism.ts'
import { createCramMd5Client, createCramMd5Server } from './cram-md5.ts'
import type { ClientCredentials } from './credentials.ts'
import { createExternalClient, createExternalServer } from './external.ts'
import { createLoginClient, createLoginServer } from './login.ts'
import { findMechanism, MECHANISMS } from './mechanisms.ts'
import { createOauthBearerClient, createOauthBearerServer } from './oauthbearer.ts'
import { createPlainClient, createPlainServer } from './plain.ts'
import { createScramClient } from './scram-client.ts'
import type { ScramName } from './scram-keys.ts'
import { createScramServer } from './scram-server.ts'
import type { ServerContext } from './server-context.ts'
import type { ServerMechanism } from './server-mechanism.ts'
import { createXoauth2Client, createXoauth2Server } from './xoauth2.ts'

type MakeServer = (context: ServerContext) => ServerMechanism | undefined
type MakeClient = (credentials: ClientCredentials, context: ClientContext) => ClientMechanism | undefined

const scramServer =
  (mechanism: ScramName, plus: boolean): MakeServer =>
  (context) =>
    createScramServer(mechanism, plus, context)

const scramClient =
  (mechanism: ScramName, plus: boolean): MakeClient =>
  (credentials, context) =>
    isPassword(credentials) ? createScramClient(mechanism, plus, credentials, context) : undefined

const SERVERS: ReadonlyMap<string, MakeServer> = new Map([
  ['SCRAM-SHA-256-PLUS', scramServer('SCRAM-SHA-256', true)],
  ['SCRAM-SHA-256', scramServer('SCRAM-SHA-256', false)],
  ['SCRAM-SHA-1-PLUS', scramServer('SCRAM-SHA-1', true)],
  ['SCRAM-SHA-1', scramServer('SCRAM-SHA-1', false)],
  ['CRAM-MD5', createCramMd5Server],
  ['OAUTHBEARER', createOauthBearerServer],
  ['XOAUTH2', createXoauth2Server],
  ['EXTERNAL', createExternalServer],
  ['PLAIN', createPlainServer],
  ['LOGIN', createLoginServer],
])

const CLIENTS: ReadonlyMap<string, MakeClient> = new Map<string, MakeClient>([
  ['SCRAM-SHA-256-PLUS', scramClient('SCRAM-SHA-256', true)],
  ['SCRAM-SHA-256', scramClient('SCRAM-SHA-256', false)],
  ['SCRAM-SHA-1-PLUS', scramClient('SCRAM-SHA-1', true)],
  ['SCRAM-SHA-1', scramClient('SCRAM-SHA-1', false)],
  ['CRAM-MD5', (login, context) => (isPassword(login) ? createCramMd5Client(login, context) : undefined)],
  ['OAUTHBEARER', (login) => (login.kind === 'token' ? createOauthBearerClient(login) : undefined)],
  ['XOAUTH2', (login) => (login.kind === 'token' ? createXoauth2Client(login) : undefined)],
  ['EXTERNAL', (login) => (login.kind === 'external' ? createExternalClient(login) : undefined)],
  ['PLAIN', (login) => (isPassword(login) ? createPlainClient(login) : undefined)],
  ['LOGIN', (login) => (isPassword(login) ? createLoginClient(login) : undefined)],
])

/**
 * Begins an exchange; `undefined` where there is no such mechanism, or where the context lacks what it needs. Case does
 * not matter. Whether the mechanism may be used on this channel is the caller's to know (`offerMechanisms`).
 *
 * @throws {SaslKeysError} where a mechanism of SCRAM is given a decoy that could not pass for anybody.
 */
export function createServerMechanism(name: string, context: ServerContext = {}): ServerMechanism | undefined {
  return SERVERS.get(name.toUpperCase())?.(context)
}

/**
 * Begins an exchange; `undefined` where there is no such mechanism, where the context lacks what it needs, or where it
 * cannot carry these credentials: of another kind, a NUL or a lone surrogate in them, longer than 255 octets, an empty
 * name or password, an `authorizationId` for LOGIN or CRAM-MD5, what SASLprep refuses for SCRAM.
 */
export function createClientMechanism(
  name: string,
  credentials: ClientCredentials,
  context: ClientContext = {},
): ClientMechanism | undefined {
  return CLIENTS.get(name.toUpperCase())?.(credentials, context)
}

/** What a client is ready to do. */
export interface ChoiceContext extends ClientContext {
  /** The password or token may be shown to the server: TLS, and the server verified. Default false. */
  readonly confidential?: boolean
  /** What the client would use, best first, in any case; default `CLIENT_MECHANISMS`. */
  readonly usable?: readonly string[]
}

/**
 * What a client uses, best first: SCRAM before what shows the password. CRAM-MD5 is left out: a server that has it
 * stores passwords in the clear, and proves nothing; name it in `usable` for one that has nothing better.
 */
export const CLIENT_MECHANISMS: readonly string[] = MECHANISMS.map(({ name }) => name).filter(
  (name) => name !== 'CRAM-MD5',
)

/**
 * Begins the best exchange that the server offers, the client would use, the channel allows, and the credentials fit;
 * `undefined` where there is none.
 *
 * @param offered As the server lists them, in any case and order.
 */
export function chooseMechanism(
  offered: readonly string[],
  credentials: ClientCredentials,
  context: ChoiceContext = {},
): ClientMechanism | undefined {
  const { confidential = false, usable = CLIENT_MECHANISMS } = context
  const names = new Set(offered.map((name) => name.toUpperCase()))
  for (const name of usable) {
    const mechanism = findMechanism(name)
    if (mechanism === undefined || !names.has(mechanism.name)) continue
    if (mechanism.secrecy === 'plain' && !confidential) continue
    const exchange = createClientMechanism(name, credentials, { ...context, offered })
    if (exchange !== undefined) return exchange
  }
  return undefined
}

function isPassword(credentials: ClientCredentials): credentials is Extract<ClientCredentials, { password: string }> {
  return 'password' in credentials
}
