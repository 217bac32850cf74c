import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { createSeededRandom } from '@postroad/runtime'
import { systemClock } from '@postroad/runtime/system'
import { describe, expect, it } from 'vitest'
import { createSmtpDelivery } from '../src/smtp-delivery.ts'
import { envelope, HOST, never, source, summary } from './fixtures.ts'
import { listen, polite, type Script } from './scripted-peer.ts'

const open = () => createSmtpDelivery({ hostname: 'client.example.org', clock: systemClock })
const at = (port: number) => ({ ...HOST, address: '127.0.0.1', port })

const hash = (value: string) => createHash('sha256').update(value, 'latin1').digest('hex')

const impatient: Script = async (peer) => {
  peer.say('220 mx\r\n')
  for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
    if (line !== 'DATA') peer.say('250 ok\r\n')
    else {
      peer.say('354 go\r\n')
      peer.stream.once('data', () => {
        peer.stream.pause()
        peer.say('552 5.3.4 too big\r\n')
      })
      return
    }
  }
}

describe('over sockets', () => {
  it('streams large content byte for byte', async () => {
    const contents: string[] = []
    await using server = await listen(polite({ contents }))
    await using delivery = open()
    const text = `Subject: large\r\n\r\n${'.dots and lines of text that repeat\r\n\r\n'.repeat(200_000)}`
    const content = source(text, 100_001)
    const report = await delivery.deliver({
      envelope: envelope(),
      content,
      destination: at(server.port),
      signal: never,
    })
    expect(summary(report.outcomes)).toEqual(['delivered'])
    expect(hash(`${contents[0]?.replaceAll('\r\n.', '\r\n')}\r\n`)).toBe(hash(text))
  })

  it('takes the refusal of a server that stops reading within the content', async () => {
    await using server = await listen(impatient)
    await using delivery = open()
    const content = source('line\r\n'.repeat(5_000_000), 65_536)
    const report = await delivery.deliver({
      envelope: envelope(),
      content,
      destination: at(server.port),
      signal: never,
    })
    expect([summary(report.outcomes), report.phase]).toEqual([['failed 5.3.4'], 'content'])
  })

  it('defers where nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    server.close()
    await once(server, 'close')
    await using delivery = open()
    const request = { envelope: envelope(), content: source(), signal: never }
    const report = await delivery.deliver({ ...request, destination: at(port) })
    expect([summary(report.outcomes), report.phase]).toEqual([['deferred 4.4.1'], 'connect'])
    const unix = await delivery.deliver({ ...request, destination: { ...HOST, host: 'unix:/nowhere/at/all' } })
    expect(unix.phase).toBe('connect')
  })

  it('never throws or hangs, whatever a server says and however it is cut', async () => {
    const words = [
      '220 a\r\n',
      '250 a\r\n',
      '250-PIPELINING\r\n',
      '354 a\r\n',
      '550 a\r\n',
      '421 a\r\n',
      '334 \r\n',
      'x',
      '\r\n',
      '2',
      '5',
    ]
    for (let seed = 0; seed < 60; seed += 1) {
      const random = createSeededRandom(seed)
      const byte = () => random.bytes(1)[0] ?? 0
      await using server = await listen(async (peer) => {
        for (let count = 0; count < 30; count += 1) {
          peer.say(byte() < 230 ? (words[byte() % words.length] ?? '') : String.fromCharCode(byte()))
          if (byte() < 128) await new Promise(setImmediate)
        }
        peer.close()
      })
      await using delivery = open()
      const report = await delivery.deliver({
        envelope: envelope('a@example.net', 'b@example.net'),
        content: source(),
        destination: at(server.port),
        signal: never,
      })
      expect(report.outcomes).toHaveLength(2)
      expect(report.outcomes.every((outcome) => outcome !== undefined)).toBe(true)
    }
  })
})
