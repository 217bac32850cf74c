import { fromUtf8 } from '@postroad/bytes'
import { describe, expect, it } from 'vitest'
import { CLIENT_DEADLINES } from '../src/client-deadlines.ts'
import type { ClientSession } from '../src/client-session.ts'
import { Talk } from './client-talk.ts'

const ask = (act: (session: ClientSession) => void, ...offer: string[]) => {
  const talk = new Talk().greet(...offer)
  talk.forget()
  act(talk.session)
  return { talk, sent: talk.sent() }
}
const map = (attributes: Record<string, string | undefined>) => new Map(Object.entries(attributes))

describe('ClientSession: commands outside of transactions', () => {
  it.each<{ act: (session: ClientSession) => void; offer?: string; sends: string; command: string }>([
    { act: (session) => session.noop(), sends: 'NOOP', command: 'NOOP' },
    { act: (session) => session.verify('Ada <ada@x.example>'), sends: 'VRFY Ada <ada@x.example>', command: 'VRFY' },
    { act: (session) => session.verify('ü'), offer: 'SMTPUTF8', sends: 'VRFY ü SMTPUTF8', command: 'VRFY' },
    { act: (session) => session.expand('staff'), sends: 'EXPN staff', command: 'EXPN' },
    { act: (session) => session.expand('staff'), offer: 'SMTPUTF8', sends: 'EXPN staff', command: 'EXPN' },
    { act: (session) => session.expand('bücher'), offer: 'SMTPUTF8', sends: 'EXPN bücher SMTPUTF8', command: 'EXPN' },
    { act: (session) => session.verify('ada'), offer: 'SMTPUTF8', sends: 'VRFY ada', command: 'VRFY' },
    { act: (session) => session.help(), sends: 'HELP', command: 'HELP' },
    { act: (session) => session.help('MAIL'), sends: 'HELP MAIL', command: 'HELP' },
    { act: (session) => session.etrn('@example.org'), sends: 'ETRN @example.org', command: 'ETRN' },
    { act: (session) => session.command('x-thing a b'), sends: 'x-thing a b', command: 'X-THING' },
  ])(
    'sends $sends and tells the answer (RFC 5321 §4.1.1, RFC 1985 §5, RFC 6531 §3.7.4.2)',
    ({ act, offer, sends, command }) => {
      const { talk, sent } = ask(act, ...(offer === undefined ? [] : [offer]))
      expect(sent).toBe(`${sends}\r\n`)
      expect(talk.session.idle).toBe(false)
      expect(talk.session.phase).toBe('done')
      expect(talk.session.deadlineMs).toBe(CLIENT_DEADLINES.commandMs)
      expect(() => talk.session.noop()).toThrow(expect.objectContaining({ code: 'SMTP_CLIENT_NOT_READY' }))
      talk.says('252-perhaps', '252 or not')
      expect(talk.events).toEqual([
        { type: 'replied', command, reply: { code: 252, status: undefined, lines: ['perhaps', 'or not'] } },
      ])
      expect(talk.session.idle).toBe(true)
    },
  )

  it.each(['500 what', '354 odd', '453 no mail'])('leaves the session as it was at %s', (says) => {
    const { talk } = ask((session) => session.atrn(['example.org']))
    talk.says(says)
    expect(talk.events.map(({ type }) => type)).toEqual(['replied'])
    expect(talk.session.idle).toBe(true)
  })

  it('closes at 421', () => {
    const { talk } = ask((session) => session.noop())
    talk.says('421 bye')
    expect(talk.closed).toBe('closing at done')
  })

  it('closes at a 421 that came before the command left: the peer did not wait for it (RFC 5321 §3.8)', () => {
    const talk = new Talk().greet()
    talk.session.noop()
    talk.says('421 idle for too long')
    expect(talk.closed).toBe('closing at done')
  })

  it('closes where it is lost meanwhile, also by QUIT', () => {
    const { talk } = ask((session) => session.noop())
    talk.session.quit()
    talk.drain()
    expect(talk.closed).toBe('quit at done')
  })

  it.each<(session: ClientSession) => void>([
    (session) => session.command(''),
    (session) => session.command(' x'),
    (session) => session.command('X\r\nRSET'),
    (session) => session.verify('a\nRSET'),
    (session) => session.expand('a\0'),
    (session) => session.help('\r'),
    (session) => session.etrn('a\r\nRSET'),
    (session) => session.atrn(['a', 'b\r\nRSET']),
    (session) => session.command('AUTH PLAIN AGV2ZQBzZWNyZXQ='),
    (session) => session.command('data'),
    (session) => session.command('BDAT 3 LAST'),
    (session) => session.command('StartTLS'),
    (session) => session.command('EHLO a'),
    (session) => session.command('MAIL FROM:<>'),
    (session) => session.command('QUIT'),
    (session) => session.xclient(new Map()),
    (session) => session.xforward(map({ 'A B': 'c' })),
    (session) => session.xforward(map({ '': 'c' })),
  ])('sends nothing that is not one line', (act) => {
    const talk = new Talk().greet()
    expect(() => act(talk.session)).toThrow(expect.objectContaining({ code: 'SMTP_CLIENT_COMMAND' }))
    expect(talk.sent()).toBe('')
    expect(talk.session.idle).toBe(true)
  })

  it('asks nothing before the greeting', () => {
    const talk = new Talk()
    const notReady = expect.objectContaining({ code: 'SMTP_CLIENT_NOT_READY' })
    expect(() => talk.session.verify('ada')).toThrow(notReady)
    expect(() => talk.session.expand('ada')).toThrow(notReady)
  })
})

