/** The child processes of a run: started, heard, killed by SIGKILL, and replaced. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ledger } from './ledger.ts'
import type { MemberPlan } from './member.ts'
import { instantNow, parseReport, type Report } from './report.ts'

/** What a process does: a file in `programs`. */
export type Role = 'producer' | 'worker' | 'serial' | 'tail' | 'warm'

/** How a process is started. */
export interface StartMember {
  readonly role: Role
  readonly plan: Omit<MemberPlan, 'process'>
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** A program that runs it, with its arguments: a tracer. It must end with the process and by the same signal. */
  readonly under?: readonly string[]
}

/** One process. */
export interface Member {
  readonly role: Role
  readonly process: number
  /** Its own pid, once it is ready. */
  readonly pid: number
  /** Resolves with what it wrote as an error once it is gone and everything it told was heard. */
  readonly gone: Promise<string>
  /** Resolves once its store is open; rejects where it ends before. */
  readonly ready: Promise<void>
  readonly isGone: boolean
  signal(signal: NodeJS.Signals): void
}

const PROGRAMS = join(import.meta.dirname, 'programs')

/** All processes of one run. Each has a number of its own, also those that replace others. */
export class Crew implements AsyncDisposable {
  readonly #ledger: Ledger
  readonly #members = new Set<Member>()
  readonly #listeners = new Set<(report: Report, member: Member) => void>()
  readonly #cache: string
  #count = 0

  private constructor(ledger: Ledger, cache: string) {
    this.#ledger = ledger
    this.#cache = cache
  }

  /** A crew without anybody. Code is compiled once: who is killed leaves nothing in the cache for who comes next. */
  static async open(ledger: Ledger): Promise<Crew> {
    const crew = new Crew(ledger, await mkdtemp(join(tmpdir(), 'postroad-kills-code-')))
    const target = { kind: 'sqlite', folder: join(crew.#cache, 'store') } as const
    await crew.start({ role: 'warm', plan: { target, seed: 0, leaseMs: 0, loops: 1 } }).gone
    return crew
  }

  /** Those that live. */
  get members(): readonly Member[] {
    return [...this.#members]
  }

  /** Calls for every report; gives what ends that. */
  listen(listener: (report: Report, member: Member) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Starts a process. */
  start({ role, plan, environment, under = [] }: StartMember): Member {
    const number = (this.#count += 1)
    const node = ['--conditions=@postroad/source', '--no-warnings', join(PROGRAMS, `${role}.ts`)]
    const argument = JSON.stringify({ ...plan, process: number })
    const [tracer, ...tracing] = under
    const file = tracer ?? process.execPath
    const args = [...tracing, ...(tracer === undefined ? [] : [process.execPath]), ...node, argument]
    const child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: this.#cache, ...environment },
    })
    const member = this.#hear(child, role, number)
    this.#members.add(member)
    return member
  }

  /** Kills processes at once, and waits until they are gone and heard out. */
  async kill(...members: readonly Member[]): Promise<void> {
    for (const member of members) member.signal('SIGKILL')
    await Promise.all(members.map((member) => member.gone))
  }

  /** Kills everybody. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill(...this.#members)
    await rm(this.#cache, { recursive: true, force: true })
  }

  #hear(child: ChildProcess, role: Role, number: number): Member {
    const { stdout, stderr, pid } = child
    if (stdout === null || stderr === null || pid === undefined) throw new Error(`${role} could not be started`)
    let complaints = ''
    let isGone = false
    /** Its own pid: under a tracer the child is the tracer. */
    let own = pid
    stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints = (complaints + text).slice(-10_000)
    })
    child.stdin?.on('error', () => {})
    let isReady: () => void = () => {}
    let isNeverReady: (error: Error) => void = () => {}
    const ready = new Promise<void>((resolve, reject) => {
      isReady = resolve
      isNeverReady = reject
    })
    // Nobody may wait for it.
    ready.catch(() => {})
    const gone = once(child, 'close').then(() => {
      isGone = true
      this.#members.delete(member)
      this.#ledger.died(number, instantNow())
      isNeverReady(new Error(`${role} ${number} ended before it was ready:\n${complaints}`))
      if (child.signalCode !== 'SIGKILL' && child.exitCode !== 0 && child.exitCode !== 137) {
        this.#ledger.faults.push(
          `${role} ${number} ended by itself (${child.exitCode ?? child.signalCode}): ${complaints}`,
        )
      }
      return complaints
    })
    const member: Member = {
      role,
      process: number,
      get pid() {
        return own
      },
      gone,
      ready,
      get isGone() {
        return isGone
      },
      signal: (signal) => {
        if (isGone) return
        if (own === pid) child.kill(signal)
        else signalTraced(own, signal)
        // A tracer that is killed lets go of what it traces: that ends with its input.
        if (signal === 'SIGKILL') child.stdin?.destroy()
      },
    }
    const hear = (line: string): void => {
      const report = parseReport(line)
      if (report.kind === 'ready') {
        own = report.pid
        isReady()
      }
      this.#ledger.add(number, report)
      for (const listener of this.#listeners) listener(report, member)
    }
    let rest = ''
    stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      // What has no end yet is cut for ever where the process was killed.
      rest = lines.pop() ?? ''
      for (const line of lines) hear(line)
    })
    return member
  }
}

function signalTraced(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It is gone already.
  }
}
