/** Sinks on Node, each alone in a process: its modules are loaded when it is chosen, so that nobody carries another's. */

import type { Certificate } from './certificate.ts'

/** What stands behind a port of 127.0.0.1. */
export interface OpenSink {
  /** Connections at this moment. */
  readonly connections: () => number
  readonly close: () => Promise<void>
}

/** How one is opened. */
export interface NodeSinkOptions {
  readonly port: number
  readonly tls: Certificate | undefined
  /** CHUNKING is offered where it can be. */
  readonly chunking: boolean
}

/** By the name that the process is given. */
export const NODE_SINKS = {
  postroad: async (options: NodeSinkOptions) => (await import('./postroad-sink.ts')).openPostroadSink(options),
  'smtp-server': async (options: NodeSinkOptions) => (await import('./smtp-server-sink.ts')).openPeerSink(options),
  blind: async (options: NodeSinkOptions) => (await import('./blind-sink.ts')).openBlindSink(options),
} as const satisfies Readonly<Record<string, (options: NodeSinkOptions) => Promise<OpenSink>>>

/** A sink on Node. */
export type NodeSinkKind = keyof typeof NODE_SINKS
