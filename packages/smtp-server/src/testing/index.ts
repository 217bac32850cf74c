/**
 * For tests: clients of a server without a network, transcripts on a whole server, and a server that does as it is told.
 *
 * @packageDocumentation
 */

// Clients of a server under test
export { connectTo } from './connect-to.ts'
export { LineClient } from './line-client.ts'

// Where transcripts play
export { createPairStage, createSocketStage } from './server-stages.ts'
export type { StageCertificate } from './server-stages.ts'

// A server for clients under test
export { startScriptedPeer } from './scripted-peer.ts'
export type { ScriptedPeer, ScriptedPeerOptions } from './scripted-peer.ts'
export type { PeerMoment, PeerRule, PeerScript } from './peer-rules.ts'
export type { PeerConversation } from './peer-conversation.ts'
export { after, deaf, drip, hangUp, inTurn, reset, silence } from './peer-move.ts'
export type { DripOptions, PeerAction, PeerMove } from './peer-move.ts'
