/** One run of `pnpm bench`: what is listed or run, where it is written, with which status it ends. */

import { access, constants, rename, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { dirname, resolve } from 'node:path'
import { readArguments } from './arguments.ts'
import type { Benchmark, Scene } from './benchmark.ts'
import { BENCHMARKS, findBenchmarks, knownNames } from './catalogue.ts'
import { nearest } from './nearest.ts'
import { createProgress, type ProgressTarget } from './progress.ts'
import { type Row, rowsOf, tableOf } from './report.ts'
import { runScene, type RunOptions } from './rounds.ts'

/** What a run needs of the process. */
export interface SessionOptions {
  readonly args: readonly string[]
  readonly stdout: { write(text: string): unknown }
  readonly stderr: ProgressTarget
  readonly signal: AbortSignal
  /** Default: all benchmarks there are. */
  readonly benchmarks?: readonly Benchmark[]
  readonly openStage?: RunOptions['openStage']
}

const ROUNDS = 5
const QUICK_ROUNDS = 2

/** Runs; gives the exit status: 0, or 1 where a contestant failed, 2 where the arguments are wrong. */
export async function runSession(options: SessionOptions): Promise<number> {
  const { args, stdout, stderr, signal, benchmarks = BENCHMARKS } = options
  const request = readArguments(args)
  if (request.kind === 'wrong') return refuse(stderr, request.message)
  if (request.kind === 'list') {
    stdout.write(listOf(benchmarks))
    return 0
  }
  const chosen = findBenchmarks(request.name, benchmarks)
  if (chosen.length === 0) {
    const near = nearest(request.name, knownNames(benchmarks))
    return refuse(stderr, `there is no "${request.name}"${near === undefined ? '' : `; the nearest is "${near}"`}`)
  }
  const rounds = request.rounds ?? (request.quick ? QUICK_ROUNDS : ROUNDS)
  const plan = chosen.map((benchmark) => ({
    benchmark,
    scenes: withCases(benchmark.scenes({ quick: request.quick }), request.case),
  }))
  if (plan.every(({ scenes }) => scenes.length === 0)) {
    const names = plan.flatMap(({ benchmark }) =>
      benchmark.scenes({ quick: request.quick }).flatMap((scene) => scene.cases.map((one) => one.name)),
    )
    return refuse(stderr, `no case has "${request.case}" in its name; there are:\n  ${names.join('\n  ')}`)
  }
  const file = request.json === undefined ? undefined : resolve(request.json)
  if (file !== undefined && !(await canWriteIn(dirname(file)))) {
    return refuse(stderr, `${file} cannot be written: its folder is not there or not ours`)
  }

  const progress = createProgress(stderr)
  const rows: Row[] = []
  const write = async (): Promise<void> => {
    if (file === undefined) return
    await writeFile(`${file}.part`, `${JSON.stringify(rows, undefined, 2)}\n`)
    await rename(`${file}.part`, file)
  }
  stdout.write(`${machine()}; medians of ${rounds} rounds\n`)
  try {
    for (const { benchmark, scenes } of plan) {
      if (scenes.length > 0) stdout.write(`\n${benchmark.name}: ${benchmark.about}\n`)
      for (const scene of scenes) {
        await runScene(scene, {
          rounds,
          signal,
          tell: (step, detail) => progress.show(`${benchmark.name}: ${step}`, detail),
          onCase: async (results) => {
            progress.clear()
            stdout.write(`\n${tableOf(results)}\n`)
            rows.push(...rowsOf(benchmark.name, results))
            // What is done stays, whatever comes after.
            await write()
          },
          ...(options.openStage !== undefined && { openStage: options.openStage }),
        })
      }
    }
  } catch (error) {
    progress.clear()
    stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
  progress.clear()
  await write()
  return 0
}

function refuse(stderr: ProgressTarget, message: string): number {
  stderr.write(`bench: ${message}\nusage: pnpm bench [NAME [--quick] [--rounds N] [--case TEXT] [--json FILE]]\n`)
  return 2
}

function listOf(benchmarks: readonly Benchmark[]): string {
  const names = knownNames(benchmarks)
  const width = Math.max(0, ...names.map((name) => name.length))
  const lines = names.map((name) => {
    const exact = benchmarks.find((benchmark) => benchmark.name === name)
    return `  ${name.padEnd(width)}  ${exact?.about ?? `All whose name begins with ${name}-, one after the other.`}`
  })
  return `pnpm bench NAME [--quick] [--rounds N] [--case TEXT] [--json FILE]\n\n${lines.join('\n')}\n`
}

/** The scenes with the cases whose name has `text` in it; without those that have none. */
function withCases(scenes: readonly Scene[], text: string | undefined): readonly Scene[] {
  if (text === undefined) return scenes
  const part = text.toLowerCase()
  return scenes
    .map((scene) => ({ ...scene, cases: scene.cases.filter(({ name }) => name.toLowerCase().includes(part)) }))
    .filter(({ cases }) => cases.length > 0)
}

async function canWriteIn(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK).then(
    () => true,
    () => false,
  )
}

function machine(): string {
  const processors = cpus()
  return `${processors.length} x ${processors[0]?.model.trim() ?? 'CPU'}, Node ${process.versions.node}`
}
