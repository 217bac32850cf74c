/**
 * Starts a Redis of its own on a loopback port, with the durability that the store asks for.
 *
 * It never outlives this process: it is ended on exit, and even when this process is killed, by the kernel where the
 * system has a `setpriv` that can ask for that, else by a shell that waits for the end of this process.
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { findRedis, type RedisBinary } from './binary.ts'

/** What may differ from one server to the next. */
export interface StartOptions {
  /** Default: a free one. Give the one of a killed server so that its clients find the next. */
  readonly port?: number
  /** Where its append-only file lies. Default: a new folder, removed by `stop`. */
  readonly folder?: string
  /** More arguments for the command line, such as `['--appendfsync', 'everysec']`; they win. */
  readonly extraArgs?: readonly string[]
  /** Lines of a configuration file: the server is then a sentinel. It writes what it learns into that file. */
  readonly sentinel?: readonly string[]
}

/** A server that this process started. */
export interface StartedRedis {
  /** `redis://127.0.0.1:port`. */
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly folder: string
  /** Sends a signal and resolves once the process is gone; its folder stays. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** Ends it, and removes its folder where this call's `startRedis` made it. Harmless a second time. */
  stop(): Promise<void>
}

const run = promisify(execFile)

const READY_WITHIN_MS = 30_000
const STOP_WITHIN_MS = 5_000
/** Another process may take the port between finding it free and the server's listening on it. */
const PORT_ATTEMPTS = 5

/** Starts a server and resolves once it answers PING, with its data loaded. */
export async function startRedis(options: StartOptions = {}): Promise<StartedRedis> {
  const binary = await findRedis()
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'postroad-redis-')))
  const removeOwn = async (): Promise<void> => {
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true })
  }
  const { child, port, pid } = await launch(binary, folder, options).catch(async (error: unknown) => {
    await removeOwn()
    throw error
  })
  const kill = (signal: NodeJS.Signals): Promise<void> => end(child, signal)
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid,
    folder,
    kill,
    async stop() {
      const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
      await kill('SIGTERM')
      clearTimeout(force)
      await removeOwn()
    },
  }
}

async function launch(
  binary: RedisBinary,
  folder: string,
  options: StartOptions,
): Promise<{ readonly child: ChildProcess; readonly port: number; readonly pid: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort())
    const child = await spawnServer(binary, port, folder, options)
    const failure = await ready(child, port).then(
      () => undefined,
      (error: unknown) => error,
    )
    const { pid } = child
    if (failure === undefined && pid !== undefined) return { child, port, pid }
    await end(child, 'SIGKILL')
    const log = await readFile(join(folder, 'redis.log'), 'utf8').catch(() => '')
    const portTaken = log.includes('Address already in use')
    if (!portTaken || options.port !== undefined || attempt >= PORT_ATTEMPTS) {
      throw new Error(`Redis (${binary.path}) did not start. Its log ends with:\n${log.slice(-2_000)}`, {
        cause: failure,
      })
    }
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}

async function spawnServer(
  binary: RedisBinary,
  port: number,
  folder: string,
  options: StartOptions,
): Promise<ChildProcess> {
  const place = { port: String(port), bind: '127.0.0.1', dir: folder, logfile: join(folder, 'redis.log') }
  const args: string[] = [...(options.extraArgs ?? [])]
  if (options.sentinel === undefined) {
    const promises = { appendonly: 'yes', appendfsync: 'always', 'maxmemory-policy': 'noeviction', save: '' }
    const settings = Object.entries({ ...place, ...promises }).flatMap(([name, value]) => [`--${name}`, value])
    args.unshift(...settings)
  } else {
    const file = join(folder, 'sentinel.conf')
    const lines = [...Object.entries(place).map(([name, value]) => `${name} "${value}"`), ...options.sentinel]
    await writeFile(file, `${lines.join('\n')}\n`)
    args.unshift(file, '--sentinel')
  }
  const searched = [...binary.libraries, process.env['LD_LIBRARY_PATH'] ?? ''].filter((entry) => entry !== '')
  const env = searched.length === 0 ? process.env : { ...process.env, LD_LIBRARY_PATH: searched.join(':') }
  // `setpriv` becomes the server (same pid), so that pid, signals and exit status are the server's own.
  const guarded = ['--pdeathsig', 'KILL', binary.path]
  const byKernel = await run('setpriv', [...guarded, '--version'], { env }).then(
    () => true,
    () => false,
  )
  const [file, ...before] = byKernel ? ['setpriv', ...guarded] : [binary.path]
  const child = spawn(file, [...before, ...args], { env, stdio: 'ignore' })
  await once(child, 'spawn')
  const kill = (): void => void child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.removeListener('exit', kill))
  child.unref()
  if (!byKernel) guard(child)
  return child
}

/** Has a shell kill the server at the end of a pipe that only this process holds open. */
function guard(child: ChildProcess): void {
  const shell = spawn('sh', ['-c', 'read -r _; kill -9 "$1"', 'guard', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // Without a shell the server is ended on exit alone.
  shell.on('error', () => {})
  shell.stdin.on('error', () => {})
  shell.unref()
  child.once('exit', () => shell.kill('SIGKILL'))
}

/** Resolves when it has loaded its data and answers; rejects when the process ends first, or at the deadline. */
async function ready(child: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS
  while (!(await answers(child, port))) {
    if (hasEnded(child)) throw new Error('The process ended.')
    if (performance.now() > deadline) throw new Error('It did not answer in time.')
    await sleep(10)
  }
}

/** Whether PING is answered by PONG, and by this very process: somebody else's may have taken the port. */
function answers({ pid }: ChildProcess, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const answer = (value: boolean): void => {
      socket.destroy()
      resolve(value)
    }
    socket.setTimeout(1_000, () => answer(false))
    socket.once('error', () => answer(false))
    socket.once('connect', () => socket.write('PING\r\nINFO server\r\n'))
    let text = ''
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1')
      // While it loads its file it answers -LOADING.
      if (text.startsWith('-')) answer(false)
      const told = /^process_id:(\d+)\r$/m.exec(text)
      if (told !== null) answer(Number(told[1]) === pid)
    })
    socket.once('end', () => answer(false))
  })
}

/** A port of the loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('No port was given.')
  return address.port
}
