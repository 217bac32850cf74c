import { describe, expect, it } from 'vitest'
import { DEFAULT_SESSION_LIMITS, EXTENSIONS, LocalProtocolError, noSoliciting, ServerSession } from '../src/index.ts'
import type { Extension, SessionLimits } from '../src/index.ts'
import { extensionTable } from '../src/extension-table.ts'
import { Driven } from './server-helper.ts'

const open = (limits: Partial<SessionLimits>, extensions: readonly Extension[] = EXTENSIONS): ServerSession =>
  new ServerSession({ hostname: 'mx.example.net', protocol: 'smtp', limits, extensions })

const FLOORS = [
  { limit: 'maxCommandLineBytes', least: 512, section: 'RFC 5321 §4.5.3.1.4' },
  { limit: 'maxAuthLineBytes', least: 12_288, section: 'RFC 4954 §4' },
  { limit: 'maxMessageBytes', least: 65_536, section: 'RFC 5321 §4.5.3.1.7' },
  { limit: 'maxRecipients', least: 100, section: 'RFC 5321 §4.5.3.1.8' },
  { limit: 'maxContentLineBytes', least: 998, section: 'RFC 5321 §4.5.3.1.6' },
  { limit: 'maxTransactions', least: 1, section: 'RFC 9422 §4' },
] as const

describe('session limits', () => {
  it.each(FLOORS)('refuse $limit below $least ($section)', ({ limit, least, section }) => {
    expect(open({ [limit]: least })).toBeInstanceOf(ServerSession)
    for (const value of [least - 1, 0, -1, Number.NaN]) {
      try {
        open({ [limit]: value })
        expect.unreachable()
      } catch (error) {
        expect(error).toBeInstanceOf(LocalProtocolError)
        expect(error).toMatchObject({ code: 'SMTP_LIMIT_BELOW_FLOOR' })
        expect(String(error)).toContain(section)
      }
    }
  })

  it.each(FLOORS)('allow $limit below its floor where that is said', ({ limit }) => {
    const options = {
      hostname: 'mx.example.net',
      protocol: 'smtp',
      limits: { [limit]: 1 },
      belowFloors: 'allow',
    } as const
    expect(new ServerSession(options)).toBeInstanceOf(ServerSession)
  })

  it('have defaults above every floor', () => {
    for (const { limit, least } of FLOORS) expect(DEFAULT_SESSION_LIMITS[limit]).toBeGreaterThanOrEqual(least)
    expect(open(DEFAULT_SESSION_LIMITS)).toBeInstanceOf(ServerSession)
  })

  it('take longer lines where an extension asks for them (RFC 3865 §4.1)', () => {
    const extensions = [...EXTENSIONS, noSoliciting()]
    const { lineBytes } = extensionTable(extensions)
    expect(lineBytes).toBe(1_181 + 1_007)
    const driven = new Driven({ extensions, belowFloors: 'refuse' }).feed('EHLO a\r\n')
    driven.said()
    const mail = `MAIL FROM:<> SOLICIT=${'a'.repeat(1_000)} ENVID=${'b'.repeat(100)} AUTH=${'c'.repeat(490)}`
    const room = lineBytes - mail.length - 2
    expect(driven.feed(`${mail}${' '.repeat(room)}\r\nRSET\r\n${mail}${' '.repeat(room + 1)}\r\n`).said()).toMatch(
      /^250 .*\r\n250 .*\r\n500 5\.5\.6 .*\r\n$/,
    )
  })

  it('are made whole once for each object they are given as', () => {
    const limits = { maxRecipients: 200 }
    const few = [...EXTENSIONS]
    for (const extensions of [few, [...few, noSoliciting()], few]) {
      const driven = new Driven({ limits, extensions, belowFloors: 'refuse' }).feed('EHLO a\r\n')
      expect(driven.said()).toContain('RCPTMAX=200')
    }
  })
})
