import { execFile } from 'node:child_process'
import { copyFile, cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const run = promisify(execFile)

/** What unpacks finds its cache from where it lies: a copy of both has a cache of its own. */
let root = ''
let programs = ''
let copy = ''

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'postroad-binary-'))
  programs = join(root, 'bin')
  copy = join(root, 'tooling/redis/src/binary.ts')
  await mkdir(programs)
  await mkdir(dirname(copy), { recursive: true })
  await writeFile(join(root, 'package.json'), '{"type":"module"}')
  await copyFile(new URL('../src/binary.ts', import.meta.url), copy)
  await cp(new URL('../../debian', import.meta.url), join(root, 'tooling/debian'), {
    recursive: true,
    filter: (source) => !source.endsWith('/node_modules'),
  })
  await mkdir(join(root, 'node_modules/@postroad'), { recursive: true })
  await symlink(join(root, 'tooling/debian'), join(root, 'node_modules/@postroad/tooling-debian'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const program = (name: string, script: string): Promise<void> =>
  writeFile(join(programs, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })

/** What `findRedis` gives, or the sentence that it rejects with. */
const find = async (): Promise<string> => {
  const code = `const { findRedis } = await import(${JSON.stringify(copy)})
    await findRedis().then((found) => console.log(found.path), (error) => console.log(error.message))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code], { env: { PATH: programs } })
  return stdout.trim()
}

/** A system whose apt-get downloads one package, which dpkg unpacks to a server; slowly, so that two runs meet. */
const debian = async (): Promise<void> => {
  await program(
    'apt-get',
    `case " $* " in
      *" install "*) echo "Inst liblua (1)" ;;
      *" download "*) echo deb > redis.deb; /bin/sleep 0.2 ;;
    esac`,
  )
  await program(
    'dpkg',
    '/bin/mkdir -p "$3/usr/bin"; echo "#!" > "$3/usr/bin/redis-server"; /bin/chmod 755 "$3/usr/bin/redis-server"',
  )
}

describe('findRedis', () => {
  it('takes the one on the PATH', async () => {
    await program('redis-server', 'exit 0')
    expect(await find()).toBe(join(programs, 'redis-server'))
  })

  it('says how to get one where there is neither a server nor apt-get', async () => {
    expect(await find()).toMatch(/install redis-server \(7\.0 or later\), or set REDIS_URL/)
  })

  it.each([
    { why: 'the package lists cannot be had', fails: 'update', says: 'E: Could not resolve deb.debian.org' },
    { why: 'there is no such package', fails: 'install', says: 'E: Unable to locate package redis-server' },
    { why: 'a package cannot be downloaded', fails: 'download', says: 'E: Failed to fetch redis.deb  404' },
  ])('says what apt-get said where $why, and leaves nothing half done', async ({ fails, says }) => {
    await program('dpkg', 'exit 0')
    await program('apt-get', `case " $* " in *" ${fails} "*) echo "W: first" >&2; echo "${says}" >&2; exit 100 ;; esac`)
    const sentence = await find()
    expect(sentence).toContain('install redis-server')
    expect(sentence).toContain(says)
    expect(await readdir(join(root, '.cache/redis'))).toEqual([])
  })

  it('unpacks once where several runs begin at the same time', async () => {
    await debian()
    const found = await Promise.all([find(), find(), find()])
    const path = join(root, `.cache/redis/debian-${process.arch}/usr/bin/redis-server`)
    expect(found).toEqual([path, path, path])
    expect(await readdir(join(root, '.cache/redis'))).toEqual([`debian-${process.arch}`])
  })

  it('unpacks anew where what lies in the cache is not whole', async () => {
    await debian()
    const folder = join(root, `.cache/redis/debian-${process.arch}`)
    await mkdir(join(folder, 'usr/lib'), { recursive: true })
    expect(await find()).toBe(join(folder, 'usr/bin/redis-server'))
  })
})
