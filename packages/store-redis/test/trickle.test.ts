/** A Redis, or a network, that is there and too slow: bytes come all the time, and no answer in time. */

import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { QueueUnavailableError } from '@postroad/queue'
import { afterEach, expect, it } from 'vitest'
import { entryOf } from './entry.ts'
import { createBench, createWatch } from './redis.ts'

const bench = createBench()
const sockets = new Set<Socket>()
const timers = new Set<NodeJS.Timeout>()
let server: Server | undefined

afterEach(() => {
  for (const timer of timers) clearInterval(timer)
  for (const socket of sockets) socket.destroy()
  server?.close()
})

/** Stands before a server; once told so, what the server says comes through a byte at a time. */
const startTrickle = async (port: number): Promise<{ readonly url: string; begin(): void }> => {
  let isSlow = false
  const keep = (socket: Socket): Socket => {
    sockets.add(socket)
    return socket.on('error', () => {})
  }
  server = createServer((near) => {
    const far = keep(connect(port, '127.0.0.1'))
    let waiting = Buffer.alloc(0)
    keep(near).pipe(far)
    near.on('close', () => far.destroy())
    far.on('close', () => near.destroy())
    far.on('data', (bytes) => {
      if (isSlow) waiting = Buffer.concat([waiting, bytes])
      else near.write(bytes)
    })
    timers.add(
      setInterval(() => {
        near.write(waiting.subarray(0, 1))
        waiting = waiting.subarray(1)
      }, 50),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return {
    url: `redis://127.0.0.1:${address.port}`,
    begin() {
      isSlow = true
    },
  }
}

it('gives up a connection on which bytes come and an answer does not come in time', async () => {
  const redis = await bench.start()
  const trickle = await startTrickle(redis.port)
  const watch = createWatch()
  const store = await bench.open(trickle.url, { observer: watch.observer, commandTimeoutMs: 250 })
  trickle.begin()
  const calls = Array.from({ length: 20 }, (_, n) => store.queue.enqueue([entryOf(`M${n}`)]))
  for (const call of await Promise.allSettled(calls)) {
    expect(call).toMatchObject({ status: 'rejected', reason: expect.any(QueueUnavailableError) })
  }
  expect(watch.events.map(({ type }) => type)).toContain('store.unavailable')
})
