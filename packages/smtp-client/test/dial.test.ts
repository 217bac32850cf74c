import { createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { createManualClock } from '@postroad/runtime'
import { describe, expect, it } from 'vitest'
import { createDial, type DialOptions, type DialTarget } from '../src/dial.ts'
import { never } from './fixtures.ts'

async function listen(host: string, port = 0) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {}).resume()
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const target = (port: number, more: Partial<DialTarget> = {}): DialTarget => ({
  host: 'mx.example.net',
  address: undefined,
  port,
  path: undefined,
  signal: never,
  ...more,
})
const dialWith = (addresses: readonly string[], more: Partial<DialOptions> = {}) =>
  createDial({ clock: createManualClock(), resolve: async () => addresses, ...more })

const hasIpv6 = await listen('::1').then(
  async (server) => {
    await server[Symbol.asyncDispose]()
    return true
  },
  () => false,
)

describe('createDial', () => {
  it('resolves the name and calls its addresses in turn, past those that refuse', async () => {
    await using server = await listen('127.0.0.2')
    const dial = dialWith(['127.0.0.3', '::1', '127.0.0.2'])
    const socket = (await dial(target(server.port))) as Socket
    expect(socket.remoteAddress).toBe('127.0.0.2')
    socket.destroy()
  })

  it.runIf(hasIpv6)('reaches an IPv6 address', async () => {
    await using server = await listen('::1')
    const socket = (await dialWith(['::1', '127.0.0.1'])(target(server.port))) as Socket
    expect(socket.remoteFamily).toBe('IPv6')
    socket.destroy()
  })

  it('calls an address that is given, or that is the host itself, without asking for names', async () => {
    await using server = await listen('127.0.0.1')
    const dial = createDial({
      clock: createManualClock(),
      resolve: () => Promise.reject(new Error('was asked')),
    })
    for (const more of [{ address: '127.0.0.1' }, { host: '127.0.0.1' }]) {
      const socket = await dial(target(server.port, more))
      socket.destroy()
    }
    await expect(dial(target(server.port))).rejects.toThrow('was asked')
  })

  it('asks the machine by default', async () => {
    await using server = await listen('127.0.0.1')
    const socket = await createDial({ clock: createManualClock(), attemptDelayMs: 1 })(
      target(server.port, { host: 'localhost' }),
    )
    socket.destroy()
  })

  it('names every address that failed', async () => {
    const gone = await listen('127.0.0.1')
    await gone[Symbol.asyncDispose]()
    await expect(dialWith(['127.0.0.1', '127.0.0.2'])(target(gone.port))).rejects.toThrow(
      /^127\.0\.0\.1: .*ECONNREFUSED.*; 127\.0\.0\.2: .*ECONNREFUSED/,
    )
  })

  it('calls no more than 16 addresses', async () => {
    const gone = await listen('127.0.0.1')
    await gone[Symbol.asyncDispose]()
    const many = Array.from({ length: 40 }, (_, index) => `127.0.1.${index + 1}`)
    const error: unknown = await dialWith(many)(target(gone.port)).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(AggregateError)
    expect((error as AggregateError).errors).toHaveLength(16)
  })

  it('calls from the address it is told, and only to its family', async () => {
    await using server = await listen('127.0.0.1')
    for (const localAddress of ['127.0.0.9', { ipv4: '127.0.0.9' }]) {
      const accepted = server.sockets.length
      const socket = (await dialWith(['127.0.0.1'])(target(server.port, { localAddress }))) as Socket
      expect(socket.localAddress).toBe('127.0.0.9')
      while (server.sockets.length === accepted) await new Promise(setImmediate)
      socket.destroy()
    }
    const free = (await dialWith(['127.0.0.1'])(target(server.port, { localAddress: { ipv6: '::1' } }))) as Socket
    expect(free.localAddress).toBe('127.0.0.1')
    free.destroy()
    await expect(dialWith(['127.0.0.1'])(target(server.port, { localAddress: '::1' }))).rejects.toThrow('our family')
    await expect(dialWith([])(target(server.port))).rejects.toThrow('no address')
  })

  it('calls nobody once the signal has fired', async () => {
    await using server = await listen('127.0.0.1')
    const abort = new AbortController()
    const dial = createDial({
      clock: createManualClock(),
      resolve: async () => {
        abort.abort()
        return ['127.0.0.1']
      },
    })
    await expect(dial(target(server.port, { signal: abort.signal }))).rejects.toThrow('given up')
    await expect(dial(target(server.port, { address: '127.0.0.1', signal: abort.signal }))).rejects.toThrow('given up')
    await expect(dial(target(1, { path: '/nowhere', signal: abort.signal }))).rejects.toThrow('given up')
    expect(server.sockets).toHaveLength(0)
  })
})
