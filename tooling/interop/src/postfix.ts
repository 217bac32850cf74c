/** Postfix from Debian's package: one instance in a folder of its own, with an `smtpd` for each service. */

import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { unpackDebian, type Unpacked } from '@postroad/tooling-debian'
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

const run = promisify(execFile)

const SASL_PLUGINS = `usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/sasl2`

/** Postfix, with Cyrus SASL for AUTH: Ada's password is `secret`. A service is a line of `name=value` settings, separated by `; `. */
export const POSTFIX: PeerKind = {
  name: 'Postfix',
  folder: 'postfix',
  packages: ['postfix'],
  version: /version (\S+),/,
  explained: '3.7',
  pipelining: true,
  translate,
  start,
}

/** Where an answer of a receiver is given, for the answers that transcripts name by a command. */
const ANSWERED_BY: ReadonlyMap<string, readonly [name: string, check: string]> = new Map([
  ['connect', ['smtpd_client_restrictions', 'check_client_access']],
  ['HELO', ['smtpd_helo_restrictions', 'check_helo_access']],
  ['EHLO', ['smtpd_helo_restrictions', 'check_helo_access']],
  ['MAIL', ['smtpd_sender_restrictions', 'check_sender_access']],
  ['RCPT', ['smtpd_recipient_restrictions', 'check_recipient_access']],
  ['DATA', ['smtpd_data_restrictions', 'check_client_access']],
  ['content', ['smtpd_end_of_data_restrictions', 'check_client_access']],
])

const LIMITS: ReadonlyMap<string, readonly string[]> = new Map([
  ['maxRecipients', ['smtpd_recipient_limit', 'smtpd_recipient_overshoot_limit']],
  ['maxMessageBytes', ['message_size_limit']],
  ['maxErrors', ['smtpd_hard_error_limit']],
])

function translate(settings: TranscriptSettings): Translation {
  const reason = reasonAgainst(settings, ['ETRN', 'XCLIENT', 'XFORWARD'])
  if (reason !== undefined) return { reason }
  const options = [`myhostname=${settings.hostname}`]
  if (settings.startTls) options.push('smtpd_tls_security_level=may')
  if (settings.implicitTls) options.push('smtpd_tls_wrappermode=yes', 'smtpd_tls_security_level=encrypt')
  if (settings.mechanisms.length > 0) {
    options.push('smtpd_sasl_auth_enable=yes', `smtpd_sasl_mechanism_filter=${settings.mechanisms.join(' ')}`)
    options.push(`smtpd_tls_auth_only=${settings.allowPlaintextAuth ? 'no' : 'yes'}`)
  }
  if (settings.trusted) {
    options.push('smtpd_authorized_xclient_hosts=127.0.0.0/8', 'smtpd_authorized_xforward_hosts=127.0.0.0/8')
  }
  options.push(`smtpd_forbid_bare_newline=${settings.bareNewlines === 'repair' ? 'normalize' : 'reject'}`)
  for (const [limit, value] of limitsOf(settings)) {
    const names = LIMITS.get(limit)
    if (names === undefined) return { reason: `has no limit like \`${limit}\`` }
    for (const name of names) options.push(`${name}=${value}`)
  }
  const recipients: string[] = []
  for (const [what, text] of settings.answers) {
    const by = ANSWERED_BY.get(what)
    if (what.includes('@') && !what.startsWith('content:')) recipients.push(`{ ${what} = ${text} }`)
    else if (by === undefined) return { reason: `cannot be told to answer \`${what}\`` }
    else options.push(`${by[0]}=${by[1]} static:{${text}}`)
  }
  if (recipients.length > 0) {
    options.push(`smtpd_recipient_restrictions=check_recipient_access inline:{ ${recipients.join(', ')} }`)
  }
  return { service: options.join('; ') }
}

async function start({ services, relayPort, relayByLmtp = false }: PeerOptions): Promise<PeerServer> {
  const unpacked = await unpackDebian('postfix', ['postfix'])
  const sasl = await unpackDebian('cyrus-sasl', ['libsasl2-modules', 'libsasl2-modules-db', 'sasl2-bin'])
  const folder = await makePeerFolder('postfix')
  const ports = await freePorts(services.length)
  const log = join(folder.path, 'log')
  await prepare(folder)
  await prepareSasl(folder, sasl)
  await writeFile(join(folder.path, 'etc/main.cf'), await mainText(folder, relayPort, relayByLmtp))
  await writeFile(join(folder.path, 'etc/master.cf'), masterText(services, ports))
  const running = await startPrivate({
    folder,
    unpacked,
    libraries: ['usr/lib/postfix'],
    env: { SASL_PATH: join(folder.path, 'sasl') },
    over: [{ target: join(folder.path, 'sasl'), source: sasl.path(SASL_PLUGINS) }],
    commands: [[join(folder.root, 'usr/lib/postfix/sbin/master'), '-d', '-c', join(folder.path, 'etc')]],
  })
  const readLog = async (): Promise<string> => running.output() + (await readFile(log, 'utf8').catch(() => ''))
  return awaitPeer({ name: 'Postfix', services, ports, running, folder, log: readLog })
}

