/** Counts sessions, in all and by address or network, against their limits. */

/** Lets sessions in. */
export class Admission {
  readonly #maxSessions: number
  readonly #maxPerAddress: number
  readonly #byNetwork = new Map<string, number>()
  #sessions = 0

  constructor(limits: { readonly maxSessions: number; readonly maxSessionsPerAddress: number }) {
    this.#maxSessions = limits.maxSessions
    this.#maxPerAddress = limits.maxSessionsPerAddress
  }

  /** Counts a session in, unless a limit is reached. Each that was let in must `leave` once. */
  enter(address: string): boolean {
    const network = networkOf(address)
    const here = this.#byNetwork.get(network) ?? 0
    if (this.#sessions >= this.#maxSessions || (here >= this.#maxPerAddress && !isExempt(address))) return false
    this.#sessions += 1
    this.#byNetwork.set(network, here + 1)
    return true
  }

  /** Whether as many sessions are there as there may be; `others` count, too. */
  isFull(others: number): boolean {
    return this.#sessions + others >= this.#maxSessions
  }

  /** Counts a session to another address; false, and nothing has changed, where there are too many from there. */
  move(from: string, to: string): boolean {
    const network = networkOf(to)
    if (network === networkOf(from)) return true
    if ((this.#byNetwork.get(network) ?? 0) >= this.#maxPerAddress && !isExempt(to)) return false
    this.leave(from)
    this.#sessions += 1
    this.#byNetwork.set(network, (this.#byNetwork.get(network) ?? 0) + 1)
    return true
  }

  leave(address: string): void {
    const network = networkOf(address)
    this.#sessions -= 1
    const here = (this.#byNetwork.get(network) ?? 1) - 1
    if (here === 0) this.#byNetwork.delete(network)
    else this.#byNetwork.set(network, here)
  }
}

/** An IPv4 address itself; of an IPv6 address the first 64 bits, of which one customer has the rest. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [before = '', after] = address.split('::')
  const first = before.split(':')
  const last = after?.split(':') ?? []
  const groups =
    after === undefined
      ? first
      : [...first, ...Array.from({ length: 8 - first.length - last.length }, () => '0'), ...last]
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16) || 0)
    .join(':')
}

/** Ourselves: a proxy in front, a test, another service on this machine. */
function isExempt(address: string): boolean {
  return address === '' || address === '::1' || address.startsWith('127.')
}
