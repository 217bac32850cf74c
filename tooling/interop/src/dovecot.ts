/** Dovecot from Debian's packages: LMTP into Maildirs, and submission, which passes everything on. */

import { chown, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EXTENSIONS } from '@postroad/smtp'
import type { TranscriptSettings } from '@postroad/smtp/testing'
import { unpackDebian } from '@postroad/tooling-debian'
import { certificate } from './certificate.ts'
import { awaitPeer, limitsOf, type PeerKind, type PeerOptions, type PeerServer, type Translation } from './peer.ts'
import { freePorts } from './ports.ts'
import { makePeerFolder, PEER_USERS, startPrivate, type PeerFolder } from './private-process.ts'

/** A running Dovecot: whoever knows it can look into the mailboxes. */
export interface DovecotServer extends PeerServer {
  /** The messages in the mailbox of a user, such as `ada@example.net`. */
  mailbox(user: string): Promise<readonly Buffer[]>
}

/** Dovecot. Its services are `lmtp`, `lmtp-tls` and `submission`; everybody's password is `secret`. */
export const DOVECOT: Omit<PeerKind, 'start'> & { start(options: PeerOptions): Promise<DovecotServer> } = {
  name: 'Dovecot',
  folder: 'dovecot',
  packages: ['dovecot-lmtpd', 'dovecot-submissiond'],
  version: /Dovecot v(\S+)/,
  onto: true,
  explained: '2.3',
  pipelining: true,
  translate,
  start,
}

/** Who has a mailbox. */
const USERS = ['ada', 'bob', 'a', 'b', 'c'] as const

function translate(settings: TranscriptSettings): Translation {
  if (settings.protocol !== 'lmtp') return { reason: 'takes mail by SMTP from clients alone that have authenticated' }
  if (settings.commands.length > 0) return { reason: 'knows no commands by agreement' }
  const usual = new Set(EXTENSIONS.map(({ name }) => name))
  const other = settings.extensions.find(({ name }) => !usual.has(name))
  if (other !== undefined) return { reason: `has no ${other.name}` }
  if (settings.startTls || settings.implicitTls) return { reason: 'is replayed in clear alone' }
  for (const what of settings.answers.keys()) {
    if (what !== 'nobody@example.net') return { reason: `cannot be told to answer \`${what}\`` }
  }
  const [[limit] = []] = limitsOf(settings)
  return limit === undefined ? { service: 'lmtp' } : { reason: `has no limit like \`${limit}\`` }
}

async function start({ services, relayPort }: PeerOptions): Promise<DovecotServer> {
  const unpacked = await unpackDebian('dovecot', ['dovecot-lmtpd', 'dovecot-submissiond'])
  const folder = await makePeerFolder('dovecot')
  const ports = await freePorts(services.length)
  await mkdir(join(folder.path, 'etc/dovecot'), { recursive: true })
  const numbers = new Map(services.map((service, index) => [service, ports[index] ?? 0]))
  await writeFile(join(folder.path, 'etc/dovecot/dovecot.conf'), await configurationText(folder, numbers, relayPort))
  const running = await startPrivate({
    folder,
    unpacked,
    // It looks for its parts where it would be installed, and nowhere else.
    onto: [
      { target: '/usr', source: unpacked.path('usr') },
      { target: '/etc', source: join(folder.path, 'etc') },
    ],
    commands: [['/usr/sbin/dovecot', '-F']],
  })
  const readLog = async (): Promise<string> =>
    running.output() + (await readFile(join(folder.path, 'log'), 'utf8').catch(() => ''))
  const peer = await awaitPeer({ name: 'Dovecot', services, ports, running, folder, log: readLog })
  return {
    ...peer,
    async mailbox(user) {
      const place = join(folder.path, 'mail', user, 'new')
      const names = await readdir(place).catch((): string[] => [])
      return Promise.all(names.map((name) => readFile(join(place, name))))
    },
  }
}

async function configurationText(
  { path }: PeerFolder,
  ports: ReadonlyMap<string, number>,
  relayPort: number | undefined,
): Promise<string> {
  const { key, cert } = await certificate()
  await writeFile(join(path, 'key.pem'), key, { mode: 0o600 })
  await writeFile(join(path, 'certificate.pem'), cert)
  const id = PEER_USERS['dovecot'] ?? 0
  for (const name of ['mail', 'state']) {
    await mkdir(join(path, name))
    await chown(join(path, name), id, id)
  }
  const users = USERS.flatMap((name) => [name, `${name}@example.net`])
  const entries = users.map((user) => `${user}:{PLAIN}secret:${id}:${id}::${join(path, 'mail', user)}::\n`)
  await writeFile(join(path, 'users'), entries.join(''), { mode: 0o644 })
  const listener = (service: string, name: string, more = ''): string => {
    const port = ports.get(service)
    return port === undefined ? '' : `inet_listener ${name} {\n address = 127.0.0.1\n port = ${port}\n${more} }\n`
  }
  return `base_dir = ${join(path, 'run')}
state_dir = ${join(path, 'state')}
log_path = ${join(path, 'log')}
import_environment = TZ LD_LIBRARY_PATH
hostname = mx.example.net
listen = 127.0.0.1
protocols = lmtp submission
mail_location = maildir:~
mail_save_crlf = yes
first_valid_uid = 1
ssl = yes
ssl_cert = <${join(path, 'certificate.pem')}
ssl_key = <${join(path, 'key.pem')}
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
auth_failure_delay = 0
disable_plaintext_auth = yes
recipient_delimiter =
passdb {
 driver = passwd-file
 args = username_format=%u ${join(path, 'users')}
}
userdb {
 driver = passwd-file
 args = username_format=%u ${join(path, 'users')}
}
submission_relay_host = 127.0.0.1
submission_relay_port = ${relayPort ?? 9}
service lmtp {
 ${listener('lmtp', 'lmtp')}
 ${listener('lmtp-tls', 'lmtps', ' ssl = yes\n')}
}
service submission-login {
 ${listener('submission', 'submission')}
 inet_listener submissions {
  port = 0
 }
}
`
}
