import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { ask } from '../../src/benches/wire/conversation.ts'
import { messageOf } from '../../src/benches/wire/message.ts'
import { NODE_SINKS, type NodeSinkKind, type OpenSink } from '../../src/benches/wire/node-sinks.ts'
import { SENDERS, type Sender } from '../../src/benches/wire/senders.ts'
import { freePort } from '../../src/port.ts'

const closing: (OpenSink | Sender)[] = []
afterEach(async () => {
  for (const one of closing.splice(0).toReversed()) await one.close()
})

const open = async (kind: NodeSinkKind, chunking = true): Promise<{ sink: OpenSink; port: number }> => {
  const port = await freePort()
  const sink = await NODE_SINKS[kind]({ port, tls: undefined, chunking })
  closing.push(sink)
  return { sink, port }
}

const message = Buffer.from(messageOf(1_024)).toString('latin1')

describe.each(['postroad', 'smtp-server', 'blind'] as const)('the sink %s', (kind) => {
  it('takes one message after the other over a connection, wherever its end is cut', async () => {
    const { sink, port } = await open(kind)
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await ask(socket, undefined, '220')
    await ask(socket, 'HELO client.example.org\r\n', '250')
    for (let cut = 0; cut <= 5; cut += 1) {
      await ask(socket, 'MAIL FROM:<eve@example.org>\r\n', '250')
      await ask(socket, 'RCPT TO:<ada@example.net>\r\n', '250')
      await ask(socket, 'DATA\r\n', '354')
      const wire = `${message}.\r\n`
      socket.write(wire.slice(0, wire.length - cut))
      await ask(socket, wire.slice(wire.length - cut), '250')
    }
    expect(sink.connections()).toBe(1)
    await ask(socket, 'QUIT\r\n', '221')
    socket.destroy()
    await expect.poll(() => sink.connections()).toBe(0)
  })
})

describe.each(['postroad', 'nodemailer'] as const)('the client %s', (kind) => {
  it.each(['postroad', 'smtp-server'] as const)('keeps a connection for each caller, into %s', async (server) => {
    const { sink, port } = await open(server)
    const sender = await SENDERS[kind]({ port, callers: 2, sizeBytes: 10_240, recipients: 3 })
    closing.push(sender)
    for (let round = 0; round < 3; round += 1) await Promise.all([sender.send(), sender.send()])
    expect(sink.connections()).toBe(2)
  })

  it('rejects where nobody takes it', async () => {
    const sender = await SENDERS[kind]({ port: await freePort(), callers: 1, sizeBytes: 1_024, recipients: 1 })
    closing.push(sender)
    await expect(sender.send()).rejects.toThrow()
  })
})
