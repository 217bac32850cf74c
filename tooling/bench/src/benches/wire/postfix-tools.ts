/** `smtp-source` and `smtp-sink` of Postfix: the load generator and the peer that are written in C. */

import { delimiter } from 'node:path'
import { onPath, unpackDebian } from '@postroad/tooling-debian'

/** How to run them. */
export interface PostfixTools {
  readonly source: string
  readonly sink: string
  readonly env: NodeJS.ProcessEnv
}

/** Finds the installed ones, or unpacks those of the distribution; nothing is installed. */
export async function findPostfixTools(): Promise<PostfixTools> {
  const [source, sink] = await Promise.all(['smtp-source', 'smtp-sink'].map(onPath))
  if (source !== undefined && sink !== undefined) return { source, sink, env: process.env }
  const { path, env } = await unpackDebian('postfix-tools', ['postfix'])
  return {
    source: path('usr/sbin/smtp-source'),
    sink: path('usr/sbin/smtp-sink'),
    // Its own libraries lie in a folder of their own.
    env: { ...env, LD_LIBRARY_PATH: [path('usr/lib/postfix'), env['LD_LIBRARY_PATH'] ?? ''].join(delimiter) },
  }
}
