import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { parseStat, type ProcessEntry, readProcesses, readPss, readRss, treeOf } from '../src/process-table.ts'

it('reads a line whose name has blanks and parentheses in it', () => {
  const fields = ['S', 7, 8, 8, 0, -1, 0, 0, 0, 0, 0, 12, 30, 400, 5_000, 20, 0, 1, 0, 99_999, 0]
  expect(parseStat(`42 (a) b (c)) ${fields.join(' ')}\n`)).toEqual({
    pid: 42,
    parent: 7,
    identity: '42:99999',
    ownTicks: 42,
    endedTicks: 5_400,
  })
})

it.each(['', 'no process', '12 (cut'])('gives nothing for the line "%s"', (text) => {
  expect(parseStat(text)).toBeUndefined()
})

const entry = (pid: number, parent: number): ProcessEntry => ({
  pid,
  parent,
  identity: `${pid}:1`,
  ownTicks: 0,
  endedTicks: 0,
})

it('finds all that descend from the roots and nobody else', () => {
  const all = [entry(1, 0), entry(10, 1), entry(11, 10), entry(12, 11), entry(20, 1), entry(21, 20)]
  const tree = treeOf(new Map(all.map((one) => [one.pid, one])), [10, 999])
  expect(new Set(tree.keys())).toEqual(new Set([10, 11, 12]))
})

it('reads real processes: parents, and memory of which PSS is no more than RSS', async () => {
  const child = spawn('sleep', ['60'])
  try {
    await once(child, 'spawn')
    const { pid = 0 } = child
    expect((await readProcesses()).get(pid)?.parent).toBe(process.pid)
    const [pss, rss] = [await readPss([pid]), await readRss([pid])]
    expect(pss).toBeGreaterThan(0)
    expect(pss).toBeLessThanOrEqual(rss)
    expect(await readRss([pid, pid])).toBeGreaterThanOrEqual(rss)
  } finally {
    child.kill('SIGKILL')
  }
})
