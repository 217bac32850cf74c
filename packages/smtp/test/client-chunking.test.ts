import { fromUtf8 } from '@postroad/bytes'
import { describe, expect, it } from 'vitest'
import type { ClientEvent } from '../src/client-event.ts'
import type { ClientSession } from '../src/client-session.ts'
import { CONTENT, envelope, facts, NOW, Talk } from './client-talk.ts'

const MAIL = 'MAIL FROM:<eve@example.org>\r\n'
const RCPT = 'RCPT TO:<ada@example.net>\r\n'
const RCPTS = `${RCPT}RCPT TO:<bob@example.net>\r\n`
const TWO = { envelope: envelope('ada@example.net', 'bob@example.net') }
const BDAT = `BDAT ${CONTENT.length} LAST\r\n${CONTENT}`
const greet = (...offer: string[]) => new Talk().greet('CHUNKING', ...offer)
const flying = () => greet('PIPELINING')

/** Content of so many bytes, in lines. */
const text = (bytes: number) => 'abcdefgh\r\n'.repeat(Math.ceil(bytes / 10)).slice(0, bytes)

function* drained(session: ClientSession): Generator<ClientEvent> {
  for (let event = session.next(); event !== undefined; event = session.next()) yield event
}

/** A session in the middle of a long content: MAIL and RCPT are accepted, nothing is given yet. */
function chunking(bytes: number, request: { chunkBytes?: number } = {}, ...offer: string[]): Talk {
  const talk = greet(...offer)
  talk.manual = true
  talk.transact({ facts: facts(text(bytes)), flightBytes: 0, ...request })
  talk.says('250 ok')
  talk.says('250 ok')
  return talk
}

