import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SmtpServerError } from '../src/index.ts'
import { LineClient } from '../src/testing/index.ts'
import { Recorder, serve } from './harness.ts'

describe('listening', () => {
  it('rejects where the port is taken, and after the server was stopped', async () => {
    const harness = serve(new Recorder())
    const address = await harness.server.listen({ host: '127.0.0.1', port: 0 })
    const { port } = 'port' in address ? address : { port: 0 }
    expect(port).toBeGreaterThan(0)
    await expect(harness.server.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await harness.server.stop({ deadlineMs: 0 })
    await expect(harness.server.listen({ port: 0 })).rejects.toThrow(SmtpServerError)
  })

  it('serves a unix socket, and takes the place of one that a dead process left', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'postroad-'))
    const path = join(folder, 'lmtp.sock')
    try {
      const left = spawn(process.execPath, [
        '-e',
        `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`,
      ])
      await once(left.stdout, 'data')
      left.kill('SIGKILL')
      await once(left, 'exit')
      const harness = serve(new Recorder(), { protocol: 'lmtp' })
      expect(await harness.server.listen({ path })).toEqual({ path })
      const client = new LineClient(connect({ path }))
      expect(await client.reply()).toBe('220 mx.example.net LMTP')
      expect(harness.sessions[0]).toMatchObject({ remoteAddress: '', remotePort: 0 })
      // One that lives keeps its place.
      await expect(serve(new Recorder()).server.listen({ path })).rejects.toMatchObject({ code: 'EADDRINUSE' })
      await harness.server.stop({ deadlineMs: 0 })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('leaves a file alone that is no socket, and rejects', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'postroad-'))
    const path = join(folder, 'not-a-socket')
    try {
      await writeFile(path, 'precious')
      const { server } = serve(new Recorder(), { protocol: 'lmtp' })
      await expect(server.listen({ path })).rejects.toMatchObject({ code: 'EADDRINUSE' })
      expect(await readFile(path, 'utf8')).toBe('precious')
      await server.stop({ deadlineMs: 0 })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
