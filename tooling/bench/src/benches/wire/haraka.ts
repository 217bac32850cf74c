/**
 * Haraka as a sink: one process, its own plugin for discarding, any recipient, nothing else.
 *
 * It is started from a folder of the stage, where it finds its settings and keeps what it wants to keep.
 */

import { getDiffieHellman } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NODE } from '../../contestant-process.ts'
import { freePort } from '../../port.ts'
import type { Stage } from '../../stage.ts'
import { awaitPort } from './await-port.ts'
import type { Sink, SinkOptions } from './sink.ts'
import { unpackNpm } from './unpack-npm.ts'

/** The versions that are compared with: what npm gives today would be another peer tomorrow. */
const HARAKA = 'Haraka@3.3.4'
const OVERRIDES = { libmime: '5.4.8' }

const ANY_RECIPIENT = 'exports.hook_rcpt = (next) => next(OK)\n'

/** Starts one; installs it into the cache at the first call. */
export async function startHaraka(stage: Stage, { tls }: SinkOptions = {}): Promise<Sink> {
  stage.tell('installing Haraka')
  const installed = await unpackNpm('haraka', HARAKA, { overrides: OVERRIDES })
  const program = join(installed, 'node_modules/Haraka')
  const port = await freePort()
  const folder = join(stage.folder, 'haraka')
  const files: Readonly<Record<string, string>> = {
    'config/smtp.ini': `listen=127.0.0.1:${port}\nnodes=0\n`,
    // Its own: without one it fails at the first connection.
    'config/connection.ini': await readFile(join(program, 'config/connection.ini'), 'utf8'),
    'config/log.ini': '[main]\nlevel=error\n',
    'config/me': 'mx.example.net\n',
    'config/plugins': ['any_recipient', 'queue/discard', ...(tls === undefined ? [] : ['tls'])].join('\n'),
    'plugins/any_recipient.js': ANY_RECIPIENT,
    ...(tls !== undefined && {
      'config/tls.ini': 'key=tls_key.pem\ncert=tls_cert.pem\ndhparam=dhparams.pem\nrequestCert=false\n',
      'config/tls_key.pem': tls.key,
      'config/tls_cert.pem': tls.cert,
      // Without them it has some made by openssl, which takes long and that it does not need.
      'config/dhparams.pem': diffieHellmanParameters(),
    }),
  }
  for (const name of ['config', 'plugins', 'queue']) await mkdir(join(folder, name), { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 })
  const child = stage.spawn(NODE, [join(program, 'bin/haraka'), '-c', folder], {
    cwd: folder,
    env: { ...process.env, YES_REALLY_DO_DISCARD: '1' },
  })
  await awaitPort(port, child, 'Haraka')
  return { port }
}

/** The 2048-bit group of RFC 3526 §3 in PEM: a SEQUENCE of its prime and 2. */
function diffieHellmanParameters(): string {
  const prime = getDiffieHellman('modp14').getPrime()
  const numbers = Buffer.concat([Buffer.from([0x02, 0x82, 0x01, 0x01, 0x00]), prime, Buffer.from([0x02, 0x01, 0x02])])
  const length = Buffer.from([numbers.length >> 8, numbers.length & 255])
  const base64 = Buffer.concat([Buffer.from([0x30, 0x82]), length, numbers]).toString('base64')
  return `-----BEGIN DH PARAMETERS-----\n${(base64.match(/.{1,64}/g) ?? []).join('\n')}\n-----END DH PARAMETERS-----\n`
}