describe('a flight: MAIL, RCPT and BDAT LAST at once', () => {
  it('leaves as one write and needs one round trip (RFC 3030 §2)', () => {
    const talk = flying()
    expect(talk.transact(TWO)).toBe(`${MAIL}${RCPTS}${BDAT}`)
    expect(talk.session.transactionTerminated).toBe(true)
    expect(talk.session.wantsContent).toBe(false)
    talk.says('250 ok', '250 ok', '250 ok', '250 taken')
    expect(talk.summary).toEqual(['delivered', 'delivered'])
    expect(talk.ended).toBe('done')
    expect(talk.transact()).toBe(`${MAIL}${RCPT}${BDAT}`)
  })

  it('counts as sent what is taken in parts, as what is taken whole', () => {
    const { session } = flying()
    const content = fromUtf8(text(40_000))
    session.transact({ envelope: envelope('ada@example.net'), facts: facts(text(40_000)), now: NOW })
    session.content(content)
    session.endContent()
    expect(session.transactionTerminated).toBe(false)
    const parts = session.takeParts()
    expect(parts.map((part) => part.length)).toEqual([`${MAIL}${RCPT}BDAT 40000 LAST\r\n`.length, 39_999, 1])
    expect(parts[1]?.buffer).toBe(content.buffer)
    expect(session).toMatchObject({ transactionTerminated: true, outputBytes: 0 })
    session.receive(fromUtf8('250 ok\r\n250 ok\r\n250 taken\r\n'))
    expect([...drained(session)]).toContainEqual(expect.objectContaining({ type: 'transaction-ended', phase: 'done' }))
  })

  it('shows the commands and never the content', () => {
    const talk = flying()
    talk.lines.length = 0
    talk.transact()
    expect(talk.lines).toEqual([`C: ${MAIL.trimEnd()}`, `C: ${RCPT.trimEnd()}`, `C: BDAT ${CONTENT.length} LAST`])
  })

  it.each(['', '.', '..\r\n.', 'no newline', '.\r\n'])('sends %j as it is (RFC 3030 §2)', (content) => {
    const talk = greet('PIPELINING', 'SIZE')
    talk.content = content
    const { length } = content
    expect(talk.transact()).toBe(`${MAIL.trimEnd()} SIZE=${length}\r\n${RCPT}BDAT ${length} LAST\r\n${content}`)
  })

  it('keeps no memory of a chunk that was written, the last octet too', () => {
    const talk = flying()
    talk.manual = true
    talk.transact()
    // A Buffer's own `slice` would share its memory.
    const chunk = Buffer.from(CONTENT)
    talk.session.content(chunk)
    talk.sent()
    chunk.fill('x')
    talk.session.endContent()
    expect(talk.sent()).toBe('\n')
  })

  it('may leave in parts, and is unsure only once the last octet did', () => {
    for (const parts of [0, 1, 2, 3]) {
      const talk = flying()
      talk.manual = true
      expect(talk.transact()).toBe(`${MAIL}${RCPT}`)
      expect(talk.session.phase).toBe('content')
      if (parts > 0) expect(talk.give(CONTENT.slice(0, 7))).toBe(`BDAT ${CONTENT.length} LAST\r\nSubject`)
      // The last octet waits for the word that the content ended.
      if (parts > 1) expect(talk.give(CONTENT.slice(7))).toBe(CONTENT.slice(7, -1))
      if (parts > 1) talk.session.endContent()
      if (parts > 2) expect(talk.sent()).toBe('\n')
      expect(talk.session.transactionTerminated).toBe(parts === 3)
      talk.session.lost('lost')
      talk.drain()
      expect(talk.summary).toEqual([parts === 3 ? 'unknown 4.4.2' : 'deferred 4.4.2'])
      expect(talk.closed).toBe(parts === 3 ? 'lost at end-of-data' : 'lost at content')
    }
  })

  it('does not fly where the caller wants none to, also without any content', () => {
    const talk = flying()
    talk.content = ''
    expect(talk.transact({ flightBytes: 0 })).toBe(`${MAIL}${RCPT}`)
    talk.says('250 ok')
    expect(talk.says('250 ok')).toBe('BDAT 0 LAST\r\n')
  })

  it('is deferred by a 421 that came before it left: the peer did not wait for it (RFC 5321 §3.8)', () => {
    const talk = flying()
    talk.session.transact({ envelope: envelope('ada@example.net'), facts: facts(), now: NOW })
    talk.says('421 4.4.2 idle for too long')
    expect(talk.summary).toEqual(['deferred 4.3.2'])
    expect(talk.closed).toBe('closing at mail')
    expect(talk.session).toMatchObject({ transactionAnswered: false, transactionTerminated: false })
  })

  it.each([
    { says: ['250 ok', '250 ok', '500 what'], summary: 'failed 5.5.2' },
    { says: ['250 ok', '250 ok', '502 not here'], summary: 'failed 5.5.1' },
    { says: ['250 ok', '450 later', '500 what'], summary: 'deferred 4.2.0' },
  ])(
    'carries nothing more where BDAT is not known: its octets may be read as commands ($says)',
    ({ says, summary }) => {
      const talk = flying()
      talk.content = 'NOOP\r\nNOOP\r\nNOOP\r\n'
      talk.transact()
      talk.says(...says)
      expect(talk.summary).toEqual([summary])
      expect(talk.session.idle).toBe(false)
      expect(talk.closed).toBe('unexpected-reply at end-of-data')
      // What answers the octets is nobody's reply.
      expect(talk.says('250 ok', '250 ok', '250 ok')).toBe('')
    },
  )

  it('reads the replies to MAIL and RCPT while the content leaves', () => {
    const talk = flying()
    talk.manual = true
    talk.transact(TWO)
    talk.give(CONTENT.slice(0, 7))
    talk.says('250 ok', '250 ok', '550 no')
    expect(talk.summary).toEqual([undefined, 'failed 5.1.1'].map((outcome) => outcome ?? 'missing'))
    talk.give(CONTENT.slice(7))
    talk.session.endContent()
    talk.sent()
    talk.says('250 ok')
    expect(talk.summary).toEqual(['delivered', 'failed 5.1.1'])
  })

  it('waits as long as the oldest command without a reply may take (RFC 5321 §4.5.3.2)', () => {
    const talk = flying()
    talk.manual = true
    talk.transact()
    const waits = [talk.session.deadlineMs]
    talk.give(CONTENT)
    talk.session.endContent()
    talk.sent()
    for (const line of ['250 ok', '250 ok', '250 ok']) {
      waits.push(talk.session.deadlineMs)
      talk.says(line)
    }
    expect(waits.map((ms) => ms / 60_000)).toEqual([3, 5, 5, 10])
  })

  it.each([
    { says: ['550 no', '503 no', '503 no'], summary: ['failed 5.0.0'], ended: 'mail', next: 'RSET' },
    { says: ['250 ok', '550 no', '554 nobody'], summary: ['failed 5.1.1'], ended: 'rcpt', next: 'RSET' },
    { says: ['250 ok', '450 no', '250 took nothing'], summary: ['deferred 4.2.0'], ended: 'rcpt', next: 'RSET' },
    { says: ['250 ok', '250 ok', '552 big'], summary: ['failed 5.3.4'], ended: 'done', next: 'RSET' },
    { says: ['250 ok', '250 ok', '451 later'], summary: ['deferred 4.3.0'], ended: 'done', next: 'RSET' },
    { says: ['250 ok', '251 forwarded', '250 ok'], summary: ['delivered'], ended: 'done', next: 'MAIL' },
    { says: ['250 ok', '252 perhaps', '250 ok'], summary: ['delivered'], ended: 'done', next: 'MAIL' },
    { says: ['250 ok', '551 moved', '554 nobody'], summary: ['failed 5.1.6'], ended: 'rcpt', next: 'RSET' },
    { says: ['421 bye'], summary: ['deferred 4.3.2'], ended: 'mail', next: undefined },
    { says: ['250 ok', '421 bye'], summary: ['deferred 4.3.2'], ended: 'rcpt', next: undefined },
    { says: ['250 ok', '250 ok', '421 bye'], summary: ['deferred 4.3.2'], ended: 'end-of-data', next: undefined },
    { says: ['250 ok', '550 no', '421 bye'], summary: ['failed 5.1.1'], ended: 'end-of-data', next: undefined },
    { says: ['354 odd'], summary: ['unknown 4.5.0'], ended: 'end-of-data', next: undefined },
    { says: ['250 ok', '354 odd'], summary: ['unknown 4.5.0'], ended: 'end-of-data', next: undefined },
    { says: ['250 ok', '250 ok', '354 odd'], summary: ['unknown 4.5.0'], ended: 'end-of-data', next: undefined },
    { says: ['250 ok', 'garbage'], summary: ['unknown 4.5.0'], ended: 'end-of-data', next: undefined },
    { says: ['250 ok', '250 ok', '250 ok', '250 extra'], summary: ['delivered'], ended: 'done', next: undefined },
  ])('makes $summary of $says, then $next', ({ says, summary, ended, next }) => {
    const talk = flying()
    talk.transact()
    for (const line of says) talk.says(line)
    expect(talk.summary).toEqual(summary)
    expect(talk.ended).toBe(ended)
    expect(talk.session.idle).toBe(next !== undefined)
    // RFC 3030 §2: RSET must clear what a failed BDAT left.
    if (next !== undefined) expect(talk.forget().transact().startsWith(next)).toBe(true)
  })

  it('takes RSET along in the next flight', () => {
    const talk = flying()
    talk.transact()
    talk.says('250 ok', '550 no', '554 nobody')
    expect(talk.forget().transact()).toBe(`RSET\r\n${MAIL}${RCPT}${BDAT}`)
    talk.says('250 flushed', '250 ok', '250 ok', '250 ok')
    expect(talk.summary).toEqual(['delivered'])
    expect(talk.forget().transact()).toBe(`${MAIL}${RCPT}${BDAT}`)
  })

  it.each([{ refused: ['250 ok', '550 no'] }, { refused: ['450 later', '503 no'] }])(
    'keeps the content back where nobody is accepted before it was given: $refused',
    ({ refused }) => {
      const talk = flying()
      talk.manual = true
      talk.transact()
      talk.says(...refused)
      expect(talk.session.idle).toBe(true)
      expect(talk.session.wantsContent).toBe(false)
      expect(talk.give(CONTENT)).toBe('')
      talk.session.endContent()
      expect(talk.sent()).toBe('')
      expect(talk.forget().transact()).toMatch(refused[0] === '250 ok' ? /^RSET/ : /^MAIL/)
    },
  )

  it('sends the octets that were announced though nobody is accepted (RFC 3030 §2)', () => {
    const talk = flying()
    talk.manual = true
    talk.transact()
    talk.give(CONTENT.slice(0, 7))
    talk.says('250 ok', '550 no')
    expect(talk.summary).toEqual(['failed 5.1.1'])
    expect(talk.ended).toBeUndefined()
    expect(talk.session.wantsContent).toBe(true)
    expect(talk.give(CONTENT.slice(7))).toBe(CONTENT.slice(7, -1))
    talk.session.endContent()
    expect(talk.sent()).toBe('\n')
    talk.says('554 nobody')
    expect(talk.ended).toBe('rcpt')
  })

  it.each([
    { says: '552 too big', summary: 'failed 5.3.4', closed: 'content-interrupted at content' },
    { says: '421 bye', summary: 'deferred 4.3.2', closed: 'closing at content' },
    { says: '250 fine already', summary: 'deferred 4.5.0', closed: 'content-interrupted at content' },
    { says: '354 go', summary: 'deferred 4.5.0', closed: 'content-interrupted at content' },
  ])('ends where $says comes in the middle of the octets', ({ says, summary, closed }) => {
    for (const given of ['', 'Subject']) {
      const talk = flying()
      talk.manual = true
      talk.transact()
      talk.give(given)
      talk.says('250 ok', '250 ok')
      talk.says(says)
      expect(talk.summary).toEqual([summary])
      expect(talk.closed).toBe(closed)
      talk.session.content(fromUtf8('more'))
      expect(talk.sent()).toBe('')
    }
  })

  it.each([CONTENT.slice(1), `${CONTENT}more`, `${CONTENT}${CONTENT}`])(
    'never completes content of another length than its facts say',
    (content) => {
      const talk = flying()
      talk.manual = true
      talk.transact()
      for (const character of content) talk.session.content(fromUtf8(character))
      expect(() => talk.session.endContent()).toThrow(expect.objectContaining({ code: 'SMTP_CLIENT_CONTENT_LENGTH' }))
      expect(talk.sent().length).toBeLessThan(`BDAT ${CONTENT.length} LAST\r\n`.length + CONTENT.length)
      expect(talk.session.transactionTerminated).toBe(false)
      talk.session.lost('aborted')
      talk.drain()
      expect(talk.summary).toEqual(['deferred 4.4.2'])
    },
  )
})

