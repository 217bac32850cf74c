/** The inner side of a contestant's process: answers what `contestant-process.ts` asks. */

import type { Measured, Work } from './benchmark.ts'
import type { Answer, Question } from './contestant-process.ts'

/** What a contestant's process does. Steps that do not matter to it are left out. */
export interface Served {
  /** Sets up; `tell` says how far it is. */
  readonly start?: (setup: Work, tell: (text: string) => void) => Promise<void>
  readonly prepare?: (work: Work, roundMs: number) => Promise<void>
  readonly measure: (work: Work, roundMs: number) => Promise<Measured>
  readonly finish?: (work: Work, roundMs: number) => Promise<void>
  /** Closes what is open; the process exits then. */
  readonly end?: () => Promise<void>
}

/** Answers until asked to end. The process also ends when the one that asks is gone. */
export function serveContestant(served: Served): void {
  if (process.send === undefined) throw new Error('This is started by the benchmark runner: pnpm bench')
  const send = (answer: Answer, then?: () => void): void => void process.send?.(answer, undefined, {}, then)
  process.on('disconnect', () => process.exit(1))
  process.on('message', (question: Question) => {
    answer(served, question, (text) => send({ kind: 'remark', text })).then(
      (measured) => {
        const then = question.step === 'end' ? () => process.exit(0) : undefined
        send({ kind: 'answer', measured: measured ?? null }, then)
      },
      (error: unknown) => {
        const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
        send({ kind: 'failure', message })
      },
    )
  })
}

async function answer(
  served: Served,
  { step, work, roundMs }: Question,
  tell: (text: string) => void,
): Promise<Measured | undefined | void> {
  switch (step) {
    case 'start':
      return served.start?.(work, tell)
    case 'prepare':
      return served.prepare?.(work, roundMs)
    case 'measure':
      return served.measure(work, roundMs)
    case 'finish':
      return served.finish?.(work, roundMs)
    case 'end':
      return served.end?.()
  }
}
