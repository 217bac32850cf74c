// examples/authenticate.ts
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hashPassword, openFileDirectory } from '@postroad/directory-file'

const folder = await mkdtemp(join(tmpdir(), 'postroad-example-'))
const path = join(folder, 'directory.toml')
const text = `
domains.local = ["example.org"]
[[users]]
name = "ada"
passwords = ["${await hashPassword('secret')}"]
mailboxes = ["ada@example.org"]
`
await writeFile(path, text, { mode: 0o600 })
{
  await using directory = await openFileDirectory({ path })
  console.log(await directory.authenticate({ name: 'ada@example.org', password: 'secret' }))
  console.log(await directory.authenticate({ name: 'ada@example.org', password: 'Secret' }))
  await directory.reload() // when the file has changed
}
await rm(folder, { recursive: true })

// Prints:
// { name: 'ada' }
// undefined
