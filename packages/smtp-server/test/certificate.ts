/** A certificate for the tests, made once per run. */

import { generate } from 'selfsigned'

let made: Promise<{ key: string; cert: string }> | undefined

export function certificate(): Promise<{ key: string; cert: string }> {
  made ??= generate([{ name: 'commonName', value: 'mx.example.net' }], { keyType: 'ec' }).then((pems) => ({
    key: pems.private,
    cert: pems.cert,
  }))
  return made
}
