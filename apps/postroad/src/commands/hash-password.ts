/**
 * `postroad hash-password`: makes a verifier for the directory file.
 *
 * Of the password as the submission agent prepares it (RFC 4616 §2): who types it in another way that looks the same is let in.
 */

import { hashPassword as hash } from '@postroad/directory-file'
import { preparePassword } from '@postroad/msa'
import type { Command } from '../command.ts'
import { complain, readOptions } from '../options.ts'
import { readSecret } from '../secret.ts'

const HELP = `Makes a password verifier for the directory file.

usage: postroad hash-password

Asks for the password on a terminal, else reads the first line of standard input. The password is not kept.
`

const UNFIT = 'the password has characters that passwords must not have (control characters, emoji, ...; RFC 4013)'

/** The command. */
export const hashPassword: Command = {
  name: 'hash-password',
  about: 'make a password verifier for the directory file',
  async run(args) {
    const options = readOptions('hash-password', HELP, args, { options: {} })
    if (!options.ok) return options.exit
    const password = await readSecret('Password: ')
    if (password === '') return complain('hash-password', 'the password is empty')
    const prepared = preparePassword(password)
    if (prepared === undefined) return complain('hash-password', UNFIT)
    process.stdout.write(`${await hash(prepared)}\n`)
    return 0
  },
}
