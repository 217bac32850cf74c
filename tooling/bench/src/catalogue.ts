/** All benchmarks. */

import type { Benchmark } from './benchmark.ts'
import { formatsAddresses, formatsConvert, formatsHeaders, formatsHostile, formatsWalk } from './benches/formats.ts'
import { storeBacklog } from './benches/store-backlog.ts'
import { storeCycle } from './benches/store-cycle.ts'
import { storeEnqueue } from './benches/store-enqueue.ts'
import { storeLoop } from './benches/store-loop.ts'
import { storeOpen } from './benches/store-open.ts'
import { wireAccept } from './benches/wire-accept.ts'
import { wireIdle } from './benches/wire-idle.ts'
import { wireLarge } from './benches/wire-large.ts'
import { wirePipelined } from './benches/wire-pipelined.ts'
import { wireSend } from './benches/wire-send.ts'
import { wireTls } from './benches/wire-tls.ts'

/** In the order in which they are listed. */
export const BENCHMARKS: readonly Benchmark[] = [
  storeEnqueue,
  storeCycle,
  storeBacklog,
  storeOpen,
  storeLoop,
  formatsAddresses,
  formatsHeaders,
  formatsWalk,
  formatsConvert,
  formatsHostile,
  wireAccept,
  wirePipelined,
  wireTls,
  wireIdle,
  wireLarge,
  wireSend,
]

/** Benchmarks whose name is `name`, or begins with it and a hyphen: `store` is all of the store's. */
export function findBenchmarks(name: string, all: readonly Benchmark[] = BENCHMARKS): readonly Benchmark[] {
  const exact = all.filter((benchmark) => benchmark.name === name)
  return exact.length > 0 ? exact : all.filter((benchmark) => benchmark.name.startsWith(`${name}-`))
}

/** What `findBenchmarks` knows: the names, and what several of them begin with. */
export function knownNames(all: readonly Benchmark[] = BENCHMARKS): readonly string[] {
  const names = all.map((benchmark) => benchmark.name)
  const families = names.map((name) => name.split('-')[0] ?? '')
  return [...new Set([...families.filter((family, at) => families.indexOf(family) !== at), ...names])]
}
