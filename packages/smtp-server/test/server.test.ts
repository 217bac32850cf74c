import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fork } from 'node:child_process'
import { createManualClock } from '@postroad/runtime'
import { afterEach, describe, expect, it } from 'vitest'
import { createSmtpServer, SmtpServerError } from '../src/index.ts'
import { certificate } from './certificate.ts'
import { ENVELOPE, Recorder, serve, settle } from './harness.ts'
import type { Harness } from './harness.ts'
import { TestClient } from './test-client.ts'

const open: Harness[] = []
const opened = (harness: Harness): Harness => {
  open.push(harness)
  return harness
}
afterEach(async () => {
  for (const { server } of open.splice(0)) await server.stop({ deadlineMs: 0 })
})

describe('a session', () => {
  it.each(['pair', 'socket'] as const)('goes from its greeting to its end over a %s', async (kind) => {
    const handler = new Recorder()
    const harness = opened(serve(handler))
    const client = await harness[kind]()
    await client.talk('EHLO client.example.org')
    expect(await client.talk(...ENVELOPE)).toEqual(['250 2.0.0 OK', '250 2.0.0 OK', expect.stringMatching(/^354 /)])
    expect(await client.talk('Subject: x', '..dot', '.', 'QUIT').then(() => 0, () => 1)).toBe(0)
  }, 1_000)
})
