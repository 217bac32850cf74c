import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { freePorts } from '../src/ports.ts'

it('gives ports that nobody listens on, each once, below those that the system gives away', async () => {
  const [taken = 0] = await freePorts(1)
  const server = createServer().listen(taken, '127.0.0.1')
  await once(server, 'listening')
  const ports = await freePorts(110)
  expect(ports).not.toContain(taken)
  expect(new Set(ports).size).toBe(110)
  expect(Math.max(...ports)).toBeLessThan(32_768)
  await expect(freePorts(120)).rejects.toThrow('not so many')
  server.close()
})
