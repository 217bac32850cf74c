/** `smtp-sink` of Postfix: in C, one process, discards. Offers PIPELINING and 8BITMIME to who says EHLO; no TLS. */

import type { ChildProcess } from 'node:child_process'
import { freePort } from '../../port.ts'
import type { Stage } from '../../stage.ts'
import { awaitPort } from './await-port.ts'
import { findPostfixTools } from './postfix-tools.ts'
import type { Sink, SinkOptions } from './sink.ts'

const BACKLOG = 1_024

/** Starts one. */
export async function startSmtpSink(
  stage: Stage,
  { counted = true }: SinkOptions = {},
): Promise<Sink & { readonly child: ChildProcess }> {
  const { sink, env } = await findPostfixTools()
  const port = await freePort()
  // As root it wants to be told whom to become.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const args = [...user, '-h', 'mx.example.net', `127.0.0.1:${port}`, String(BACKLOG)]
  const child = stage.spawn(sink, args, { counted, env, cwd: stage.folder })
  await awaitPort(port, child, 'smtp-sink')
  return { port, child }
}
