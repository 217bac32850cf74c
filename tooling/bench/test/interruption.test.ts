import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { isRunning } from './processes.ts'

const ENDLESS = fileURLToPath(new URL('fixtures/endless.ts', import.meta.url))

it.each([
  { signal: 'SIGINT', status: 130 },
  { signal: 'SIGTERM', status: 143 },
] as const)('ends with status $status on $signal, and nothing it started is left', async ({ signal, status }) => {
  const runner = spawn(process.execPath, [ENDLESS], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  runner.stderr.on('data', (bytes) => (said += String(bytes)))
  try {
    const [line] = await once(runner.stdout, 'data')
    const [parent = '', child = '', folder = ''] = String(line).trim().split(' ')
    expect([isRunning(Number(parent)), isRunning(Number(child)), existsSync(folder)]).toEqual([true, true, true])
    const gone = once(runner, 'close')
    runner.kill(signal)
    expect(await gone).toEqual([status, null])
    expect(said).toContain(`bench: ended by ${signal}`)
    await expect.poll(() => isRunning(Number(parent)) || isRunning(Number(child))).toBe(false)
    expect(existsSync(folder)).toBe(false)
  } finally {
    runner.kill('SIGKILL')
  }
})
