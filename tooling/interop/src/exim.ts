/** Exim from Debian's package: one daemon for each service, all in one folder of its own. */

import { chown, mkdir, readFile, writeFile } from 'node:fs/promises'
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
import { makePeerFolder, PEER_USERS, startPrivate, type PeerFolder } from './private-process.ts'

/** Exim with its own authenticators: Ada's password is `secret`. A service is a text of main settings, one each line. */
export const EXIM: PeerKind = {
  name: 'Exim',
  folder: 'exim',
  packages: ['exim4-daemon-heavy'],
  version: /exim (\S+) daemon started/,
  explained: '4.96',
  pipelining: true,
  translate,
  start,
}

/** Where an answer of a receiver is given. */
const ANSWERED_BY: ReadonlyMap<string, string> = new Map([
  ['connect', 'acl_smtp_connect'],
  ['HELO', 'acl_smtp_helo'],
  ['EHLO', 'acl_smtp_helo'],
  ['MAIL', 'acl_smtp_mail'],
  ['RCPT', 'acl_smtp_rcpt'],
  ['DATA', 'acl_smtp_predata'],
  ['content', 'acl_smtp_data'],
])

const LIMITS: ReadonlyMap<string, (value: number) => readonly string[]> = new Map([
  ['maxRecipients', (value: number) => [`recipients_max = ${value}`]],
  ['maxMessageBytes', (value: number) => [`message_size_limit = ${value}`]],
  [
    'maxErrors',
    (value: number) => [`smtp_max_synprot_errors = ${value - 1}`, `smtp_max_unknown_commands = ${value - 1}`],
  ],
  ['maxIdleCommands', (value: number) => [`smtp_accept_max_nonmail = ${value}`]],
  ['maxContentLineBytes', () => []],
])

function translate(settings: TranscriptSettings): Translation {
  const reason = reasonAgainst(settings, ['ETRN'])
  if (reason !== undefined) return { reason }
  const lines = [`primary_hostname = ${settings.hostname}`]
  if (settings.startTls) lines.push('tls_advertise_hosts = *')
  if (settings.implicitTls) lines.push('tls_advertise_hosts = *', 'tls_on_connect_ports = PORT')
  for (const mechanism of settings.mechanisms) {
    if (!AUTHENTICATORS.has(mechanism)) return { reason: `has no ${mechanism} in this package` }
  }
  if (settings.mechanisms.length > 0) {
    const where = settings.allowPlaintextAuth ? '*' : '${if def:tls_in_cipher {*}}'
    lines.push(`auth_advertise_hosts = ${where}`, `#authenticators ${settings.mechanisms.join(' ')}`)
  }
  if (settings.bareNewlines === 'repair') return { reason: 'has no way to repair bare newlines' }
  for (const [limit, value] of limitsOf(settings)) {
    const settle = LIMITS.get(limit)
    if (settle === undefined) return { reason: `has no limit like \`${limit}\`` }
    lines.push(...settle(value))
  }
  for (const [what, text] of settings.answers) {
    const acl = ANSWERED_BY.get(what)
    if (what.includes('@') && !what.startsWith('content:')) lines.push(`#refuse ${what} ${text}`)
    else if (acl === undefined || !/^[45]/.test(text)) return { reason: `cannot be told to answer \`${what}\` so` }
    else lines.push(`${acl} = ${text.startsWith('4') ? 'DEFER' : 'DENY'} ${text}`)
  }
  return { service: lines.join('\n') }
}

const AUTHENTICATORS: ReadonlyMap<string, string> = new Map([
  [
    'PLAIN',
    `plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = \${if and{{eq{$auth2}{ada}}{eq{$auth3}{secret}}}}
  server_set_id = $auth2
`,
  ],
  [
    'LOGIN',
    `login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = \${if and{{eq{$auth1}{ada}}{eq{$auth2}{secret}}}}
  server_set_id = $auth1
`,
  ],
  [
    'CRAM-MD5',
    `cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = \${if eq{$auth1}{ada}{secret}fail}
  server_set_id = $auth1
`,
  ],
])

async function start({ services, relayPort, relayByLmtp = false }: PeerOptions): Promise<PeerServer> {
  const unpacked = await unpackDebian('exim', ['exim4-daemon-heavy'])
  const folder = await makePeerFolder('exim')
  const ports = await freePorts(services.length)
  const user = PEER_USERS['Debian-exim'] ?? 0
  const { key, cert } = await certificate()
  for (const name of ['spool', 'log']) {
    await mkdir(join(folder.path, name))
    await chown(join(folder.path, name), user, user)
  }
  for (const [name, text] of [
    ['key.pem', key],
    ['certificate.pem', cert],
  ] as const) {
    await writeFile(join(folder.path, name), text, { mode: 0o600 })
    await chown(join(folder.path, name), user, user)
  }
  for (const [index, service] of services.entries()) {
    await writeFile(
      join(folder.path, `${index}.conf`),
      configurationText(folder, service.replace('PORT', String(ports[index] ?? 0)), { relayPort, relayByLmtp }),
    )
  }
  const running = await startPrivate({
    folder,
    unpacked,
    commands: services.map((_, index) => [
      join(folder.root, 'usr/sbin/exim4'),
      '-bdf',
      '-C',
      join(folder.path, `${index}.conf`),
      '-oX',
      `127.0.0.1.${ports[index] ?? 0}`,
      '-oP',
      join(folder.path, `${index}.pid`),
    ]),
  })
  const readLog = async (): Promise<string> => {
    const files = await Promise.all(
      ['main', 'reject', 'panic'].map((name) => readFile(join(folder.path, 'log', name), 'utf8').catch(() => '')),
    )
    return [running.output(), ...files].join('')
  }
  return awaitPeer({ name: 'Exim', services, ports, running, folder, log: readLog })
}

