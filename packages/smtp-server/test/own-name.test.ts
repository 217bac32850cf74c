import { LocalProtocolError } from '@postroad/smtp'
import { describe, expect, it } from 'vitest'
import { createSmtpServer } from '../src/index.ts'
import type { SmtpServerOptions } from '../src/index.ts'
import { Recorder, serve } from './harness.ts'

const made = (options: Partial<SmtpServerOptions>): string => {
  try {
    void createSmtpServer({ hostname: 'mx.example.net', handler: () => new Recorder(), ...options })
    return 'made'
  } catch (error) {
    return error instanceof LocalProtocolError ? error.code : String(error)
  }
}

describe('the name of a server', () => {
  it('is said and shown in A-labels (RFC 6531 §3.2)', async () => {
    const harness = serve(new Recorder(), { hostname: 'mx.exämple.net' })
    const client = await harness.pair()
    const [hello] = await client.talk('EHLO a')
    expect(hello?.split('\n')[0]).toBe('250-mx.xn--exmple-cua.net')
    expect(harness.sessions[0]?.hostname).toBe('mx.xn--exmple-cua.net')
    await harness.server.stop({ deadlineMs: 0 })
  })

  it('is judged when the server is made, with what its extensions announce', () => {
    expect(made({})).toBe('made')
    expect(made({ hostname: 'mx example' })).toBe('SMTP_HOSTNAME')
    expect(made({ extensions: [{ name: 'X-OWN', keyword: () => 'X-OWN\r\n250 X' }] })).toBe('SMTP_EXTENSION')
  })
})
