/**
 * What a service cannot open at its start, told so that the operator can mend it: the setting that names it, the place it
 * names, and the reason.
 */

import { reasonOf } from '@postroad/config'

/** A file, a store or an endpoint, named by the configuration or the command line, that cannot be used. */
export class CannotOpenError extends Error {
  override readonly name = 'CannotOpenError'
  /** The only code; the message tells what it was, the `cause` why. */
  readonly code = 'ASSEMBLY_CANNOT_OPEN'
  /** The setting as the configuration writes it: `tls.certificate`, `mta.listen`; or the option of a command: `--ca`. */
  readonly setting: string

  /** `problem` is what failed with its place: `cannot read /etc/x.pem: there is no such file`; may have more lines. */
  constructor(setting: string, problem: string, cause: unknown) {
    super(`${setting}: ${problem}`, { cause })
    this.setting = setting
  }
}

/** Awaits what is opened; what fails is told as `SETTING: ATTEMPT: REASON`. */
export async function opening<Opened>(setting: string, attempt: string, opened: Promise<Opened>): Promise<Opened> {
  try {
    return await opened
  } catch (error) {
    throw new CannotOpenError(setting, `${attempt}: ${reasonOf(error)}`, error)
  }
}