describe('ClientSession: ATRN', () => {
  it.each([
    { domains: [], sends: 'ATRN\r\n' },
    { domains: ['example.org', 'example.com'], sends: 'ATRN example.org,example.com\r\n' },
  ])('gives the stream to the other role (RFC 2645 §5.3): $sends', ({ domains, sends }) => {
    const { talk, sent } = ask((session) => session.atrn(domains))
    expect(sent).toBe(sends)
    expect(talk.session.deadlineMs).toBe(CLIENT_DEADLINES.turnMs)
    talk.says('250 OK now reversing the connection')
    expect(talk.events.map(({ type }) => type)).toEqual(['replied', 'turned'])
    expect(talk.session.idle).toBe(false)
    expect(talk.session.closed).toBe(false)
    expect(talk.session.deadlineMs).toBe(0)
    expect(talk.says('EHLO example.net')).toBe('')
    expect(talk.events).toHaveLength(2)
    talk.session.quit()
    expect(talk.sent()).toBe('')
    expect(talk.closed).toBe('quit at done')
  })

  it('ends where the peer speaks before our greeting', () => {
    const { talk } = ask((session) => session.atrn([]))
    talk.session.receive(fromUtf8('250 turn\r\nEHLO example.net\r\n'))
    talk.drain()
    expect(talk.closed).toBe('unexpected-reply at done')
  })
})

