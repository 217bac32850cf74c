/**
 * Starts the servers of others as they expect to run: as root, with users of their own, though this machine has none of
 * these.
 *
 * They get a view of the file system of their own (a mount namespace): their users stand in a copy of `/etc/passwd` that
 * lies over the real one for them alone, names are looked up in a copy of `/etc/hosts` and nowhere else, and what was
 * unpacked lies where they may read it. Nothing of the system changes, and all of it is gone with the last process. They
 * get a process namespace, too: with its first process all others end, whatever they had become; the first ends with
 * this process, however this ends.
 *
 * That takes root. For other users `whyNotPrivate` says so.
 */

import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Unpacked } from '@postroad/tooling-debian'

/** A folder of its own for one server, which every user may pass through. */
export interface PeerFolder {
  readonly path: string
  /** What was unpacked, as the server sees it. */
  readonly root: string
  /** Removes all of it. */
  remove(): Promise<void>
}

/** What runs. */
export interface PrivateProcess {
  /** The last of what the processes said on standard output and standard error. */
  output(): string
  /** Resolves when the first process has ended. */
  readonly ended: Promise<void>
  /** Ends all of them at once. Harmless a second time. */
  stop(): Promise<void>
}

/** What is to run, and in which view. */
export interface PrivateProgram {
  readonly folder: PeerFolder
  readonly unpacked: Unpacked
  /** Each begins at once; program and arguments. All end with the last of them. */
  readonly commands: readonly (readonly string[])[]
  /** More folders of what was unpacked, in which the programs' libraries lie, relative: `usr/lib/postfix`. */
  readonly libraries?: readonly string[]
  /** More variables. */
  readonly env?: Readonly<Record<string, string>>
  /** Folders of the system with which others are to be one, for the programs alone: what is in either is there. */
  readonly onto?: readonly { readonly target: string; readonly source: string }[]
  /** Existing folders of the system over which others are to lie, for the programs alone. */
  readonly over?: readonly { readonly target: string; readonly source: string }[]
}

const run = promisify(execFile)
const GUARD = ['setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--kill-child', '--'] as const
const OUTPUT_BYTES = 16_384

/** Users that the servers ask for by name; each with a group of the same name. Numbers that nobody else is likely to have. */
export const PEER_USERS: Readonly<Record<string, number>> = {
  postfix: 61_101,
  postdrop: 61_102,
  'Debian-exim': 61_103,
  opensmtpd: 61_104,
  opensmtpq: 61_105,
  dovecot: 61_106,
  dovenull: 61_107,
}

let why: Promise<string | undefined> | undefined

/** Why no server can be started here, in a sentence; `undefined` where one can. */
export function whyNotPrivate(): Promise<string | undefined> {
  why ??= run(GUARD[0], [...GUARD.slice(1), 'mount', '--bind', '/etc/hosts', '/etc/hosts'], { timeout: 10_000 }).then(
    () => undefined,
    () => 'mail servers of others need root and util-linux: they run as users of their own in a mount namespace',
  )
  return why
}

let whyOnto: Promise<string | undefined> | undefined

/** As `whyNotPrivate`, for programs that also lie `onto` folders of the system. */
export function whyNotOnto(): Promise<string | undefined> {
  const command = ['sh', '-c', mountOnto('/usr/share', '/usr/lib')]
  whyOnto ??= run(GUARD[0], [...GUARD.slice(1), ...command], { timeout: 10_000 }).then(
    () => undefined,
    () => 'this server needs root, and a kernel with overlayfs',
  )
  return whyOnto
}

function mountOnto(source: string, target: string): string {
  return `mount -t overlay overlay -o ${quote(`lowerdir=${source}:${target}`)} ${quote(target)}`
}

/** Makes the folder; nothing is in it yet but the place for what was unpacked. */
export async function makePeerFolder(name: string): Promise<PeerFolder> {
  const path = await mkdtemp(join(tmpdir(), `postroad-${name}-`))
  await chmod(path, 0o755)
  await mkdir(join(path, 'root'))
  return {
    path,
    root: join(path, 'root'),
    remove: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  }
}

/** Starts programs; whether they came up is the caller's to find out. */
export async function startPrivate(program: PrivateProgram): Promise<PrivateProcess> {
  const { folder, unpacked } = program
  const over = [{ target: folder.root, source: unpacked.root }, ...(await systemFiles(folder)), ...(program.over ?? [])]
  const script = [
    'set -e',
    ...(program.onto ?? []).map(({ source, target }) => mountOnto(source, target)),
    ...over.map(({ source, target }) => `mount --bind ${quote(source)} ${quote(target)}`),
    ...program.commands.map((command) => `${command.map(quote).join(' ')} &`),
    'wait',
  ].join('\n')
  const libraries = [
    ...(program.libraries ?? []).map((relative) => join(folder.root, relative)),
    ...unpacked.libraries.map((place) => folder.root + place.slice(unpacked.root.length)),
  ]
  const child = spawn(GUARD[0], [...GUARD.slice(1), 'sh', '-c', script], {
    cwd: folder.path,
    env: {
      PATH: `${join(folder.root, 'usr/sbin')}:${join(folder.root, 'usr/bin')}:/usr/sbin:/usr/bin:/sbin:/bin`,
      LC_ALL: 'C.UTF-8',
      TZ: 'UTC',
      LD_LIBRARY_PATH: libraries.join(':'),
      ...program.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  await once(child, 'spawn')
  return watch(child)
}

function watch(child: ChildProcess): PrivateProcess {
  let said = ''
  const listen = (chunk: Buffer): void => {
    said = (said + chunk.toString('utf8')).slice(-OUTPUT_BYTES)
  }
  child.stdout?.on('data', listen)
  child.stderr?.on('data', listen)
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = once(child, 'exit').then(() => void process.removeListener('exit', kill))
  return {
    output: () => said,
    ended,
    async stop() {
      kill()
      await ended
    },
  }
}

/** The system's files that the servers are to see otherwise. */
async function systemFiles(folder: PeerFolder): Promise<readonly { source: string; target: string }[]> {
  const users = Object.entries(PEER_USERS)
  const passwd = users.map(([name, id]) => `${name}:x:${id}:${id}::/nonexistent:/usr/sbin/nologin`)
  const groups = users.map(([name, id]) => `${name}:x:${id}:`)
  const files = [
    { name: '/etc/passwd', text: await withLines('/etc/passwd', passwd) },
    { name: '/etc/group', text: await withLines('/etc/group', groups) },
    { name: '/etc/hosts', text: '127.0.0.1 localhost mx.example.net\n' },
    // Nobody answers there, and at once.
    { name: '/etc/resolv.conf', text: 'nameserver 127.0.0.1\noptions attempts:1 timeout:1\n' },
  ]
  const over: { source: string; target: string }[] = []
  for (const { name, text } of files) {
    const target = await realpath(name).catch(() => undefined)
    if (target === undefined) continue
    const source = join(folder.path, name.replaceAll('/', '_'))
    await writeFile(source, text, { mode: 0o644 })
    over.push({ source, target })
  }
  return over
}

/** A file of the system with these entries, but for those whose name it has already. */
async function withLines(file: string, entries: readonly string[]): Promise<string> {
  const nameOf = (entry: string): string => entry.slice(0, entry.indexOf(':'))
  const text = await readFile(file, 'utf8')
  const known = new Set(text.split('\n').map(nameOf))
  const added = entries.filter((entry) => !known.has(nameOf(entry)))
  return `${text.trimEnd()}\n${added.join('\n')}\n`
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
