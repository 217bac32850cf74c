/**
 * The whole road in processes of its own, on free ports of 127.0.0.1 and in a temporary folder: all in one process over
 * SQLite, or four processes over one Redis. Users ada, bob and eve of example.org; the world is a zone given as text.
 */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hashPassword } from '@postroad/directory-file'
import { createSelfSigned } from 'postroad'
import { ServiceProcess, type LogLine } from './service-process.ts'

/** Everybody's password. */
export const PASSWORD = 'a quiet harbour'

/** The accounts, each with the mailbox of its name in example.org. */
export const ACCOUNTS = ['ada', 'bob', 'eve'] as const

/** How the road is built. */
export interface RoadOptions {
  /** All in one process over SQLite, or four over one Redis. */
  readonly shape:
    | { readonly kind: 'one' }
    | { readonly kind: 'four'; readonly redisUrl: string; readonly prefix: string }
  /** The port on which every MX host of the zone listens. */
  readonly mxPort: number
  /** Zone text; default: example.net with the MX host 127.0.0.1. */
  readonly zone?: string
  /** More settings of `[relay]`, as TOML lines. */
  readonly relay?: readonly string[]
  /** Told of every log line of every process. */
  readonly onLine?: (line: LogLine) => void
  /** The file that a process runs; default: the package's own, from source or built as this process is. */
  readonly entry?: (part: RoadPart) => string
}

/** The processes of a road: `postroad` for all, or one for each role. */
export type RoadPart = 'postroad' | 'msa' | 'mta' | 'relay' | 'mda'

/** A running road. */
export interface Road extends AsyncDisposable {
  readonly folder: string
  readonly ports: Readonly<Record<'submission' | 'submissions' | 'smtp' | 'lmtp', number>>
  /** Certificate of the road, to be trusted by clients. */
  readonly ca: string
  readonly maildir: string
  /** The database file; only with one process. */
  readonly database: string
  /** The processes, in the order they are started. */
  readonly parts: readonly RoadPart[]
  /** Kills one as a crash does. */
  kill(part: RoadPart): Promise<void>
  /** Starts one that was killed or stopped. */
  start(part: RoadPart): Promise<void>
  /** Stops one gracefully; gives its exit code. */
  stop(part: RoadPart): Promise<number>
}

const HOSTNAME = 'mail.example.org'
const DEFAULT_ZONE = `$ORIGIN example.net.
@   MX 10 mx
mx  A  127.0.0.1
`

/** Builds and starts it. */
export async function openRoad(options: RoadOptions): Promise<Road> {
  const folder = await mkdtemp(join(tmpdir(), 'postroad-'))
  const [submission, submissions, smtp, lmtp] = await freePorts(4)
  const ports = { submission, submissions, smtp, lmtp }
  const tls = await createSelfSigned(HOSTNAME)
  const config = join(folder, 'postroad.toml')
  await mkdir(join(folder, 'tls'))
  await Promise.all([
    writeFile(join(folder, 'tls', 'key.pem'), tls.key, { mode: 0o600 }),
    writeFile(join(folder, 'tls', 'certificate.pem'), tls.cert),
    writeFile(join(folder, 'zone.txt'), options.zone ?? DEFAULT_ZONE),
    writeFile(join(folder, 'directory.toml'), await directoryText()),
    writeFile(config, configText(folder, ports, options)),
  ])

  const parts: readonly RoadPart[] = options.shape.kind === 'one' ? ['postroad'] : ['mda', 'relay', 'mta', 'msa']
  const running = new Map<RoadPart, ServiceProcess>()
  const start = async (part: RoadPart): Promise<void> => {
    running.set(
      part,
      await ServiceProcess.start({
        entry: (options.entry ?? entryOf)(part),
        args: [...(part === 'postroad' ? ['start'] : []), '--config', config],
        ...(options.onLine && { onLine: options.onLine }),
      }),
    )
  }
  const stop = async (part: RoadPart): Promise<number> => {
    const code = (await running.get(part)?.stop()) ?? 0
    running.delete(part)
    return code
  }
  const dispose = async (): Promise<void> => {
    // The doors first: what is under way then still finds the relay and the mda.
    for (const part of parts.toReversed()) await stop(part)
    await rm(folder, { recursive: true, force: true })
  }

  try {
    for (const part of parts) await start(part)
  } catch (error) {
    await dispose()
    throw error
  }
  return {
    folder,
    ports,
    ca: tls.cert,
    maildir: join(folder, 'mail'),
    database: join(folder, 'store.db'),
    parts,
    start,
    stop,
    async kill(part) {
      await running.get(part)?.kill()
      running.delete(part)
    },
    [Symbol.asyncDispose]: dispose,
  }
}

function configText(folder: string, ports: Road['ports'], { shape, mxPort, relay = [] }: RoadOptions): string {
  const store =
    shape.kind === 'one'
      ? ['kind = "sqlite"', `path = "${folder}/store.db"`]
      : ['kind = "redis"', `url = "${shape.redisUrl}"`, `prefix = "${shape.prefix}"`]
  return `hostname = "${HOSTNAME}"
data = "${folder}"

[store]
${store.join('\n')}

[directory]
path = "${folder}/directory.toml"

[tls]
certificate = "${folder}/tls/certificate.pem"
key = "${folder}/tls/key.pem"

[msa]
listen = ["127.0.0.1:${ports.submission}"]
listen-tls = ["127.0.0.1:${ports.submissions}"]

[mta]
listen = ["127.0.0.1:${ports.smtp}"]

[relay]
mx-port = ${mxPort}
allow-private-addresses = true
resolver = { zone = "${folder}/zone.txt" }
${relay.join('\n')}

[relay.local]
via = "${shape.kind === 'one' ? 'direct' : 'lmtp'}"
lmtp = "127.0.0.1:${ports.lmtp}"

[mda]
listen = ["127.0.0.1:${ports.lmtp}"]
maildir = "${folder}/mail"
`
}

function entryOf(part: RoadPart): string {
  return fileURLToPath(import.meta.resolve(part === 'postroad' ? 'postroad/main' : `@postroad/app-${part}/main`))
}

let verifier: Promise<string> | undefined

async function directoryText(): Promise<string> {
  verifier ??= hashPassword(PASSWORD)
  const known = await verifier
  const users = ACCOUNTS.map(
    (name) => `[[users]]
name = "${name}"
passwords = ["${known}"]
mailboxes = ["${name}@example.org"]
`,
  )
  return `[domains]
local = ["example.org"]

${users.join('\n')}
[aliases]
"team@example.org" = ["bob@example.org", "eve@example.org"]
`
}

/** Ports that were free a moment ago. */
async function freePorts(count: 4): Promise<[number, number, number, number]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const found = servers.map((server) => {
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  })
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  const [a = 0, b = 0, c = 0, d = 0] = found
  return [a, b, c, d]
}
