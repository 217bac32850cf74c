/** swaks, msmtp and gsasl from Debian's packages, and Python's smtplib where a `python3` is installed. */

import { join } from 'node:path'
import { readdir } from 'node:fs/promises'
import { onPath, unpackDebian } from '@postroad/tooling-debian'
import { runTool, type ToolOptions, type ToolResult } from './tool.ts'

/** The programs. */
export interface MailTools {
  swaks(args: readonly string[], options?: ToolOptions): Promise<ToolResult>
  msmtp(args: readonly string[], options?: ToolOptions): Promise<ToolResult>
  /** The program of GNU SASL: authenticates by a mechanism over SMTP, and sends nothing. */
  gsasl(args: readonly string[], options?: ToolOptions): Promise<ToolResult>
}

/**
 * Unpacks them.
 *
 * @throws Where that cannot be; the message says why.
 */
export async function provideMailTools(): Promise<MailTools> {
  const { path, env } = await unpackDebian('mail-tools', ['gsasl', 'libnet-ssleay-perl', 'msmtp', 'swaks'])
  const perl = await onPath('perl')
  const machine = `usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/perl5`
  const versions = await readdir(path(machine)).catch((): string[] => [])
  const perlEnv = {
    ...env,
    PERL5LIB: [path('usr/share/perl5'), ...versions.map((version) => join(path(machine), version))].join(':'),
  }
  return {
    swaks: (args, options) => {
      if (perl === undefined) throw new Error('swaks needs a perl.')
      return runTool(perl, [path('usr/bin/swaks'), ...args], { env: perlEnv, ...options })
    },
    msmtp: (args, options) => runTool(path('usr/bin/msmtp'), args, { env, ...options }),
    gsasl: (args, options) => runTool(path('usr/bin/gsasl'), args, { env, ...options }),
  }
}