describe('how the content travels', () => {
  it.each([
    { offer: ['PIPELINING', 'CHUNKING'], request: {}, sends: `${MAIL}${RCPT}${BDAT}` },
    { offer: ['PIPELINING', 'CHUNKING'], request: { chunking: 'never' }, sends: `${MAIL}${RCPT}DATA\r\n` },
    { offer: ['PIPELINING', 'CHUNKING'], request: { flightBytes: CONTENT.length }, sends: `${MAIL}${RCPT}${BDAT}` },
    { offer: ['PIPELINING', 'CHUNKING'], request: { flightBytes: CONTENT.length - 1 }, sends: `${MAIL}${RCPT}` },
    { offer: ['PIPELINING'], request: {}, sends: `${MAIL}${RCPT}DATA\r\n` },
    { offer: ['CHUNKING'], request: {}, sends: MAIL },
  ] as const)('sends $sends for $offer, $request', ({ offer, request, sends }) => {
    expect(new Talk().greet(...offer).transact(request)).toBe(sends)
  })

  it('goes with DATA without PIPELINING: a reply for each chunk would cost more', () => {
    const talk = greet()
    talk.transact()
    talk.says('250 ok')
    expect(talk.says('250 ok')).toBe('DATA\r\n')
  })

  it('waits for the replies to RCPT in LMTP, where BDAT LAST for nobody has none (RFC 2033 §4.3)', () => {
    const talk = new Talk({ protocol: 'lmtp' }).greet('PIPELINING', 'CHUNKING')
    expect(talk.transact(TWO)).toBe(`${MAIL}${RCPTS}`)
    expect(talk.says('250 ok', '250 ok', '250 ok')).toBe(BDAT)
    talk.says('250 ok', '452 full')
    expect(talk.summary).toEqual(['delivered', 'deferred 4.3.1'])
    expect(talk.forget().transact()).toMatch(/^MAIL/)
  })

  it('says RSET in LMTP where BDAT LAST was refused for all (RFC 3030 §2)', () => {
    const talk = new Talk({ protocol: 'lmtp' }).greet('PIPELINING', 'CHUNKING')
    talk.transact()
    talk.says('250 ok', '250 ok')
    talk.says('452 full')
    expect(talk.forget().transact()).toMatch(/^RSET/)
  })

  it('sends nothing more in LMTP where nobody was accepted', () => {
    const talk = new Talk({ protocol: 'lmtp' }).greet('PIPELINING', 'CHUNKING')
    talk.transact()
    expect(talk.says('250 ok', '550 no')).toBe('')
    expect(talk.ended).toBe('rcpt')
  })

  it.each([
    { offer: ['CHUNKING', 'BINARYMIME', 'PIPELINING'], flies: true },
    { offer: ['CHUNKING', 'BINARYMIME'], flies: false },
  ])('sends binary content by BDAT alone, $offer (RFC 3030 §3)', ({ offer, flies }) => {
    const content = 'a\rb\nc\0\xff.\r\n.\r\n'
    const talk = new Talk().greet(...offer)
    talk.content = content
    const binary = facts(content, { binary: true, eightBit: true })
    const first = talk.transact({ facts: binary, chunking: 'never' })
    const mail = 'MAIL FROM:<eve@example.org> BODY=BINARYMIME\r\n'
    const bdat = `BDAT ${binary.sizeBytes} LAST\r\n${content}`
    expect(first).toBe(flies ? `${mail}${RCPT}${bdat}` : mail)
    if (!flies) expect(talk.says('250 ok')).toBe(RCPT)
    if (!flies) expect(talk.says('250 ok')).toBe(bdat)
    talk.says(...(flies ? ['250 ok', '250 ok', '250 ok'] : ['250 ok']))
    expect(talk.summary).toEqual(['delivered'])
  })

  it.each([
    { body: 'binarymime', offer: 'BINARYMIME', sends: / BODY=BINARYMIME/ },
    { body: '8bitmime', offer: 'BINARYMIME', sends: /^MAIL FROM:<eve@example.org>\r/ },
    { body: 'binarymime', offer: 'X', sends: /^MAIL FROM:<eve@example.org>\r/ },
  ] as const)(
    'sends a NUL or a long line as BINARYMIME only where the sender did: $body at $offer',
    ({ body, offer, sends }) => {
      const talk = greet('PIPELINING', offer)
      const binary = facts(CONTENT, { binary: true })
      const to = { ...envelope('ada@example.net'), body }
      expect(talk.transact({ envelope: to, facts: binary, bareNewlines: false })).toMatch(sends)
    },
  )

  it('refuses bare newlines for a peer without BINARYMIME before anything is sent (RFC 3030 §3)', () => {
    const talk = flying()
    expect(talk.transact({ bareNewlines: true })).toBe('')
    expect(talk.summary).toEqual(['failed 5.6.0'])
  })
})

