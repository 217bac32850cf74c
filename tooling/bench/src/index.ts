/** One harness for all benchmarks. */

// What a benchmark is made of
export type { Benchmark, Case, Contestant, Measured, Running, Scale, Scene, Work } from './benchmark.ts'
export { Stage } from './stage.ts'
export type { SpawnOptions } from './stage.ts'
export { claimPort, freePort } from './port.ts'

// A contestant on Node
export { NODE, startContestant } from './contestant-process.ts'
export type { ContestantProcess } from './contestant-process.ts'
export { serveContestant } from './serve-contestant.ts'
export type { Served } from './serve-contestant.ts'

// Running and reporting
export { runScene } from './rounds.ts'
export type { CaseResult, RunOptions, Turn } from './rounds.ts'
export { rowsOf, tableOf } from './report.ts'
export type { Row } from './report.ts'
