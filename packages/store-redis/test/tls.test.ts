import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { QueueUnavailableError } from '@postroad/queue'
import type { StartedRedis } from '@postroad/tooling-redis'
import { generate } from 'selfsigned'
import { expect, it } from 'vitest'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { entryOf } from './entry.ts'
import { createBench, createWatch } from './redis.ts'

const bench = createBench()
const LONG_MS = 600_000

interface KeyPair {
  readonly cert: string
  readonly key: string
}

const makeKeyPair = async (name: string): Promise<KeyPair> => {
  const pems = await generate([{ name: 'commonName', value: name }], {
    keySize: 2_048,
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
    ],
  })
  return { cert: pems.cert, key: pems.private }
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

/** A server that speaks TLS on a second port. */
const startTls = async (
  pair: KeyPair,
  clients: 'yes' | 'no',
  ca = pair.cert,
): Promise<StartedRedis & { tls: string }> => {
  const first = await bench.start()
  const path = (name: string): string => join(first.folder, name)
  await writeFile(path('server.crt'), pair.cert)
  await writeFile(path('server.key'), pair.key)
  await writeFile(path('ca.crt'), ca)
  await first.kill('SIGKILL')
  const port = await freePort()
  const settings = {
    'tls-port': String(port),
    'tls-cert-file': path('server.crt'),
    'tls-key-file': path('server.key'),
    'tls-ca-cert-file': path('ca.crt'),
    'tls-auth-clients': clients,
  }
  const extraArgs = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  const server = await bench.start({ folder: first.folder, extraArgs })
  return { ...server, tls: `rediss://127.0.0.1:${port}` }
}

it('works over TLS with an authority and a name that it is told, its words of work too', async () => {
  const pair = await makeKeyPair('redis.example.org')
  const server = await startTls(pair, 'no')
  const watch = createWatch()
  const tls = { ca: pair.cert, servername: 'redis.example.org' }
  const store = await bench.open(server.tls, { tls, observer: watch.observer })
  const waiting = store.queue.lease({ limit: 1, durationMs: LONG_MS, waitMs: LONG_MS })
  await store.queue.enqueue([entryOf('M')])
  expect(await waiting).toMatchObject([{ job: 'M' }])
})

it.each([
  { what: 'an authority that nobody trusts', tls: {}, why: /self-signed certificate/ },
  { what: 'another name', tls: { servername: 'other.example.org' }, why: /does not match/ },
])('refuses a server with $what', async ({ tls, why }) => {
  const pair = await makeKeyPair('redis.example.org')
  const server = await startTls(pair, 'no')
  const trusted = 'servername' in tls ? { ca: pair.cert } : {}
  const refused = await bench.open(server.tls, { tls: { ...trusted, ...tls } }).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(QueueUnavailableError)
  expect(String(refused)).toMatch(why)
})

it('shows a certificate of its own where the server asks for one', async () => {
  const [pair, ours] = [await makeKeyPair('redis.example.org'), await makeKeyPair('postroad')]
  const server = await startTls(pair, 'yes', ours.cert)
  const tls = { ca: pair.cert, servername: 'redis.example.org' }
  const store = await bench.open(server.tls, { tls: { ...tls, ...ours } })
  await store.queue.enqueue([entryOf('M')])
  const refused = await bench.open(server.tls, { tls }).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(QueueUnavailableError)
  expect(inspect(refused, { depth: null })).not.toContain('PRIVATE KEY')
})

it('says that it cannot be reached where TLS meets none', async () => {
  const server = await bench.start()
  const url = server.url.replace('redis:', 'rediss:')
  await expect(bench.open(url, { commandTimeoutMs: 1_000 })).rejects.toBeInstanceOf(QueueUnavailableError)
})
