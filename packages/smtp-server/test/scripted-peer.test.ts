import { once } from 'node:events'
import { connect } from 'node:net'
import { createManualClock } from '@postroad/runtime'
import { afterEach, describe, expect, it } from 'vitest'
import {
  after,
  deaf,
  drip,
  hangUp,
  inTurn,
  LineClient,
  reset,
  silence,
  startScriptedPeer,
} from '../src/testing/index.ts'
import type { PeerMove, ScriptedPeer, ScriptedPeerOptions } from '../src/testing/index.ts'
import { certificate } from './certificate.ts'
import { settle } from './harness.ts'

const peers: ScriptedPeer[] = []
afterEach(async () => {
  for (const peer of peers.splice(0)) await peer.close()
})

async function start(options: ScriptedPeerOptions = {}): Promise<ScriptedPeer> {
  const peer = await startScriptedPeer(options)
  peers.push(peer)
  return peer
}

async function call(peer: ScriptedPeer, kind: 'pair' | 'socket' = 'socket'): Promise<LineClient> {
  if (kind === 'pair') return new LineClient(peer.dial())
  const socket = connect(peer.port, peer.host)
  await once(socket, 'connect')
  return new LineClient(socket)
}

const ENVELOPE = ['MAIL FROM:<eve@example.org>', 'RCPT TO:<ada@example.net>', 'DATA']

