import { openRedisStore } from '/work/main/packages/store-redis/src/index.ts'
import { startRedis } from '/work/main/tooling/redis/src/index.ts'
import { createMessageId, createEntryId, groupId } from '/work/main/packages/envelope/src/index.ts'
import { randomBytes } from 'node:crypto'
const codec = { encode: (s: string) => Buffer.from(s), decode: (b: Uint8Array) => Buffer.from(b).toString() }
const redis = process.env.REDIS_URL ? undefined : await startRedis({ folder: undefined, extraArgs: (process.env.ARGS ?? '').split(' ').filter(Boolean) })
const store = await openRedisStore<string>({ url: process.env.REDIS_URL ?? redis!.url, prefix: 'bench' + Math.random(), codec, durability: process.env.ARGS ? 'relaxed' : 'strict', queue: { groupConcurrency: 1000 } })
const body = randomBytes(10_240)
const N = Number(process.env.N ?? 10000), C = Number(process.env.C ?? 100), G = Number(process.env.G ?? 1)
const job = JSON.stringify({ recipients: ['ada@example.org'], x: 'y'.repeat(400) })
async function one(n: number) {
  const id = createMessageId(Date.now(), randomBytes(11))
  const w = await store.spool.stage({ message: id, ttlMs: 60000 })
  await w.write(body)
  const content = await w.seal({ prefix: Buffer.from('Received: x\r\n') })
  await store.queue.enqueue([{ id: createEntryId(id, 0), job, group: groupId(`g${n % G}.example`), content, priority: 0, notBefore: 0, labels: { sender: 'ada@example.org' } }])
}
async function run(label: string, total: number, c: number, fn: (n: number) => Promise<number>) {
  let n = 0, done = 0; const t = performance.now(); const cpu = process.cpuUsage()
  await Promise.all(Array.from({ length: c }, async () => { while (n < total) { const i = n++; done += await fn(i) } }))
  const s = (performance.now() - t) / 1000; const u = process.cpuUsage(cpu)
  console.log(label.padEnd(30), Math.round(done / s), '/s', `${s.toFixed(2)}s node cpu ${((u.user + u.system) / 1e3 / done).toFixed(3)} ms/op`)
}
for (let r = 0; r < 2; r++) {
  await run(`enqueue c=${C}`, N, C, async (n) => { await one(n); return 1 })
  let left = N
  await run(`lease+read+settle c=${C} l=1`, 1e9, C, async () => {
    if (left <= 0) throw new Error('x')
    return 0
  }).catch(() => {})
  const drain = async (limit: number, read: boolean) => {
    let got = 0; const t = performance.now()
    await Promise.all(Array.from({ length: C / limit }, async () => {
      for (;;) {
        const leases = await store.queue.lease({ limit, durationMs: 60000, waitMs: 0 })
        if (leases.length === 0) return
        if (read) await Promise.all(leases.map(async (l) => { for await (const _ of store.spool.open(l.content!)) {} }))
        await store.queue.settle(leases.map((l) => ({ token: l.token, kind: 'done' as const })))
        got += leases.length
      }
    }))
    const s = (performance.now() - t) / 1000
    console.log(`drain limit=${limit} read=${read}`.padEnd(30), Math.round(got / s), '/s', got)
  }
  await drain(r === 0 ? 1 : 10, true)
  // full cycle
  let produced = 0, consumed = 0
  const t = performance.now()
  await Promise.all([
    ...Array.from({ length: C }, async () => { while (produced < N) { const i = produced++; await one(i) } }),
    ...Array.from({ length: 10 }, async () => {
      while (consumed < N) {
        const leases = await store.queue.lease({ limit: 10, durationMs: 60000, waitMs: 100 })
        await Promise.all(leases.map(async (l) => { for await (const _ of store.spool.open(l.content!)) {} }))
        await store.queue.settle(leases.map((l) => ({ token: l.token, kind: 'done' as const })))
        consumed += leases.length
      }
    }),
  ])
  console.log('full cycle'.padEnd(30), Math.round(N / ((performance.now() - t) / 1000)), '/s')
}
await store[Symbol.asyncDispose](); await redis?.stop()
