/** The network as a function: gives a stream to a host, so that a test or a simulator can be the network. */

import { lookup } from 'node:dns/promises'
import { connect, isIP, isIPv6, type Socket, type TcpNetConnectOpts } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Clock } from '@postroad/runtime'
import { systemClock } from '@postroad/runtime/system'
import type { LocalAddress } from './host-destination.ts'
import { interleave, raceAddresses } from './race-addresses.ts'

/** Whom to call. */
export interface DialTarget {
  /** The name to resolve where there is no `address`. */
  readonly host: string
  /** The IP address to connect to; `undefined`: what `host` resolves to. */
  readonly address: string | undefined
  /** 1 to 65535. */
  readonly port: number
  /** Path of a unix socket; then nothing of the above counts. */
  readonly path: string | undefined
  /** From where; absent: the system chooses. */
  readonly localAddress?: LocalAddress
  /** Fires when the caller gives up or the time is over; a stream that comes after it is destroyed. */
  readonly signal: AbortSignal
}

/** Opens a connection. Rejects where there is none. */
export type Dial = (target: DialTarget) => Promise<Duplex>

/** The IP addresses of a host, the best first. Rejects, or gives none, where there are none. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** How `createDial` calls. */
export interface DialOptions {
  /** Where time comes from; default: the system's. */
  readonly clock?: Clock
  /** Default: the machine's resolver (`getaddrinfo`), all addresses in its order. */
  readonly resolve?: Resolve
  /** How long one address is waited for before the next is called too; default 250 ms (RFC 8305). */
  readonly attemptDelayMs?: number
}

/** Most addresses of one host that are called. */
const MAX_ADDRESSES = 16

/**
 * Calls over TCP or a unix socket. All addresses of a name are tried, IPv6 and IPv4 in turns, each 250 ms after the one
 * before (RFC 8305); at most 16.
 */
export function createDial(options: DialOptions = {}): Dial {
  const { clock = systemClock, resolve = resolveBySystem, attemptDelayMs } = options
  return async ({ host, address, port, path, localAddress, signal }) => {
    if (path !== undefined) return connectOnce({ path }, signal)
    const found = address === undefined ? await addressesOf(host, resolve, signal) : [address]
    const addresses = interleave(found.filter((address) => isReachable(address, localAddress))).slice(0, MAX_ADDRESSES)
    if (addresses.length === 0) {
      throw new Error(found.length === 0 ? 'The host has no address.' : 'The host has no address of our family.')
    }
    return raceAddresses({
      addresses,
      attempt: (address, signal) => connectOnce(tcpOptions(address, port, localAddress), signal),
      clock,
      signal,
      ...(attemptDelayMs === undefined ? {} : { attemptDelayMs }),
    })
  }
}

async function addressesOf(host: string, resolve: Resolve, signal: AbortSignal): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host]
  const addresses = await resolve(host)
  // A resolver cannot be stopped: what it says too late is nobody's.
  if (signal.aborted) throw new Error('The call was given up.')
  return addresses
}

const resolveBySystem: Resolve = async (host) => {
  const found = await lookup(host, { all: true, order: 'verbatim' })
  return found.map(({ address }) => address)
}

function isReachable(address: string, from: LocalAddress | undefined): boolean {
  return typeof from !== 'string' || isIPv6(address) === isIPv6(from)
}

function tcpOptions(address: string, port: number, from: LocalAddress | undefined): TcpNetConnectOpts {
  const local = typeof from === 'string' ? from : isIPv6(address) ? from?.ipv6 : from?.ipv4
  return { host: address, port, noDelay: true, ...(local !== undefined && { localAddress: local }) }
}

function connectOnce(to: TcpNetConnectOpts | { readonly path: string }, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new Error('The call was given up.'))
    const socket = connect(to)
    const settle = (): void => {
      signal.removeEventListener('abort', abort)
      socket.removeListener('connect', connected)
      socket.removeListener('error', failed)
    }
    const connected = (): void => {
      settle()
      resolve(socket)
    }
    const failed = (error: Error): void => {
      settle()
      socket.destroy()
      reject(error)
    }
    const abort = (): void => {
      // A late error finds a listener.
      socket.on('error', () => {})
      failed(new Error('The call was given up.'))
    }
    socket.once('connect', connected)
    socket.once('error', failed)
    signal.addEventListener('abort', abort, { once: true })
  })
}