describe('a scripted peer', () => {
  it.each(['pair', 'socket'] as const)(
    'is polite where nothing is said, over a %s, and tells what it heard',
    async (kind) => {
      const peer = await start()
      const client = await call(peer, kind)
      expect(await client.reply()).toBe('220 mx.example.net ESMTP')
      expect(await client.talk('EHLO a')).toEqual([
        '250-mx.example.net\n250-PIPELINING\n250-8BITMIME\n250 ENHANCEDSTATUSCODES',
      ])
      expect(
        await client.talk('HELO a', 'NOOP', 'VRFY a', 'HELP', 'EXPN a', 'ATRN', 'ETRN a', 'XYZZY', 'RSET'),
      ).toEqual([
        '250 2.0.0 OK',
        '250 2.0.0 OK',
        '252 2.0.0 Perhaps',
        '214 2.0.0 This is a scripted peer',
        '502 5.5.1 Not here',
        '502 5.5.1 Not here',
        '250 2.0.0 OK',
        '502 5.5.1 Not here',
        '250 2.0.0 OK',
      ])
      expect(await client.talk(...ENVELOPE)).toEqual(['250 2.1.0 OK', '250 2.1.5 OK', '354 Go on'])
      client.send('Subject: x\r\n\r\n..dot\r\nbare\r.dot\r\n.\r\nQUIT\r\n')
      expect([await client.reply(), await client.reply(), await client.reply()]).toEqual([
        '250 2.0.0 Taken',
        '221 2.0.0 Bye',
        undefined,
      ])
      expect(peer.lines.slice(-4)).toEqual([...ENVELOPE, 'QUIT'])
      expect(peer.contents).toEqual(['Subject: x\r\n\r\n.dot\r\nbare\r.dot\r\n'])
      expect(peer.conversations).toHaveLength(1)
      expect(peer.conversations[0]?.contents).toEqual(peer.contents)
    },
  )

  it('takes an empty content, and content by BDAT as it is', async () => {
    const peer = await start({ keywords: ['CHUNKING'] })
    const client = await call(peer)
    await client.reply()
    await client.talk('EHLO a', ...ENVELOPE)
    client.send('.\r\nMAIL FROM:<>\r\nRCPT TO:<a@example.net>\r\nBDAT 4\r\n.\r\n.BDAT 5 LAST\r\n\r\n.\r\n')
    for (const code of ['250 2.0.0 T', '250 2.1.0', '250 2.1.5', '250 2.0.0 4 octets', '250 2.0.0 T']) {
      expect(await client.reply()).toContain(code)
    }
    expect(peer.contents).toEqual(['', '.\r\n.\r\n.\r\n'])
  })

  it('answers LMTP once for each recipient that it took (RFC 2033 §4.2)', async () => {
    const peer = await start({ protocol: 'lmtp' })
    peer.on.rcpt(2, '550 5.1.1 Nobody')
    peer.on.content(2, '452 4.2.2 Full')
    const client = await call(peer)
    await client.reply()
    await client.talk('LHLO a', ENVELOPE[0]!, 'RCPT TO:<a@example.net>', 'RCPT TO:<b@example.net>')
    await client.talk('RCPT TO:<c@example.net>', 'DATA')
    client.send('x\r\n.\r\n')
    expect([await client.reply(), await client.reply()]).toEqual(['250 2.0.0 Taken', '452 4.2.2 Full'])
    expect(await client.talk('NOOP')).toEqual(['250 2.0.0 OK'])
  })

  const MAIL = 'MAIL FROM:<eve@example.org>'
  const RCPT = 'RCPT TO:<ada@example.net>'
  it.each<{ what: string; said: string; codes: string; refuse?: string; takes?: string }>([
    { what: 'RCPT, DATA and BDAT without MAIL', said: `${RCPT}|DATA|BDAT 3|BDAT 3 LAST`, codes: '503 503 503 503' },
    { what: 'all behind a refused MAIL', refuse: 'mail', said: `${MAIL}|${RCPT}|DATA`, codes: '550 503 503' },
    {
      what: 'a flight behind a refused MAIL',
      refuse: 'mail',
      said: `${MAIL}|${RCPT}|BDAT 3 LAST`,
      codes: '550 503 503',
    },
    { what: 'DATA where no RCPT was accepted', refuse: 'rcpt', said: `${MAIL}|${RCPT}|DATA`, codes: '250 550 503' },
    {
      what: 'BDAT where no RCPT was accepted',
      refuse: 'rcpt',
      said: `${MAIL}|${RCPT}|BDAT 3 LAST`,
      codes: '250 550 503',
    },
    { what: 'MAIL within a transaction', said: `${MAIL}|${MAIL}|${RCPT}|RSET|${MAIL}`, codes: '250 503 250 250 250' },
    { what: 'RCPT and DATA behind a chunk', said: `${MAIL}|${RCPT}|BDAT 3|${RCPT}|DATA`, codes: '250 250 250 503 503' },
    {
      what: 'all but RSET behind a chunk that it refused',
      refuse: 'bdat',
      said: `${MAIL}|${RCPT}|BDAT 3|BDAT 3 LAST|DATA|${RCPT}|${MAIL}|RSET|${MAIL}`,
      codes: '250 250 550 503 503 503 503 250 250',
    },
    { what: 'RCPT behind another hello', said: `${MAIL}|EHLO a|${RCPT}`, codes: '250 250 503' },
    {
      what: 'a second message without MAIL',
      said: `${MAIL}|${RCPT}|BDAT 3 LAST|${RCPT}|BDAT 3 LAST`,
      codes: '250 250 250 503 503',
      takes: 'abc',
    },
  ])(
    'answers 503 to $what, and reads the octets (RFC 5321 §4.1.4, RFC 3030 §2)',
    async ({ said, codes, refuse, takes }) => {
      const peer = await start()
      if (refuse === 'mail' || refuse === 'rcpt' || refuse === 'bdat') peer.on[refuse](1, '550 5.7.1 No')
      const client = await call(peer, 'pair')
      await client.reply()
      await client.talk('EHLO a')
      const lines = said.split('|')
      client.send(lines.map((line) => `${line}\r\n${line.startsWith('BDAT') ? 'abc' : ''}`).join(''))
      const heard: string[] = []
      for (const _ of lines) heard.push((await client.reply())?.slice(0, 3) ?? 'closed')
      expect(heard.join(' ')).toBe(codes)
      expect(peer.lines.slice(1)).toEqual(lines)
      expect(peer.contents).toEqual(takes === undefined ? [] : [takes])
      expect(await client.talk('NOOP')).toEqual(['250 2.0.0 OK'])
    },
  )

  it('takes out of order what its script takes', async () => {
    const peer = await start()
    peer.on.rcpt('250 2.1.5 Why not')
    peer.on.content(2, '451 4.3.0 Later')
    const client = await call(peer)
    await client.reply()
    await client.talk('EHLO a', RCPT)
    client.send('BDAT 3 LAST\r\nabc')
    expect(await client.reply()).toBe('250 2.0.0 Taken')
    expect(peer.contents).toEqual(['abc'])
    client.send('BDAT 3 LAST\r\nabc')
    expect(await client.reply()).toBe('451 4.3.0 Later')
    peer.on.data('354 Go on')
    await client.talk('DATA')
    client.send('x\r\n.\r\n')
    expect(await client.reply()).toBe('250 2.0.0 Taken')
    peer.on.bdat('250 2.0.0 Any')
    client.send('BDAT 3\r\nabcBDAT 3 LAST\r\ndef')
    expect([await client.reply(), await client.reply()]).toEqual(['250 2.0.0 Any', '250 2.0.0 Taken'])
    expect(peer.contents).toEqual(['abc', 'x\r\n', 'abcdef'])
  })

  it('does what its script says: always, the n-th time over all connections, changed at any time', async () => {
    const peer = await start()
    peer.on.rcpt('550 5.1.1 Nobody')
    peer.on.rcpt(3, '452 4.5.3 Too many recipients')
    peer.on.connect(2, '421 4.3.2 Later')
    const client = await call(peer)
    await client.reply()
    const rcpt = async () => (await client.talk('RCPT TO:<a@example.net>'))[0]
    expect([await rcpt(), await rcpt(), await rcpt(), await rcpt()]).toEqual([
      '550 5.1.1 Nobody',
      '550 5.1.1 Nobody',
      '452 4.5.3 Too many recipients',
      '550 5.1.1 Nobody',
    ])
    peer.on.rcpt('250-two\n250 lines')
    expect(await rcpt()).toBe('250-two\n250 lines')
    expect(await (await call(peer)).reply()).toBe('421 4.3.2 Later')
    expect(await (await call(peer)).reply()).toMatch(/^220 /)
  })

  it.each<{ what: string; move: PeerMove; said: string }>([
    { what: 'a code that does not belong there', move: '354 what?', said: '354 what?\r\n' },
    { what: 'lines that do not fit together', move: '250-one\n251 two', said: '250-one\r\n251 two\r\n' },
    { what: 'bytes that are no reply', move: Uint8Array.of(0, 10, 13), said: '\0\n\r' },
    { what: 'several moves', move: inTurn('250 one', 'x', Uint8Array.of(65)), said: '250 one\r\nx\r\nA' },
    { what: 'what a function gives', move: async ({ lines }) => `250 ${lines.length}`, said: '250 1\r\n' },
  ])('says $what', async ({ move, said }) => {
    const peer = await start()
    peer.on.noop(move)
    const client = await call(peer, 'pair')
    await client.reply()
    client.send('NOOP\r\n')
    await settle()
    expect(client.unread).toBe(said)
  })

  it.each([
    { how: 'falls silent', move: silence, ends: false },
    { how: 'hangs up', move: hangUp, ends: true },
    { how: 'says 421 and hangs up', move: inTurn('421 4.3.2 Bye', hangUp), ends: true, said: '421 4.3.2 Bye' },
  ])('$how behind the final dot', async ({ move, ends, said }) => {
    const peer = await start()
    peer.on.content(move)
    const client = await call(peer)
    await client.reply()
    await client.talk('HELO a', ...ENVELOPE)
    client.send('x\r\n.\r\n')
    expect(await peer.took()).toBe('x\r\n')
    if (said !== undefined) expect(await client.reply()).toBe(said)
    if (ends) await client.end()
    else await settle()
    expect(client.unread).toBe('')
    expect(client.closed).toBe(ends)
  })

  it('resets a connection', async () => {
    const peer = await start()
    peer.on.mail(reset)
    const client = await call(peer)
    const error = once(client.stream, 'error')
    await client.reply()
    client.send('MAIL FROM:<>\r\n')
    expect(await error).toMatchObject([{ code: 'ECONNRESET' }])
  })

  it('reads nothing where it is deaf, until it is told to', async () => {
    const peer = await start()
    peer.on.data(inTurn('354 Go on', deaf))
    const client = await call(peer)
    await client.reply()
    await client.talk('HELO a', ...ENVELOPE)
    const block = Buffer.alloc(1_000_000, 'x\r\n')
    for (let count = 0; count < 20; count += 1) client.send(block)
    await settle()
    expect(client.stream.writableLength).toBeGreaterThan(0)
    client.send('\r\n.\r\n')
    peer.conversations[0]?.resume()
    expect((await peer.took()).length).toBeGreaterThan(20_000_000 - 1)
  })

  it('greets late', async () => {
    const peer = await start()
    let go: () => void = () => {}
    const late = new Promise<void>((resolve) => {
      go = resolve
    })
    peer.on.connect(after(late, '220 at last'))
    const client = await call(peer)
    await peer.connected()
    await settle()
    expect(client.unread).toBe('')
    go()
    expect(await client.reply()).toBe('220 at last')
  })

  it('drips a reply by calls', async () => {
    const peer = await start()
    peer.on.noop(drip('250 OK', { bytes: 3 }))
    const client = await call(peer, 'pair')
    await client.reply()
    client.send('NOOP\r\nQUIT\r\n')
    const conversation = await peer.connected()
    await settle()
    const heard: string[] = [client.unread]
    while (conversation.drip()) {
      await settle()
      heard.push(client.unread)
    }
    expect(heard.slice(0, 2)).toEqual(['250', '250 OK'])
    expect(await client.reply()).toBe('250 OK')
    expect(await client.reply()).toMatch(/^221 /)
    expect(conversation.drip()).toBe(false)
  })

  it('drips a reply by a clock', async () => {
    const clock = createManualClock()
    const peer = await start()
    peer.on.noop(drip('250 OK', { every: { ms: 1_000, clock } }))
    const client = await call(peer, 'pair')
    await client.reply()
    client.send('NOOP\r\n')
    for (const heard of ['2', '25', '250', '250 ']) {
      await settle()
      expect(client.unread).toBe(heard)
      await clock.advance(1_000)
    }
    await clock.advance(10_000)
    await settle()
    expect(await client.reply()).toBe('250 OK')
  })

  it('says something unasked', async () => {
    const peer = await start()
    const client = await call(peer)
    await client.reply()
    ;(await peer.connected()).say('421 4.3.2 Going down')
    expect(await client.reply()).toBe('421 4.3.2 Going down')
  })

  it.each([
    { line: 'AUTH PLAIN AGFkYQBzZWNyZXQ=', replies: ['235'] },
    { line: 'AUTH PLAIN', replies: ['334', '235'] },
    { line: 'AUTH LOGIN', replies: ['334', '334', '235'] },
    { line: 'AUTH LOGIN YWRh', replies: ['334', '235'] },
  ])('takes anything for the right password: $line', async ({ line, replies }) => {
    const peer = await start()
    const client = await call(peer)
    await client.reply()
    const codes: (string | undefined)[] = []
    for (let next = line; codes.at(-1) !== '235'; next = 'eA==') codes.push((await client.talk(next))[0]?.slice(0, 3))
    expect(codes).toEqual(replies)
  })

  it('challenges as it is told', async () => {
    const peer = await start()
    peer.on.auth('334 eA==')
    peer.on.response(1, '334 eQ==')
    peer.on.response(2, '535 5.7.8 No')
    const client = await call(peer)
    await client.reply()
    expect(await client.talk('AUTH PLAIN', 'YQ==', 'Yg==')).toEqual(['334 eA==', '334 eQ==', '535 5.7.8 No'])
    expect(peer.lines).toEqual(['AUTH PLAIN', 'YQ==', 'Yg=='])
  })
})

