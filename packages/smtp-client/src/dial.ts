/** The network as a function: gives a stream to a host, so that a test or a simulator can be the network. */

import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** Whom to call. */
export interface DialTarget {
  /** The name to resolve where there is no `address`. */
  readonly host: string
  readonly address: string | undefined
  readonly port: number
  /** Path of a unix socket; then nothing of the above counts. */
  readonly path: string | undefined
  /** Fires when the caller gives up or the time is over; a stream that comes after it is destroyed. */
  readonly signal: AbortSignal
}

/** Opens a connection. Rejects where there is none. */
export type Dial = (target: DialTarget) => Promise<Duplex>

/** Calls over TCP or a unix socket. Names are resolved by the machine's resolver; all their addresses are tried. */
export const dialSocket: Dial = ({ host, address, port, path, signal }) =>
  new Promise((resolve, reject) => {
    const socket: Socket =
      path === undefined ? connect({ host: address ?? host, port, noDelay: true }) : connect({ path })
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
      reject(error)
    }
    const abort = (): void => {
      socket.destroy()
      failed(new Error('The call was given up.'))
    }
    socket.once('connect', connected)
    socket.once('error', failed)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
