/**
 * The model test of a store: random operations against the port, and against a simple model written from the port's
 * comments alone. What the port leaves open, the store chooses, and the model follows.
 *
 * Needs `fast-check` beside vitest.
 */

import { describe, it } from 'vitest'
import type { OpenOptions, StoreHarness } from './harness.ts'
import { createOperations } from './model-arbitrary.ts'
import { MODEL_CASES } from './model-cases.ts'
import { finishRun } from './model-finish.ts'
import { formatOperations, type ModelOperation } from './model-operation.ts'
import { runOperation } from './model-run.ts'
import { MODEL_QUEUE } from './model-state.ts'
import { ModelWorld } from './model-world.ts'
import { contractTest } from './harness.ts'
import type { Store } from '../index.ts'

/** How many runs, and of what. */
export interface ModelOptions {
  /** Runs, each of a list of operations of its own. Default 100. */
  readonly runs?: number
  /** Where the runs begin; the same seed gives the same runs. Default 1. */
  readonly seed?: number
  /** The most operations of a run. Default 60. */
  readonly operations?: number
  /**
   * Whether runs share one store, each with names of its own and an empty queue, where opening is dear. After a fault
   * another is opened. Default false.
   */
  readonly shared?: boolean
  /** Looks behind the ports after each run, when everything was worked off and swept: what is left that should not be. */
  readonly leftovers?: () => Promise<readonly string[]>
  /** How long all runs may take, in milliseconds. Default 120,000. */
  readonly timeoutMs?: number
  /** Told after each run. */
  readonly onRun?: (runs: number, operations: number) => void
}

/** Registers the model test, and the cases that it has found. Call it once per implementation. */
export function describeStoreModel(name: string, harness: StoreHarness, options: ModelOptions = {}): void {
  describe(`${name} behaves as the model of the port`, () => {
    const test = contractTest(harness, 'model')
    for (const [name, operations] of Object.entries(MODEL_CASES)) {
      test(name, () => runModelCase(harness, operations, options))
    }
    const { timeoutMs = 120_000 } = options
    it('under random operations', { timeout: timeoutMs }, () => checkStoreModel(harness, options))
  })
}

/**
 * Runs random operations, without vitest.
 *
 * @throws {Error} With the shrunk operations of the first run that faulted, as text to paste.
 */
export async function checkStoreModel(harness: StoreHarness, options: ModelOptions = {}): Promise<void> {
  const fc = await import('fast-check')
  const { runs = 100, seed = 1, operations: length = 60 } = options
  const bench = new ModelBench(harness, options)
  let done = 0
  const property = fc.asyncProperty(createOperations(fc, length), async (operations) => {
    await bench.run(operations)
    done += 1
    options.onRun?.(done, operations.length)
  })
  const result = await fc.check(property, { numRuns: runs, seed, endOnFailure: false })
  await bench.close()
  if (!result.failed) return
  const [operations = []] = result.counterexample ?? []
  const { errorInstance, counterexamplePath } = result
  const cause = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance))
  const where = `seed ${seed}, run ${result.numRuns}, path ${counterexamplePath ?? '-'}, shrunk ${result.numShrinks} times`
  throw new Error(`${cause.message}\n(${where})\n${formatOperations(operations)}`, { cause })
}

/** Runs one list of operations against a new store, to its end. */
export async function runModelCase(
  harness: StoreHarness,
  operations: readonly ModelOperation[],
  options: ModelOptions = {},
): Promise<void> {
  const bench = new ModelBench(harness, { ...options, shared: false })
  try {
    await bench.run(operations)
  } finally {
    await bench.close()
  }
}

/** Opens stores for runs. */
class ModelBench {
  readonly #harness: StoreHarness
  readonly #options: ModelOptions
  readonly #open: OpenOptions
  #store: Store<string> | undefined
  #now = 1_700_000_000_000
  #serial = 0

  constructor(harness: StoreHarness, options: ModelOptions) {
    this.#harness = harness
    this.#options = options
    this.#open = { now: () => this.#now, queue: MODEL_QUEUE }
  }

  async run(operations: readonly ModelOperation[]): Promise<void> {
    const store = this.#store ?? (await this.#harness.open(this.#open))
    this.#store = store
    this.#serial += 1
    const world = new ModelWorld(store, this.#now, `r${this.#serial}-`)
    const reopen = this.#harness.reopen?.bind(this.#harness)
    const hands = {
      setTime: (now: number) => {
        this.#now = now
      },
      ...(reopen === undefined ? {} : { crash: () => this.#crash(reopen) }),
    }
    try {
      for (const [n, operation] of operations.entries()) {
        try {
          await runOperation(world, operation, hands)
        } catch (error) {
          if (error instanceof Error) error.message = `operation ${n} (${operation.op}): ${error.message}`
          throw error
        }
      }
      await finishRun(world, hands)
      const left = (await this.#options.leftovers?.()) ?? []
      if (left.length > 0) throw new Error(`something is left behind: ${left.join(', ')}`)
    } catch (error) {
      await this.close()
      throw error
    }
    if (this.#options.shared !== true) await this.close()
  }

  async close(): Promise<void> {
    const store = this.#store
    this.#store = undefined
    await store?.[Symbol.asyncDispose]()
  }

  async #crash(reopen: (options: OpenOptions) => Promise<Store<string>>): Promise<Store<string>> {
    const store = await reopen(this.#open)
    this.#store = store
    return store
  }
}