/** The folders of a queue, as Postfix' own `postfix-files` wants them. */
async function prepare(folder: PeerFolder): Promise<void> {
  const owner = PEER_USERS['postfix'] ?? 0
  const group = PEER_USERS['postdrop'] ?? 0
  const make = async (name: string, mode: number, uid: number, gid: number): Promise<void> => {
    const path = join(folder.path, name)
    await mkdir(path, { recursive: true })
    await chown(path, uid, gid)
    await chmod(path, mode)
  }
  for (const name of ['etc', 'etc/sasl', 'sasl', 'queue', 'queue/pid']) await make(name, 0o755, 0, 0)
  await make('data', 0o700, owner, owner)
  for (const name of [
    'incoming',
    'active',
    'bounce',
    'corrupt',
    'defer',
    'deferred',
    'flush',
    'hold',
    'private',
    'saved',
    'trace',
  ]) {
    await make(`queue/${name}`, 0o700, owner, 0)
  }
  await make('queue/maildrop', 0o730, owner, group)
  await make('queue/public', 0o710, owner, group)
}

async function prepareSasl(folder: PeerFolder, sasl: Unpacked): Promise<void> {
  const database = join(folder.path, 'etc/sasldb2')
  const env = { ...sasl.env, SASL_PATH: sasl.path(SASL_PLUGINS) }
  const words = ['-p', '-c', '-f', database, '-u', 'mx.example.net', 'ada']
  const adding = run(sasl.path('usr/sbin/saslpasswd2'), words, { env, timeout: 10_000 })
  adding.child.stdin?.end('secret')
  await adding
  await chown(database, PEER_USERS['postfix'] ?? 0, 0)
  await writeFile(
    join(folder.path, 'etc/sasl/smtpd.conf'),
    [
      'pwcheck_method: auxprop',
      'auxprop_plugin: sasldb',
      `sasldb_path: ${database}`,
      'mech_list: PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256',
      '',
    ].join('\n'),
  )
}

async function mainText(
  { path, root }: PeerFolder,
  relayPort: number | undefined,
  relayByLmtp: boolean,
): Promise<string> {
  const { key, cert } = await certificate()
  await writeFile(join(path, 'etc/certificate.pem'), `${key}\n${cert}\n`, { mode: 0o600 })
  const protocol = relayByLmtp ? 'lmtp' : 'smtp'
  const onward = relayPort === undefined ? 'discard:' : `${protocol}:[127.0.0.1]:${relayPort}`
  const settings = {
    compatibility_level: '3.6',
    queue_directory: join(path, 'queue'),
    data_directory: join(path, 'data'),
    command_directory: join(root, 'usr/sbin'),
    daemon_directory: join(root, 'usr/lib/postfix/sbin'),
    shlib_directory: join(root, 'usr/lib/postfix'),
    meta_directory: join(path, 'etc'),
    mail_owner: 'postfix',
    setgid_group: 'postdrop',
    default_privs: 'nobody',
    import_environment: 'MAIL_CONFIG MAIL_LOGTAG LD_LIBRARY_PATH SASL_PATH TZ LC_ALL',
    export_environment: 'MAIL_CONFIG MAIL_LOGTAG LD_LIBRARY_PATH SASL_PATH TZ',
    cyrus_sasl_config_path: join(path, 'etc'),
    smtpd_sasl_local_domain: 'mx.example.net',
    smtpd_sasl_security_options: 'noanonymous',
    maillog_file: join(path, 'log'),
    maillog_file_prefixes: path,
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    myhostname: 'mx.example.net',
    mydestination: '',
    mynetworks: '127.0.0.0/8',
    relay_domains: 'example.net example.org example.com',
    relay_transport: onward,
    default_transport: onward,
    local_transport: onward,
    virtual_transport: onward,
    alias_maps: '',
    alias_database: '',
    local_recipient_maps: '',
    // What it accepts it passes on as it is.
    local_header_rewrite_clients: '',
    smtp_dns_support_level: 'disabled',
    smtp_host_lookup: 'native',
    smtp_tls_security_level: 'may',
    smtpd_peername_lookup: 'no',
    smtpd_delay_reject: 'no',
    smtpd_error_sleep_time: '0',
    smtpd_client_connection_count_limit: '0',
    smtpd_forbid_unauth_pipelining: 'yes',
    smtpd_helo_required: 'yes',
    strict_rfc821_envelopes: 'yes',
    smtpd_forbid_bare_newline_exclusions: '',
    smtpd_relay_restrictions: 'permit_mynetworks reject_unauth_destination',
    smtpd_discard_ehlo_keywords: '',
    smtpd_tls_chain_files: join(path, 'etc/certificate.pem'),
    smtputf8_enable: 'yes',
    biff: 'no',
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('')
}

function masterText(services: readonly string[], ports: readonly number[]): string {
  const smtpd = services.map((service, index) => {
    const options = service.split('; ').filter((option) => option !== '')
    const given = options.map((option) => `    -o { ${option.replace('=', ' = ')} }\n`)
    return `127.0.0.1:${ports[index] ?? 0} inet n - n - - smtpd\n${given.join('')}`
  })
  return `${smtpd.join('')}
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
tlsmgr    unix  - - n 1000? 1 tlsmgr
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
lmtp      unix  - - n - - lmtp
relay     unix  - - n - - smtp
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
`
}
