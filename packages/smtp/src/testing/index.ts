/**
 * Transcripts of SMTP and LMTP dialogues, as the RFCs print them, played against a server.
 *
 * @packageDocumentation
 */

// Transcripts
export { matchesPattern, parseTranscripts } from './transcript.ts'
export type { Transcript, TranscriptStep } from './transcript.ts'
export { TranscriptSyntaxError } from './transcript-settings.ts'
export type { TranscriptSettings } from './transcript-settings.ts'

// Where they play
export { playTranscript, TranscriptMismatchError } from './transcript-stage.ts'
export type { TranscriptPeer, TranscriptStage } from './transcript-stage.ts'
export { BARE_STAGES, byteByByte, createBareStage, seededPieces, whole } from './bare-stage.ts'
export type { Cut } from './bare-stage.ts'
export { createScriptedHandler } from './scripted-handler.ts'
export type { ScriptedHandler } from './scripted-handler.ts'
