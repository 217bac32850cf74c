import { openSqliteStore } from '@postroad/store-sqlite'
import { mkdtempSync, rmSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createMessageId, createEntryId, groupId } from '@postroad/envelope'
import { randomBytes } from 'node:crypto'
const codec = { encode: (j: string) => new TextEncoder().encode(j), decode: (b: Uint8Array) => new TextDecoder().decode(b) }
const dir = mkdtempSync(process.env['BENCH_DIR'] ?? '/tmp/sqbench/x-')
let batches = 0, reqs = 0, batchMs = 0
const cps: string[] = []
const s = await openSqliteStore({ path: dir, codec, queue: { groupConcurrency: 1e6 }, observer: (e) => { if (e.kind === 'batch' && e.thread === 'writer') { batches++; reqs += e.requests; batchMs += e.durationMs } else if (e.kind !== 'batch') cps.push(e.kind + ' ' + (e as any).durationMs?.toFixed(0) + ' left ' + (e as any).pagesLeft) } })
const N = Number(process.argv[2] ?? 20000), C = Number(process.argv[3] ?? 100)
const body = new Uint8Array(10240).fill(65)
const put = async (n: number) => {
  const m = createMessageId(Date.now(), randomBytes(11))
  const w = await s.spool.stage({ message: m, ttlMs: 60000 })
  await w.write(body)
  const content = await w.seal({ prefix: new Uint8Array(200) })
  await s.queue.enqueue([{ id: createEntryId(m, 0), job: 'x'.repeat(500), group: groupId('g' + (n % 50)), content, priority: 0, notBefore: 0, labels: { sender: 'ada@example.org' } }])
}
const run = async (name: string, total: number, c: number, f: (n: number) => Promise<number | void>) => {
  const h = monitorEventLoopDelay({ resolution: 1 }); h.enable()
  batches = reqs = batchMs = 0
  const cpu = process.cpuUsage()
  let n = 0; const t = performance.now()
  await Promise.all(Array.from({ length: c }, async () => { while (n < total) { const k = n++; const more = await f(k); if (more) n += more } }))
  const ms = performance.now() - t
  h.disable()
  const u = process.cpuUsage(cpu)
  console.log(name, (total / ms * 1000).toFixed(0) + '/s', 'batches', batches, 'avg', (reqs / batches).toFixed(1), 'batch ms', (batchMs / batches).toFixed(2), 'cpu s/1000', ((u.user + u.system) / 1e6 / total * 1000).toFixed(3), 'loop p99', (h.percentile(99) / 1e6).toFixed(1), 'max', (h.max / 1e6).toFixed(1))
}
await run('warm', 2000, C, put)
await run('enqueue', N, C, put)
await run('enqueue 1 caller', 500, 1, put)
const t0 = performance.now(); await s.queue.lease({ limit: 1, durationMs: 60000, waitMs: 0 }); console.log('one lease', (performance.now() - t0).toFixed(2))
await run('lease+settle(20)', Math.floor(N * 0.8 / 20), 20, async () => { const ls = await s.queue.lease({ limit: 20, durationMs: 60000, waitMs: 0 }); await s.queue.settle(ls.map((l) => ({ token: l.token, kind: 'done' as const }))) })
await run('lease+settle(1)', Math.floor(N * 0.1), 100, async () => { const ls = await s.queue.lease({ limit: 1, durationMs: 60000, waitMs: 0 }); await s.queue.settle(ls.map((l) => ({ token: l.token, kind: 'done' as const }))) })
await run('full cycle', Math.floor(N / 2), C, async (n) => { await put(n); const ls = await s.queue.lease({ limit: 1, durationMs: 60000, waitMs: 0 }); await s.queue.settle(ls.map((l) => ({ token: l.token, kind: 'done' as const }))) })
console.log(cps.join('; '), 'rss', (process.memoryUsage().rss / 1e6).toFixed(0))
await s[Symbol.asyncDispose]()
rmSync(dir, { recursive: true })
