/**
 * A contestant that lives in a Node process of its own: this side starts it and asks it, `serve-contestant.ts` answers.
 *
 * It runs on the pinned Node and, by the condition `@postroad/source`, on our source. Type stripping leaves the code as
 * it is and costs start-up alone, so a build is not needed and cannot be stale; what measures a start says so.
 */

import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Measured, Running, Work } from './benchmark.ts'
import { ROOT, type Stage } from './stage.ts'

/** The Node that the repository pins; where it is not installed, the one that runs this. */
export const NODE: string =
  [join(ROOT, 'node_modules/node/bin/node')].find((path) => existsSync(path)) ?? process.execPath

/** What a contestant's process is asked to do. */
export type Step = 'start' | 'prepare' | 'measure' | 'finish' | 'end'

/** From us to the process. */
export interface Question {
  readonly step: Step
  readonly work: Work
  readonly roundMs: number
}

/** From the process to us: one answer to each question, in order, and remarks between them. */
export type Answer =
  | { readonly kind: 'answer'; readonly measured: Measured | null }
  | { readonly kind: 'failure'; readonly message: string }
  | { readonly kind: 'remark'; readonly text: string }

/** A process that is asked. One question at a time. */
export interface ContestantProcess extends Running {
  /** Ends it in good order: closes its stores, then exits. */
  readonly end: () => Promise<void>
}

/** How long it may take until a step is answered, in milliseconds, beside the length of the round. */
const ANSWER_WITHIN_MS: Readonly<Record<Step, number>> = {
  start: 1_800_000,
  prepare: 300_000,
  measure: 120_000,
  finish: 300_000,
  end: 60_000,
}
const KEPT_ERRORS = 4_000

/**
 * Starts one.
 *
 * @param module The file to run; it calls `serveContestant`.
 * @param setup What its `start` is told.
 * @param options `counted: false` for one that only helps, such as the builder of a backlog; `flags`: for Node; `env`
 *   beside this process's environment; `built`: on what was built of our packages, not on their sources.
 */
export async function startContestant(
  stage: Stage,
  module: URL,
  setup: Work,
  {
    flags = [],
    env,
    built = false,
    ...options
  }: {
    readonly counted?: boolean
    readonly flags?: readonly string[]
    readonly env?: NodeJS.ProcessEnv
    readonly built?: boolean
  } = {},
): Promise<ContestantProcess> {
  const source = built ? [] : ['--conditions=@postroad/source']
  const args = [...flags, ...source, '--no-warnings', module.pathname]
  const child = stage.spawn(NODE, args, {
    ...options,
    ...(env !== undefined && { env: { ...process.env, ...env } }),
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let errors = ''
  child.stderr?.on('data', (bytes) => {
    errors = (errors + String(bytes)).slice(-KEPT_ERRORS)
  })
  const gone = once(child, 'close').then(
    ([code, signal]) => new Error(`The process ended (${String(signal ?? code)}).\n${errors}`),
    (cause: unknown) => new Error('The process could not be started.', { cause }),
  )

  const ask = async (step: Step, work: Work, roundMs = 0): Promise<Measured | undefined> => {
    const question: Question = { step, work, roundMs }
    let timer: NodeJS.Timeout | undefined
    let listen: ((message: Answer) => void) | undefined
    try {
      return await new Promise<Measured | undefined>((resolve, reject) => {
        listen = (message) => {
          if (message.kind === 'remark') return stage.tell(message.text)
          if (message.kind === 'failure') return reject(new Error(message.message))
          resolve(message.measured ?? undefined)
        }
        child.on('message', listen)
        void gone.then(reject)
        const limit = ANSWER_WITHIN_MS[step] + 20 * roundMs
        timer = setTimeout(
          () => reject(new Error(`No answer to "${step}" within ${limit / 1_000} s.\n${errors}`)),
          limit,
        )
        child.send(question, (error) => error !== null && error !== undefined && reject(error))
      })
    } finally {
      clearTimeout(timer)
      if (listen !== undefined) child.removeListener('message', listen)
    }
  }

  await ask('start', setup)
  return {
    prepare: async (work, roundMs) => void (await ask('prepare', work, roundMs)),
    measure: async (work, roundMs) => {
      const measured = await ask('measure', work, roundMs)
      if (measured === undefined) throw new Error('The contestant measured nothing.')
      return measured
    },
    finish: async (work, roundMs) => void (await ask('finish', work, roundMs)),
    end: async () => {
      await ask('end', {})
      await gone
    },
  }
}