/** A whole configuration: the settings of the service replace those given here. */
function configurationText(
  { path, root }: PeerFolder,
  service: string,
  { relayPort, relayByLmtp }: { readonly relayPort: number | undefined; readonly relayByLmtp: boolean },
): string {
  const given = service.split('\n')
  const authenticators =
    given
      .find((line) => line.startsWith('#authenticators '))
      ?.split(' ')
      .slice(1) ?? []
  const refused = given.filter((line) => line.startsWith('#refuse ')).map((line) => line.slice('#refuse '.length))
  const verdicts = new Map(
    given
      .filter((line) => line.startsWith('acl_smtp_'))
      .map((line) => {
        const [acl = '', verdict = ''] = line.split(' = ', 2)
        return [acl, verdict] as const
      }),
  )
  const settings = new Map([
    ['exim_path', join(root, 'usr/sbin/exim4')],
    ['spool_directory', join(path, 'spool')],
    ['log_file_path', join(path, 'log/%s')],
    ['primary_hostname', 'mx.example.net'],
    ['keep_environment', 'LD_LIBRARY_PATH : TZ'],
    ['notifier_socket', ''],
    ['host_lookup', ''],
    ['rfc1413_hosts', ''],
    ['smtp_accept_max', '0'],
    ['smtp_accept_queue_per_connection', '0'],
    ['deliver_drop_privilege', 'true'],
    ['accept_8bitmime', 'true'],
    ['allow_utf8_domains', 'true'],
    ['smtputf8_advertise_hosts', '*'],
    ['dsn_advertise_hosts', '*'],
    ['chunking_advertise_hosts', '*'],
    ['pipelining_advertise_hosts', '*'],
    ['prdr_enable', 'false'],
    ['tls_advertise_hosts', ''],
    ['tls_certificate', join(path, 'certificate.pem')],
    ['tls_privatekey', join(path, 'key.pem')],
    ['auth_advertise_hosts', ''],
    ['recipients_max_reject', 'false'],
    ['helo_allow_chars', '_'],
    ['smtp_etrn_command', '/bin/true'],
    ['smtp_etrn_serialize', 'false'],
    ['write_rejectlog', 'true'],
    ...['connect', 'helo', 'mail', 'rcpt', 'predata', 'data', 'vrfy', 'expn', 'etrn'].map(
      (name) => [`acl_smtp_${name}`, `acl_${name}`] as const,
    ),
  ])
  for (const line of given) {
    if (line === '' || line.startsWith('#') || line.startsWith('acl_smtp_')) continue
    const at = line.indexOf(' = ')
    settings.set(line.slice(0, at), line.slice(at + 3))
  }
  const acl = (name: string): string => {
    const verdict = verdicts.get(`acl_smtp_${name}`)
    const special = name === 'rcpt' ? refused.map(refusal) : []
    return `acl_${name}:\n${special.join('')}${verdict === undefined ? (DEFAULTS.get(name) ?? '  accept\n') : statement(verdict)}\n`
  }
  return `${[...settings].map(([name, value]) => `${name} = ${value}\n`).join('')}
begin acl
${['connect', 'helo', 'mail', 'rcpt', 'predata', 'data', 'vrfy', 'expn', 'etrn'].map(acl).join('')}
begin routers
${
  relayPort === undefined
    ? `away:
  driver = redirect
  data = :blackhole:
`
    : `onward:
  driver = manualroute
  route_list = * 127.0.0.1 byname
  self = send
  transport = onward
`
}
begin transports
onward:
  driver = smtp
  protocol = ${relayByLmtp ? 'lmtp' : 'smtp'}
  port = ${relayPort ?? 25}
  allow_localhost
  hosts_try_chunking = *
  hosts_try_fastopen =
  tls_verify_certificates = ${join(path, 'certificate.pem')}
  tls_verify_cert_hostnames =
begin retry
* * F,1h,1s
begin authenticators
${authenticators.map((name) => AUTHENTICATORS.get(name) ?? '').join('')}`
}

const DEFAULTS: ReadonlyMap<string, string> = new Map([['expn', '  deny\n']])

/** `DENY 550 5.7.1 No` */
function statement(verdict: string): string {
  const [verb = '', ...text] = verdict.split(' ')
  return `  ${verb.toLowerCase()}\n    message = ${text.join(' ')}\n`
}

/** `nobody@example.net 550 5.1.1 No such mailbox` */
function refusal(line: string): string {
  const [mailbox = '', ...text] = line.split(' ')
  const at = mailbox.lastIndexOf('@')
  return `  ${text[0]?.startsWith('4') ? 'defer' : 'deny'}
    condition = \${if and{{eqi{$local_part}{${mailbox.slice(0, at)}}}{eqi{$domain}{${mailbox.slice(at + 1)}}}}}
    message = ${text.join(' ')}
`
}
