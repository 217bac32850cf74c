/** Mail from `smtp-source` of Postfix: it says HELO, waits for each reply, and fails at any that is not good. */

import { once } from 'node:events'
import type { Stage } from '../../stage.ts'
import { findPostfixTools } from './postfix-tools.ts'

/** What it sends. */
export interface SourceLoad {
  /** 1 and up. At least as many as there are sessions. */
  readonly messages: number
  readonly sessions: number
  /** Of the body of each message; its few header fields come on top. */
  readonly sizeBytes: number
  /** Of each message. */
  readonly recipients: number
  /** A session sends one message after the other; otherwise each message has a connection of its own. */
  readonly reused: boolean
}

/** Sends messages to a port of 127.0.0.1; resolves with the seconds it took. */
export type SmtpSource = (port: number, load: SourceLoad, limitMs: number) => Promise<number>

const KEPT_ERRORS = 2_000

/** Finds the program. It runs on the stage, uncounted. */
export async function openSmtpSource(stage: Stage): Promise<SmtpSource> {
  const { source, env } = await findPostfixTools()
  return async (port, load, limitMs) => {
    const args = sourceArguments(port, load)
    const startedAt = performance.now()
    const child = stage.spawn(source, args, { counted: false, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let errors = ''
    child.stderr?.on('data', (bytes) => {
      errors = (errors + String(bytes)).slice(-KEPT_ERRORS)
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs)
    try {
      const [code, signal] = await once(child, 'exit')
      const seconds = (performance.now() - startedAt) / 1_000
      if (code !== 0) throw new Error(`smtp-source ended with ${String(signal ?? code)}: ${errors.trim()}`)
      return seconds
    } finally {
      clearTimeout(timer)
    }
  }
}

/** The command line for a load. */
export function sourceArguments(port: number, load: SourceLoad): readonly string[] {
  const { messages, sessions, sizeBytes, recipients, reused } = load
  const amount = ['-m', String(messages), '-s', String(sessions), '-l', String(sizeBytes), '-r', String(recipients)]
  const who = ['-f', 'eve@example.org', '-t', 'ada@example.net', '-M', 'client.example.org']
  return [...amount, ...(reused ? ['-d'] : []), ...who, `127.0.0.1:${port}`]
}
