import { reply } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import type { ServerEvent, ServerSessionOptions } from '../src/index.ts'
import { Driven, latin1, OK, text, usualAnswer } from './server-helper.ts'
import type { AnswerOf } from './server-helper.ts'

const LATER = reply(451, '4.3.0', 'later')

function atChunks(options: Partial<ServerSessionOptions> = {}, answer: AnswerOf = usualAnswer): Driven {
  const driven = new Driven(options, answer)
  driven.feed(`${options.protocol === 'lmtp' ? 'LHLO' : 'EHLO'} a\r\nMAIL FROM:<a@b.test>\r\n`)
  driven.feed('RCPT TO:<c@d.test>\r\nRCPT TO:<e@d.test>\r\n')
  driven.said()
  driven.types()
  return driven
}

describe('ServerSession: BDAT (RFC 3030 §2)', () => {
  it('asks once for a message, and tells its end once', () => {
    const driven = atChunks().feed('BDAT 2\r\na\r').feed('BDAT 1\r\n\nBDAT 0\r\n').feed('BDAT 1 LAST\r\nb')
    expect(driven.events).toEqual([{ type: 'data', chunked: true }, { type: 'end-of-data' }])
    expect(driven.content).toBe('a\r\nb')
    expect(driven.said()).toBe('250 2.0.0 OK\r\n'.repeat(4))
  })

  it('gives the octets as slices of what it was given, of this chunk only', () => {
    const driven = atChunks()
    const bytes = latin1('BDAT 3\r\nabcBDAT 4 LAST\r\ndefgNOOP\r\n')
    driven.session.receive(bytes)
    const slices: Uint8Array[] = []
    for (let event = driven.session.next(); event !== undefined; event = driven.session.next()) {
      if (event.type === 'content') slices.push(event.bytes)
      if (driven.session.waiting) driven.session.answer(event.type === 'data' ? undefined : OK)
    }
    expect(slices.map(text)).toEqual(['abc', 'defg'])
    for (const slice of slices) expect(slice.buffer).toBe(bytes.buffer)
  })

  it('answers a chunk once its octets were given out and the next event is asked for', () => {
    const { session } = atChunks()
    session.receive(latin1('BDAT 3\r\nabc'))
    expect(session.next()).toEqual({ type: 'data', chunked: true })
    session.answer()
    expect(session.next()?.type).toBe('content')
    expect(session.takeOutput()).toBeUndefined()
    expect(session.state).toBe('content')
    expect(session.next()).toBeUndefined()
    expect(text(session.takeOutput() ?? latin1(''))).toBe('250 2.0.0 OK\r\n')
    expect(session.state).toBe('chunks')
  })

  it('waits for octets as for content, and between chunks as for commands (RFC 5321 §4.5.3.2)', () => {
    const driven = atChunks().feed('BDAT 3\r\nab')
    expect(driven.session.deadlineMs).toBe(180_000)
    expect(driven.feed('c').session.deadlineMs).toBe(300_000)
    expect(new Driven().feed('BDAT 5 LAST\r\n').session).toMatchObject({ state: 'content', deadlineMs: 180_000 })
  })

  it('tells what it has not read of what it was given', () => {
    const { session } = atChunks()
    session.receive(latin1('NOOP\r\nVRFY ada\r\nNOO'))
    expect(session.unreadBytes).toBe(19)
    expect(session.next()?.type).toBe('vrfy')
    expect(session.unreadBytes).toBe(3)
    session.answer()
    expect(session.next()).toBeUndefined()
    // The beginning of a line is a copy.
    expect(session).toMatchObject({ unreadBytes: 0, waiting: false })
  })

  it('tells of the end of a message between its chunks, at RSET and at a hello', () => {
    for (const command of ['RSET', 'EHLO a']) {
      const driven = atChunks().feed('BDAT 1\r\na').feed(`${command}\r\n`)
      expect(driven.types().filter((type) => type !== 'hello')).toEqual(['data', 'reset'])
      expect(driven.session).toMatchObject({ state: 'ready', recipients: 0 })
    }
  })

  it('is ended in the middle of a chunk, from either side', () => {
    const driven = atChunks().feed('BDAT 10\r\nabc')
    driven.said()
    driven.session.close(reply(421, '4.4.2', 'Timeout'))
    expect(driven.feed('defghijBDAT 0 LAST\r\n').said()).toBe('421 4.4.2 Timeout\r\n')
    expect(driven.session.state).toBe('closed')
    expect(driven.types()).toEqual(['data'])
  })

  it('drops the octets of a chunk that is refused, tells the end of the transaction, and goes on', () => {
    const answer: AnswerOf = (event, session) => (event.type === 'data' ? LATER : usualAnswer(event, session))
    const driven = atChunks({}, answer).drip('BDAT 6\r\nQUIT\r\nBDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n', 1)
    expect(driven.types()).toEqual(['data', 'reset', 'refused', 'refused'])
    expect(driven.said()).toMatch(/^451 4\.3\.0 later\r\n503 .*\r\n503 .*\r\n250 2\.0\.0 OK\r\n$/)
    expect(driven.content).toBe('')
    expect(driven.session.state).toBe('ready')
  })

  it('tells the end of a transaction whose only chunk is refused', () => {
    const answer: AnswerOf = (event, session) => (event.type === 'data' ? LATER : usualAnswer(event, session))
    const driven = atChunks({}, answer).feed('BDAT 1 LAST\r\naMAIL FROM:<>\r\n')
    expect(driven.types()).toEqual(['data', 'reset', 'mail'])
    // And not again: the next transaction is another.
    expect(driven.feed('RSET\r\n').types()).toEqual(['reset'])
  })

  it('tells the end of a transaction that failed only once', () => {
    const driven = atChunks().feed('BDAT 1\r\n\n').feed('BDAT 1\r\na').feed('RSET\r\n')
    expect(driven.types()).toEqual(['data', 'content-refused', 'refused'])
    expect(driven.session.state).toBe('ready')
    expect(driven.feed('MAIL FROM:<>\r\n').types()).toEqual(['mail'])
  })

  it('refuses a chunk that our side cannot keep, and 503 what follows', () => {
    const refusing = (when: ServerEvent['type']): Driven => {
      const driven = atChunks()
      driven.session.receive(latin1('BDAT 3\r\nabcBDAT 3\r\ndefBDAT 3 LAST\r\nghi'))
      for (let event = driven.session.next(); event !== undefined; event = driven.session.next()) {
        if (driven.session.waiting) driven.session.answer(event.type === 'data' ? undefined : OK)
        if (event.type === 'content') driven.content += text(event.bytes)
        if (event.type === when) driven.session.refuseContent(LATER)
      }
      driven.take()
      return driven
    }
    const atOnce = refusing('content')
    expect(atOnce.said()).toMatch(/^451 4\.3\.0 later\r\n503 .*\r\n503 .*\r\n$/)
    expect(atOnce.content).toBe('abc')
    const before = refusing('data')
    expect(before.said()).toMatch(/^451 4\.3\.0 later\r\n503 .*\r\n503 .*\r\n$/)
    expect(before.content).toBe('')
  })

  it('refuses the next chunk where our side fails between two', () => {
    const driven = atChunks().feed('BDAT 3\r\nabc')
    driven.session.refuseContent(LATER)
    expect(driven.feed('BDAT 3\r\ndefBDAT 0 LAST\r\n').said()).toMatch(/^250 .*\r\n451 4\.3\.0 later\r\n503 .*\r\n$/)
    expect(driven.content).toBe('abc')
    driven.session.refuseContent(LATER)
    expect(driven.feed('NOOP\r\n').said()).toBe('250 2.0.0 OK\r\n')
  })

  it('says the refusal of our side once for each recipient behind the last chunk in LMTP (RFC 2033 §4.3)', () => {
    const driven = atChunks({ protocol: 'lmtp' }).feed('BDAT 3\r\nabc')
    driven.session.refuseContent(LATER)
    expect(driven.feed('BDAT 0 LAST\r\n').said()).toBe(`250 2.0.0 OK\r\n${'451 4.3.0 later\r\n'.repeat(2)}`)
    expect(driven.session.state).toBe('ready')
  })

  it('ends behind a 421 of our side, to a chunk and to the last', () => {
    for (const command of ['BDAT 1', 'BDAT 1 LAST']) {
      const driven = atChunks().feed('BDAT 3\r\nabc')
      driven.session.refuseContent(reply(421, '4.3.2', 'down'))
      expect(driven.feed(`${command}\r\naNOOP\r\n`).said()).toBe('250 2.0.0 OK\r\n421 4.3.2 down\r\n')
      expect(driven.session.state).toBe('closed')
    }
  })

  it('counts chunks without octets as commands that carry no mail forward', () => {
    const limits = { maxIdleCommands: 3 }
    const driven = atChunks({ limits }).feed('BDAT 0\r\n'.repeat(5))
    // EHLO was the first of them.
    expect(driven.said()).toMatch(/^250 .*\r\n250 .*\r\n250 .*\r\n421 4\.7\.0 .*\r\n$/)
    expect(driven.session.state).toBe('closed')
    const carrying = atChunks({ limits }).feed('BDAT 1\r\na'.repeat(9)).feed('BDAT 0\r\nBDAT 0 LAST\r\n')
    expect(carrying.said()).toBe('250 2.0.0 OK\r\n'.repeat(11))
    const own = atChunks({ protocol: 'lmtp', limits }).feed('BDAT 0\r\n'.repeat(9))
    expect(own.said()).toBe('250 2.0.0 OK\r\n'.repeat(9))
  })

  it('drops the octets also where the greeting has refused the client (RFC 5321 §3.1)', () => {
    const sentAway = (code: 521 | 554): Driven =>
      new Driven({}, (event, session) =>
        event.type === 'connect' ? reply(code, undefined, 'no') : usualAnswer(event, session),
      )
    const driven = sentAway(554).feed('EHLO a\r\nBDAT 14 LAST\r\nsecret\r\nQUIT\r\nQUIT\r\n')
    expect(driven.said()).toMatch(/^554 no\r\n503 .*\r\n503 .*\r\n221 .*\r\n$/)
    expect(JSON.stringify(driven.events)).not.toContain('secret')
    expect(sentAway(521).feed('BDAT 2 LAST\r\n\r\nNOOP\r\n').said()).toBe('521 no\r\n521 5.0.0 no\r\n521 5.0.0 no\r\n')
  })

  it('shows nothing of the octets, only the commands', () => {
    const told: string[] = []
    const driven = new Driven({ onLine: (from, line) => void (from === 'client' && told.push(line)) })
    driven.feed('EHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\nBDAT 6\r\nsecretBDAT 6 LAST\r\nsecret')
    driven.feed('BDAT 6\r\nsecret')
    expect(told.slice(3)).toEqual(['BDAT 6', 'BDAT 6 LAST', 'BDAT 6'])
    expect(JSON.stringify(driven.events)).not.toContain('secret')
  })
})
