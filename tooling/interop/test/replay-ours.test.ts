/** The replay itself: our own server differs from its transcripts in nothing, and what does differ is found. */

import { createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { createScriptedHandler, parseTranscripts, type Transcript } from '@postroad/smtp/testing'
import { describe, expect, it } from 'vitest'
import { certificate } from '../src/certificate.ts'
import { startOurServer } from '../src/our-server.ts'
import { replay } from '../src/replay.ts'
import { loadTranscripts } from '../src/transcripts.ts'

describe('replaying transcripts against our own server', () => {
  it('finds no difference', { timeout: 60_000 }, async () => {
    const found: unknown[] = []
    const transcripts = (await loadTranscripts()).filter(({ settings }) => settings.protocol !== 'lmtp')
    const tls = await certificate()
    const play = async (transcript: Transcript): Promise<void> => {
      const { settings } = transcript
      await using server = await startOurServer({
        hostname: settings.hostname,
        protocol: settings.protocol,
        handler: () => ({
          ...createScriptedHandler(settings),
          // Who takes the connection ends it.
          atrn: (domains, turn) => {
            turn((stream) => stream.end())
            return createScriptedHandler(settings).atrn(domains, () => {})
          },
        }),
        mechanisms: settings.mechanisms,
        allowPlaintextAuth: settings.allowPlaintextAuth,
        bareNewlines: settings.bareNewlines,
        limits: settings.limits,
        belowFloors: 'allow',
        extensions: settings.extensions,
        commands: settings.commands,
        ...(settings.trusted && { trusted: ['127.0.0.0/8'] }),
        ...((settings.startTls || settings.implicitTls) && { tls: { ...tls, implicit: settings.implicitTls } }),
      })
      found.push(...(await replay(transcript, server.port, true)).differences)
    }
    await Promise.all(transcripts.map(play))
    expect(found).toEqual([])
  })
})

describe('a replay', () => {
  const transcript = (text: string): Transcript => {
    const [first] = parseTranscripts(`#: title one\n${text}`)
    if (first === undefined) throw new Error('no transcript')
    return first
  }

  /** Plays against a peer that answers each chunk with the next of `replies`; `end` ends the connection. */
  const against = async (text: string, replies: readonly string[], pipelining = true) => {
    const heard: string[] = []
    const rest = [...replies]
    const server = createServer((socket: Socket) => {
      const say = (): void => {
        const reply = rest.shift()
        if (reply === 'end') socket.end()
        else if (reply !== undefined) socket.write(`${reply.replaceAll('\n', '\r\n')}\r\n`)
      }
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        heard.push(chunk.toString('latin1'))
        say()
      })
      say()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    try {
      if (typeof address !== 'object' || address === null) throw new Error('no port')
      return { heard, ...(await replay(transcript(text), address.port, pipelining)) }
    } finally {
      server.close()
    }
  }

  it('compares the codes of whole replies, whatever their texts and number of lines', async () => {
    const { differences, compared, heard } = await against(
      'S: 220 *\nC: EHLO a\nS: 250-...\nS: 250 DSN\nC: VRFY x\nS: 252 *\n',
      ['220 hello', '250-x\n250-y\n250 z', '550 no'],
    )
    expect(compared).toBe(3)
    expect(differences).toEqual([{ title: 'one', sent: 'VRFY x', expected: '252', got: '550' }])
    expect(heard).toEqual(['EHLO a\r\n', 'VRFY x\r\n'])
  })

  it('says EHLO for HELO, and lets it end its group', async () => {
    const { heard } = await against(
      'S: 220 *\nC: HELO a\nC: MAIL FROM:<>\nC: RCPT TO:<b@c>\nS: 250 *\nS: 250 *\nS: 250 *\n',
      ['220 hello', '250 x', '250 x\n250 y'],
    )
    expect(heard).toEqual(['EHLO a\r\n', 'MAIL FROM:<>\r\nRCPT TO:<b@c>\r\n'])
  })

  it('sends one command at a time to a peer without pipelining, and content at once', async () => {
    const { heard, differences } = await against(
      'S: 220 *\nC: HELO a\nC: DATA\nS: 250 *\nS: 354 *\nC: x\nC: .\nC: QUIT\nS: 250 *\nS: 221 *\n--close--\n',
      ['220 hello', '250 x', '354 go', '250 y', '221 z\nand more'],
      false,
    )
    expect(heard).toEqual(['EHLO a\r\n', 'DATA\r\n', 'x\r\n.\r\n', 'QUIT\r\n'])
    expect(differences).toEqual([{ title: 'one', sent: '(end)', expected: 'closed', got: 'open' }])
  })

  it('goes on behind a difference, with a RSET of its own behind a MAIL that should have been refused', async () => {
    const { heard, differences } = await against('S: 220 *\nC: MAIL FROM:x\nS: 501 *\nC: MAIL FROM:<y>\nS: 501 *\n', [
      '220 hello',
      '250 x',
      '250 reset',
      '501 no',
    ])
    expect(heard).toEqual(['MAIL FROM:x\r\n', 'RSET\r\n', 'MAIL FROM:<y>\r\n'])
    expect(differences.map(({ sent }) => sent)).toEqual(['MAIL FROM:x'])
  })

  it('ends where what follows means something else, and at the end of the connection', async () => {
    const refused = await against('S: 220 *\nC: DATA\nS: 354 *\nC: x\nC: .\nS: 250 *\n', ['220 hello', '554 no'])
    expect(refused.cut).toBe(true)
    expect(refused.heard).toEqual(['DATA\r\n'])
    const gone = await against('S: 220 *\nC: NOOP\nS: 250 *\nC: NOOP\nS: 250 *\n', ['220 hello', 'end'])
    expect(gone.differences).toEqual([{ title: 'one', sent: 'NOOP', expected: '250', got: 'closed' }])
    expect(gone.cut).toBe(true)
  })

  it('finds replies that nobody waits for behind what is no line', async () => {
    const { differences } = await against('S: 220 *\nC> NOOP\\nNOOP\\r\\n\nS: 500 *\n', ['220 hello', '500 a\n500 b'])
    expect(differences).toEqual([{ title: 'one', sent: 'NOOP\\nNOOP', expected: 'no more', got: 'more' }])
  })
})
