/** OpenSMTPD from Debian's package: one daemon that listens once for each service. */

import { chmod, chown, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unpackDebian } from '@postroad/tooling-debian'
import type { TranscriptSettings } from '@postroad/smtp/testing'
import { certificate } from './certificate.ts'
import {
  limitsOf,
  awaitPeer,
  reasonAgainst,
  type PeerKind,
  type PeerOptions,
  type PeerServer,
  type Translation,
} from './peer.ts'
import { freePorts } from './ports.ts'
import { makePeerFolder, PEER_USERS, startPrivate } from './private-process.ts'

/** OpenSMTPD; Ada's password is `secret`. A service is what stands behind `listen on`, and lines for filters before it. */
export const OPENSMTPD: PeerKind = {
  name: 'OpenSMTPD',
  folder: 'opensmtpd',
  packages: ['opensmtpd'],
  version: /OpenSMTPD (\S+) starting/,
  explained: '6.8',
  pipelining: false,
  translate,
  start,
}

/** In which phase of its filters an answer is given. */
const PHASES: ReadonlyMap<string, readonly string[]> = new Map([
  ['connect', ['connect']],
  ['HELO', ['helo', 'ehlo']],
  ['MAIL', ['mail-from']],
  ['RCPT', ['rcpt-to']],
  ['DATA', ['data']],
  ['content', ['commit']],
])

function translate(settings: TranscriptSettings): Translation {
  const reason = reasonAgainst(settings, [])
  if (reason !== undefined) return { reason }
  const listen = [`hostname ${settings.hostname}`]
  const secured = settings.startTls || settings.implicitTls
  if (settings.implicitTls) listen.push('smtps pki interop')
  else if (settings.startTls) listen.push('tls pki interop')
  if (settings.mechanisms.length > 0) {
    if (settings.allowPlaintextAuth || !secured) return { reason: 'takes AUTH only under TLS' }
    listen.push('auth-optional <accounts>')
  }
  if (settings.bareNewlines === 'repair') return { reason: 'has no way to repair bare newlines' }
  const [[limit] = []] = limitsOf(settings)
  if (limit !== undefined) return { reason: `has no limit like \`${limit}\` for a listener` }
  const filters: string[] = []
  for (const [what, text] of settings.answers) {
    const phases = what.includes('@') ? undefined : PHASES.get(what)
    if (phases === undefined || !/^[45]/.test(text)) return { reason: `cannot be told to answer \`${what}\` so` }
    for (const phase of phases) {
      filters.push(`filter NAME${filters.length} phase ${phase} match src <everybody> reject "${text}"`)
    }
  }
  return { service: [...filters, listen.join(' ')].join('\n') }
}

async function start({ services, relayPort }: PeerOptions): Promise<PeerServer> {
  const unpacked = await unpackDebian('opensmtpd', ['opensmtpd'])
  const folder = await makePeerFolder('opensmtpd')
  const ports = await freePorts(services.length)
  const { key, cert } = await certificate()
  await writeFile(join(folder.path, 'key.pem'), key, { mode: 0o600 })
  await writeFile(join(folder.path, 'certificate.pem'), cert, { mode: 0o600 })
  const queueUser = PEER_USERS['opensmtpq'] ?? 0
  // What it expects below the folders that it sees as `/var/lib`, `/var/spool` and `/run`.
  for (const [name, mode, user, group] of [
    ['lib', 0o755, 0, 0],
    ['lib/opensmtpd', 0o755, 0, 0],
    ['lib/opensmtpd/empty', 0o755, 0, 0],
    ['run', 0o755, 0, 0],
    ['spool', 0o755, 0, 0],
    ['spool/smtpd', 0o711, 0, 0],
    ['spool/smtpd/corrupt', 0o700, queueUser, 0],
    ['spool/smtpd/incoming', 0o700, queueUser, 0],
    ['spool/smtpd/purge', 0o700, queueUser, 0],
    ['spool/smtpd/queue', 0o700, queueUser, 0],
    ['spool/smtpd/temporary', 0o700, queueUser, 0],
    ['spool/smtpd/offline', 0o770, 0, queueUser],
  ] as const) {
    const path = join(folder.path, name)
    await mkdir(path)
    await chown(path, user, group)
    await chmod(path, mode)
  }
  await writeFile(join(folder.path, 'smtpd.conf'), configurationText(folder.path, services, ports, relayPort), {
    mode: 0o600,
  })
  const running = await startPrivate({
    folder,
    unpacked,
    over: [
      { target: '/var/lib', source: join(folder.path, 'lib') },
      { target: '/var/spool', source: join(folder.path, 'spool') },
      { target: '/run', source: join(folder.path, 'run') },
    ],
    commands: [[join(folder.root, 'usr/sbin/smtpd'), '-d', '-f', join(folder.path, 'smtpd.conf')]],
  })
  return awaitPeer({ name: 'OpenSMTPD', services, ports, running, folder })
}

/** `secret` by crypt(3), SHA-512. */
const HASH = '$6$postroad$QyOUre/njEpYrNrHpwpy2tAGWqFI/WEdeHtKCcbJNZd.BHlxaFe9b40hz7.rmhea9ObQBaCK9E4lKj7MC7pmP0'

function configurationText(
  path: string,
  services: readonly string[],
  ports: readonly number[],
  relayPort: number | undefined,
): string {
  const listeners = services.map((service, index) => {
    const lines = service.split('\n')
    const listen = lines.pop() ?? ''
    const names = lines.map((_, at) => `f${index}-${at}`)
    const filters = lines.map((line, at) => line.replace(`NAME${at}`, JSON.stringify(names[at])))
    const chain = names.length === 0 ? '' : ` filter { ${names.map((name) => JSON.stringify(name)).join(', ')} }`
    return `${filters.map((line) => `${line}\n`).join('')}listen on 127.0.0.1 port ${ports[index] ?? 0} ${listen}${chain}\n`
  })
  return `pki interop cert "${join(path, 'certificate.pem')}"
pki interop key "${join(path, 'key.pem')}"
table accounts { ada = "${HASH}" }
table everybody { "0.0.0.0/0" }
smtp max-message-size 50M
${listeners.join('')}
action onward relay host "smtp+notls://127.0.0.1:${relayPort ?? 9}"
match from any for any action onward
`
}