describe('a scripted peer with TLS', () => {
  it('offers STARTTLS and shakes hands, with the certificate of the moment', async () => {
    const peer = await start({ certificate: await certificate('one.example.net') })
    for (const name of ['one.example.net', 'two.example.net']) {
      peer.certificate = await certificate(name)
      const client = await call(peer, name.startsWith('one') ? 'pair' : 'socket')
      await client.reply()
      expect((await client.talk('EHLO a'))[0]).toContain('STARTTLS')
      expect(await client.talk('STARTTLS')).toEqual(['220 2.0.0 Go on'])
      const secured = await client.startTls()
      expect(secured.getPeerCertificate().subject.CN).toBe(name)
      expect((await client.talk('EHLO a'))[0]).not.toContain('STARTTLS')
    }
    expect(peer.conversations.map(({ secured }) => secured)).toEqual([true, true])
  })

  it('is there from the first byte where it is implicit', async () => {
    const peer = await start({ certificate: await certificate(), implicitTls: true })
    const client = await call(peer)
    await client.startTls()
    expect(await client.reply()).toMatch(/^220 /)
  })

  it.each<{ how: string; move: PeerMove }>([
    { how: 'answers with bytes', move: Uint8Array.of(0x15, 3, 1, 0, 2, 2, 40) },
    { how: 'answers in plain text', move: '500 what?' },
    { how: 'hangs up', move: hangUp },
    { how: 'resets', move: reset },
  ])('breaks a handshake: $how', async ({ move }) => {
    const peer = await start({ certificate: await certificate() })
    peer.on.handshake(1, move)
    const client = await call(peer)
    await client.reply()
    await client.talk('EHLO a', 'STARTTLS')
    await expect(client.startTls()).rejects.toThrow()
    const again = await call(peer)
    await again.reply()
    await again.talk('EHLO a', 'STARTTLS')
    await again.startTls()
  })

  it('ends a conversation whose client gives up in the handshake', async () => {
    const peer = await start({ certificate: await certificate() })
    const client = await call(peer)
    await client.reply()
    await client.talk('EHLO a', 'STARTTLS')
    client.send('no handshake\r\n')
    await client.end()
    expect(peer.conversations[0]?.secured).toBe(false)
  })
})

