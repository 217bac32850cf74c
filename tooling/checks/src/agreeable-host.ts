/** A mail server for the examples that send: takes everything, keeps nothing. */

import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** Listens at a free port of the loopback. */
export async function startAgreeableHost(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
    serve(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

function serve(socket: Socket): void {
  let inContent = false
  const say = (reply: string): boolean => socket.write(`${reply}\r\n`)
  say('220 mail.example.org ESMTP')
  createInterface({ input: socket, crlfDelay: Infinity }).on('line', (line) => {
    if (inContent && line !== '.') return
    inContent = !inContent && /^DATA$/i.test(line)
    say(inContent ? '354 Go on' : '250 OK')
    if (/^QUIT$/i.test(line)) socket.end()
  })
}