describe('ClientSession: XCLIENT and XFORWARD', () => {
  const who = map({ name: undefined, ADDR: '192.0.2.1', LOGIN: 'a+b c' })

  it('starts the session over after XCLIENT', () => {
    const { talk, sent } = ask((session) => session.xclient(who), 'PIPELINING')
    expect(sent).toBe('XCLIENT NAME=[UNAVAILABLE] ADDR=192.0.2.1 LOGIN=a+2Bb+20c\r\n')
    expect(talk.says('220 mx.example.net ESMTP')).toBe('EHLO client.example.org\r\n')
    expect(talk.session.extensions).toBeUndefined()
    talk.hello('SIZE')
    expect(talk.events.map(({ type }) => type)).toEqual(['replied', 'ready'])
    expect(talk.session.extensions?.pipelining).toBe(false)
  })

  it('goes on as it was where XCLIENT is refused', () => {
    const { talk } = ask((session) => session.xclient(who), 'PIPELINING')
    expect(talk.says('550 insufficient authorization')).toBe('')
    expect(talk.session.extensions?.pipelining).toBe(true)
    expect(talk.session.idle).toBe(true)
  })

  const letters = (count: number) => 'x'.repeat(count)
  const proxied = map({ LOGIN: letters(250), addr: '192.0.2.1', NAME: letters(250), HELO: letters(250) })

  it('sends XCLIENT over as many lines as it needs, the address and the login last', () => {
    const { talk, sent } = ask((session) => session.xclient(proxied), 'PIPELINING')
    expect(sent).toBe(`XCLIENT NAME=${letters(250)}\r\n`)
    expect(talk.says('220 again')).toBe(`XCLIENT HELO=${letters(250)}\r\n`)
    expect(talk.events).toEqual([])
    expect(talk.says('220 again')).toBe(`XCLIENT ADDR=192.0.2.1 LOGIN=${letters(250)}\r\n`)
    expect(talk.says('220 and again')).toBe('EHLO client.example.org\r\n')
    talk.hello('SIZE')
    expect(talk.events).toMatchObject([
      { type: 'replied', command: 'XCLIENT', reply: { lines: ['and again'] } },
      { type: 'ready' },
    ])
  })

  it('introduces itself anew where a later line of XCLIENT is refused', () => {
    const { talk } = ask((session) => session.xclient(proxied), 'PIPELINING')
    talk.says('220 again')
    expect(talk.says('550 no')).toBe('EHLO client.example.org\r\n')
    talk.hello('SIZE')
    expect(talk.events).toMatchObject([{ type: 'replied', reply: { code: 550 } }, { type: 'ready' }])
    expect(talk.session.idle).toBe(true)
  })

  it.each(['XCLIENT', 'XFORWARD'] as const)('fills a line of 512 octets with %s, and no more', (command) => {
    const room = 512 - `${command} NAME=\r\n`.length
    const lines = (value: string) => {
      const act = (session: ClientSession) =>
        command === 'XCLIENT' ? session.xclient(map({ NAME: value })) : session.xforward(map({ NAME: value }))
      return ask(act).sent
    }
    expect(lines(letters(room))).toHaveLength(512)
    expect(lines(letters(room + 1))).toBe(`${command} NAME=[UNAVAILABLE]\r\n`)
    expect(lines('\u00fc'.repeat(90))).toBe(`${command} NAME=[UNAVAILABLE]\r\n`)
    const two = map({ NAME: letters(200), HELO: letters(room - 200 - ' HELO='.length) })
    expect(ask((session) => session.xforward(two)).sent.length).toBeLessThanOrEqual(512)
  })

  it('sends XFORWARD over as many lines as it needs', () => {
    const long = 'x'.repeat(300)
    const { talk, sent } = ask((session) =>
      session.xforward(map({ NAME: long, HELO: long, ADDR: '192.0.2.1', IDENT: long })),
    )
    expect(sent).toBe(`XFORWARD NAME=${long}\r\n`)
    expect(talk.says('250 ok')).toBe(`XFORWARD HELO=${long}\r\n`)
    expect(talk.events).toEqual([])
    expect(talk.says('250 ok')).toBe(`XFORWARD IDENT=${long} ADDR=192.0.2.1\r\n`)
    talk.says('250 ok')
    expect(talk.events).toMatchObject([{ type: 'replied', command: 'XFORWARD', reply: { code: 250 } }])
  })

  it('stops XFORWARD at the first refusal', () => {
    const long = 'x'.repeat(300)
    const { talk } = ask((session) => session.xforward(map({ NAME: long, HELO: long })))
    expect(talk.says('503 no')).toBe('')
    expect(talk.events).toMatchObject([{ type: 'replied', reply: { code: 503 } }])
    expect(talk.session.idle).toBe(true)
  })
})
