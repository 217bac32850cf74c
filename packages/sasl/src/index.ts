/**
 * SASL mechanisms (RFC 4422), both sides, as pure challenge and response.
 *
 * Bytes here are the mechanism's own; base64 and the words of the protocol that carries them are the caller's.
 *
 * @packageDocumentation
 */

// Which mechanisms there are
export { findMechanism, MECHANISMS, offerMechanisms } from './mechanisms.ts'
export type { Mechanism, MechanismSituation } from './mechanisms.ts'

// The server's side
export { createServerMechanism } from './registry.ts'
export type { ServerContext } from './server-context.ts'
export type {
  CertificateCredentials,
  PasswordCredentials,
  ProofCredentials,
  ServerCredentials,
  TokenCredentials,
  TokenRefusal,
} from './server-credentials.ts'
export type { ServerFailure, ServerMechanism, ServerStep } from './server-mechanism.ts'

// What a server stores for SCRAM
export { deriveScramKeys, verifyScramPassword } from './scram-keys.ts'
export type { ScramDecoy, ScramKeyOptions, ScramKeys, ScramName } from './scram-keys.ts'

// The client's side
export { chooseMechanism, CLIENT_MECHANISMS, createClientMechanism } from './registry.ts'
export type { ChoiceContext } from './registry.ts'
export type { ClientContext } from './client-context.ts'
export type { ClientCredentials, ExternalLogin, PasswordLogin, TokenLogin } from './credentials.ts'
export type {
  ClientEnd,
  ClientFailed,
  ClientFailure,
  ClientMechanism,
  ClientStep,
  KeyDerivation,
} from './client-mechanism.ts'

// The channel below
export {
  CHANNEL_BINDING_TYPES,
  chooseChannelBinding,
  digestServerCertificate,
  EXPORTER_LABEL,
} from './channel-binding.ts'
export type { ChannelBinding, ChannelBindingType } from './channel-binding.ts'

// Names and passwords
export { saslprep } from './saslprep.ts'
export type { SaslprepUse } from './saslprep.ts'

// Our own mistakes
export { SaslKeysError, SaslOrderError } from './errors.ts'
