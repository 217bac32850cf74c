/** Counts sessions, in all and by address, against their limits. */

/** Lets sessions in. */
export class Admission {
  readonly #maxSessions: number
  readonly #maxPerAddress: number
  readonly #byAddress = new Map<string, number>()
  #sessions = 0

  constructor(limits: { readonly maxSessions: number; readonly maxSessionsPerAddress: number }) {
    this.#maxSessions = limits.maxSessions
    this.#maxPerAddress = limits.maxSessionsPerAddress
  }

  /** Counts a session in, unless a limit is reached. Each that was let in must `leave` once. */
  enter(address: string): boolean {
    const here = this.#byAddress.get(address) ?? 0
    if (this.#sessions >= this.#maxSessions || (here >= this.#maxPerAddress && !isExempt(address))) return false
    this.#sessions += 1
    this.#byAddress.set(address, here + 1)
    return true
  }

  leave(address: string): void {
    this.#sessions -= 1
    const here = (this.#byAddress.get(address) ?? 1) - 1
    if (here === 0) this.#byAddress.delete(address)
    else this.#byAddress.set(address, here)
  }
}

/** Ourselves: a proxy in front, a test, another service on this machine. */
function isExempt(address: string): boolean {
  return address === '' || address === '::1' || address.startsWith('127.')
}
