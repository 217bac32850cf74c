/** Starts a sink on Node in a process of its own. */

import { type ContestantProcess, startContestant } from '../../contestant-process.ts'
import { freePort } from '../../port.ts'
import type { Stage } from '../../stage.ts'
import type { NodeSinkKind } from './node-sinks.ts'
import type { Sink, SinkOptions } from './sink.ts'

const PROCESS = new URL('sink-process.ts', import.meta.url)

/** What only sinks on Node are told. */
export interface NodeSinkStart extends SinkOptions {
  /** Offers CHUNKING where it can; true. */
  readonly chunking?: boolean
  /** Descriptors it needs; absent: few. */
  readonly descriptors?: number
  /** Beside this process's environment. */
  readonly env?: NodeJS.ProcessEnv
  /** On what was built of our packages; false: on their sources. */
  readonly built?: boolean
}

/** Starts one. */
export async function startNodeSink(
  stage: Stage,
  kind: NodeSinkKind,
  { tls, counted = true, chunking = true, descriptors, env, built = false }: NodeSinkStart = {},
): Promise<Sink & { readonly process: ContestantProcess }> {
  const port = await freePort()
  const setup = { sink: kind, port, chunking, ...tls, ...(descriptors !== undefined && { descriptors }) }
  const options = { counted, built, ...(env !== undefined && { env }) }
  return { port, process: await startContestant(stage, PROCESS, setup, options) }
}
