import { describe, expect, it } from 'vitest'
import { envelope, Talk } from './client-talk.ts'

describe('parameters that were agreed on (RFC 5321 §4.1.2)', () => {
  it('go with MAIL, and with RCPT by the index of the recipient', () => {
    const talk = new Talk().greet('PIPELINING')
    const sent = talk.transact({
      envelope: envelope('ada@example.net', 'bob@example.net', 'cyd@example.net'),
      mailParameters: ['X-CAMPAIGN=7', 'X-URGENT'],
      rcptParameters: new Map([
        [1, ['X-TAG=a', '2=!']],
        [2, []],
        [9, ['X-NOBODY']],
      ]),
    })
    expect(sent.split('\r\n')).toEqual([
      'MAIL FROM:<eve@example.org> X-CAMPAIGN=7 X-URGENT',
      'RCPT TO:<ada@example.net>',
      'RCPT TO:<bob@example.net> X-TAG=a 2=!',
      'RCPT TO:<cyd@example.net>',
      'DATA',
      '',
    ])
  })

  it.each(['', ' ', '-X', 'X_A', 'X=', 'X=a=b', 'X=a b', 'X=\u00fc', 'X\r\nRSET', 'X=a\r\nRSET', '=a', '\u00fc'])(
    'are our fault where they are none: %j',
    (parameter) => {
      const talk = new Talk().greet('PIPELINING')
      const fault = expect.objectContaining({ code: 'SMTP_CLIENT_PARAMETER' })
      expect(() => talk.transact({ mailParameters: ['X', parameter] })).toThrow(fault)
      expect(() => talk.transact({ rcptParameters: new Map([[0, [parameter]]]) })).toThrow(fault)
      expect([talk.sent(), talk.session.idle]).toEqual(['', true])
    },
  )
})
