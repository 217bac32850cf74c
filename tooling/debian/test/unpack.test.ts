import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const run = promisify(execFile)

/** The module finds its cache from where it lies: a copy has a cache of its own. */
let root = ''
let programs = ''

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'postroad-debian-'))
  programs = join(root, 'bin')
  await mkdir(programs)
  await cp(new URL('../src', import.meta.url), join(root, 'tooling/debian/src'), { recursive: true })
  await writeFile(join(root, 'package.json'), '{"type":"module"}')
})
afterEach(() => rm(root, { recursive: true, force: true }))

const program = (name: string, script: string): Promise<void> =>
  writeFile(join(programs, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })

/** A system that has `tool`, which needs `libtool`; what is asked of apt-get is written down. Slow, so that runs meet. */
const debian = async (): Promise<void> => {
  await program(
    'apt-get',
    `echo "$*" >> ${join(root, 'asked')}
    case " $* " in
      *" install "*) echo "Inst libtool (1)"; echo "Inst libc6 (2)" ;;
      *" download "*) while [ "$1" != download ]; do shift; done; shift; for name; do echo x > $name.deb; done; /bin/sleep 0.2 ;;
    esac`,
  )
  await program(
    'dpkg',
    `case $2 in
      *libtool.deb) /bin/mkdir -p "$3/usr/lib/x86_64-linux-gnu"; echo > "$3/usr/lib/x86_64-linux-gnu/libtool.so.1" ;;
      *) /bin/mkdir -p "$3/usr/bin" "$3/usr/lib/other-linux-gnu"; echo > "$3/usr/bin/tool" ;;
    esac`,
  )
}

interface Given {
  readonly root: string
  readonly libraries: readonly string[]
  readonly searched: string | undefined
  readonly tool: string
}

/** What `unpackDebian` gives in a process of its own, or the sentence that it rejects with. */
const unpack = async (name: string, packages: readonly string[]): Promise<Given | string> => {
  const code = `const { unpackDebian } = await import(${JSON.stringify(join(root, 'tooling/debian/src/index.ts'))})
    const given = await unpackDebian(${JSON.stringify(name)}, ${JSON.stringify(packages)}).then(
      ({ root, libraries, env, path }) => ({ root, libraries, searched: env.LD_LIBRARY_PATH, tool: path('usr/bin/tool') }),
      (error) => error.message)
    console.log(JSON.stringify(given))`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code], { env: { PATH: programs } })
  return JSON.parse(stdout) as Given | string
}

const asked = (): Promise<string> => readFile(join(root, 'asked'), 'utf8').catch(() => '')

describe('unpackDebian', () => {
  it('unpacks what was asked for and the libraries that the machine lacks, but for the C library', async () => {
    await debian()
    const folder = join(root, `.cache/tools/debian-${process.arch}`)
    const library = join(folder, 'usr/lib/x86_64-linux-gnu')
    expect(await unpack('tools', ['tool'])).toEqual({
      root: folder,
      libraries: [library],
      searched: library,
      tool: join(folder, 'usr/bin/tool'),
    })
    expect(await asked()).toMatch(/ download tool libtool\n$/)
    expect(await readdir(join(root, '.cache/tools'))).toEqual([`debian-${process.arch}`])
  })

  it('asks apt-get nothing the second time', async () => {
    await debian()
    const first = await unpack('tools', ['tool', 'more'])
    const before = await asked()
    expect(await unpack('tools', ['more', 'tool'])).toEqual(first)
    expect(await asked()).toBe(before)
  })

  it('unpacks anew where other packages lie under the name', async () => {
    await debian()
    await unpack('tools', ['tool'])
    await unpack('tools', ['tool', 'more'])
    expect(await asked()).toMatch(/ download tool more libtool\n$/)
    expect(await readdir(join(root, '.cache/tools'))).toEqual([`debian-${process.arch}`])
  })

  it('unpacks anew where what lies there is not whole', async () => {
    await debian()
    const folder = join(root, `.cache/tools/debian-${process.arch}`)
    await mkdir(join(folder, 'usr/bin'), { recursive: true })
    await unpack('tools', ['tool'])
    expect(await readdir(join(folder, 'usr/bin'))).toEqual(['tool'])
  })

  it('gives the same to several runs that begin at the same time', async () => {
    await debian()
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => unpack('tools', ['tool'])))
    expect(first).toMatchObject({ tool: expect.stringContaining('usr/bin/tool') })
    for (const other of others) expect(other).toEqual(first)
    expect(await readdir(join(root, '.cache/tools'))).toEqual([`debian-${process.arch}`])
  })

  it('says what to do on a system of another kind', async () => {
    expect(await unpack('tools', ['tool'])).toMatch(
      /packages tool could not be unpacked: .*no apt-get and dpkg.*Install/,
    )
  })

  it('says what apt-get said, and leaves nothing half done', async () => {
    await debian()
    await program('apt-get', 'echo "W: first" >&2; echo "E: Unable to locate package tool" >&2; exit 100')
    expect(await unpack('tools', ['tool'])).toMatch(/E: Unable to locate package tool\. Install them/)
    expect(await readdir(join(root, '.cache/tools'))).toEqual([])
  })

  it.each(['../x', '-o', 'Tool', ''])('refuses the name "%s"', async (name) => {
    expect(await unpack(name, ['tool'])).toContain('is not the name of a package')
    expect(await unpack('tools', [name])).toContain('is not the name of a package')
  })
})
