/** Starts a program of this folder as a process of its own, and reads what it prints, line by line. */

import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { onTestFinished } from 'vitest'

/** A program that runs. */
export interface Program {
  readonly child: ChildProcessByStdio<Writable, Readable, null>
  /** Every line so far. */
  readonly lines: readonly string[]
  /** Waits until it has printed a line. */
  readonly printed: (line: string) => Promise<void>
  /** Ends its input, and waits for its end. */
  readonly end: () => Promise<void>
}

/** Starts it; it is killed with the test. */
export function start(name: string, ...args: readonly string[]): Program {
  const child = spawn(process.execPath, [...process.execArgv, join(import.meta.dirname, name), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  let rest = ''
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
    child.emit('lines')
  })
  const closed = once(child, 'close')
  return {
    child,
    lines,
    printed: async (line) => {
      while (!lines.includes(line)) await once(child, 'lines')
    },
    end: async () => {
      child.stdin.end()
      await closed
    },
  }
}
