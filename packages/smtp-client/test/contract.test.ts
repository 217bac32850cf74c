import { createServer } from 'node:net'
import { describeDeliveryContract } from '@postroad/delivery/testing'
import { systemClock } from '@postroad/runtime/system'
import { createSmtpDelivery } from '../src/index.ts'
import type { HostDestination } from '../src/index.ts'
import { Peer, polite } from './scripted-peer.ts'

/** What was sent, of what came between DATA and the final dot (RFC 5321 §4.5.2). */
const unstuffed = (content: string): string => `\r\n${content}\r\n`.replaceAll('\r\n.', '\r\n').slice(2)

for (const protocol of ['smtp', 'lmtp'] as const) {
  describeDeliveryContract(`${protocol} over sockets`, {
    async open(behave) {
      const contents: string[] = []
      const server = createServer((socket) => {
        socket.on('error', () => undefined)
        let accepted = 0
        const answer = (line: string): string | undefined => {
          const verb = line.slice(0, 4)
          if (verb === 'MAIL' || verb === 'RSET') accepted = 0
          const address = /^RCPT TO:<([^>]*)>/.exec(line)?.[1]
          if (verb === 'DATA' && accepted === 0) return '503 5.5.1 nobody to send to'
          if (address === undefined) return undefined
          switch (behave(address)) {
            case 'accept':
              accepted += 1
              return undefined
            case 'defer':
              return '451 4.7.1 later'
            case 'refuse':
              return '550 5.1.1 nobody'
            case 'silent':
              return 'silence'
          }
        }
        const final = (): string => {
          const replies = Array.from({ length: protocol === 'lmtp' ? accepted : 1 }, () => '250 2.0.0 taken')
          return replies.join('\r\n')
        }
        void polite({ answer, final, contents })(new Peer(socket))
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      const delivery = createSmtpDelivery({ hostname: 'client.example.org', clock: systemClock })
      const destination: HostDestination = { protocol, host: '127.0.0.1', port, tls: 'none' }
      return {
        delivery,
        destination,
        received: async () => contents.map((content) => Buffer.from(unstuffed(content), 'latin1')),
        async close() {
          await delivery[Symbol.asyncDispose]()
          await new Promise((resolve) => server.close(resolve))
        },
      }
    },
  })
}
