import { reply } from '@postroad/envelope'
import { describe, expect, it } from 'vitest'
import { sayReply } from '../src/said-replies.ts'
import { SessionOutput, WITHOUT_STATUS } from '../src/session-output.ts'
import { latin1, text } from './server-helper.ts'

const OK = reply(250, '2.0.0', 'OK')

function said(say: (output: SessionOutput) => void): string {
  const output = new SessionOutput(undefined, true)
  say(output)
  expect(output.length).toBeGreaterThan(0)
  const bytes = output.take()
  expect(output.take()).toBeUndefined()
  return text(bytes ?? latin1(''))
}

describe('SessionOutput', () => {
  it('gives what was said in its order, in one piece', () => {
    expect(said((output) => output.say(OK))).toBe('250 2.0.0 OK\r\n')
    expect(
      said((output) => {
        output.say(OK)
        output.say(OK, WITHOUT_STATUS)
        output.challenge(latin1('hi'))
        output.say(OK)
      }),
    ).toBe('250 2.0.0 OK\r\n250 OK\r\n334 aGk=\r\n250 2.0.0 OK\r\n')
    expect(
      said((output) => {
        output.challenge(latin1(''))
        output.say(OK)
      }),
    ).toBe('334 \r\n250 2.0.0 OK\r\n')
  })

  it('gives UTF-8 where that is allowed, and only there (RFC 6531 §3.7.4)', () => {
    const named = reply(250, '2.1.5', 'åda')
    expect(said((output) => output.say(named))).toBe('250 2.1.5 ?da\r\n')
    expect(said((output) => output.say(named, output.inUtf8))).toBe('250 2.1.5 \xc3\xa5da\r\n')
    expect(
      said((output) => {
        output.say(named, output.inUtf8)
        output.say(named)
      }),
    ).toBe('250 2.1.5 \xc3\xa5da\r\n250 2.1.5 ?da\r\n')
  })

  it('leaves out enhanced status codes where none are offered (RFC 2034 §4)', () => {
    const output = new SessionOutput(undefined, false)
    const named = reply(250, '2.1.5', 'åda')
    output.say(named)
    output.say(named, output.inUtf8)
    expect(text(output.take() ?? latin1(''))).toBe('250 ?da\r\n250 \xc3\xa5da\r\n')
  })

  it('gives the same bytes again for a reply that stands alone', () => {
    const output = new SessionOutput(undefined, true)
    output.say(OK)
    const first = output.take()
    output.say(OK)
    expect(output.take()).toBe(first)
    output.say(OK)
    output.say(OK)
    expect(text(output.take() ?? latin1(''))).toBe('250 2.0.0 OK\r\n250 2.0.0 OK\r\n')
  })
})

describe('sayReply', () => {
  const IN_UTF8 = new SessionOutput(undefined, true).inUtf8

  it('keeps the last eight, by identity and form', () => {
    const first = sayReply(OK, IN_UTF8)
    expect(sayReply(OK, IN_UTF8)).toBe(first)
    expect(sayReply(OK, WITHOUT_STATUS)).not.toBe(first)
    expect(sayReply(reply(250, '2.0.0', 'OK'), IN_UTF8)).not.toBe(first)
    for (let count = 0; count < 8; count += 1) sayReply(reply(250, '2.0.0', `Queued as ${count}`), IN_UTF8)
    expect(sayReply(OK, IN_UTF8)).not.toBe(first)
    expect(sayReply(OK, IN_UTF8).text).toBe('250 2.0.0 OK\r\n')
  })

  it('keeps none of several lines', () => {
    const hello = reply(250, undefined, 'mx.example.net\nPIPELINING')
    expect(sayReply(hello, IN_UTF8)).not.toBe(sayReply(hello, IN_UTF8))
  })
})
