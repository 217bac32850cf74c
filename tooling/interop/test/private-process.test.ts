import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { Unpacked } from '@postroad/tooling-debian'
import { makePeerFolder, PEER_USERS, startPrivate, whyNotPrivate } from '../src/private-process.ts'

const unpacked: Unpacked = { root: '/usr/share', libraries: [], env: {}, path: (relative) => `/usr/share/${relative}` }
const why = await whyNotPrivate()

/** Whether a process runs whose arguments hold the text. */
async function runs(text: string): Promise<boolean> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (line.split('\0').includes(text)) return true
  }
  return false
}

describe.skipIf(why !== undefined)(`a private process${why === undefined ? '' : `: ${why}`}`, () => {
  it('sees users of its own, names of its own, and what was unpacked; the system does not', async () => {
    const folder = await makePeerFolder('test')
    try {
      const script = `id -u Debian-exim; cat /etc/resolv.conf; ls ${folder.root} | head -1 | sed s/^/unpacked:/`
      const running = await startPrivate({ folder, unpacked, commands: [['sh', '-c', script]] })
      await running.ended
      expect(running.output()).toContain(`${PEER_USERS['Debian-exim']}\n`)
      expect(running.output()).toContain('nameserver 127.0.0.1')
      expect(running.output()).toMatch(/^unpacked:.+/m)
      expect(await readdir(folder.root)).toEqual([])
      expect(await readFile('/etc/passwd', 'utf8')).not.toContain(`:${PEER_USERS['Debian-exim']}:`)
    } finally {
      await folder.remove()
    }
    expect(existsSync(folder.path)).toBe(false)
  })

  it('ends with all that it started, whatever became of them', async () => {
    const folder = await makePeerFolder('test')
    const mark = `${100_000 + process.pid}.25`
    const script = `setsid sleep ${mark} & sleep ${mark} & wait`
    const running = await startPrivate({ folder, unpacked, commands: [['sh', '-c', script]] })
    await expect.poll(() => runs(mark), { timeout: 10_000 }).toBe(true)
    await running.stop()
    await running.stop()
    await expect.poll(() => runs(mark), { timeout: 10_000 }).toBe(false)
    await folder.remove()
  })

  it('is ended when the process that started it is killed', async () => {
    const mark = `${100_000 + process.pid}.5`
    const code = `const { makePeerFolder, startPrivate } = await import(${JSON.stringify(new URL('../src/private-process.ts', import.meta.url))})
      const folder = await makePeerFolder('test')
      const unpacked = { root: '/usr/share', libraries: [], env: {}, path: (name) => name }
      await startPrivate({ folder, unpacked, commands: [['sleep', '${mark}']] })
      console.log(folder.path)
      setInterval(() => {}, 60_000)`
    let folder: string | undefined
    const starter = spawn(process.execPath, [...process.execArgv, '--input-type=module', '--eval', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const [told] = await once(starter.stdout, 'data')
      folder = String(told).trim()
      await expect.poll(() => runs(mark), { timeout: 10_000 }).toBe(true)
      starter.kill('SIGKILL')
      await expect.poll(() => runs(mark), { timeout: 10_000 }).toBe(false)
    } finally {
      starter.kill('SIGKILL')
      if (folder !== undefined) await rm(folder, { recursive: true, force: true })
    }
  })
})
