import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { createCgroupMeter, createTreeMeter, type Meter, TreeLedger } from '../src/meter.ts'
import type { ProcessEntry } from '../src/process-table.ts'

/** A process that burns 300 ms of CPU in a child that ends, says so, and stays. */
const BURNING = `
  const { spawnSync } = require('node:child_process')
  const burn = 'while (process.cpuUsage().user + process.cpuUsage().system < 300_000);'
  spawnSync(process.execPath, ['-e', burn])
  console.log('burned')
  setInterval(() => {}, 60_000)`

const meters: Meter[] = []
afterEach(async () => {
  for (const meter of meters.splice(0)) {
    await meter.kill()
    await meter.close()
  }
})

const trial = createCgroupMeter(`postroad-bench-trial-${process.pid}`)
await trial?.close()

describe.each([
  { kind: 'cgroup', create: () => createCgroupMeter(`postroad-bench-test-${process.pid}`), there: trial !== undefined },
  { kind: 'process tree', create: createTreeMeter, there: true },
])('the meter with a $kind', ({ create, there }) => {
  it.skipIf(!there)('counts what a child that has ended used', async () => {
    const meter = create()
    if (meter === undefined) throw new Error('no meter')
    meters.push(meter)
    const [command, args] = meter.wrap(process.execPath, ['-e', BURNING])
    const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    if (child.pid === undefined) throw new Error('no process')
    meter.add(child.pid)
    await once(child.stdout, 'data')
    const used = await meter.cpuSeconds()
    expect(used).toBeGreaterThan(0.28)
    expect(await meter.pids()).toEqual([child.pid])
    const gone = once(child, 'exit')
    await meter.kill()
    await gone
    expect(await meter.cpuSeconds()).toBeGreaterThanOrEqual(used)
    expect(await meter.pids()).toEqual([])
  })

  it.skipIf(!there)('does not count who is not its own', async () => {
    const meter = create()
    if (meter === undefined) throw new Error('no meter')
    meters.push(meter)
    const child = spawn(process.execPath, ['-e', BURNING], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      await once(child.stdout, 'data')
      expect(await meter.cpuSeconds()).toBe(0)
    } finally {
      child.kill('SIGKILL')
    }
  })
})

describe('the ledger of a process tree', () => {
  const table = (...rows: readonly (readonly [pid: number, parent: number, own: number, ended?: number])[]) =>
    new Map<number, ProcessEntry>(
      rows.map(([pid, parent, ownTicks, endedTicks = 0]) => [
        pid,
        { pid, parent, identity: `${pid}:1`, ownTicks, endedTicks },
      ]),
    )
  const ticksAfter = (...looks: readonly ReadonlyMap<number, ProcessEntry>[]): number => {
    const ledger = new TreeLedger()
    for (const look of looks) ledger.take(look)
    return ledger.ticks
  }

  it('counts a child once when its parent has waited for it', () => {
    expect(ticksAfter(table([1, 0, 10], [2, 1, 50]), table([1, 0, 11, 55]))).toBe(66)
  })

  it('counts what was last seen of a child that nobody waited for', () => {
    expect(ticksAfter(table([1, 0, 10], [2, 1, 50]), table([1, 0, 11]))).toBe(61)
  })

  it('counts the rest of a child whose sibling alone was waited for', () => {
    expect(ticksAfter(table([1, 0, 10], [2, 1, 50], [3, 1, 30]), table([1, 0, 10, 50]))).toBe(90)
  })

  it('finds the time of a whole branch with the one that waited for it', () => {
    expect(ticksAfter(table([1, 0, 10], [2, 1, 5], [3, 2, 40]), table([1, 0, 10, 45]))).toBe(55)
  })

  it('keeps the account of a tree that is gone', () => {
    expect(ticksAfter(table([1, 0, 10], [2, 1, 50, 7]), table())).toBe(67)
  })

  it('takes another process with the same pid for another', () => {
    const again = new Map<number, ProcessEntry>([
      [2, { pid: 2, parent: 1, identity: '2:9', ownTicks: 3, endedTicks: 0 }],
    ])
    expect(ticksAfter(table([2, 1, 50]), again)).toBe(53)
  })

  it('keeps a process that was handed to another parent, and not one with the pid of an ended one', () => {
    const ledger = new TreeLedger()
    ledger.take(table([1, 0, 10], [2, 1, 50], [3, 1, 1]))
    const now = new Map(table([2, 999, 50], [3, 999, 1]))
    now.set(3, { pid: 3, parent: 999, identity: '3:9', ownTicks: 0, endedTicks: 0 })
    expect(ledger.living(now)).toEqual([2])
  })

  it('never falls', () => {
    expect(ticksAfter(table([1, 0, 10]), table([1, 0, 9]))).toBe(10)
  })
})