describe('moments', () => {
  it('are waited for, also where they have been already', async () => {
    const peer = await start()
    const second = peer.heard('mail', 2)
    const client = await call(peer)
    await client.reply()
    await client.talk('MAIL FROM:<>')
    expect(await peer.heard('MAIL')).toBe('MAIL FROM:<>')
    await client.talk('MAIL FROM:<a@example.org>')
    expect(await second).toBe('MAIL FROM:<a@example.org>')
  })

  it('that never come reject when the peer closes', async () => {
    const peer = await start()
    const waiting = [peer.heard('DATA'), peer.took(), peer.connected(2)]
    await peer.close()
    for (const each of waiting) await expect(each).rejects.toThrow('closed')
    await expect(peer.heard('DATA')).rejects.toThrow('closed')
  })
})

describe('a conversation of one’s own', () => {
  it('does all that happens', async () => {
    const peer = await start({
      certificate: await certificate(),
      async converse(conversation) {
        conversation.say('220 mine')
        for (let line = await conversation.line(); line !== undefined; line = await conversation.line()) {
          if (line === 'DATA') {
            conversation.say('354')
            conversation.say(`250 ${(await conversation.content())?.length ?? -1}`)
          } else if (line === 'TLS') {
            conversation.say('220 now')
            await conversation.startTls()
          } else if (line === 'END') return
          else conversation.say(`250 ${line}`)
        }
      },
    })
    const client = await call(peer)
    expect(await client.talk('HELLO')).toEqual(['220 mine'])
    expect(await client.reply()).toBe('250 HELLO')
    await client.talk('DATA')
    client.send('..x\r\n.\r\n')
    expect(await client.reply()).toBe('250 4')
    await client.talk('TLS')
    await client.startTls()
    expect(await client.talk('AGAIN')).toEqual(['250 AGAIN'])
    client.send('END\r\n')
    await client.end()
    expect(peer.contents).toEqual(['.x\r\n'])
  })

  it('that throws is over, and its error is kept', async () => {
    const peer = await start({ converse: () => Promise.reject(new Error('script broke')) })
    const client = await call(peer, 'pair')
    await client.end()
    expect(client.unread).toBe('')
    expect(peer.faults).toMatchObject([{ message: 'script broke' }])
  })
})
