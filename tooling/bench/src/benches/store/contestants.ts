/** Who takes part in the benchmarks of the store. */

import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { onPath, unpackDebian } from '@postroad/tooling-debian'
import type { Contestant, Work } from '../../benchmark.ts'
import { startContestant } from '../../contestant-process.ts'
import type { Stage } from '../../stage.ts'
import { ownRedis } from './own-redis.ts'

/** Our stores, by the names that the tables have. */
export const STORES: Readonly<Record<'memory' | 'SQLite' | 'Redis always' | 'Redis everysec', Work>> = {
  memory: { store: 'memory' },
  SQLite: { store: 'sqlite' },
  'Redis always': { store: 'redis', fsync: 'always' },
  'Redis everysec': { store: 'redis', fsync: 'everysec' },
}

/** The module of a process with a store in it. */
export const STORE_PROCESS: URL = new URL('store-process.ts', import.meta.url)

/** A process with one of our stores. */
export function storeContestant(name: string, setup: Work): Contestant {
  return { name, start: (stage) => startContestant(stage, STORE_PROCESS, { ...setup, folder: stage.folder }) }
}

/** BullMQ on a Redis with this `appendfsync`. */
export function bullmqContestant(name: string, fsync: string): Contestant {
  const module = new URL('bullmq-process.ts', import.meta.url)
  return { name, start: (stage) => startContestant(stage, module, { fsync, folder: stage.folder }) }
}

/**
 * Grouped appends with `fdatasync`.
 *
 * @param writes Whether a group is one write, or each record is one.
 */
export function appendContestant(name: string, writes: 'group' | 'record'): Contestant {
  const module = new URL('append-process.ts', import.meta.url)
  return { name, start: (stage) => startContestant(stage, module, { writes, folder: stage.folder }) }
}

/** How many SETs a first round sends, and the most of a later one. */
const FIRST_REQUESTS = 2_000
const MOST_REQUESTS = 500_000

/**
 * `redis-benchmark` sending SET with 10 KiB to one of 1,000 keys, as many clients as callers. The server's CPU and memory
 * count; those of the generator do not. After each round the log is rewritten, so that it does not fill the disk.
 */
export function redisBenchmarkContestant(name: string, fsync: string, pipelined: number): Contestant {
  return {
    name,
    start: async (stage) => {
      const redis = await ownRedis(stage.folder, fsync)
      stage.onClose(() => redis.stop())
      stage.adopt(redis.pid)
      const use = await findRedisTools(stage, redis.port)
      const rates = new Map<number, number>()
      return {
        prepare: async () => {},
        measure: async ({ callers }, roundMs) => {
          const clients = Number(callers)
          const wanted = ((rates.get(clients) ?? 0) * roundMs) / 1_000
          const operations = Math.min(MOST_REQUESTS, Math.max(FIRST_REQUESTS, Math.ceil(wanted)))
          const load = ['-c', String(clients), '-P', String(pipelined), '-n', String(operations)]
          const output = await use('redis-benchmark', ['-t', 'set', '-d', '10240', '-r', '1000', ...load, '--csv'])
          const rate = Number(/^"SET","([\d.]+)"/m.exec(output)?.[1])
          if (!(rate > 0)) throw new Error(`redis-benchmark gave no rate: ${output.slice(0, 500)}`)
          rates.set(clients, rate)
          return { operations, seconds: operations / rate }
        },
        finish: async () => {
          await use('redis-cli', ['BGREWRITEAOF'])
          while (!(await use('redis-cli', ['INFO', 'persistence'])).includes('aof_rewrite_in_progress:0')) {
            await sleep(20)
          }
        },
      }
    },
  }
}

/** Gives what runs a program of `redis-tools` against the server at a port, uncounted, and resolves with its output. */
async function findRedisTools(
  stage: Stage,
  port: number,
): Promise<(program: 'redis-benchmark' | 'redis-cli', args: readonly string[]) => Promise<string>> {
  const isInstalled = (await onPath('redis-benchmark')) !== undefined
  const unpacked = isInstalled ? undefined : await unpackDebian('redis', ['redis-server', 'redis-tools'])
  return async (program, args) => {
    const child = stage.spawn(
      unpacked?.path(`usr/bin/${program}`) ?? program,
      ['-h', '127.0.0.1', '-p', String(port), ...args],
      { counted: false, env: unpacked?.env ?? process.env, stdio: ['ignore', 'pipe', 'inherit'] },
    )
    if (child.stdout === null) throw new Error(`${program} could not be started`)
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
    if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${output.slice(0, 500)}`)
    return output
  }
}
