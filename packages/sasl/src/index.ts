/**
 * SASL mechanisms (RFC 4422), both sides, as pure challenge and response.
 *
 * @packageDocumentation
 */

export type { ClientMechanism } from './client-mechanism.ts'
export type { PasswordCredentials, ServerMechanism, ServerStep } from './server-mechanism.ts'
