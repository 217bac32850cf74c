import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { claimPort, freePort } from '../src/port.ts'

it('refuses a port that somebody listens on, and says which', async () => {
  const port = await freePort()
  const other = createServer().listen(port, '127.0.0.1')
  await once(other, 'listening')
  try {
    await expect(claimPort(port)).rejects.toThrow(`Port ${port} is in use`)
  } finally {
    other.close()
  }
  await once(other, 'close')
  expect(await claimPort(port)).toBe(port)
})
