/** strace: programs run under it or looked at by it, and its output read. */

import { spawn, execFile } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { onPath, unpackDebian } from '@postroad/tooling-debian'

/** How to run strace. */
export interface Strace {
  readonly path: string
  readonly env: NodeJS.ProcessEnv
}

/** One system call, or the begin of one that never ended. Places are line numbers: the order in which strace saw them. */
export interface TracedCall {
  readonly thread: number
  readonly name: string
  /** As printed, without the parentheses. */
  readonly args: string
  readonly beganAt: number
  /** `Infinity` where it never ended. */
  readonly endedAt: number
  /** What was returned, as printed: `0`, `-1 ENOSPC (...)`; empty where it never ended. */
  readonly result: string
}

const run = promisify(execFile)
const PATIENCE_MS = 10_000

let found: Promise<Strace> | undefined

/** Finds strace, or unpacks the distribution's. */
export function findStrace(): Promise<Strace> {
  found ??= find()
  return found
}

async function find(): Promise<Strace> {
  const path = await onPath('strace')
  if (path !== undefined) return { path, env: process.env }
  const unpacked = await unpackDebian('strace', ['strace'])
  return { path: unpacked.path('usr/bin/strace'), env: unpacked.env }
}

/** Why nothing can be traced here; `undefined` where it can. */
export async function whyNoTrace(): Promise<string | undefined> {
  try {
    const { path, env } = await findStrace()
    await run(path, ['-f', '-o', '/dev/null', '-e', 'trace=fsync', 'true'], { env, timeout: PATIENCE_MS })
    return undefined
  } catch (error) {
    return `strace does not work here: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** Looks at a process that runs, all its threads, until `stop`; resolves once it looks. */
export async function attach(pid: number, args: readonly string[]): Promise<{ stop(): Promise<void> }> {
  const { path, env } = await findStrace()
  const child = spawn(path, ['-f', ...args, '-p', String(pid)], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(child, 'close')
  let said = ''
  await new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes(' attached')) resolve()
    })
    child.once('error', reject)
    child.once('close', () => reject(new Error(`strace ended: ${said}`)))
  })
  return {
    stop: async () => {
      child.kill('SIGINT')
      await ended
    },
  }
}

const WHOLE = /^(\d+) +(\w+)\((.*)\) += (.+)$/
const BEGUN = /^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$/
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (.+)$/
/** The thread died in it. */
const CUT = /^(\d+) +(\w+)\((.*)\) += \?$/

/** Reads what `strace -f -o FILE` wrote. */
export function parseTrace(text: string): readonly TracedCall[] {
  const calls: TracedCall[] = []
  const open = new Map<string, { readonly args: string; readonly beganAt: number }>()
  for (const [at, line] of text.split('\n').entries()) {
    const begun = BEGUN.exec(line)
    if (begun !== null) {
      open.set(begun[1] ?? '', { args: begun[3] ?? '', beganAt: at })
      continue
    }
    const resumed = RESUMED.exec(line)
    if (resumed !== null) {
      const [, thread = '', name = '', rest = '', result = ''] = resumed
      const { args, beganAt } = open.get(thread) ?? { args: '', beganAt: at }
      open.delete(thread)
      calls.push({ thread: Number(thread), name, args: args + rest, beganAt, endedAt: at, result })
      continue
    }
    const cut = CUT.exec(line)
    const [, thread = '', name = '', args = '', result = ''] = cut ?? WHOLE.exec(line) ?? []
    if (name === '') continue
    const endedAt = cut === null ? at : Infinity
    calls.push({ thread: Number(thread), name, args, beganAt: at, endedAt, result: cut === null ? result : '' })
  }
  return calls
}

/** The path of the file that the call's first argument is, as `strace -y` prints it; empty where there is none. */
export function pathOf({ args }: TracedCall): string {
  return /^(?:\d+|AT_FDCWD)<([^>]*)>/.exec(args)?.[1] ?? ''
}