describe('chunks', () => {
  it('are cut as told, whatever the cut of what is given, the last with LAST (RFC 3030 §2)', () => {
    for (const step of [1, 3, 10, 26]) {
      const talk = chunking(26, { chunkBytes: 10 }, 'PIPELINING')
      expect(talk.session.wantsContent).toBe(true)
      const content = text(26)
      let sent = ''
      for (let at = 0; at < content.length; at += step) sent += talk.give(content.slice(at, at + step))
      talk.session.endContent()
      sent += talk.sent()
      expect(sent).toBe(
        `BDAT 10\r\n${content.slice(0, 10)}BDAT 10\r\n${content.slice(10, 20)}BDAT 6 LAST\r\n${content.slice(20)}`,
      )
      talk.says('250 ok', '250 ok', '250 ok')
      expect(talk.summary).toEqual(['delivered'])
      expect(talk.ended).toBe('done')
      expect(talk.forget().transact()).toMatch(/^MAIL/)
    }
  })

  it('are as long as the default where none is told, and 1 octet at least', () => {
    const talk = chunking(300_000, {}, 'PIPELINING')
    expect(talk.give(text(300_000))).toMatch(/^BDAT 262144\r\n/)
    expect(chunking(3, { chunkBytes: 0 }, 'PIPELINING').give(text(3))).toBe('BDAT 1\r\naBDAT 1\r\nb')
  })

  it('are at most 16 without a reply with PIPELINING; more waits, and is not copied (RFC 2920 §3.1)', () => {
    const talk = chunking(40, { chunkBytes: 2 }, 'PIPELINING')
    const given = fromUtf8(text(40))
    talk.session.content(given)
    talk.session.endContent()
    expect(talk.session.contentBlocked).toBe(true)
    expect(talk.sent().match(/BDAT/g)).toHaveLength(16)
    // Still the caller's memory; he must not do this.
    given.fill(0x78, 32, 34)
    expect(talk.says('250 ok')).toBe('BDAT 2\r\nxx')
    expect(talk.says('250 ok', '250 ok', '250 ok')).toMatch(/BDAT 2 LAST\r\ngh$|BDAT 2 LAST\r\n\r\n$/)
    expect(talk.session.contentBlocked).toBe(false)
    for (let reply = 0; reply < 16; reply += 1) talk.says('250 ok')
    expect(talk.summary).toEqual(['delivered'])
  })

  it('go one by one without PIPELINING', () => {
    const talk = new Talk().greet('CHUNKING', 'BINARYMIME')
    talk.content = text(5)
    talk.transact({ facts: facts(text(5), { binary: true }), chunkBytes: 2 })
    talk.says('250 ok')
    expect(talk.says('250 ok')).toBe(`BDAT 2\r\nab`)
    expect(talk.says('250 ok')).toBe(`BDAT 2\r\ncd`)
    expect(talk.says('250 ok')).toBe(`BDAT 1 LAST\r\ne`)
    talk.says('250 ok')
    expect(talk.summary).toEqual(['delivered'])
  })

  it('stop where one is refused: what was announced is finished, no other begins (RFC 3030 §2)', () => {
    const talk = chunking(30, { chunkBytes: 10 }, 'PIPELINING')
    talk.give(text(30).slice(0, 15))
    talk.says('452 full')
    expect(talk.summary).toEqual(['deferred 4.3.1'])
    expect(talk.ended).toBeUndefined()
    expect(talk.session.wantsContent).toBe(true)
    expect(talk.give(text(30).slice(15))).toBe(text(30).slice(15, 20))
    expect(talk.session.wantsContent).toBe(false)
    talk.session.endContent()
    expect(talk.sent()).toBe('')
    talk.says('503 no')
    expect(talk.ended).toBe('content')
    expect(talk.forget().transact()).toMatch(/^RSET/)
  })

  it('stop at once between two, and drop what waited', () => {
    const talk = chunking(40, { chunkBytes: 2 }, 'PIPELINING')
    talk.give(text(40))
    talk.says('552 too big')
    expect(talk.session.contentBlocked).toBe(false)
    expect(talk.ended).toBeUndefined()
    for (let reply = 0; reply < 15; reply += 1) expect(talk.says('503 no')).toBe('')
    expect(talk.summary).toEqual(['failed 5.3.4'])
    expect(talk.ended).toBe('content')
  })

  it('take the refusal of LAST behind a refused one for part of it', () => {
    const talk = chunking(20, { chunkBytes: 10 }, 'PIPELINING')
    talk.give(text(20))
    talk.session.endContent()
    talk.sent()
    talk.says('452 full', '503 no')
    expect(talk.summary).toEqual(['deferred 4.3.1'])
    expect(talk.ended).toBe('content')
  })

  it.each([
    { says: '421 bye', summary: 'deferred 4.3.2', closed: 'closing at content' },
    { says: '500 what', summary: 'failed 5.5.2', closed: 'content-interrupted at content' },
    { says: '354 go', summary: 'deferred 4.5.0', closed: 'content-interrupted at content' },
  ])('end at $says', ({ says, summary, closed }) => {
    const talk = chunking(30, { chunkBytes: 10 }, 'PIPELINING')
    talk.give(text(30).slice(0, 10))
    talk.says(says)
    expect(talk.summary).toEqual([summary])
    expect(talk.closed).toBe(closed)
  })

  it('leave everybody deferred who is lost before LAST was handed out, and unsure after', () => {
    for (const end of [false, true]) {
      const talk = chunking(30, { chunkBytes: 10 }, 'PIPELINING')
      talk.give(text(30))
      if (end) talk.session.endContent()
      talk.sent()
      talk.says('250 ok')
      talk.session.lost('timeout')
      talk.drain()
      expect(talk.summary).toEqual([end ? 'unknown 4.4.2' : 'deferred 4.4.2'])
    }
  })

  it('are one at a time in LMTP', () => {
    const talk = new Talk({ protocol: 'lmtp' }).greet('PIPELINING', 'CHUNKING')
    talk.content = text(4)
    talk.transact({ ...TWO, facts: facts(text(4)), chunkBytes: 3 })
    expect(talk.says('250 ok', '250 ok', '250 ok')).toBe(`BDAT 3\r\nabc`)
    expect(talk.says('250 ok')).toBe(`BDAT 1 LAST\r\nd`)
    talk.says('250 ok')
    talk.session.lost('lost')
    talk.drain()
    expect(talk.summary).toEqual(['delivered', 'unknown 4.4.2'])
  })
})
