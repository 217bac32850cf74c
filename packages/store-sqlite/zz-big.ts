import { openSqliteStore } from '@postroad/store-sqlite'
import { mkdtempSync, rmSync } from 'node:fs'
import { createMessageId, createEntryId, groupId } from '@postroad/envelope'
import { randomBytes } from 'node:crypto'
const codec = { encode: (j: string) => new TextEncoder().encode(j), decode: (b: Uint8Array) => new TextDecoder().decode(b) }
const dir = mkdtempSync('/tmp/sqbench/x-')
const open = () => openSqliteStore({ path: dir, codec, queue: { groupConcurrency: 20 } })
let s = await open()
let total = 0
const fill = async (n: number, future: boolean) => {
  let k = 0
  await Promise.all(Array.from({ length: 200 }, async () => { while (k < n) { k += 50; const m = createMessageId(Date.now(), randomBytes(11)); await s.queue.enqueue(Array.from({ length: 50 }, (_, i) => ({ id: createEntryId(m, i), job: 'x'.repeat(100), group: groupId('g' + ((k + i) % 1000)), priority: 0, notBefore: future ? Date.now() + 3600e3 : 0, labels: {} }))) } }))
  total += n
}
const cycle = async (name: string) => {
  const t = performance.now()
  for (let i = 0; i < 300; i++) { const ls = await s.queue.lease({ limit: 10, durationMs: 60000, waitMs: 0 }); if (ls.length !== 10) throw new Error('short ' + ls.length); await s.queue.settle(ls.map((l) => ({ token: l.token, kind: 'done' as const }))) }
  console.log(name, 'entries', total, 'ms per lease(10)+settle(10)', ((performance.now() - t) / 300).toFixed(2))
}
await fill(5000, false); await cycle('small')
let t = performance.now(); await fill(200000, false); await fill(100000, true); console.log('filled', ((performance.now() - t) / 1000).toFixed(1))
await cycle('big'); await cycle('big')
t = performance.now(); await s[Symbol.asyncDispose](); console.log('close', performance.now() - t)
t = performance.now(); s = await open(); console.log('open', performance.now() - t); await cycle('reopened')
t = performance.now(); console.log((await s.control.counts({ limit: 1 })).items, performance.now() - t)
await s[Symbol.asyncDispose]()
rmSync(dir, { recursive: true })
