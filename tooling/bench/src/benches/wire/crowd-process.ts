/**
 * A process that opens connections, says EHLO over each, and keeps them. Setup: the `port`, the `connections`.
 *
 * `prepare` opens a fifth of them, `measure` the others, `finish` closes all.
 */

import { connect, type Socket } from 'node:net'
import { serveContestant } from '../../serve-contestant.ts'
import { ask } from './conversation.ts'
import { allowDescriptors } from './descriptors.ts'

/** So many at a time; a listener's queue holds more. */
const OPENING = 100
/** From one address: a port is taken for each, of 28,000. */
const PER_ADDRESS = 1_000
/** Other descriptors that a process has. */
const SPARE = 200
let port = 0
let connections = 0
let sockets: Socket[] = []

/** Opens more until there are so many, one caller after the other taking the next. */
async function open(count: number): Promise<void> {
  let next = sockets.length
  const call = async (): Promise<void> => {
    while (next < count) {
      const localAddress = `127.0.0.${2 + (Math.floor(next / PER_ADDRESS) % 250)}`
      next += 1
      const socket = connect({ port, host: '127.0.0.1', localAddress })
      // One that fails later is missing among the server's.
      socket.on('error', () => {})
      await ask(socket, undefined, '220')
      await ask(socket, 'EHLO client.example.org\r\n', '250')
      sockets.push(socket)
    }
  }
  await Promise.all(Array.from({ length: OPENING }, call))
}

function close(): void {
  for (const socket of sockets) socket.destroy()
  sockets = []
}

serveContestant({
  start: async (setup) => {
    port = Number(setup['port'])
    connections = Number(setup['connections'])
    await allowDescriptors(connections + SPARE)
  },
  prepare: async () => {
    await open(Math.ceil(connections / 5))
  },
  measure: async () => {
    const startedAt = performance.now()
    const before = sockets.length
    await open(connections)
    return { operations: connections - before, seconds: (performance.now() - startedAt) / 1_000 }
  },
  finish: async () => close(),
})
