/**
 * SASL mechanisms (RFC 4422), both sides, as pure challenge and response.
 *
 * Bytes here are the mechanism's own; base64 and the words of the protocol that carries them are the caller's.
 *
 * @packageDocumentation
 */

// Which mechanisms there are
export {
  chooseMechanism,
  CLIENT_MECHANISMS,
  createClientMechanism,
  createServerMechanism,
  SERVER_MECHANISMS,
} from './registry.ts'

// The server's side
export type { PasswordCredentials, ServerMechanism, ServerStep } from './server-mechanism.ts'

// The client's side
export type { ClientMechanism } from './client-mechanism.ts'
export type { ClientCredentials } from './credentials.ts'

// Our own mistakes
export { SaslOrderError } from './errors.ts'
