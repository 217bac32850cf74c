import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createTreeMeter } from '../src/meter.ts'
import { Stage } from '../src/stage.ts'
import { isRunning } from './processes.ts'

const stages: Stage[] = []
const open = async (meter?: ReturnType<typeof createTreeMeter>): Promise<Stage> => {
  const stage = await Stage.open(() => {}, meter)
  stages.push(stage)
  return stage
}
afterEach(async () => {
  for (const stage of stages.splice(0)) await stage[Symbol.asyncDispose]()
})

/** Starts a process that starts another in `how` it is said, and gives the pid of the other. */
const grandchild = async (stage: Stage, how: string): Promise<number> => {
  const child = stage.spawn('sh', ['-c', `${how}\nwait`], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (child.stdout === null) throw new Error('no output')
  const [line] = await once(child.stdout, 'data')
  return Number(String(line))
}

describe('a stage that is closed', () => {
  it('has ended what its processes started, and removed its folder', async () => {
    const stage = await open()
    await writeFile(join(stage.folder, 'data'), 'x')
    const pid = await grandchild(stage, 'sleep 60 & echo $!')
    expect(isRunning(pid)).toBe(true)
    await stage[Symbol.asyncDispose]()
    await expect.poll(() => isRunning(pid)).toBe(false)
    expect(existsSync(stage.folder)).toBe(false)
  })

  it.each([
    { kind: 'its usual meter', meter: () => undefined },
    { kind: 'a process tree', meter: createTreeMeter },
  ])('has ended a daemon that left the process group, with $kind', async ({ meter }) => {
    const stage = await open(meter())
    const pid = await grandchild(stage, "setsid sh -c 'echo $$; exec sleep 60' &")
    expect(await stage.meter.pids()).toContain(pid)
    await stage[Symbol.asyncDispose]()
    await expect.poll(() => isRunning(pid)).toBe(false)
  })

  it('has ended a load generator, which it does not count', async () => {
    const stage = await open()
    const child = stage.spawn('sleep', ['60'], { counted: false })
    await once(child, 'spawn')
    expect(await stage.meter.pids()).toEqual([])
    await stage[Symbol.asyncDispose]()
    expect(child.signalCode).toBe('SIGKILL')
  })

  it('runs the endings first, the last one first, and one that fails does not keep the others', async () => {
    const stage = await open()
    const ended: string[] = []
    stage.onClose(async () => void ended.push('first'))
    stage.onClose(async () => {
      throw new Error('no')
    })
    stage.onClose(async () => void ended.push('last'))
    await stage[Symbol.asyncDispose]()
    expect(ended).toEqual(['last', 'first'])
  })

  it('starts nothing more', async () => {
    const stage = await open()
    await stage[Symbol.asyncDispose]()
    expect(() => stage.spawn('sleep', ['60'])).toThrow('closed')
  })
})

it('is closed twice like once, and with a program that is not there', async () => {
  const stage = await open()
  stage.spawn('postroad-no-such-program', [], { counted: false })
  await stage[Symbol.asyncDispose]()
  await stage[Symbol.asyncDispose]()
  expect(existsSync(stage.folder)).toBe(false)
})

it('removes what a run left that was killed, and nothing of one that lives', async () => {
  const first = await open()
  // No process has a pid above the kernel's highest, 2 to the 22nd.
  const left = join(dirname(first.folder), 'stage-4194305-abc')
  await mkdir(left)
  await open()
  expect([existsSync(left), existsSync(first.folder)]).toEqual([false, true])
})
