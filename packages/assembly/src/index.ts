/**
 * What the apps share: opening the configured adapters, and the life of a process.
 *
 * @packageDocumentation
 */

// Parts
export { openParts } from './parts.ts'
export type { KeyPair, Parts } from './parts.ts'
export { checkStore } from './open-store.ts'
export type { StoreCheck, StoreFinding } from './open-store.ts'
export { openResolver } from './resolver.ts'
export { findPostmaster } from './postmaster.ts'
export { CannotOpenError, opening } from './cannot-open.ts'

// Services
export { listenAll } from './service.ts'
export type { Listener, PlannedListener, Service } from './service.ts'

// Processes
export { nodeProblem } from './node-version.ts'
export { loadFrom, readConfig, runConfigured, runProgram } from './run.ts'
export type { Program } from './run.ts'
