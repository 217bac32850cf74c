/** `postroad hash-password`: makes a verifier for the directory file. */

import { hashPassword as hash } from '@postroad/directory-file'
import type { Command } from '../command.ts'
import { complain, readOptions } from '../options.ts'
import { readSecret } from '../secret.ts'

const HELP = `Makes a password verifier for the directory file.

usage: postroad hash-password

Asks for the password on a terminal, else reads the first line of standard input. The password is not kept.
`

/** The command. */
export const hashPassword: Command = {
  name: 'hash-password',
  about: 'make a password verifier for the directory file',
  async run(args) {
    const options = readOptions('hash-password', HELP, args, { options: {} })
    if (!options.ok) return options.exit
    const password = await readSecret('Password: ')
    if (password === '') return complain('hash-password', 'the password is empty')
    process.stdout.write(`${await hash(password)}\n`)
    return 0
  },
}
