import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { unpackNpm } from '../../src/benches/wire/unpack-npm.ts'

let root = ''
let cache = ''

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'postroad-npm-'))
  cache = join(root, 'cache')
  await mkdir(join(root, 'bin'))
  vi.stubEnv('PATH', join(root, 'bin'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(root, { recursive: true, force: true })
})

/** An npm that does as it is told; what was asked of it is written down. */
const npm = async (script: string): Promise<void> => {
  const path = join(root, 'bin/npm')
  await writeFile(path, `#!/bin/sh\necho "$*" >> ${join(root, 'asked')}\n${script}\n`)
  await chmod(path, 0o755)
}
const INSTALLS = '/bin/mkdir -p node_modules/Peer && /bin/cp package.json node_modules/Peer/asked.json'

const asked = async (): Promise<readonly string[]> =>
  (await readFile(join(root, 'asked'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '')

describe('unpackNpm', () => {
  it('installs one version without running scripts, and leaves nothing else in the cache', async () => {
    await npm(INSTALLS)
    const folder = await unpackNpm('peer', 'Peer@1.2.3', { cache, overrides: { deep: '2.0.0' } })
    expect(folder).toBe(join(cache, 'peer'))
    expect(JSON.parse(await readFile(join(folder, 'node_modules/Peer/asked.json'), 'utf8'))).toEqual({
      private: true,
      dependencies: { Peer: '1.2.3' },
      overrides: { deep: '2.0.0' },
    })
    expect((await asked())[0]).toContain('--ignore-scripts')
    expect(await readdir(cache)).toEqual(['peer'])
  })

  it('asks npm nothing the second time', async () => {
    await npm(INSTALLS)
    const first = await unpackNpm('peer', 'Peer@1.2.3', { cache })
    expect(await unpackNpm('peer', 'Peer@1.2.3', { cache })).toBe(first)
    expect(await asked()).toHaveLength(1)
  })

  it('installs anew where another version or something half lies under the name', async () => {
    await npm(INSTALLS)
    await mkdir(join(cache, 'peer'), { recursive: true })
    await unpackNpm('peer', 'Peer@1.2.3', { cache })
    await unpackNpm('peer', 'Peer@1.2.4', { cache })
    expect(await asked()).toHaveLength(2)
    expect(await readdir(cache)).toEqual(['peer'])
  })

  it('gives the same to several calls at the same time', async () => {
    await npm(`${INSTALLS} && /bin/sleep 0.1`)
    const all = await Promise.all([1, 2, 3].map(() => unpackNpm('peer', 'Peer@1.2.3', { cache })))
    expect(new Set(all)).toEqual(new Set([join(cache, 'peer')]))
    expect(await readdir(cache)).toEqual(['peer'])
  })

  it('says what npm said, and leaves nothing half done', async () => {
    await npm('echo "npm error code E404" >&2; echo "npm error 404 Not Found: peer." >&2; exit 1')
    await expect(unpackNpm('peer', 'Peer@1.2.3', { cache })).rejects.toThrow(
      'Peer@1.2.3 could not be installed: 404 Not Found: peer. Run this where npm reaches its registry.',
    )
    expect(await readdir(cache)).toEqual([])
  })

  it('says what to do where there is no npm', async () => {
    await expect(unpackNpm('peer', 'Peer@1.2.3', { cache })).rejects.toThrow('there is no npm on the PATH')
  })

  it.each([
    { name: '../x', spec: 'Peer@1.2.3' },
    { name: '', spec: 'Peer@1.2.3' },
    { name: 'peer', spec: 'Peer' },
    { name: 'peer', spec: 'Peer@^1.2.3' },
    { name: 'peer', spec: '../Peer@1.2.3' },
  ])('refuses "$name", "$spec"', async ({ name, spec }) => {
    await expect(unpackNpm(name, spec, { cache })).rejects.toThrow(/is not/)
  })
})
